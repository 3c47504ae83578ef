package pricing_test

import (
	"testing"

	"github.com/prepaidkit/prepaid/pricing"
)

// Parts sum exactly to their amount, by the largest remainder.
// Rule: lines-sum-to-amount.
func TestMoneyAllocate(t *testing.T) {
	for _, tt := range []struct {
		name, amount string
		weights      []int64
		want         []string
	}{
		{"three ways, the cent to the first", "1.00 USD", []int64{1, 1, 1}, []string{"0.34", "0.33", "0.33"}},
		{"the largest remainder", "1.00 USD", []int64{1, 2}, []string{"0.33", "0.67"}},
		{"one third and two thirds of a cent", "0.01 USD", []int64{1, 2}, []string{"0.00", "0.01"}},
		{"a weight of zero gets nothing", "0.05 USD", []int64{0, 1, 0, 1}, []string{"0.00", "0.03", "0.00", "0.02"}},
		{"one weight", "199.00 USD", []int64{7}, []string{"199.00"}},
		{"a refund", "-1.00 USD", []int64{1, 1, 1}, []string{"-0.34", "-0.33", "-0.33"}},
		{"nothing", "0.00 USD", []int64{1, 2}, []string{"0.00", "0.00"}},
		{"yen", "100 JPY", []int64{1, 1, 1}, []string{"34", "33", "33"}},
		{"fils", "1.000 KWD", []int64{1, 1, 1}, []string{"0.334", "0.333", "0.333"}},
		{"the most, whole", mostUSD, []int64{most}, []string{"92233720368547758.07"}},
		{"the least, whole", leastUSD, []int64{0, 5}, []string{"0.00", "-92233720368547758.07"}},
		{"the most, halved", mostUSD, []int64{1, 1}, []string{"46116860184273879.04", "46116860184273879.03"}},
		{"great weights", "1.00 USD", []int64{most / 2, most / 2}, []string{"0.50", "0.50"}},
		{"weights of more than 64 bits", "1.00 USD", []int64{most, 1}, []string{"1.00", "0.00"}},
		{"three times the greatest weight", "1.00 USD", []int64{most, most, most}, []string{"0.34", "0.33", "0.33"}},
		{"the same, given back", "-1.00 USD", []int64{most, most, most}, []string{"-0.34", "-0.33", "-0.33"}},
		{"the greatest, none and half of it", "1.00 USD", []int64{most, 0, most / 2}, []string{"0.67", "0.00", "0.33"}},
		{"the most by great weights", mostUSD, []int64{most, most - 1, 1}, []string{"46116860184273879.04", "46116860184273879.03", "0.00"}},
		{"no amount at all", "", []int64{1, 1}, []string{"0", "0"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			m := money(t, tt.amount)
			parts, err := m.Allocate(tt.weights...)
			wrapped(t, "Allocate", err, nil)
			var got []string
			for _, p := range parts {
				got = append(got, p.Amount())
				equal(t, "Currency", p.Currency(), m.Currency())
			}
			equal(t, "Allocate", got, tt.want)
		})
	}
}

func TestMoneyAllocateRefuses(t *testing.T) {
	for _, tt := range []struct {
		name    string
		weights []int64
		err     error
	}{
		{"no weights", nil, pricing.ErrRatio},
		{"all zero", []int64{0, 0}, pricing.ErrRatio},
		{"a negative one", []int64{2, -1}, pricing.ErrNegative},
		{"a negative one behind more than 64 bits hold", []int64{most, most, -1}, pricing.ErrNegative},
	} {
		t.Run(tt.name, func(t *testing.T) {
			parts, err := money(t, "1.00 USD").Allocate(tt.weights...)
			wrapped(t, "Allocate", err, tt.err)
			equal(t, "Allocate", parts, nil)
		})
	}
}

// A share is the amount × part / whole, rounded once.
// Rule: refund-shares-tax.
func TestMoneyShare(t *testing.T) {
	for _, tt := range []struct {
		name, amount string
		part, whole  int64
		mode         pricing.Rounding
		want         string
		err          error
	}{
		{"7.9832", "37.81 USD", 5000, 23681, pricing.HalfUp, "7.98 USD", nil},
		{"half up", "0.05 USD", 1, 2, pricing.HalfUp, "0.03 USD", nil},
		{"half even", "0.05 USD", 1, 2, pricing.HalfEven, "0.02 USD", nil},
		{"down", "0.99 USD", 99, 100, pricing.Down, "0.98 USD", nil},
		{"all", "37.81 USD", 23681, 23681, pricing.HalfUp, "37.81 USD", nil},
		{"none", "37.81 USD", 0, 23681, pricing.HalfUp, "0.00 USD", nil},
		{"the most", mostUSD, most, most, pricing.Up, mostUSD, nil},
		{"fils", "1.000 KWD", 1, 3, pricing.HalfUp, "0.333 KWD", nil},
		{"of nothing", "1.00 USD", 1, 0, pricing.HalfUp, "", pricing.ErrRatio},
		{"less than nothing", "1.00 USD", -1, 2, pricing.HalfUp, "", pricing.ErrRatio},
		{"a negative amount", "-1.00 USD", 1, 2, pricing.HalfUp, "", pricing.ErrNegative},
		{"too much", mostUSD, 2, 1, pricing.HalfUp, "", pricing.ErrOverflow},
		{"an unknown mode", "1.00 USD", 1, 2, "odd", "", pricing.ErrRounding},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got, err := money(t, tt.amount).Share(tt.part, tt.whole, tt.mode)
			wrapped(t, "Share", err, tt.err)
			if tt.err == nil {
				equal(t, "Share", got.String(), tt.want)
			}
		})
	}
}
