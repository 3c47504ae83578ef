package pricing

import (
	"math"
	"math/bits"

	"golang.org/x/exp/constraints"
)

// exact is a non-negative rational number of minor units, whole + rem/den with rem < den. It never holds a rounded
// value. Values that don't fit are computed as [wide].
type exact struct {
	whole    int64
	rem, den uint64
}

// mulDiv returns a × b / c exactly, and whether the result is in range.
func mulDiv(a, b, c uint64) (exact, bool) {
	hi, lo := bits.Mul64(a, b)
	if hi >= c {
		return exact{}, false
	}
	quo, rem := bits.Div64(hi, lo, c)
	return exact{whole: int64(quo), rem: rem, den: c}, quo <= math.MaxInt64
}

// add returns v + w exactly, over the least common denominator, and whether the denominator and the sum are in range.
func (v exact) add(w exact) (exact, bool) {
	if w.rem == 0 {
		w.rem, w.den = 0, v.den
	}
	if v.rem == 0 {
		v.rem, v.den = 0, w.den
	}
	g := gcd(v.den, w.den)
	hi, den := bits.Mul64(v.den/g, w.den)
	whole, ok := addInt64(v.whole, w.whole)
	if hi != 0 || den > math.MaxInt64 || !ok {
		return exact{}, false
	}
	// Each remainder is below den, which is below 2^63, so the sum fits.
	sum := exact{whole: whole, rem: v.rem*(den/v.den) + w.rem*(den/w.den), den: den}
	if sum.rem >= den {
		sum.rem -= den
		sum.whole++
	}
	return sum, sum.whole >= 0
}

// fractionCmp compares the fractional parts of v and w.
func (v exact) fractionCmp(w exact) int {
	vh, vl := bits.Mul64(v.rem, w.den)
	wh, wl := bits.Mul64(w.rem, v.den)
	switch {
	case vh < wh || vh == wh && vl < wl:
		return -1
	case vh > wh || vl > wl:
		return 1
	}
	return 0
}

// gcd returns the greatest common divisor of a and b.
func gcd[T constraints.Unsigned](a, b T) T {
	for b != 0 {
		a, b = b, a%b
	}
	return a
}

// addInt64 returns a + b and whether the result is in the range of an amount. The range is symmetric: every int64
// except the smallest.
func addInt64(a, b int64) (int64, bool) {
	sum := a + b
	return sum, (sum > a) == (b > 0) && sum != math.MinInt64
}

// mulInt64 returns a × b and whether the result is in the range of an amount.
func mulInt64(a, b int64) (int64, bool) {
	if a == 0 || b == 0 {
		return 0, true
	}
	p := a * b
	return p, p != math.MinInt64 && p/b == a
}

// pow10 returns 10^n for 0 ≤ n ≤ 18.
func pow10(n int) int64 {
	p := int64(1)
	for range n {
		p *= 10
	}
	return p
}
