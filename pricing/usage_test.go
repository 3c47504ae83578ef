package pricing_test

import (
	"encoding/json"
	"math"
	"math/big"
	"strings"
	"testing"
	"time"

	"github.com/prepaidkit/prepaid/pricing"
)

// minutesCatalog sells minutes: kinds of usage at the public prices, packs at the older public ones, and a
// grant of free minutes.
const minutesCatalog = `{
  "revision": "minutes-1", "zone": "Asia/Shanghai",
  "service": {"refund_days": 5, "arrears_hours": 12},
  "products": [
    {"id": "rtc-engine", "versions": [{"id": "lite", "rank": 1, "terms": [{"months": 1, "minutes": 50000, "list": {"USD": "99.00"}}]}]},
    {"id": "live", "versions": [{"id": "lite", "rank": 1, "terms": [{"months": 1, "minutes": 60000, "list": {"USD": "129.00"}}]}]}
  ],
  "usage": {
    "kinds": [
      {"id": "audio", "name": "Audio", "weight": "1", "per_thousand": {"USD": "0.99"}},
      {"id": "hd", "name": "HD video", "weight": "4", "per_thousand": {"USD": "3.99", "JPY": "570"}},
      {"id": "full-hd", "name": "Full HD video", "weight": "9", "per_thousand": {"USD": "8.99"}},
      {"id": "2k", "name": "2K video", "weight": "16", "per_thousand": {"USD": "15.99"}},
      {"id": "4k", "name": "4K video", "weight": "36", "per_thousand": {"USD": "35.99"}},
      {"id": "audience-audio", "weight": "0.5", "per_thousand": {"USD": "0.50"}},
      {"id": "audience-hd", "weight": "2", "per_thousand": {"USD": "2.00"}},
      {"id": "audience-full-hd", "weight": "4.5", "per_thousand": {"USD": "4.50"}},
      {"id": "transcoding", "name": "Transcoding", "per_thousand": {"USD": "7.25"}, "notes": "Never covered."}
    ],
    "low_balance_percent": [20, 5, 0]
  },
  "packs": [
    {"id": "25k", "name": "25,000 minutes", "minutes": 25000, "products": ["rtc-engine", "live"], "price": {"USD": "24.00"},
      "validity": {"months": 12, "to_month_end": true}},
    {"id": "250k", "minutes": 250000, "products": ["rtc-engine"], "price": {"USD": "227.00", "JPY": "33000"}, "validity": {"months": 6}},
    {"id": "old", "minutes": 1000, "withdrawn": true, "products": ["live"], "price": {"USD": "1.00"}, "validity": {"months": 1}},
    {"id": "custom", "name": "Any size", "products": ["rtc-engine"], "validity": {"months": 12, "to_month_end": true},
      "custom": {"tiers": [
        {"per_thousand": {"USD": "0.99", "JPY": "150"}},
        {"from": 25000, "per_thousand": {"USD": "0.960", "JPY": "140"}},
        {"from": 250000, "per_thousand": {"USD": "0.908"}},
        {"from": 1000000, "per_thousand": {"USD": "0.856"}},
        {"from": 3000000, "per_thousand": {"USD": "0.805"}}
      ]}},
    {"id": "by-minute", "products": ["live"], "validity": {"months": 1},
      "custom": {"step": 1, "least": 10, "most": 30000, "tiers": [{"from": 5, "per_thousand": {"USD": "0.99"}}, {"from": 25000, "per_thousand": {"USD": "0.960"}}]}}
  ],
  "free": [
    {"id": "free-minutes", "name": "Free minutes", "products": ["rtc-engine", "live"], "minutes": 10000, "cycles": 12},
    {"id": "once", "products": ["live"], "minutes": 1}
  ]
}`

// minutesRounded is minutesCatalog with a rounding mode. Rounded down, ten minutes would cost nothing, and
// wouldn't be sold.
func minutesRounded(mode pricing.Rounding) string {
	return strings.NewReplacer(`"zone"`, `"rounding": "`+string(mode)+`", "zone"`, `"least": 10`, `"least": 11`).Replace(minutesCatalog)
}

