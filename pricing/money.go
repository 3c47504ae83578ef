package pricing

import (
	"fmt"
	"math"
	"math/big"
	"strconv"
	"strings"

	"github.com/shopspring/decimal"
)

// Money is a settled amount: a whole number of minor units of a currency (cents of USD, yen of JPY).
// It is immutable, comparable with ==, and exact: an operation that can't be exact returns an error.
// It ranges over ±9,223,372,036,854,775,807 minor units.
//
// The zero value is no amount at all and has no currency; it is not interchangeable with zero dollars.
//
// In text and in JSON it is a string, amount first: "597.00 USD". The encoding is Money's own and does
// not depend on any setting of the decimal library.
type Money struct {
	minor    int64
	currency Currency
}

// NewMoney returns d of currency c. It fails with [ErrCurrency], with [ErrPrecision] when d is finer
// than the minor unit, and with [ErrOverflow] when it is out of range; it never rounds.
func NewMoney(d decimal.Decimal, c Currency) (Money, error) {
	digits, err := c.Digits()
	if err != nil {
		return Money{}, err
	}
	coef, scale, err := reduce(d, digits)
	if err != nil {
		return Money{}, err
	}
	minor, ok := mulInt64(coef, pow10(digits-scale))
	if !ok {
		return Money{}, fmt.Errorf("%w: amount of %s", ErrOverflow, c)
	}
	return Money{minor, c}, nil
}

// FromMinor returns minor units of currency c: FromMinor(19900, "USD") is 199.00 USD. It fails with
// [ErrCurrency], and with [ErrOverflow] for the least int64, whose negative is none.
func FromMinor(minor int64, c Currency) (Money, error) {
	if _, err := c.Digits(); err != nil {
		return Money{}, err
	}
	if minor == math.MinInt64 {
		return Money{}, fmt.Errorf("%w: %d minor units", ErrOverflow, minor)
	}
	return Money{minor, c}, nil
}

// ParseMoney reads a plain decimal such as "199.00", "-5" or "0.5". Exponents, signs but a leading
// minus, spaces and digit groups are refused with [ErrSyntax]; more decimals than the currency has
// with [ErrPrecision] (trailing zeros count); an amount out of range with [ErrOverflow]; an unknown
// currency with [ErrCurrency]. It looks at no more than 32 bytes of s.
func ParseMoney(s string, c Currency) (Money, error) {
	digits, err := c.Digits()
	if err != nil {
		return Money{}, err
	}
	coef, scale, err := parseDecimal(s, digits)
	if err != nil {
		return Money{}, err
	}
	minor, ok := mulInt64(coef, pow10(digits-scale))
	if !ok {
		return Money{}, fmt.Errorf("%w: %q", ErrOverflow, s)
	}
	return Money{minor, c}, nil
}

// Currency returns the currency, "" for the zero value.
func (m Money) Currency() Currency { return m.currency }

// Minor returns the amount in minor units: 19900 for 199.00 USD.
func (m Money) Minor() int64 { return m.minor }

// Decimal returns the amount in major units: 199 for 199.00 USD.
func (m Money) Decimal() decimal.Decimal {
	return decimal.New(m.minor, -int32(minorDigits[m.currency]))
}

// Sign returns -1, 0 or +1.
func (m Money) Sign() int {
	switch {
	case m.minor < 0:
		return -1
	case m.minor > 0:
		return 1
	}
	return 0
}

// IsZero reports whether m is the zero value, that is, no amount at all. Zero dollars is not; for
// that, see [Money.Sign].
func (m Money) IsZero() bool { return m == Money{} }

// Equal reports whether m and n are the same amount of the same currency, as == does. It is for
// libraries that compare values.
func (m Money) Equal(n Money) bool { return m == n }

// Add returns m + n. It fails with [ErrCurrencyMismatch] or [ErrOverflow].
func (m Money) Add(n Money) (Money, error) {
	if m.currency != n.currency {
		return Money{}, mismatch(m, n)
	}
	sum, ok := addInt64(m.minor, n.minor)
	if !ok {
		return Money{}, fmt.Errorf("%w: %s + %s", ErrOverflow, m, n)
	}
	return Money{sum, m.currency}, nil
}

// Sub returns m − n. It fails with [ErrCurrencyMismatch] or [ErrOverflow].
func (m Money) Sub(n Money) (Money, error) {
	if m.currency != n.currency {
		return Money{}, mismatch(m, n)
	}
	return m.Add(Money{-n.minor, n.currency})
}

// Mul returns m × n. It fails with [ErrOverflow].
func (m Money) Mul(n int64) (Money, error) {
	p, ok := mulInt64(m.minor, n)
	if !ok {
		return Money{}, fmt.Errorf("%w: %s × %d", ErrOverflow, m, n)
	}
	return Money{p, m.currency}, nil
}

// Cmp returns -1, 0 or +1 as m is less than, equal to or greater than n. It fails with
// [ErrCurrencyMismatch].
func (m Money) Cmp(n Money) (int, error) {
	if m.currency != n.currency {
		return 0, mismatch(m, n)
	}
	switch {
	case m.minor < n.minor:
		return -1, nil
	case m.minor > n.minor:
		return 1, nil
	}
	return 0, nil
}

