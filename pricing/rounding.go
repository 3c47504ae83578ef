package pricing

import "fmt"

// Rounding says how an exact amount becomes whole minor units. It is applied once, at the end of a
// computation, never to an intermediate figure. The zero value means [HalfUp].
type Rounding string

// The rounding modes. Amounts are never negative when they are rounded, so that "up" is both away
// from zero and towards the greater amount.
const (
	HalfUp   Rounding = "half_up"   // to the nearest, a half upwards: the default
	HalfEven Rounding = "half_even" // to the nearest, a half to the even neighbour
	Down     Rounding = "down"      // the fraction is dropped
	Up       Rounding = "up"        // any fraction makes one more
)

// Validate returns [ErrRounding] unless r is one of the modes or the zero value.
func (r Rounding) Validate() error {
	switch r {
	case "", HalfUp, HalfEven, Down, Up:
		return nil
	}
	return fmt.Errorf("%w: %.32q", ErrRounding, string(r))
}

// apply rounds a non-negative exact amount. An unknown mode rounds half up; callers validate first.
func (r Rounding) apply(v exact) int64 {
	up := v.rem >= v.den-v.rem
	switch r {
	case HalfUp:
	case HalfEven:
		up = v.rem > v.den-v.rem || v.rem == v.den-v.rem && v.whole%2 == 1
	case Down:
		up = false
	case Up:
		up = v.rem > 0
	}
	if up {
		return v.whole + 1
	}
	return v.whole
}