// used returns whole minutes of a kind.
func used(kind pricing.UsageKindID, minutes int64) pricing.UsageAmount {
	return pricing.UsageAmount{Kind: kind, Minutes: pricing.Ratio{Num: minutes, Den: 1}}
}

// The published figures of pay-as-you-go: each amount is exact, and the sum is rounded once.
func TestPriceUsagePublished(t *testing.T) {
	c := catalog(t, minutesCatalog)
	for _, tt := range []struct {
		name         string
		used         []pricing.UsageAmount
		exact, price string
	}{
		{"60 HD, 240 2K, 60 audio", []pricing.UsageAmount{used("hd", 60), used("2k", 240), used("audio", 60)}, "4.1364", "4.14 USD"},
		{"300 HD, 60 audio", []pricing.UsageAmount{used("hd", 300), used("audio", 60)}, "1.2564", "1.26 USD"},
		{"Live with several hosts: the first", []pricing.UsageAmount{used("hd", 60), used("full-hd", 60), used("2k", 60)}, "1.7382", "1.74 USD"},
		{"Live with several hosts: the audience", []pricing.UsageAmount{used("audience-hd", 60_000)}, "120", "120.00 USD"},
		{"Live with several hosts: the second", []pricing.UsageAmount{used("2k", 30), used("4k", 30)}, "1.5594", "1.56 USD"},
		{"Live with several hosts", []pricing.UsageAmount{
			used("hd", 60), used("full-hd", 60), used("2k", 60), used("audience-hd", 60_000), used("2k", 30), used("4k", 30),
		}, "123.2976", "123.30 USD"},
		{"an audience's 4.50, not 4.495", []pricing.UsageAmount{used("audience-full-hd", 1000)}, "4.5", "4.50 USD"},
		{"2K at 15.99, not 14.99", []pricing.UsageAmount{used("2k", 240)}, "3.8376", "3.84 USD"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			p, err := c.PriceUsage("USD", tt.used...)
			wrapped(t, "PriceUsage", err, nil)
			equal(t, "exact", pricing.FormatExact(p.Exact()), tt.exact)
			equal(t, "price", p.Amount.String(), tt.price)
		})
	}
}

// There is one line for each amount, in the given order, with the price of 1,000 minutes. Lines sum to the amount.
func TestPriceUsageLines(t *testing.T) {
	c := catalog(t, minutesCatalog)
	p, err := c.PriceUsage("USD", used("hd", 60), used("2k", 240), used("audio", 60), used("hd", 0))
	wrapped(t, "PriceUsage", err, nil)
	equal(t, "lines", p.Lines, []pricing.Line{
		{Kind: pricing.UsageLine, Item: "hd", Unit: rate(t, "3.99"), Times: pricing.Ratio{Num: 60, Den: 1000}, Amount: money(t, "0.24 USD")},
		{Kind: pricing.UsageLine, Item: "2k", Unit: rate(t, "15.99"), Times: pricing.Ratio{Num: 240, Den: 1000}, Amount: money(t, "3.84 USD")},
		{Kind: pricing.UsageLine, Item: "audio", Unit: rate(t, "0.99"), Times: pricing.Ratio{Num: 60, Den: 1000}, Amount: money(t, "0.06 USD")},
		{Kind: pricing.UsageLine, Item: "hd", Unit: rate(t, "3.99"), Times: pricing.Ratio{Num: 0, Den: 1000}, Amount: money(t, "0.00 USD")},
	})
}

