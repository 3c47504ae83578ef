package pricing_test

import (
	"errors"
	"fmt"
	"math/big"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/prepaidkit/prepaid/pricing"
)

func taxRates(tb testing.TB, percents ...string) []pricing.TaxRate {
	tb.Helper()
	rates := make([]pricing.TaxRate, len(percents))
	for i, p := range percents {
		rates[i].Name = fmt.Sprint("T", i+1)
		if err := rates[i].Percent.UnmarshalText([]byte(p)); err != nil {
			tb.Fatal(err)
		}
	}
	return rates
}

// Figures worked out by hand. Trap: tax on an exact net differs from tax on the net that is printed; 199 → 597 on 15 of 28
// days is 213.214…, printed 213.21, of which 7 % is 14.9247, not the 14.925 of the exact net, which would round up.
// Rule: tax-on-the-rounded-net, tax-included.
func TestTaxed(t *testing.T) {
	for _, tt := range []struct {
		amount   string
		percents []string
		included bool
		net      string
		taxes    []string
		total    string
	}{
		{"199.00 USD", []string{"19"}, false, "199.00 USD", []string{"37.81 USD"}, "236.81 USD"},
		{"199.00 USD", []string{"19"}, true, "167.23 USD", []string{"31.77 USD"}, "199.00 USD"}, // 31.7731
		{"213.21 USD", []string{"7"}, false, "213.21 USD", []string{"14.92 USD"}, "228.13 USD"},
		{"100.00 USD", []string{"5", "9.975"}, false, "100.00 USD", []string{"5.00 USD", "9.98 USD"}, "114.98 USD"}, // Quebec
		{"114.98 USD", []string{"5", "9.975"}, true, "100.00 USD", []string{"5.00 USD", "9.98 USD"}, "114.98 USD"},  // 5.00022, 9.97544
		{"1000 JPY", []string{"10"}, false, "1000 JPY", []string{"100 JPY"}, "1100 JPY"},
		{"1005 JPY", []string{"10"}, false, "1005 JPY", []string{"101 JPY"}, "1106 JPY"}, // 100.5, half up
		{"1000 JPY", []string{"10"}, true, "909 JPY", []string{"91 JPY"}, "1000 JPY"},    // 90.909
		{"1.005 KWD", []string{"5"}, false, "1.005 KWD", []string{"0.050 KWD"}, "1.055 KWD"},
		{"0.01 USD", []string{"19"}, false, "0.01 USD", []string{"0.00 USD"}, "0.01 USD"},
		{"10.00 USD", []string{"0"}, false, "10.00 USD", []string{"0.00 USD"}, "10.00 USD"}, // rated at zero isn't exempt
		{"10.00 USD", nil, false, "10.00 USD", nil, "10.00 USD"},
		{"0.00 USD", []string{"19"}, false, "0.00 USD", nil, "0.00 USD"},
	} {
		amount := money(t, tt.amount)
		net, total, taxes, err := pricing.Taxed(amount, taxRates(t, tt.percents...), tt.included, pricing.HalfUp)
		var amounts []string
		for _, tax := range taxes {
			amounts = append(amounts, tax.Amount.String())
			if tax.Base != net {
				t.Errorf("%s: base %s, want the net, %s", tt.amount, tax.Base, net)
			}
		}
		if err != nil || net.String() != tt.net || total.String() != tt.total || !slices.Equal(amounts, tt.taxes) {
			t.Errorf("Taxed(%s, %v, %t) = %s, %s, %v, %v, want %s, %s, %v",
				tt.amount, tt.percents, tt.included, net, total, amounts, err, tt.net, tt.total, tt.taxes)
		}
	}
}

// Against exact fractions: each tax is its share rounded once, and net and taxes are the total.
// Rule: tax-on-the-rounded-net, tax-included.
func TestTaxedIsExact(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	for range 20_000 {
		amount, err := pricing.FromMinor(rng.Int64N(1<<uint(1+rng.IntN(50))), "USD")
		if err != nil {
			t.Fatal(err)
		}
		var percents []string
		for range 1 + rng.IntN(4) {
			percents = append(percents, fmt.Sprintf("%d.%0*d", rng.IntN(100), 1+rng.IntN(9), rng.IntN(10)))
		}
		rates, included := taxRates(t, percents...), rng.IntN(2) == 0
		net, total, taxes, err := pricing.Taxed(amount, rates, included, pricing.HalfUp)
		if err != nil {
			t.Fatal(err)
		}
		base := big.NewRat(100, 1)
		if included {
			for _, r := range rates {
				base.Add(base, r.Percent.Decimal().Rat())
			}
		}
		sum := net.Minor()
		for i, tax := range taxes {
			exact := new(big.Rat).Mul(big.NewRat(amount.Minor(), 1), rates[i].Percent.Decimal().Rat())
			exact.Quo(exact, base)
			off := exact.Sub(exact, big.NewRat(tax.Amount.Minor(), 1))
			if off.Cmp(big.NewRat(-1, 2)) < 0 || off.Cmp(big.NewRat(1, 2)) >= 0 {
				t.Fatalf("%s of %v, included %t: %s is off by %s", amount, percents, included, tax.Amount, off)
			}
			sum += tax.Amount.Minor()
		}
		if sum != total.Minor() || included && total != amount || !included && net != amount {
			t.Fatalf("%s of %v, included %t: %s and %v are not %s", amount, percents, included, net, taxes, total)
		}
	}
}

