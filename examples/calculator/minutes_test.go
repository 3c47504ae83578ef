package main

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// TestPublishedUsage checks the published figures of pay-as-you-go, and that each is rounded once.
func TestPublishedUsage(t *testing.T) {
	for _, tt := range []struct{ name, minutes, price, exact, packageMinutes string }{
		{"60 HD, 240 2K, 60 audio", `"hd":60,"2k":240,"audio":60`, "4.14", "4.1364", "4140"},
		{"300 HD, 60 audio", `"hd":300,"audio":60`, "1.26", "1.2564", "1260"},
		{"Live with several hosts", `"hd":60,"full-hd":60,"2k":90,"4k":30,"audience-hd":60000`, "123.30", "123.2976", "123300"},
		{"half minutes", `"audience-audio":3,"audience-full-hd":1`, "0.01", "0.006", "6"},
		{"a half is left", `"audience-audio":3`, "0.00", "0.0015", "1.5"},
		{"what packages never cover takes none", `"transcoding":1000,"audio":1`, "6.50", "6.50099", "1"},
		{"nothing", ``, "0.00", "0", "0"},
		{"no minutes", `"hd":0`, "0.00", "0", "0"},
		{"null is absent", `"hd":null,"audio":1000`, "0.99", "0.99", "1000"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got, status := calculate(t, `{"op":"usage","minutes":{`+tt.minutes+`}}`)
			want := fmt.Sprintf(`{"price":%q,"exact":%q,"package_minutes":%s,"lines":[`, tt.price, tt.exact, tt.packageMinutes)
			if !strings.HasPrefix(got, want) || status != allAnswered {
				t.Errorf("status %d, got %s, want %s…", status, got, want)
			}
		})
	}
}

// TestDeduct checks the deductions for the records of a day: the day's sum is rounded up, not each record.
func TestDeduct(t *testing.T) {
	for _, tt := range []struct{ name, kind, seconds, want string }{
		{"one minute of HD is four", "hd", "60", "4"},
		{"as published, of audio", "audio", "30,20,40", "1,0,1"},
		{"as published, of HD", "hd", "30,20,40", "4,0,4"},
		{"half a package minute each", "audience-audio", "30,20,40", "0.5,0,0.5"},
		{"four and a half", "audience-full-hd", "1,60,60", "4.5,4.5,4.5"},
		{"to the second", "audio", "60,0,1,59,1", "1,0,1,0,1"},
		{"an hour at once", "4k", "3600", "2160"},
		{"no seconds", "audio", "0,0", "0,0"},
		{"no records", "audio", "", ""},
		{"the most", "4k", "59999999999999,1", "36000000000000,0"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got, status := calculate(t, fmt.Sprintf(`{"op":"deduct","kind":%q,"seconds":[%s]}`, tt.kind, tt.seconds))
			if want := `{"deducted":[` + tt.want + "]}\n"; got != want || status != allAnswered {
				t.Errorf("status %d, got %s, want %s", status, got, want)
			}
		})
	}
}

// TestEstimate checks the ways to pay, their order, and the price of each.
func TestEstimate(t *testing.T) {
	for _, tt := range []struct {
		name, product, minutes, currency string
		want                             []string
	}{
		{
			"the package's minutes suffice exactly", "call", `"hd":25000`, "USD",
			[]string{"packs 96.00", "pay-as-you-go 99.75", "call/one-to-one 199.00", "call/group-call 597.00"},
		},
		{
			"half a minute more than they have", "call", `"hd":25000,"audience-audio":1`, "USD",
			[]string{
				"packs 96.96", "pay-as-you-go 99.75", "call/one-to-one + pay-as-you-go 199.00", "call/one-to-one + packs 199.99", "call/group-call 597.00",
			},
		},
		{
			"what packages never cover is in every way", "call", `"hd":25000,"transcoding":1000`, "USD",
			[]string{"packs 102.50", "pay-as-you-go 106.25", "call/one-to-one 205.50", "call/group-call 603.50"},
		},
		{
			"a product without minutes", "beauty-ar", `"transcoding":1000`, "USD",
			[]string{"pay-as-you-go 6.50"},
		},
		{"packages without minutes", "chat", `"audio":1`, "USD", []string{"pay-as-you-go 0.00"}},
		{"yen, in which neither usage nor packs are sold", "live", `"hd":60000`, "JPY", []string{"live/standard 59000", "live/pro 149000"}},
		{"no usage", "call", ``, "USD", []string{"pay-as-you-go 0.00", "call/one-to-one 199.00", "call/group-call 597.00"}},
		{
			"more than packs have", "call", `"4k":1000000000000`, "USD",
			[]string{"pay-as-you-go 35990000000.00", "call/one-to-one + pay-as-you-go 35990000099.03", "call/group-call + pay-as-you-go 35990000297.08"},
		},
	} {
		t.Run(tt.name, func(t *testing.T) {
			output, status := calculate(t, fmt.Sprintf(`{"op":"estimate","product":%q,"minutes":{%s},"currency":%q}`, tt.product, tt.minutes, tt.currency))
			if status != allAnswered {
				t.Fatalf("status %d: %s", status, output)
			}
			if diff := cmp.Diff(tt.want, ways(t, output)); diff != "" {
				t.Errorf("ways (-want +got):\n%s", diff)
			}
		})
	}
}

