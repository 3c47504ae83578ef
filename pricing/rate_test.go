package pricing_test

import (
	"encoding/json"
	"math"
	"testing"

	"github.com/shopspring/decimal"

	"github.com/prepaidkit/prepaid/pricing"
)

func TestParseRate(t *testing.T) {
	for _, tt := range []struct {
		name, in, want string
		err            error
	}{
		{"a volume tier", "0.856", "0.856", nil},
		{"nine decimals", "0.000000001", "0.000000001", nil},
		{"trailing zeros are no decimals", "0.960000000000", "0.96", nil},
		{"a whole number", "597.00", "597", nil},
		{"zero", "0.00", "0", nil},
		{"minus zero", "-0", "0", nil},
		{"the most", "9223372036854775807", "9223372036854775807", nil},
		{"ten decimals", "0.0000000001", "", pricing.ErrPrecision},
		{"negative", "-0.01", "", pricing.ErrNegative},
		{"out of range", "9223372036854775808", "", pricing.ErrOverflow},
		{"exponent", "1e-3", "", pricing.ErrSyntax},
		{"empty", "", "", pricing.ErrSyntax},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got, err := pricing.ParseRate(tt.in)
			wrapped(t, "ParseRate", err, tt.err)
			if err != nil {
				equal(t, "ParseRate", got, pricing.Rate{})
				return
			}
			equal(t, "ParseRate", got.String(), tt.want)
			var again pricing.Rate
			b, _ := got.MarshalText()
			wrapped(t, "UnmarshalText", again.UnmarshalText(b), nil)
			equal(t, "UnmarshalText", again, got)
		})
	}
}

func TestNewRate(t *testing.T) {
	for _, tt := range []struct {
		name string
		in   decimal.Decimal
		want string
		err  error
	}{
		{"a volume tier", decimal.New(856, -3), "0.856", nil},
		{"positive exponent", decimal.New(6, 2), "600", nil},
		{"zeros behind the point", decimal.New(8560000, -7), "0.856", nil},
		{"ten decimals", decimal.New(1, -10), "", pricing.ErrPrecision},
		{"negative", decimal.New(-1, 0), "", pricing.ErrNegative},
		{"the least int64", decimal.New(math.MinInt64, 0), "", pricing.ErrNegative},
		{"the greatest exponent", decimal.New(1, math.MaxInt32), "", pricing.ErrOverflow},
		{"the finest exponent", decimal.New(1, math.MinInt32), "", pricing.ErrPrecision},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got, err := pricing.NewRate(tt.in)
			wrapped(t, "NewRate", err, tt.err)
			if err == nil {
				equal(t, "NewRate", got.String(), tt.want)
				equal(t, "Decimal", got.Decimal().Equal(tt.in), true)
			}
		})
	}
}

func TestMoneyRate(t *testing.T) {
	for _, tt := range []struct {
		name, in, want string
		err            error
	}{
		{"dollars", "597.00 USD", "597", nil},
		{"cents", "0.05 USD", "0.05", nil},
		{"yen", "1500 JPY", "1500", nil},
		{"fils", "1.250 KWD", "1.25", nil},
		{"negative", "-0.01 USD", "", pricing.ErrNegative},
		{"no amount", "", "", pricing.ErrCurrency},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got, err := money(t, tt.in).Rate()
			wrapped(t, "Rate", err, tt.err)
			if err == nil {
				equal(t, "Rate", got.String(), tt.want)
			}
		})
	}
}

func TestRateIsComparable(t *testing.T) {
	if rate(t, "0.50") != rate(t, "0.5") || rate(t, "0") != (pricing.Rate{}) {
		t.Error("== does not compare rates")
	}
	var r pricing.Rate
	wrapped(t, "Unmarshal", json.Unmarshal([]byte(`"0.908"`), &r), nil)
	equal(t, "Unmarshal", r, rate(t, "0.908"))
	wrapped(t, "Unmarshal", r.UnmarshalText([]byte("-1")), pricing.ErrNegative)
	equal(t, "left as it was", r, rate(t, "0.908"))
}