func TestPriceUsage(t *testing.T) {
	c := catalog(t, minutesCatalog)
	part := func(kind pricing.UsageKindID, num, den int64) pricing.UsageAmount {
		return pricing.UsageAmount{Kind: kind, Minutes: pricing.Ratio{Num: num, Den: den}}
	}
	for _, tt := range []struct {
		name     string
		currency pricing.Currency
		used     []pricing.UsageAmount
		want     string
		err      error
	}{
		{"nothing", "USD", nil, "0.00 USD", nil},
		{"no minutes", "USD", []pricing.UsageAmount{used("hd", 0)}, "0.00 USD", nil},
		{"yen", "JPY", []pricing.UsageAmount{used("hd", 1000)}, "570 JPY", nil},
		{"half a minute of one, a third of another", "USD", []pricing.UsageAmount{part("2k", 1, 2), part("4k", 1000, 3)}, "12.00 USD", nil},
		{"parts of thousandths", "USD", []pricing.UsageAmount{part("audience-full-hd", 4_500_000, 4500)}, "4.50 USD", nil},
		{"never covered, priced all the same", "USD", []pricing.UsageAmount{used("transcoding", 1000)}, "7.25 USD", nil},
		{"a kind that isn't sold in yen", "JPY", []pricing.UsageAmount{used("hd", 1000), used("audio", 0)}, "", pricing.ErrNoPrice},
		{"an unknown kind", "USD", []pricing.UsageAmount{used("8k", 1)}, "", pricing.ErrUnknownKind},
		{"no kind", "USD", []pricing.UsageAmount{used("", 1)}, "", pricing.ErrUnknownKind},
		{"nothing, in no currency", "XXX", nil, "", pricing.ErrCurrency},
		{"less than nothing", "USD", []pricing.UsageAmount{used("hd", -1)}, "", pricing.ErrRatio},
		{"no ratio", "USD", []pricing.UsageAmount{{Kind: "hd"}}, "", pricing.ErrRatio},
		{"a negative denominator", "USD", []pricing.UsageAmount{part("hd", 1, -1)}, "", pricing.ErrRatio},
		{"the most that fits", "USD", []pricing.UsageAmount{used("hd", math.MaxInt64)}, "36801254427050555.47 USD", nil},
		{"more than fits", "USD", []pricing.UsageAmount{used("4k", math.MaxInt64)}, "", pricing.ErrOverflow},
		{"sums to more than fits", "USD", []pricing.UsageAmount{used("2k", math.MaxInt64/4), used("2k", math.MaxInt64/4), used("2k", math.MaxInt64/4)}, "", pricing.ErrOverflow},
		{"too fine a denominator", "USD", []pricing.UsageAmount{part("hd", 1, math.MaxInt64/1000+1)}, "", pricing.ErrOverflow},
	} {
		t.Run(tt.name, func(t *testing.T) {
			p, err := c.PriceUsage(tt.currency, tt.used...)
			wrapped(t, "PriceUsage", err, tt.err)
			if err != nil {
				equal(t, "PriceUsage", p, pricing.Price{})
				return
			}
			equal(t, "PriceUsage", p.Amount.String(), tt.want)
		})
	}
}

// The catalog's rounding applies to usage too.
func TestPriceUsageRounding(t *testing.T) {
	for mode, want := range map[pricing.Rounding]string{
		pricing.HalfUp: "0.01 USD", pricing.HalfEven: "0.00 USD", pricing.Down: "0.00 USD", pricing.Up: "0.01 USD",
	} {
		p, err := catalog(t, minutesRounded(mode)).PriceUsage("USD", used("audience-audio", 10)) // half a cent
		wrapped(t, string(mode), err, nil)
		equal(t, string(mode), p.Amount.String(), want)
	}
}

func TestUsageRate(t *testing.T) {
	c := catalog(t, minutesCatalog)
	for _, tt := range []struct {
		kind     pricing.UsageKindID
		currency pricing.Currency
		want     string
		err      error
	}{
		{"audio", "USD", "0.99", nil},
		{"audience-audio", "USD", "0.5", nil},
		{"hd", "JPY", "570", nil},
		{"audio", "JPY", "", pricing.ErrNoPrice},
		{"audio", "", "", pricing.ErrNoPrice},
		{"8k", "USD", "", pricing.ErrUnknownKind},
	} {
		got, err := c.UsageRate(tt.kind, tt.currency)
		wrapped(t, "UsageRate", err, tt.err)
		if err == nil {
			equal(t, "UsageRate", got.String(), tt.want)
		}
	}
}

