package pricing_test

import (
	"testing"

	"github.com/prepaidkit/prepaid/pricing"
)

// Several taxes of a tiny total never exceed it.
func TestNetIsNeverNegative(t *testing.T) {
	for _, tt := range []struct {
		minor int64
		mode  pricing.Rounding
		n     int
		pct   string
	}{{1, pricing.Up, 2, "5"}, {3, pricing.HalfUp, 5, "100"}} {
		var rates []pricing.TaxRate
		for i := range tt.n {
			p, _ := pricing.ParseRate(tt.pct)
			rates = append(rates, pricing.TaxRate{Name: string(rune('A' + i)), Percent: p})
		}
		amount, _ := pricing.FromMinor(tt.minor, "JPY")
		_ = amount
		net, total, taxes, err := pricing.Taxed(amount, rates, true, tt.mode)
		if err == nil && net.Sign() < 0 {
			t.Errorf("%s: net %s of total %s, %v", tt.mode, net, total, taxes)
		}
	}
}
