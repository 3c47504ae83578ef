package pricing

import (
	"fmt"

	"github.com/shopspring/decimal"
)

// MaxRateDecimals is the maximum number of decimals of a [Rate].
const MaxRateDecimals = 9

// Rate is the exact price of one unit of something. It may be finer than the currency's minor unit: 0.856 USD per
// thousand minutes. It has no currency of its own; the [Line] that uses it does. A Rate is immutable, never negative,
// and comparable with ==. The zero value is a rate of 0.
type Rate struct {
	coef  int64
	scale uint8 // number of decimals; no trailing zeros, so equal rates are ==
}

// NewRate returns d as a rate. It returns [ErrNegative], [ErrPrecision] if d has more than [MaxRateDecimals] decimals,
// or [ErrOverflow].
func NewRate(d decimal.Decimal) (Rate, error) {
	coef, scale, err := reduce(d, MaxRateDecimals)
	if err != nil {
		return Rate{}, err
	}
	return newRate(coef, scale)
}

// ParseRate parses a plain decimal such as "0.856" in the same way as [ParseMoney]. It returns [ErrSyntax] or the
// errors of [NewRate].
func ParseRate(s string) (Rate, error) {
	coef, scale, err := parseDecimal(s, 18)
	if err != nil {
		return Rate{}, err
	}
	return newRate(coef, scale)
}

// Rate returns the amount as a price per unit. It returns [ErrNegative], or [ErrCurrency] for the zero value.
func (m Money) Rate() (Rate, error) {
	digits, err := m.currency.Digits()
	if err != nil {
		return Rate{}, err
	}
	return newRate(m.minor, digits)
}

func newRate(coef int64, scale int) (Rate, error) {
	if coef < 0 {
		return Rate{}, fmt.Errorf("%w: rate", ErrNegative)
	}
	for scale > 0 && coef%10 == 0 {
		coef /= 10
		scale--
	}
	if scale > MaxRateDecimals {
		return Rate{}, fmt.Errorf("%w: a rate has at most %d decimals", ErrPrecision, MaxRateDecimals)
	}
	return Rate{coef, uint8(scale)}, nil
}

// Decimal returns the rate as a decimal.
func (r Rate) Decimal() decimal.Decimal { return decimal.New(r.coef, -int32(r.scale)) }

// Equal reports whether r and s are the same rate, like ==. It exists for libraries that compare values.
func (r Rate) Equal(s Rate) bool { return r == s }

// String returns the rate without trailing zeros: "0.856".
func (r Rate) String() string { return r.text(0) }

// AppendText appends the result of String. It never fails.
func (r Rate) AppendText(b []byte) ([]byte, error) {
	return appendDecimal(b, r.coef, int(r.scale)), nil
}

// MarshalText returns the result of String. It never fails.
func (r Rate) MarshalText() ([]byte, error) { return []byte(r.String()), nil }

// UnmarshalText parses a rate. It returns the errors of [ParseRate].
func (r *Rate) UnmarshalText(b []byte) error {
	v, err := ParseRate(string(b))
	if err != nil {
		return err
	}
	*r = v
	return nil
}

// text returns the rate with at least the given number of decimals, in the format used for money.
func (r Rate) text(decimals int) string {
	b := appendDecimal(nil, r.coef, int(r.scale))
	if r.scale == 0 && decimals > 0 {
		b = append(b, '.')
	}
	for i := int(r.scale); i < decimals; i++ {
		b = append(b, '0')
	}
	return string(b)
}

// at returns the coefficient of r at the given scale, which must not be below r's own.
func (r Rate) at(scale uint8) (int64, bool) {
	return mulInt64(r.coef, pow10(int(scale-r.scale)))
}