// Package minutes per minute, and kinds that packages never cover.
// Rule: kind-weights.
func TestKinds(t *testing.T) {
	c := catalog(t, minutesCatalog)
	got := map[pricing.UsageKindID]string{}
	for _, k := range c.UsageKinds() {
		if got[k.ID] = "never"; k.Covered {
			got[k.ID] = k.Weight.String()
		} else {
			equal(t, "weight of what isn't covered", k.Weight, 0)
		}
		same, err := c.UsageKind(k.ID)
		wrapped(t, "Kind", err, nil)
		equal(t, "Kind", same, k)
	}
	equal(t, "weights", got, map[pricing.UsageKindID]string{
		"audio": "1", "hd": "4", "full-hd": "9", "2k": "16", "4k": "36",
		"audience-audio": "0.5", "audience-hd": "2", "audience-full-hd": "4.5", "transcoding": "never",
	})
	equal(t, "the first", c.UsageKinds()[0], pricing.UsageKind{ID: "audio", Name: "Audio", Covered: true, Weight: 1000})
	_, err := c.UsageKind("8k")
	wrapped(t, "Kind", err, pricing.ErrUnknownKind)
	equal(t, "LowBalance", c.LowBalance(), []int{20, 5, 0})
}

// The credit limit is per currency and optional. An invalid amount is a problem.
func TestCreditLimit(t *testing.T) {
	limited := func(limits string) string {
		return strings.Replace(minutesCatalog, `"low_balance_percent"`, `"credit_limit": `+limits+`, "low_balance_percent"`, 1)
	}
	c := catalog(t, limited(`{"USD": "50.00", "JPY": "0"}`))
	for currency, want := range map[pricing.Currency]string{"USD": "50.00 USD", "JPY": "0 JPY"} {
		limit, ok := c.CreditLimit(currency)
		equal(t, string(currency), limit.String(), want)
		equal(t, string(currency), ok, true)
	}
	for _, c := range []*pricing.Catalog{catalog(t, minutesCatalog), c, nil} {
		_, ok := c.CreditLimit("EUR")
		equal(t, "no limit", ok, false)
	}
	for _, bad := range []string{`{"USD": "-1.00"}`, `{"USD": "1.001"}`, `{"usd": "1.00"}`, `{}`, `"50.00"`} {
		if got := problems(t, limited(bad)); len(got) != 1 || !strings.Contains(got[0], "credit_limit") {
			t.Errorf("%s: %v, want one problem of the credit limit", bad, got)
		}
	}
}

// A record that doesn't fit is refused, unless the catalog says that it takes what is left.
// Rule: overrun-is-the-catalogs-choice.
func TestOverrun(t *testing.T) {
	for member, want := range map[string]pricing.Overrun{
		"": pricing.OverrunRefuse, `"overrun": null, `: pricing.OverrunRefuse,
		`"overrun": "refuse", `: pricing.OverrunRefuse, `"overrun": "take", `: pricing.OverrunTake,
	} {
		c := catalog(t, strings.Replace(minutesCatalog, `"low_balance_percent"`, member+`"low_balance_percent"`, 1))
		equal(t, member, c.Overrun(), want)
	}
	equal(t, "no catalog", (*pricing.Catalog)(nil).Overrun(), pricing.OverrunRefuse)
	equal(t, "no usage", catalog(t, smallCatalog).Overrun(), pricing.OverrunRefuse)
}

// A catalog needs no kinds of usage, packs or free minutes.
func TestCatalogWithoutUsage(t *testing.T) {
	c := catalog(t, smallCatalog)
	if len(c.UsageKinds())+len(c.Packs())+len(c.FreeGrants())+len(c.LowBalance()) != 0 {
		t.Errorf("%v, %v, %v, %v", c.UsageKinds(), c.Packs(), c.FreeGrants(), c.LowBalance())
	}
	_, err := c.PriceUsage("USD", used("hd", 1))
	wrapped(t, "PriceUsage", err, pricing.ErrUnknownKind)
}

// The terms of refunds and arrears.
func TestServiceOfMinutes(t *testing.T) {
	s := catalog(t, minutesCatalog).ServiceTerms()
	equal(t, "RefundDays", s.RefundDays, 5)
	equal(t, "Arrears", s.Arrears, 12*time.Hour)
	s = catalog(t, smallCatalog).ServiceTerms()
	equal(t, "RefundDays where nothing is said", s.RefundDays, 0)
	equal(t, "Arrears where nothing is said", s.Arrears, 24*time.Hour)
}

