package pricing

import (
	"cmp"
	"fmt"
	"math"
)

// Rounding determines how an exact amount is rounded to whole minor units. It is applied once, at the end of a
// computation, never to an intermediate result. The zero value means [HalfUp].
type Rounding string

// The rounding modes. Rounded amounts are never negative, so "up" means both away from zero and toward the greater
// amount.
const (
	HalfUp   Rounding = "half_up"   // to nearest, halves up; the default
	HalfEven Rounding = "half_even" // to nearest, halves to even
	Down     Rounding = "down"      // toward zero
	Up       Rounding = "up"        // away from zero
)

// Validate returns [ErrRounding] unless r is one of the modes or the zero value.
func (r Rounding) Validate() error {
	switch r {
	case "", HalfUp, HalfEven, Down, Up:
		return nil
	}
	return fmt.Errorf("%w: %.32q", ErrRounding, string(r))
}

// apply rounds a non-negative exact amount and reports whether the result is in range.
func (r Rounding) apply(v exact) (int64, bool) {
	if r.up(cmp.Compare(v.rem, v.den-v.rem), v.rem == 0, v.whole%2 == 1) {
		return v.whole + 1, v.whole != math.MaxInt64
	}
	return v.whole, true
}

// up reports whether to round up. half compares the fraction with one half, none means that there is no fraction, and
// odd that the whole part is odd. An unknown mode rounds half up; callers validate the mode first.
func (r Rounding) up(half int, none, odd bool) bool {
	switch r {
	case HalfUp:
	case HalfEven:
		return half > 0 || half == 0 && odd
	case Down:
		return false
	case Up:
		return !none
	}
	return half >= 0
}