// Amount returns the number alone, with all digits of the currency: "199.00".
func (m Money) Amount() string { return string(m.appendAmount(nil)) }

// String returns amount and currency, "199.00 USD", and "" for the zero value.
func (m Money) String() string {
	b, _ := m.AppendText(nil)
	return string(b)
}

// AppendText appends the text form to b. It implements [encoding.TextAppender] and never fails.
func (m Money) AppendText(b []byte) ([]byte, error) {
	if m.IsZero() {
		return b, nil
	}
	b = append(m.appendAmount(b), ' ')
	return append(b, m.currency...), nil
}

// MarshalText returns the text form, "199.00 USD". It never fails.
func (m Money) MarshalText() ([]byte, error) { return m.AppendText(nil) }

// UnmarshalText reads what MarshalText writes, with the errors of [ParseMoney].
func (m *Money) UnmarshalText(b []byte) error {
	if len(b) == 0 {
		*m = Money{}
		return nil
	}
	amount, currency, ok := strings.Cut(string(b), " ")
	if !ok {
		return fmt.Errorf("%w: money %.32q: want \"199.00 USD\"", ErrSyntax, b)
	}
	v, err := ParseMoney(amount, Currency(currency))
	if err != nil {
		return err
	}
	*m = v
	return nil
}

func (m Money) appendAmount(b []byte) []byte {
	return appendDecimal(b, m.minor, minorDigits[m.currency])
}

func mismatch(m, n Money) error {
	return fmt.Errorf("%w: %s and %s", ErrCurrencyMismatch, m, n)
}

// maxText bounds a decimal's text: a sign, 19 digits and a point fit with room for leading zeros.
const maxText = 32

// parseDecimal reads [-]digits[.digits] as coef × 10^-scale, with at most that many decimals, trailing
// zeros included.
func parseDecimal(s string, decimals int) (coef int64, scale int, err error) {
	if len(s) > maxText {
		return 0, 0, fmt.Errorf("%w: decimal %.32q… is longer than %d bytes", ErrSyntax, s, maxText)
	}
	number, negative := strings.CutPrefix(s, "-")
	whole, fraction, point := strings.Cut(number, ".")
	if whole == "" || point && fraction == "" {
		return 0, 0, fmt.Errorf("%w: decimal %q", ErrSyntax, s)
	}
	fits := true
	for _, part := range [...]string{whole, fraction} {
		for i := range len(part) {
			digit := int64(part[i]) - '0'
			if digit < 0 || digit > 9 {
				return 0, 0, fmt.Errorf("%w: decimal %q", ErrSyntax, s)
			}
			if coef > (math.MaxInt64-digit)/10 {
				coef, fits = 0, false
			}
			coef = coef*10 + digit
		}
	}
	switch {
	case len(fraction) > decimals:
		return 0, 0, fmt.Errorf("%w: %q has %d decimals, want at most %d", ErrPrecision, s, len(fraction), decimals)
	case !fits:
		return 0, 0, fmt.Errorf("%w: %q", ErrOverflow, s)
	case negative:
		coef = -coef
	}
	return coef, len(fraction), nil
}

// reduce returns d as coef × 10^-scale with the smallest scale from 0 to most. It reads the coefficient and the
// exponent alone, and bounds both before it computes, so that a hostile exponent costs nothing.
func reduce(d decimal.Decimal, most int) (coef int64, scale int, err error) {
	exp := int(d.Exponent())
	c := d.Coefficient()
	if c.Sign() == 0 {
		return 0, 0, nil
	}
	if c.BitLen() > 256 || exp > 18 {
		return 0, 0, fmt.Errorf("%w: decimal of %d bits and exponent %d", ErrOverflow, c.BitLen(), exp)
	}
	if exp < -96 { // 256 bits end in 77 zeros at most, which leaves 20 decimals or more
		return 0, 0, fmt.Errorf("%w: decimal of exponent %d", ErrPrecision, exp)
	}
	ten, rem := big.NewInt(10), new(big.Int)
	for exp < 0 {
		quo, r := new(big.Int).QuoRem(c, ten, rem)
		if r.Sign() != 0 {
			break
		}
		c, exp = quo, exp+1
	}
	if exp > 0 {
		c.Mul(c, big.NewInt(pow10(exp)))
		exp = 0
	}
	if -exp > most {
		return 0, 0, fmt.Errorf("%w: %d decimals, at most %d", ErrPrecision, -exp, most)
	}
	if !c.IsInt64() {
		return 0, 0, fmt.Errorf("%w: decimal of %d bits", ErrOverflow, c.BitLen())
	}
	return c.Int64(), -exp, nil
}

// appendDecimal appends coef × 10^-scale with exactly scale decimals.
func appendDecimal(b []byte, coef int64, scale int) []byte {
	u := uint64(coef)
	if coef < 0 {
		b = append(b, '-')
		u = -u
	}
	if scale == 0 {
		return strconv.AppendUint(b, u, 10)
	}
	p := uint64(pow10(scale))
	b = append(strconv.AppendUint(b, u/p, 10), '.')
	for p /= 10; p > 0; p /= 10 {
		b = append(b, byte('0'+u/p%10))
	}
	return b
}
