package pricing

import (
	"fmt"
	"math"
	"math/big"
	"strconv"
	"strings"

	"github.com/shopspring/decimal"
)

// Money is a settled amount: a whole number of minor units of a currency (cents of USD, yen of JPY). It is immutable,
// comparable with ==, and exact: an operation whose result cannot be exact returns an error. The range is
// ±9,223,372,036,854,775,807 minor units.
//
// The zero value is no amount and has no currency. It is different from zero dollars.
//
// In text and in JSON it is a string with the amount first: "597.00 USD". Money does its own encoding, which does not
// depend on any setting of the decimal library.
type Money struct {
	minor    int64
	currency Currency
}

// NewMoney returns d as an amount of currency c. It never rounds. It returns [ErrCurrency], [ErrPrecision] if d is
// finer than the minor unit, or [ErrOverflow] if d is out of range.
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

// FromMinor returns an amount given in minor units of currency c: FromMinor(19900, "USD") is 199.00 USD. It returns
// [ErrCurrency], or [ErrOverflow] for the smallest int64, which has no negation.
func FromMinor(minor int64, c Currency) (Money, error) {
	if _, err := c.Digits(); err != nil {
		return Money{}, err
	}
	if minor == math.MinInt64 {
		return Money{}, fmt.Errorf("%w: %d minor units", ErrOverflow, minor)
	}
	return Money{minor, c}, nil
}

// ParseMoney parses a plain decimal such as "199.00", "-5" or "0.5". It returns [ErrSyntax] for exponents, signs other
// than a leading minus, spaces and digit groups; [ErrPrecision] if there are more decimals than the currency has
// (trailing zeros count); [ErrOverflow] if the amount is out of range; and [ErrCurrency] if the currency is unknown. It
// reads at most 32 bytes of s.
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

// Currency returns the currency. It is "" for the zero value.
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

// IsZero reports whether m is the zero value, which is no amount at all. Zero dollars is not the zero value; to check
// for that, use [Money.Sign].
func (m Money) IsZero() bool { return m == Money{} }

// Equal reports whether m and n are the same amount in the same currency, like ==. It exists for libraries that compare
// values.
func (m Money) Equal(n Money) bool { return m == n }

// Add returns m + n. It returns [ErrCurrencyMismatch] or [ErrOverflow].
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

// Sub returns m − n. It returns [ErrCurrencyMismatch] or [ErrOverflow].
func (m Money) Sub(n Money) (Money, error) {
	if m.currency != n.currency {
		return Money{}, mismatch(m, n)
	}
	return m.Add(Money{-n.minor, n.currency})
}

// Mul returns m × n, or [ErrOverflow].
func (m Money) Mul(n int64) (Money, error) {
	p, ok := mulInt64(m.minor, n)
	if !ok {
		return Money{}, fmt.Errorf("%w: %s × %d", ErrOverflow, m, n)
	}
	return Money{p, m.currency}, nil
}

// Cmp returns -1, 0 or +1 if m is less than, equal to or greater than n. It returns [ErrCurrencyMismatch] if the
// currencies differ.
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

// Amount returns the number without the currency code, with all digits of the currency: "199.00".
func (m Money) Amount() string { return string(m.appendAmount(nil)) }

// String returns the amount and the currency, "199.00 USD". It returns "" for the zero value.
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

// UnmarshalText parses the output of MarshalText. It returns the errors of [ParseMoney].
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

// maxText limits the length of a decimal's text. A sign, 19 digits and a point fit, with room for leading zeros.
const maxText = 32

// parseDecimal parses [-]digits[.digits] as coef × 10^-scale, with at most the given number of decimals, including
// trailing zeros.
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

// reduce returns d as coef × 10^-scale with the smallest scale from 0 to most. It checks the size of the coefficient
// and of the exponent before it computes anything, so a hostile exponent costs nothing.
func reduce(d decimal.Decimal, most int) (coef int64, scale int, err error) {
	exp := int(d.Exponent())
	c := d.Coefficient()
	if c.Sign() == 0 {
		return 0, 0, nil
	}
	if c.BitLen() > 256 || exp > 18 {
		return 0, 0, fmt.Errorf("%w: decimal with %d bits and exponent %d", ErrOverflow, c.BitLen(), exp)
	}
	if exp < -96 { // 256 bits hold at most 77 trailing zeros, which leaves at least 20 decimals
		return 0, 0, fmt.Errorf("%w: decimal with exponent %d", ErrPrecision, exp)
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
		return 0, 0, fmt.Errorf("%w: got %d decimals, want at most %d", ErrPrecision, -exp, most)
	}
	if !c.IsInt64() {
		return 0, 0, fmt.Errorf("%w: decimal with %d bits", ErrOverflow, c.BitLen())
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