// Values are immutable to their users: returned values share no memory with the catalog.
// Rule: catalog-is-immutable.
func TestMinutesAreImmutable(t *testing.T) {
	c, untouched := catalog(t, minutesCatalog), catalog(t, minutesCatalog)
	c.UsageKinds()[0].Name = "changed"
	c.LowBalance()[0] = 1
	c.Packs()[0].Products[0] = "changed"
	c.FreeGrants()[0].Products[0] = "changed"
	for _, id := range []pricing.PackID{"25k", "custom"} {
		p, err := c.Pack(id)
		wrapped(t, "Pack", err, nil)
		p.Products[0] = "changed"
		if p.Custom() {
			p.Tiers[0] = 1
		}
	}
	f, err := c.FreeGrant("free-minutes")
	wrapped(t, "FreeGrant", err, nil)
	f.Products[0] = "changed"
	equal(t, "Kinds", c.UsageKinds(), untouched.UsageKinds())
	equal(t, "LowBalance", c.LowBalance(), untouched.LowBalance())
	equal(t, "Packs", c.Packs(), untouched.Packs())
	equal(t, "FreeGrants", c.FreeGrants(), untouched.FreeGrants())
}

// The seconds of a day are summed and then rounded up.
func TestRoundedMinutes(t *testing.T) {
	for seconds, want := range map[int64]int64{
		0: 0, 1: 1, 30: 1, 59: 1, 60: 1, 61: 2, 90: 2, 86_400: 1440, -1: 0, math.MinInt64: 0,
		math.MaxInt64 - 7: (math.MaxInt64 - 7) / 60, math.MaxInt64: math.MaxInt64/60 + 1,
	} {
		equal(t, "RoundedMinutes", pricing.RoundedMinutes(seconds), want)
	}
}

func TestParseWeight(t *testing.T) {
	for _, tt := range []struct {
		name, in string
		want     pricing.Weight
		text     string
		err      error
	}{
		{"one", "1", 1000, "1", nil},
		{"a half", "0.5", 500, "0.5", nil},
		{"four and a half", "4.5", 4500, "4.5", nil},
		{"three decimals", "2.125", 2125, "2.125", nil},
		{"a thousandth", "0.001", 1, "0.001", nil},
		{"zeros behind the point", "36.00000", 36_000, "36", nil},
		{"ten", "10", 10_000, "10", nil},
		{"the most", "1000", 1_000_000, "1000", nil},
		{"above the most", "1000.001", 0, "", pricing.ErrOverflow},
		{"far above", "9223372036854775807", 0, "", pricing.ErrOverflow},
		{"out of range", "9223372036854775808", 0, "", pricing.ErrOverflow},
		{"zero", "0", 0, "", pricing.ErrOverflow},
		{"zero in thousandths", "0.000", 0, "", pricing.ErrOverflow},
		{"less than nothing", "-1", 0, "", pricing.ErrNegative},
		{"four decimals", "0.0001", 0, "", pricing.ErrPrecision},
		{"exponent", "1e0", 0, "", pricing.ErrSyntax},
		{"a comma", "4,5", 0, "", pricing.ErrSyntax},
		{"blank", " 4", 0, "", pricing.ErrSyntax},
		{"empty", "", 0, "", pricing.ErrSyntax},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got, err := pricing.ParseWeight(tt.in)
			wrapped(t, "ParseWeight", err, tt.err)
			equal(t, "ParseWeight", got, tt.want)
			if err == nil {
				equal(t, "String", got.String(), tt.text)
			}
		})
	}
}

// A kind is encoded as JSON. Its weight is text, and is omitted if the kind isn't covered.
func TestKindJSON(t *testing.T) {
	for _, tt := range []struct {
		kind pricing.UsageKind
		want string
	}{
		{pricing.UsageKind{ID: "audience-full-hd", Name: "Full HD", Covered: true, Weight: 4500}, `{"id":"audience-full-hd","name":"Full HD","covered":true,"weight":"4.5"}`},
		{pricing.UsageKind{ID: "transcoding", Name: "Transcoding"}, `{"id":"transcoding","name":"Transcoding","covered":false}`},
	} {
		text, err := json.Marshal(tt.kind)
		wrapped(t, "Marshal", err, nil)
		equal(t, "Marshal", string(text), tt.want)
		var again pricing.UsageKind
		wrapped(t, "Unmarshal", json.Unmarshal(text, &again), nil)
		equal(t, "Unmarshal", again, tt.kind)
	}
	w := pricing.Weight(7)
	wrapped(t, "UnmarshalText", w.UnmarshalText([]byte("0.0005")), pricing.ErrPrecision)
	equal(t, "left as it was", w, 7)
}

