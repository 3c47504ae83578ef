package pricing

import (
	"fmt"
	"slices"
)

// Allocate splits m in proportion to the weights, using the largest remainder method; ties go to the earlier weight.
// The results sum to m exactly. It returns [ErrNegative] if a weight is negative and [ErrRatio] if all weights are
// zero.
func (m Money) Allocate(weights ...int64) ([]Money, error) {
	var sum int64
	fits := true
	for _, w := range weights {
		if w < 0 {
			return nil, fmt.Errorf("%w: weight %d", ErrNegative, w)
		}
		if fits {
			sum, fits = addInt64(sum, w)
		}
	}
	if fits && sum == 0 {
		return nil, fmt.Errorf("%w: weights sum to zero", ErrRatio)
	}
	sign, total := int64(1), m.minor
	if total < 0 {
		sign, total = -1, -total
	}
	var shares []int64
	if fits {
		shares = splitBy(total, weights, sum)
	} else {
		shares = splitWide(total, weights)
	}
	parts := make([]Money, len(shares))
	for i, s := range shares {
		parts[i] = Money{sign * s, m.currency}
	}
	return parts, nil
}

// splitBy splits a total in proportion to the weights, whose sum is passed in.
func splitBy(total int64, weights []int64, sum int64) []int64 {
	values, shares, left := make([]exact, len(weights)), make([]int64, len(weights)), total
	for i, w := range weights {
		values[i], _ = mulDiv(uint64(total), uint64(w), uint64(sum)) // at most the total
		shares[i] = values[i].whole
		left -= shares[i]
	}
	if left > 0 {
		for _, i := range byRemainder(values, exact.fractionCmp)[:left] {
			shares[i]++
		}
	}
	return shares
}

// byRemainder returns the indices of values sorted by fractional part, largest first. Ties keep their order.
func byRemainder[T any](values []T, fractionCmp func(v, w T) int) []int {
	order := make([]int, len(values))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(i, j int) int { return fractionCmp(values[j], values[i]) })
	return order
}

// Share returns m × part / whole, rounded once: the amount that is given back of m when part of a whole is. It returns
// [ErrNegative] for a negative amount, [ErrRatio] unless part ≥ 0 and whole > 0, [ErrRounding] and [ErrOverflow].
func (m Money) Share(part, whole int64, mode Rounding) (Money, error) {
	r := Ratio{part, whole}
	if err := r.Validate(); err != nil {
		return Money{}, err
	}
	if err := mode.Validate(); err != nil {
		return Money{}, err
	}
	if m.minor < 0 {
		return Money{}, fmt.Errorf("%w: %s", ErrNegative, m)
	}
	exactly, inRange := mulDiv(uint64(m.minor), uint64(part), uint64(whole))
	minor, fits := mode.apply(exactly)
	if !inRange || !fits {
		return Money{}, fmt.Errorf("%w: %s of %s", ErrOverflow, r, m)
	}
	return Money{minor, m.currency}, nil
}
