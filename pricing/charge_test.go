package pricing_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/prepaidkit/prepaid/pricing"
)

// Totals are rounded to the step once, in the catalog's mode.
// Rule: totals-in-steps.
func TestStepped(t *testing.T) {
	for _, tt := range []struct {
		total, step string
		mode        pricing.Rounding
		want        string
	}{
		{"10.02 CHF", "0.05 CHF", pricing.HalfUp, "10.00 CHF"},
		{"10.03 CHF", "0.05 CHF", pricing.HalfUp, "10.05 CHF"},
		{"10.025 KWD", "0.050 KWD", pricing.HalfUp, "10.050 KWD"},
		{"10.025 KWD", "0.050 KWD", pricing.HalfEven, "10.000 KWD"}, // 200.5 steps
		{"10.04 CHF", "0.05 CHF", pricing.Down, "10.00 CHF"},
		{"10.01 CHF", "0.05 CHF", pricing.Up, "10.05 CHF"},
		{"1004 JPY", "10 JPY", pricing.HalfUp, "1000 JPY"},
		{"1005 JPY", "10 JPY", pricing.HalfUp, "1010 JPY"},
		{"0.02 CHF", "0.05 CHF", pricing.HalfUp, "0.00 CHF"},
		{"10.02 USD", "0.05 CHF", pricing.HalfUp, "10.02 USD"}, // of another currency
		{"10.02 CHF", "0.01 CHF", pricing.HalfUp, "10.02 CHF"},
	} {
		terms := pricing.ChargeTerms{Step: money(t, tt.step)}
		if got, err := terms.Stepped(money(t, tt.total), tt.mode); err != nil || got.String() != tt.want {
			t.Errorf("%s in steps of %s, %s: %s, %v, want %s", tt.total, tt.step, tt.mode, got, err, tt.want)
		}
	}
	largest, err := pricing.FromMinor(1<<63-1, "CHF")
	if err != nil {
		t.Fatal(err)
	}
	terms := pricing.ChargeTerms{Step: money(t, "0.05 CHF")}
	for want, call := range map[error]func() (pricing.Money, error){
		pricing.ErrOverflow: func() (pricing.Money, error) { return terms.Stepped(largest, pricing.Up) },
		pricing.ErrNegative: func() (pricing.Money, error) { return terms.Stepped(money(t, "-1.00 CHF"), pricing.Up) },
		pricing.ErrRounding: func() (pricing.Money, error) { return terms.Stepped(money(t, "1.00 CHF"), "sideways") },
	} {
		if _, err := call(); !errors.Is(err, want) {
			t.Errorf("%v, want %v", err, want)
		}
	}
}

// A positive total below the least isn't worth charging; nothing is.
// Rule: least-charge.
func TestBelowLeast(t *testing.T) {
	terms := pricing.ChargeTerms{Least: money(t, "0.50 USD")}
	for total, below := range map[string]bool{"0.00 USD": false, "0.01 USD": true, "0.49 USD": true, "0.50 USD": false, "0.49 EUR": false} {
		if terms.Below(money(t, total)) != below {
			t.Errorf("%s is below 0.50 USD: %t", total, !below)
		}
	}
	if (pricing.ChargeTerms{}).Below(money(t, "0.01 USD")) {
		t.Error("without terms, a cent is below the least")
	}
}

// A catalog has no price that can't be charged.
// Rule: least-charge.
func TestCatalogRefusesPricesBelowTheLeast(t *testing.T) {
	text := `{"revision": "1", "zone": "UTC", "charges": {"USD": {"least": "0.50", "step": "0.01"}, "XYZ": {}, "EUR": {"least": "0.001", "step": "-1.00", "most": 1}},
		"products": [{"id": "call", "versions": [
			{"id": "free", "rank": 1, "terms": [{"months": 1, "list": {"USD": "0.00"}}]},
			{"id": "lite", "rank": 2, "terms": [{"months": 1, "list": {"USD": "0.49", "JPY": "1"}}],
				"offers": [{"id": "first", "months": 1, "price": {"USD": "0.40"}}]}]}],
		"packs": [{"id": "few", "products": ["call"], "minutes": 1, "validity": {"months": 1}, "price": {"USD": "0.10"}}]}`
	got := strings.Join(problems(t, text), "\n")
	for _, want := range []string{
		"products[0].versions[1].terms[0].list.USD: 0.49 USD is below the least charge of 0.50 USD",
		"products[0].versions[1].offers[0].price.USD: 0.40 USD is below the least charge of 0.50 USD",
		"packs[0].price.USD: 0.10 USD is below the least charge of 0.50 USD",
		"charges.XYZ: pricing: unknown currency", "charges.EUR.least: pricing: more digits", "charges.EUR.step: -1.00 EUR is not positive",
		"charges.EUR.most: unknown field",
	} {
		if !strings.Contains(got, want) {
			t.Errorf("no problem %q in\n%s", want, got)
		}
	}
	if n := strings.Count(got, "\n") + 1; n != 7 {
		t.Errorf("%d problems, want 7:\n%s", n, got)
	}
}

// A price that is rounded to a step below the least, or to nothing, can't be charged either.
// Rule: least-charge, totals-in-steps.
func TestCatalogRefusesPricesThatAreRoundedBelowTheLeast(t *testing.T) {
	for charges, want := range map[string]string{
		`"least": "0.52", "step": "0.05"`: "0.52 CHF is charged as 0.50 CHF, and the least charge is 0.52 CHF",
		`"step": "2.00"`:                  "0.52 CHF is charged as 0.00 CHF",
		`"least": "0.50", "step": "0.05"`: "",
		`"step": "1.00"`:                  "",
	} {
		text := `{"revision": "1", "zone": "UTC", "charges": {"CHF": {` + charges + `}},
			"products": [{"id": "call", "versions": [{"id": "lite", "rank": 1, "terms": [{"months": 1, "list": {"CHF": "0.52"}}]}]}]}`
		_, err := pricing.ParseCatalog(strings.NewReader(text))
		if (err == nil) != (want == "") || err != nil && !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %q", charges, err, want)
		}
	}
}

func TestMonthEnd(t *testing.T) {
	for of, want := range map[string]string{
		"2024-02-01": "2024-02-29", "2025-02-28": "2025-02-28", "2025-12-31": "2025-12-31", "2025-11-30": "2025-11-30",
		"9999-12-01": "9999-12-31", "0001-01-01": "0001-01-31",
	} {
		if got := day(t, of).MonthEnd().String(); got != want {
			t.Errorf("the month of %s ends on %s, want %s", of, got, want)
		}
	}
}
