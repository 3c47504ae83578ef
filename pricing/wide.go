package pricing

import "math/big"

// wide is [exact] without bounds: a non-negative whole + rem/den with rem < den.
type wide struct{ whole, rem, den *big.Int }

func wideOf(num, den *big.Int) wide {
	whole, rem := new(big.Int).QuoRem(num, den, new(big.Int))
	return wide{whole, rem, den}
}

// fractionCmp compares the fractional parts of v and w.
func (v wide) fractionCmp(w wide) int {
	return new(big.Int).Mul(v.rem, w.den).Cmp(new(big.Int).Mul(w.rem, v.den))
}

// applyWide is [Rounding.apply] without bounds.
func (r Rounding) applyWide(v wide) *big.Int {
	above := new(big.Int).Sub(v.den, v.rem)
	if r.up(v.rem.Cmp(above), v.rem.Sign() == 0, v.whole.Bit(0) == 1) {
		return new(big.Int).Add(v.whole, big.NewInt(1))
	}
	return v.whole
}

// allotWide is [Total] without bounds. It returns false and changes nothing only if the rounded sum is out of range.
func allotWide(lines []Line, c Currency, digits int, mode Rounding) (total int64, ok bool) {
	rats, values := make([]*big.Rat, len(lines)), make([]wide, len(lines))
	scale := new(big.Rat).SetInt64(pow10(digits))
	for i := range lines {
		rats[i] = lines[i].Exact()
		rats[i].Mul(rats[i], scale)
		values[i] = wideOf(rats[i].Num(), rats[i].Denom())
	}
	sum := mode.applyWide(wideOf(sumRats(rats)))
	if !sum.IsInt64() {
		return 0, false
	}
	for i, share := range shareWide(sum.Int64(), values) {
		lines[i].Amount = Money{share, c}
	}
	return sum.Int64(), true
}

// splitWide splits a total in proportion to the weights, with no limit on their sum. The weights must not all be zero.
func splitWide(total int64, weights []int64) []int64 {
	sum := new(big.Int)
	for _, w := range weights {
		sum.Add(sum, big.NewInt(w))
	}
	values := make([]wide, len(weights))
	for i, w := range weights {
		values[i] = wideOf(new(big.Int).Mul(big.NewInt(total), big.NewInt(w)), sum)
	}
	return shareWide(total, values)
}

// shareWide distributes a total, which is the rounded sum of the values. Each value receives its whole part, and those
// with the largest fractions receive one more.
func shareWide(total int64, values []wide) []int64 {
	shares, left := make([]int64, len(values)), total
	for i, v := range values {
		shares[i] = v.whole.Int64() // at most the total
		left -= shares[i]
	}
	for _, i := range byRemainder(values, wide.fractionCmp)[:left] {
		shares[i]++
	}
	return shares
}

// sumRats returns the sum as a fraction, not necessarily in lowest terms. It adds the halves recursively, so even a sum
// of many lines with coprime denominators costs little more than the number of its digits.
func sumRats(values []*big.Rat) (num, den *big.Int) {
	switch len(values) {
	case 0:
		return new(big.Int), big.NewInt(1)
	case 1:
		return values[0].Num(), values[0].Denom()
	}
	half := len(values) / 2
	num, den = sumRats(values[:half])
	num2, den2 := sumRats(values[half:])
	if den.Cmp(den2) == 0 {
		return new(big.Int).Add(num, num2), den
	}
	sum := new(big.Int).Mul(num, den2)
	return sum.Add(sum, new(big.Int).Mul(num2, den)), new(big.Int).Mul(den, den2)
}