// ways returns the options of an estimate as "packs 81.60".
func ways(t *testing.T, output string) []string {
	t.Helper()
	var answer struct {
		Options []struct{ Way, Price string }
	}
	if err := json.Unmarshal([]byte(output), &answer); err != nil {
		t.Fatalf("%v: %s", err, output)
	}
	var list []string
	for _, o := range answer.Options {
		list = append(list, o.Way+" "+o.Price)
	}
	return list
}

// tiesCatalog sells ten minutes for 1.00 in every way, and has what is not compared: a trial, a version and
// a pack that are withdrawn, one that is sold by the year, and a pack for another product.
const tiesCatalog = `{
  "revision": "ties-1", "zone": "UTC",
  "products": [
    {"id": "x", "versions": [
      {"id": "trial", "rank": 0, "trial": {}, "terms": [{"months": 1, "minutes": 10, "list": {"USD": "0.00"}}]},
      {"id": "old", "rank": 1, "withdrawn": true, "terms": [{"months": 1, "minutes": 10, "list": {"USD": "0.10"}}]},
      {"id": "yearly", "rank": 2, "terms": [{"months": 12, "minutes": 10, "list": {"USD": "0.10"}}]},
      {"id": "low", "rank": 3, "terms": [{"months": 1, "minutes": 5, "list": {"USD": "0.50"}}]},
      {"id": "high", "rank": 4, "terms": [{"months": 1, "minutes": 10, "list": {"USD": "1.00"}}]}
    ]},
    {"id": "y", "versions": [{"id": "v", "rank": 1, "terms": [{"months": 1, "list": {"USD": "1.00"}}]}]}
  ],
  "usage": {"kinds": [{"id": "k", "weight": "1", "per_thousand": {"USD": "100.00"}}]},
  "packs": [
    {"id": "five", "products": ["x"], "minutes": 5, "price": {"USD": "0.50"}, "validity": {"months": 1}},
    {"id": "old", "products": ["x"], "withdrawn": true, "minutes": 10, "price": {"USD": "0.10"}, "validity": {"months": 1}},
    {"id": "other", "products": ["y"], "minutes": 10, "price": {"USD": "0.10"}, "validity": {"months": 1}}
  ]
}`

// TestTies checks the order of ways with the same price, and that items not on sale are not compared.
func TestTies(t *testing.T) {
	file := filepath.Join(t.TempDir(), "ties.json")
	if err := os.WriteFile(file, []byte(tiesCatalog), 0o600); err != nil {
		t.Fatal(err)
	}
	output, _ := calculate(t, `{"op":"estimate","product":"x","minutes":{"k":10}}`, "-catalog", file)
	want := []string{"x/low + pay-as-you-go 1.00", "x/low + packs 1.00", "x/high 1.00", "packs 1.00", "pay-as-you-go 1.00"}
	if diff := cmp.Diff(want, ways(t, output)); diff != "" {
		t.Errorf("ways (-want +got):\n%s", diff)
	}
	output, status := calculate(t, `{"op":"pack","pack":"old"}`, "-catalog", file)
	if want := "{\"error\":\"pack old is no longer sold\"}\n"; output != want || status != someFailed {
		t.Errorf("status %d, got %s, want %s", status, output, want)
	}
}

// TestOverage checks that a package is applied to the kinds in the catalog's order, and that partially covered minutes
// are counted exactly.
func TestOverage(t *testing.T) {
	output, _ := calculate(t, `{"op":"estimate","product":"rtc-engine","minutes":{"4k":1000,"audio":20003,"hd":100}}`)
	const want = `{"way":"rtc-engine/lite + pay-as-you-go","price":"105.40","package_minutes":50000,"lines":[` +
		`{"kind":"purchase","item":"rtc-engine/lite","formula":"99.00","exact":"99","amount":"99.00"},` +
		// 50,000 − 20,003 − 400 leave 29,597 of 36,000: 6,403 are 6,403/36 minutes of 4K.
		`{"kind":"usage","item":"4k","formula":"35.99 × 6403/36000","exact":"23044397/3600000","amount":"6.40"}]}`
	if !strings.Contains(output, want) {
		t.Errorf("got %s, want in it %s", output, want)
	}
}

// TestLeftOut checks that ways with too many combinations of packs are named.
func TestLeftOut(t *testing.T) {
	const request = `{"op":"estimate","product":"call","minutes":{"4k":1187000000}}`
	output, status := calculate(t, request)
	if want := `"left_out":["call/one-to-one + packs","call/group-call + packs","packs"]}`; !strings.Contains(output, want) || status != allAnswered {
		t.Errorf("status %d, got %s", status, output)
	}
	output, _ = calculate(t, request, "-table")
	if want := "  left out: packs, more than 131072 combinations to compare\n"; !strings.Contains(output, want) {
		t.Errorf("got %s", output)
	}
}
