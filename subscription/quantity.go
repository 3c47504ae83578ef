package subscription

import (
	"fmt"
	"math"
	"strconv"
	"strings"
)

// Quantity is an amount of package minutes in thousandths of a minute, so weights such as 0.5 and 4.5 are exact. It
// ranges over ±9.2 × 10^15 minutes. In JSON it is the number of minutes: 100000, 0.5.
type Quantity int64

// perMinute is the number of units in a minute.
const perMinute = 1000

// Minutes returns n whole minutes. The catalog's bounds keep every grant far inside the range; outside it, the result
// is the nearest possible value.
func Minutes(n int64) Quantity {
	switch {
	case n > math.MaxInt64/perMinute:
		return math.MaxInt64
	case n < math.MinInt64/perMinute:
		return math.MinInt64
	}
	return Quantity(n * perMinute)
}

// Whole returns the whole minutes in q, rounded toward zero.
func (q Quantity) Whole() int64 { return int64(q) / perMinute }

// String returns the minutes with as many decimals as needed: "100000", "0.5".
func (q Quantity) String() string {
	s := strconv.FormatInt(q.Whole(), 10)
	if q < 0 && q > -perMinute {
		s = "-0"
	}
	if rest := int64(q) % perMinute; rest != 0 {
		digits := strconv.FormatInt(perMinute+max(rest, -rest), 10)[1:]
		s += "." + strings.TrimRight(digits, "0")
	}
	return s
}

// MarshalJSON returns the minutes as a number, formatted as by [Quantity.String].
func (q Quantity) MarshalJSON() ([]byte, error) { return []byte(q.String()), nil }

// UnmarshalJSON reads minutes from a number with at most three decimals and no exponent. It fails with [ErrInvalid]
// for any other input, and leaves q unchanged for null.
func (q *Quantity) UnmarshalJSON(b []byte) error {
	if string(b) == "null" {
		return nil
	}
	whole, rest, fraction := strings.Cut(string(b), ".")
	thousandths, err := strconv.ParseInt(whole+(rest + "000")[:3], 10, 64)
	if err != nil || whole == "" || whole == "-" || fraction && rest == "" || len(rest) > 3 {
		return fmt.Errorf("%w: %.40q, want a number with at most three decimals", ErrInvalid, b)
	}
	*q = Quantity(thousandths)
	return nil
}
