package pricing

import (
	"fmt"
	"math/big"
	"slices"
)

// LineKind says which formula a line follows.
type LineKind string

// The kinds of lines.
const (
	PurchaseLine LineKind = "purchase" // a package, at list price or at an offer's
	RenewalLine  LineKind = "renewal"  // further periods of a package, at list price
	PackLine     LineKind = "pack"     // top-up minutes
	UsageLine    LineKind = "usage"    // pay-as-you-go
	UpgradeLine  LineKind = "upgrade"  // the rest of the current period, for the prorated difference
	CycleLine    LineKind = "cycle"    // a cycle already paid for and not yet begun, for the full difference
)

// Line explains one part of an amount. Its exact value is
//
//	(Unit − Credit) × Times
//
// and never below zero; Amount is its share of the whole, rounded once for all lines together, so that
// the lines of a price always sum to it exactly. The formula is kept as its inputs and rendered when
// it is read.
type Line struct {
	Kind   LineKind `json:"kind"`
	Item   string   `json:"item"`            // what is paid for, such as "call/group-call"
	Unit   Rate     `json:"unit"`            // the price of one, in the currency of Amount
	Credit Rate     `json:"credit,omitzero"` // what was already paid for one
	Times  Ratio    `json:"times"`           // how many, or which part
	Amount Money    `json:"amount"`
}

// Formula returns the computation with its inputs, such as "(597.00 − 199.00) × 16/31".
func (l Line) Formula() string {
	digits := minorDigits[l.Amount.currency]
	f, once := l.Unit.text(digits), l.Times == Ratio{1, 1}
	switch {
	case l.clamped():
		f = "max(0, " + f + " − " + l.Credit.text(digits) + ")"
	case l.Credit != (Rate{}) && once:
		f += " − " + l.Credit.text(digits)
	case l.Credit != (Rate{}):
		f = "(" + f + " − " + l.Credit.text(digits) + ")"
	}
	if once {
		return f
	}
	return f + " × " + l.Times.String()
}

// Exact returns the value before rounding, in major units, as a new rational number. It is zero for
// a line whose ratio is invalid.
func (l Line) Exact() *big.Rat {
	if l.clamped() || l.Times.Validate() != nil {
		return new(big.Rat)
	}
	v := l.Unit.rat()
	v.Sub(v, l.Credit.rat())
	return v.Mul(v, big.NewRat(l.Times.Num, l.Times.Den))
}

// clamped reports whether the credit exceeds the unit price, so that the line is worth nothing.
func (l Line) clamped() bool { return l.Unit.Decimal().LessThan(l.Credit.Decimal()) }

func (r Rate) rat() *big.Rat { return big.NewRat(r.coef, pow10(int(r.scale))) }

// value computes the line exactly, in minor units.
func (l *Line) value(digits int) (exact, error) {
	if err := l.Times.Validate(); err != nil {
		return exact{}, err
	}
	scale := max(l.Unit.scale, l.Credit.scale)
	unit, unitOK := l.Unit.at(scale)
	credit, creditOK := l.Credit.at(scale)
	if !unitOK || !creditOK {
		return exact{}, fmt.Errorf("%w: %s − %s", ErrOverflow, l.Unit, l.Credit)
	}
	// Major units × 10^digits are minor units; the scale's powers of ten go where they stay whole.
	num, den := l.Times.Num, l.Times.Den
	numOK, denOK := true, true
	if int(scale) > digits {
		den, denOK = mulInt64(den, pow10(int(scale)-digits))
	} else {
		num, numOK = mulInt64(num, pow10(digits-int(scale)))
	}
	if !numOK || !denOK {
		return exact{}, fmt.Errorf("%w: ratio %s", ErrOverflow, l.Times)
	}
	return mulDiv(uint64(max(0, unit-credit)), uint64(num), uint64(den))
}

// Price is an amount with the lines that explain it. The lines sum to the amount.
type Price struct {
	Amount Money  `json:"amount"`
	Lines  []Line `json:"lines"`
}

// Exact returns the sum of the lines before rounding, in major units.
func (p Price) Exact() *big.Rat {
	sum := new(big.Rat)
	for _, l := range p.Lines {
		sum.Add(sum, l.Exact())
	}
	return sum
}

// FormatExact writes an exact amount as a plain decimal where it is one ("110", "4.1364") and as a
// fraction in lowest terms where it is not ("6368/31").
func FormatExact(v *big.Rat) string {
	decimals, finite := v.FloatPrec()
	if !finite {
		return v.RatString()
	}
	return v.FloatString(decimals)
}

// Total prices lines together: it computes each exactly, rounds their sum once, and writes each line's
// share into its Amount by the method of the largest remainder, ties to the earlier line. The lines
// are changed in place and become those of the price. No lines make a price of zero.
//
// It fails with [ErrCurrency], [ErrRounding], [ErrRatio] or [ErrOverflow].
func Total(c Currency, mode Rounding, lines []Line) (Price, error) {
	digits, err := c.Digits()
	if err != nil {
		return Price{}, err
	}
	if err := mode.Validate(); err != nil {
		return Price{}, err
	}
	var few [4]exact
	values, sum := few[:0], exact{den: 1}
	for i := range lines {
		v, err := lines[i].value(digits)
		if err != nil {
			return Price{}, err
		}
		if sum, err = sum.add(v); err != nil {
			return Price{}, err
		}
		values = append(values, v)
	}
	total := mode.apply(sum)
	left := total
	for i, v := range values {
		lines[i].Amount = Money{v.whole, c}
		left -= v.whole
	}
	if left > 0 {
		for _, i := range byRemainder(values)[:left] {
			lines[i].Amount.minor++
		}
	}
	return Price{Amount: Money{total, c}, Lines: lines}, nil
}

// byRemainder returns the indices of values, largest fractional part first, ties in order.
func byRemainder(values []exact) []int {
	order := make([]int, len(values))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(i, j int) int { return values[j].fractionCmp(values[i]) })
	return order
}

// Allocate splits m in proportion to the weights into amounts that sum to m exactly, by the method of
// the largest remainder, ties to the earlier weight. Weights must not be negative, and not all zero:
// it fails with [ErrNegative], [ErrRatio] or [ErrOverflow].
func (m Money) Allocate(weights ...int64) ([]Money, error) {
	var sum int64
	for _, w := range weights {
		if w < 0 {
			return nil, fmt.Errorf("%w: weight %d", ErrNegative, w)
		}
		var ok bool
		if sum, ok = addInt64(sum, w); !ok {
			return nil, fmt.Errorf("%w: sum of weights", ErrOverflow)
		}
	}
	if sum == 0 {
		return nil, fmt.Errorf("%w: weights sum to zero", ErrRatio)
	}
	sign, left := int64(1), m.minor
	if left < 0 {
		sign, left = -1, -left
	}
	values, parts := make([]exact, len(weights)), make([]Money, len(weights))
	total := uint64(left)
	for i, w := range weights {
		v, err := mulDiv(total, uint64(w), uint64(sum))
		if err != nil {
			return nil, err
		}
		values[i], parts[i] = v, Money{sign * v.whole, m.currency}
		left -= v.whole
	}
	if left > 0 {
		for _, i := range byRemainder(values)[:left] {
			parts[i].minor += sign
		}
	}
	return parts, nil
}
