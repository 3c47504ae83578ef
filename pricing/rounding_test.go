package pricing_test

import (
	"testing"

	"github.com/prepaidkit/prepaid/pricing"
)

// Amounts are rounded once, to the minor unit, in the catalog's mode. The default is half-up.
// Rule: rounding-mode.
func TestRounding(t *testing.T) {
	for _, tt := range []struct {
		exact                      string // in dollars
		halfUp, halfEven, down, up string
	}{
		{"1.23", "1.23", "1.23", "1.23", "1.23"},
		{"1.230000001", "1.23", "1.23", "1.23", "1.24"},
		{"1.234999999", "1.23", "1.23", "1.23", "1.24"},
		{"1.235", "1.24", "1.24", "1.23", "1.24"}, // 3 is odd: half-even goes up
		{"1.245", "1.25", "1.24", "1.24", "1.25"}, // 4 is even: half-even stays
		{"1.245000001", "1.25", "1.25", "1.24", "1.25"},
		{"1.239999999", "1.24", "1.24", "1.23", "1.24"},
		{"0.005", "0.01", "0.00", "0.00", "0.01"},
		{"0.015", "0.02", "0.02", "0.01", "0.02"},
		{"0.000000001", "0.00", "0.00", "0.00", "0.01"},
		{"0.995", "1.00", "1.00", "0.99", "1.00"},
		{"0", "0.00", "0.00", "0.00", "0.00"},
	} {
		for mode, want := range map[pricing.Rounding]string{
			"": tt.halfUp, pricing.HalfUp: tt.halfUp, pricing.HalfEven: tt.halfEven, pricing.Down: tt.down, pricing.Up: tt.up,
		} {
			p, err := pricing.Total("USD", mode, []pricing.Line{{Unit: rate(t, tt.exact), Times: pricing.Ratio{Num: 1, Den: 1}}})
			if err != nil || p.Amount.Amount() != want {
				t.Errorf("%s rounded %q is %s (%v), want %s", tt.exact, mode, p.Amount, err, want)
			}
		}
	}
}

// A third has no finite decimal form, so a mode must compare fractions, not digits.
// Rule: rounding-mode.
func TestRoundingOfFractions(t *testing.T) {
	for _, tt := range []struct {
		times                      pricing.Ratio // of 0.01 USD
		halfUp, halfEven, down, up int64
	}{
		{pricing.Ratio{Num: 1, Den: 3}, 0, 0, 0, 1},
		{pricing.Ratio{Num: 2, Den: 3}, 1, 1, 0, 1},
		{pricing.Ratio{Num: 15, Den: 30}, 1, 0, 0, 1},
		{pricing.Ratio{Num: 45, Den: 30}, 2, 2, 1, 2},
		{pricing.Ratio{Num: 4611686018427387903, Den: 9223372036854775807}, 0, 0, 0, 1}, // just below a half
		{pricing.Ratio{Num: 4611686018427387904, Den: 9223372036854775807}, 1, 1, 0, 1}, // just above
	} {
		for mode, want := range map[pricing.Rounding]int64{
			pricing.HalfUp: tt.halfUp, pricing.HalfEven: tt.halfEven, pricing.Down: tt.down, pricing.Up: tt.up,
		} {
			p, err := pricing.Total("JPY", mode, []pricing.Line{{Unit: rate(t, "1"), Times: tt.times}})
			if err != nil || p.Amount.Minor() != want {
				t.Errorf("%s rounded %q is %s (%v), want %d", tt.times, mode, p.Amount, err, want)
			}
		}
	}
}

func TestRoundingValidate(t *testing.T) {
	for _, mode := range []pricing.Rounding{"", pricing.HalfUp, pricing.HalfEven, pricing.Down, pricing.Up} {
		wrapped(t, string(mode), mode.Validate(), nil)
	}
	wrapped(t, "bankers", pricing.Rounding("bankers").Validate(), pricing.ErrRounding)
	_, err := pricing.Total("USD", "bankers", nil)
	wrapped(t, "Total", err, pricing.ErrRounding)
}
