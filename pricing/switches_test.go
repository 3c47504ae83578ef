package pricing_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/shopspring/decimal"

	"github.com/prepaidkit/prepaid/pricing"
)

// Process-wide settings of the decimal library must not be able to change a result. Another package of the same program
// may set any of them at any time; computing, formatting and parsing must give the same results. The test is not
// parallel, because the settings are global.
// Rule: decimal-switches-change-nothing.
func TestDecimalSwitchesChangeNothing(t *testing.T) {
	want := everything(t)
	for _, tt := range []struct {
		name string
		set  func()
	}{
		{"no decimals in divisions", func() { decimal.DivisionPrecision = 0 }},
		{"negative precision", func() { decimal.DivisionPrecision = -3 }},
		{"powers without precision", func() { decimal.PowPrecisionNegativeExponent = 0 }},
		{"numbers in JSON", func() { decimal.MarshalJSONWithoutQuotes = true }},
		{"trailing zeros", func() { decimal.TrimTrailingZeros = false }},
		{"exponents in text", func() { decimal.UseScientificNotation = true }},
		{"one iteration", func() { decimal.ExpMaxIterations = 1 }},
		{"no exponents when reading", func() { decimal.MaxDecodeExponent = 0 }},
		{"zero is seven", func() { decimal.Zero = decimal.New(7, 0) }},
		{"all at once", func() {
			decimal.DivisionPrecision, decimal.PowPrecisionNegativeExponent, decimal.ExpMaxIterations = 0, 0, 1
			decimal.MarshalJSONWithoutQuotes, decimal.TrimTrailingZeros, decimal.UseScientificNotation = true, false, true
			decimal.MaxDecodeExponent, decimal.Zero = 0, decimal.New(7, 0)
		}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			restoreSwitches(t)
			tt.set()
			equal(t, "everything", everything(t), want)
		})
	}
}

func restoreSwitches(t *testing.T) {
	t.Helper()
	division, pow, iterations, exponent := decimal.DivisionPrecision, decimal.PowPrecisionNegativeExponent, decimal.ExpMaxIterations, decimal.MaxDecodeExponent
	quotes, trim, scientific, zero := decimal.MarshalJSONWithoutQuotes, decimal.TrimTrailingZeros, decimal.UseScientificNotation, decimal.Zero
	t.Cleanup(func() {
		decimal.DivisionPrecision, decimal.PowPrecisionNegativeExponent, decimal.ExpMaxIterations, decimal.MaxDecodeExponent = division, pow, iterations, exponent
		decimal.MarshalJSONWithoutQuotes, decimal.TrimTrailingZeros, decimal.UseScientificNotation, decimal.Zero = quotes, trim, scientific, zero
	})
}

// everything returns the results of everything that the package does with numbers, as text and JSON.
func everything(t *testing.T) string {
	t.Helper()
	var b strings.Builder
	write := func(v any, err error) {
		text, jsonErr := json.Marshal(v)
		fmt.Fprintln(&b, v, string(text), err, jsonErr)
	}
	for _, d := range []decimal.Decimal{
		decimal.New(19900, -2), decimal.New(1, 9), decimal.New(-150, -2), decimal.New(1, -9), decimal.New(1, 30), {},
	} {
		m, err := pricing.NewMoney(d, "USD")
		write(m, err)
		r, err := pricing.NewRate(d)
		write(r, err)
		if err == nil {
			write(pricing.NewMoney(r.Decimal(), "JPY"))
		}
	}
	for _, s := range []string{"199.00", "0.10", "1e2", "100000000000", "0.005"} {
		m, err := pricing.ParseMoney(s, "USD")
		write(m, err)
		write(pricing.NewMoney(m.Decimal(), "KWD"))
		r, err := pricing.ParseRate(s)
		write(r, err)
		var read pricing.Money
		write(read, json.Unmarshal([]byte(`"`+s+` USD"`), &read))
		write(m.Allocate(1, 2, 4))
	}
	for _, mode := range []pricing.Rounding{pricing.HalfUp, pricing.HalfEven, pricing.Down, pricing.Up} {
		u := monthly(t, "2025-07-01", "2025-07-17", holding(t, "99.90 USD", 100_000), holding(t, "597.00 USD", 300_000))
		u.Rounding, u.Future = mode, []pricing.Package{holding(t, "700.10 USD", 0), holding(t, "199.50 USD", 0)}
		p, err := pricing.PriceUpgrade(u)
		write(p, err)
		for _, l := range p.Lines {
			write(l.Formula(), nil)
			write(pricing.FormatExact(l.Exact()), nil)
		}
	}
	c, err := pricing.ParseCatalog(strings.NewReader(sampleCatalog))
	write(nil, err)
	write(c.List("call", "group-call", pricing.Months(1), "USD"))
	h, offer, err := c.Discounted("call", "1-to-1-call", "first", pricing.Months(1), "USD", instant(t, "2025-06-16T00:00:00Z"))
	write(h, err)
	write(offer, nil)
	return b.String()
}
