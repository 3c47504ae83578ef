package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// withRegion writes a catalog with a tax region to a file.
func withRegion(t *testing.T) string {
	t.Helper()
	file := filepath.Join(t.TempDir(), "catalog.json")
	text := `{"revision": "taxed", "zone": "UTC", "tax": {"included": true, "regions": [
		{"region": "DE", "rates": [{"name": "VAT", "percent": "19", "from": "2007-01-01"}, {"name": "VAT", "percent": "16", "from": "2020-07-01"}]}]},
		"products": [{"id": "talk", "upgradable": true, "versions": [
			{"id": "base", "rank": 1, "terms": [{"months": 1, "minutes": 10, "list": {"EUR": "199.00"}}]}]}],
		"usage": {"kinds": [{"id": "audio", "name": "Audio", "weight": "1", "per_thousand": {"EUR": "1.00"}}]}}`
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return file
}

// Figures worked out by hand: 19 % of 199.00 are 37.81, or 31.77 of it are tax; 398 × 15/28 is 213.21, of which 7 % are 14.92.
// Rule: tax-on-the-rounded-net, tax-included.
func TestTax(t *testing.T) {
	file := withRegion(t)
	for _, tt := range []struct{ name, request, want string }{
		{
			"rates", `{"op":"purchase","product":"call","version":"one-to-one","months":1,"currency":"USD","on":"2025-06-16","tax":{"rates":[{"name":"VAT","percent":"19"}]}}`,
			`"net":"199.00","taxes":[{"name":"VAT","percent":"19","amount":"37.81"}],"charge":"236.81"}`,
		},
		{
			"included", `{"op":"purchase","product":"call","version":"one-to-one","months":1,"currency":"USD","on":"2025-06-16","tax":{"rates":[{"name":"VAT","percent":"19"}],"included":true}}`,
			`"net":"167.23","taxes":[{"name":"VAT","percent":"19","amount":"31.77"}],"charge":"199.00"}`,
		},
		{
			"upgrade", `{"op":"upgrade","currency":"USD","zone":"UTC","start":"2026-02-01","months":1,"at":"2026-02-14","from":{"list":"199.00"},"to":{"list":"597.00"},"tax":{"rates":[{"name":"VAT","percent":"7"}]}}`,
			`"net":"213.21","taxes":[{"name":"VAT","percent":"7","amount":"14.92"}],"charge":"228.13"}`,
		},
		{
			"usage", `{"op":"usage","minutes":{"hd":60,"2k":240,"audio":60},"tax":{"rates":[{"name":"GST","percent":"5"},{"name":"QST","percent":"9.975"}]}}`,
			`"net":"4.14","taxes":[{"name":"GST","percent":"5","amount":"0.21"},{"name":"QST","percent":"9.975","amount":"0.41"}],"charge":"4.76"}`,
		},
	} {
		got, status := calculate(t, tt.request+"\n")
		if status != allAnswered || !strings.HasSuffix(got, tt.want+"\n") {
			t.Errorf("%s: %d %s want …%s", tt.name, status, got, tt.want)
		}
	}
	region := `{"op":"purchase","product":"talk","version":"base","months":1,"currency":"EUR","on":"2020-06-30","tax":{"region":"DE"}}` + "\n"
	got, _ := calculate(t, region+strings.Replace(region, "06-30", "07-01", 1), "-catalog", file)
	answers := strings.Split(got, "\n")
	for i, want := range []string{`"amount":"31.77"`, `"amount":"27.45"`} { // 199 × 16/116
		if !strings.Contains(answers[i], want) {
			t.Errorf("%s, want %s", answers[i], want)
		}
	}
	table, _ := calculate(t, region, "-catalog", file, "-table")
	for _, want := range []string{"net     167.23", "VAT     19 %", "charge  199.00 EUR"} {
		if !strings.Contains(strings.Join(strings.Fields(table), " "), strings.Join(strings.Fields(want), " ")) {
			t.Errorf("no %q in\n%s", want, table)
		}
	}
}

func TestBadTax(t *testing.T) {
	file := withRegion(t)
	for tax, want := range map[string]string{
		`{}`:                           "tax: want either a region or rates",
		`{"region":"DE","rates":[]}`:   "tax: want either a region or rates",
		`{"rates":[]}`:                 "tax.rates: want a list of rates",
		`{"rates":[7]}`:                "tax.rates[0]",
		`{"rates":[{"name":"VAT"}]}`:   "tax.rates[0].percent: is missing",
		`{"rates":[{"percent":"19"}]}`: "tax.rates[0].name: is missing",
		`{"rates":[{"name":"VAT","percent":"-1"}]}`:              "tax.rates[0].percent",
		`{"rates":[{"name":"VAT","percent":"1001"}]}`:            "tax.rates: ",
		`{"rates":[{"name":"VAT","percent":"19","from":"x"}]}`:   "unknown field",
		`{"region":"FR","on":"2026-01-01"}`:                      "no such tax region",
		`{"region":"DE"}`:                                        "tax.on: is missing",
		`{"rates":[{"name":"VAT","percent":"19"}],"included":1}`: "tax.included: want true or false",
	} {
		got, status := calculate(t, `{"op":"usage","currency":"EUR","minutes":{"audio":60},"tax":`+tax+"}\n", "-catalog", file)
		var answer problem
		if err := json.Unmarshal([]byte(got), &answer); err != nil || status != someFailed || !strings.Contains(answer.Error, want) {
			t.Errorf("%s: %s, want an error with %q", tax, got, want)
		}
	}
}
