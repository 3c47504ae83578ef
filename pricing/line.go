package pricing

import (
	"fmt"
	"math/big"
)

// LineKind says what a line is for, for those who show it. The amount doesn't depend on it, and lines of your own can have
// other kinds, such as "setup_fee".
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

// value computes the line exactly, in minor units. It reports false where 128 bits don't do for it, and for
// an invalid ratio.
func (l *Line) value(digits int) (exact, bool) {
	if l.Times.Num < 0 || l.Times.Den <= 0 {
		return exact{}, false
	}
	scale := max(l.Unit.scale, l.Credit.scale)
	unit, unitOK := l.Unit.at(scale)
	credit, creditOK := l.Credit.at(scale)
	// Major units × 10^digits are minor units; the scale's powers of ten go where they stay whole.
	num, den := l.Times.Num, l.Times.Den
	numOK, denOK := true, true
	if int(scale) > digits {
		den, denOK = mulInt64(den, pow10(int(scale)-digits))
	} else {
		num, numOK = mulInt64(num, pow10(digits-int(scale)))
	}
	if !unitOK || !creditOK || !numOK || !denOK {
		return exact{}, false
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
	values := make([]*big.Rat, len(p.Lines))
	for i, l := range p.Lines {
		values[i] = l.Exact()
	}
	num, den := sumRats(values)
	return new(big.Rat).SetFrac(num, den)
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
// It fails with [ErrCurrency], [ErrRounding] or [ErrRatio], and with [ErrOverflow] if and only if the rounded
// sum is out of [Money]'s range: any number of lines with any rates and ratios has an exact sum. The lines are
// then as they were.
func Total(c Currency, mode Rounding, lines []Line) (Price, error) {
	digits, err := c.Digits()
	if err != nil {
		return Price{}, err
	}
	if err := mode.Validate(); err != nil {
		return Price{}, err
	}
	total, ok := allot(lines, c, digits, mode)
	if ok {
		return Price{Amount: Money{total, c}, Lines: lines}, nil
	}
	for i := range lines {
		if err := lines[i].Times.Validate(); err != nil {
			return Price{}, err
		}
	}
	if total, ok = allotWide(lines, c, digits, mode); !ok {
		return Price{}, fmt.Errorf("%w: sum of lines in %s", ErrOverflow, c)
	}
	return Price{Amount: Money{total, c}, Lines: lines}, nil
}

// allot is [Total] in 128 bits. It reports false, and changes nothing, where they don't do, and for an invalid
// ratio.
func allot(lines []Line, c Currency, digits int, mode Rounding) (total int64, ok bool) {
	var few [4]exact
	values, sum := few[:0], exact{den: 1}
	for i := range lines {
		v, ok := lines[i].value(digits)
		if !ok {
			return 0, false
		}
		if sum, ok = sum.add(v); !ok {
			return 0, false
		}
		values = append(values, v)
	}
	if total, ok = mode.apply(sum); !ok {
		return 0, false
	}
	left := total
	for i, v := range values {
		lines[i].Amount = Money{v.whole, c}
		left -= v.whole
	}
	if left > 0 {
		for _, i := range byRemainder(values, exact.fractionCmp)[:left] {
			lines[i].Amount.minor++
		}
	}
	return total, true
}
