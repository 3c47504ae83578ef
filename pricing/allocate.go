package pricing

import (
	"fmt"
	"slices"
)

// Allocate splits m in proportion to the weights into amounts that sum to m exactly, by the method of
// the largest remainder, ties to the earlier weight. Weights must not be negative, and not all zero:
// it fails with [ErrNegative] or [ErrRatio].
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

// splitBy splits a total in proportion to weights whose sum it is given.
func splitBy(total int64, weights []int64, sum int64) []int64 {
	values, shares, left := make([]exact, len(weights)), make([]int64, len(weights)), total
	for i, w := range weights {
		values[i], _ = mulDiv(uint64(total), uint64(w), uint64(sum)) // no more than the total
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

// byRemainder returns the indices of values, largest fractional part first, ties in order.
func byRemainder[T any](values []T, fractionCmp func(v, w T) int) []int {
	order := make([]int, len(values))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(i, j int) int { return fractionCmp(values[j], values[i]) })
	return order
}