// Text is a weight if and only if it is a plain decimal from 0.001 to 1,000 in thousandths. The output can be parsed
// again.
func FuzzParseWeight(f *testing.F) {
	for _, s := range []string{"1", "0.5", "4.5", "0", "-1", "1000", "1000.001", "0.0001", "1e3", "", "36.00000", "0001", "9223372036854775808", ".5", "5."} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		w, err := pricing.ParseWeight(s)
		var want *big.Rat
		if plainDecimal.MatchString(s) && len(s) <= 32 {
			want, _ = new(big.Rat).SetString(s)
			want.Mul(want, big.NewRat(1000, 1))
		}
		if valid := want != nil && want.IsInt() && want.Sign() > 0 && want.Cmp(big.NewRat(1_000_000, 1)) <= 0; !valid {
			if err == nil {
				t.Fatalf("%q was read as %s", s, w)
			}
			return
		}
		if err != nil && len(s) > 18 {
			return // that many zeros after the point are refused too
		}
		if err != nil || want.Cmp(big.NewRat(int64(w), 1)) != 0 {
			t.Fatalf("%q was read as %d thousandths (%v)", s, w, err)
		}
		if again, err := pricing.ParseWeight(w.String()); err != nil || again != w {
			t.Fatalf("%d is written as %s and read as %d (%v)", w, w, again, err)
		}
	})
}

// Usage costs the exact sum of minutes × price / 1000, rounded once; its lines sum to it.
func FuzzPriceUsage(f *testing.F) {
	f.Add(int64(60), int64(1), int64(240), int64(1), int64(60), int64(1), uint8(0))
	f.Add(int64(1), int64(2), int64(1000), int64(3), int64(4_500_000), int64(4500), uint8(1))
	f.Add(int64(math.MaxInt64), int64(1), int64(1), int64(math.MaxInt64), int64(0), int64(1), uint8(2))
	f.Add(int64(-1), int64(1), int64(1), int64(0), int64(1), int64(-1), uint8(3))
	var catalogs []*pricing.Catalog
	for _, mode := range modes[:4] {
		catalogs = append(catalogs, catalog(f, minutesRounded(mode)))
	}
	f.Fuzz(func(t *testing.T, num1, den1, num2, den2, num3, den3 int64, mode uint8) {
		c := pick(catalogs, mode)
		use := []pricing.UsageAmount{
			{Kind: "hd", Minutes: pricing.Ratio{Num: num1, Den: den1}},
			{Kind: "audience-full-hd", Minutes: pricing.Ratio{Num: num2, Den: den2}},
			{Kind: "audio", Minutes: pricing.Ratio{Num: num3, Den: den3}},
		}
		valid := min(num1, num2, num3) >= 0 && min(den1, den2, den3) > 0
		p, err := c.PriceUsage("USD", use...)
		if !valid || max(den1, den2, den3) > math.MaxInt64/1000 {
			if err == nil {
				t.Fatalf("%v cost %s", use, p.Amount)
			}
			return
		}
		want := new(big.Rat)
		for i, perThousand := range []int64{399, 450, 99} { // cents
			part := big.NewRat(use[i].Minutes.Num, use[i].Minutes.Den)
			want.Add(want, part.Mul(part, big.NewRat(perThousand, 1000)))
		}
		cents := rounded(want, c.Rounding())
		if !fits(cents) {
			wrapped(t, "PriceUsage", err, pricing.ErrOverflow)
			return
		}
		if err != nil || cents.Int64() != p.Amount.Minor() {
			t.Fatalf("%v: %s (%v) is %s cents, %s when rounded", use, p.Amount, err, want, cents)
		}
		var sum int64
		for _, l := range p.Lines {
			sum += l.Amount.Minor()
		}
		if sum != p.Amount.Minor() {
			t.Fatalf("%v: lines sum to %d, not %s", use, sum, p.Amount)
		}
	})
}