func TestTaxedRefuses(t *testing.T) {
	largest, err := pricing.FromMinor(1<<63-1, "USD")
	if err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		amount pricing.Money
		mode   pricing.Rounding
		want   error
	}{
		{pricing.Money{}, pricing.HalfUp, pricing.ErrCurrency},
		{money(t, "-1.00 USD"), pricing.HalfUp, pricing.ErrNegative},
		{money(t, "1.00 USD"), "sideways", pricing.ErrRounding},
		{largest, pricing.HalfUp, pricing.ErrOverflow},
	} {
		if _, _, _, err := pricing.Taxed(tt.amount, taxRates(t, "19"), false, tt.mode); !errors.Is(err, tt.want) {
			t.Errorf("Taxed(%s) = %v, want %v", tt.amount, err, tt.want)
		}
	}
}

// The rates of a day: the latest of each name that has begun.
// Rule: tax-of-the-day-of-placing.
func TestTaxRatesOn(t *testing.T) {
	rates := []pricing.TaxRate{
		{Name: "VAT", Percent: rate(t, "19"), From: day(t, "2007-01-01")},
		{Name: "VAT", Percent: rate(t, "16"), From: day(t, "2020-07-01")},
		{Name: "VAT", Percent: rate(t, "19"), From: day(t, "2021-01-01")},
		{Name: "levy", Percent: rate(t, "1")},
	}
	for on, want := range map[string]string{
		"2006-12-31": "levy 1", "2007-01-01": "levy 1, VAT 19", "2020-06-30": "levy 1, VAT 19", "2020-07-01": "levy 1, VAT 16",
		"2020-12-31": "levy 1, VAT 16", "2021-01-01": "levy 1, VAT 19",
	} {
		var got []string
		for _, r := range pricing.TaxRatesOn(rates, day(t, on)) {
			got = append(got, r.Name+" "+r.Percent.String())
		}
		slices.SortFunc(got, func(a, b string) int { return strings.Compare(strings.ToLower(a), strings.ToLower(b)) })
		if strings.Join(got, ", ") != want {
			t.Errorf("on %s: %v, want %s", on, got, want)
		}
	}
}

func TestValidateTaxRates(t *testing.T) {
	many := taxRates(t, "1", "1", "1", "1", "1", "1", "1", "1", "1")
	for name, rates := range map[string][]pricing.TaxRate{
		"no name":     {{Percent: rate(t, "19")}},
		"a long name": {{Name: strings.Repeat("n", 65), Percent: rate(t, "19")}},
		"too much":    taxRates(t, "1000.000000001"),
		"twice":       {{Name: "VAT", Percent: rate(t, "19")}, {Name: "VAT", Percent: rate(t, "7")}},
		"too many":    many,
	} {
		if err := pricing.ValidateTaxRates(rates); !errors.Is(err, pricing.ErrTax) {
			t.Errorf("%s: %v, want ErrTax", name, err)
		}
	}
	if err := pricing.ValidateTaxRates(append(many[:7], taxRates(t, "1000")...)); err == nil {
		t.Error("T1 twice is accepted")
	}
	if err := pricing.ValidateTaxRates(taxRates(t, "0", "1000")); err != nil {
		t.Error(err)
	}
}

// Several taxes of a tiny total never exceed it.
// Rule: tax-included.
func TestNetIsNeverNegative(t *testing.T) {
	for _, tt := range []struct {
		minor int64
		mode  pricing.Rounding
		n     int
		pct   string
	}{{1, pricing.Up, 2, "5"}, {3, pricing.HalfUp, 5, "100"}} {
		rates := taxRates(t, slices.Repeat([]string{tt.pct}, tt.n)...)
		amount, err := pricing.FromMinor(tt.minor, "JPY")
		if err != nil {
			t.Fatal(err)
		}
		net, total, taxes, err := pricing.Taxed(amount, rates, true, tt.mode)
		if err != nil || net.Sign() < 0 {
			t.Errorf("%s: net %s of total %s, %v, %v", tt.mode, net, total, taxes, err)
		}
	}
}
