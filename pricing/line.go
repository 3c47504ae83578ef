package pricing

import (
	"fmt"
	"math/big"
)

// LineKind is the purpose of a line, for display. The amount doesn't depend on it, and your own lines can have other kinds,
// such as "setup_fee".
type LineKind string

// The kinds of lines.
const (
	PurchaseLine LineKind = "purchase" // a package, at its list price or an offer price
	RenewalLine  LineKind = "renewal"  // further periods of a package, at list price
	DealLine     LineKind = "deal"     // further periods of a package, at a price agreed with the customer
	PackLine     LineKind = "pack"     // top-up minutes
	UsageLine    LineKind = "usage"    // pay-as-you-go
	UpgradeLine  LineKind = "upgrade"  // the prorated difference for the rest of the current period
	CycleLine    LineKind = "cycle"    // the full difference for a prepaid cycle that has not begun
	GiftLine     LineKind = "gift"     // minutes that cost nothing
	ImportLine   LineKind = "import"   // a package that was paid for in another system; it costs nothing

	RoundingLine LineKind = "rounding" // to the step of totals, up or down; not taxed; see [RoundingOf]
	WaiverLine   LineKind = "waiver"   // of a total that is too small to charge; negative; see [WaiverOf]
)

// Line explains one part of an amount. Its exact value is
//
//	(Unit − Credit) × Times
//
// but never below zero. Amount is the line's share of the total, which is rounded once for all lines together, so the
// lines of a price always sum to it exactly. The line stores the inputs of the formula and renders it on demand. JSON
// carries the inputs only; render [Line.Formula] on the server.
type Line struct {
	Kind   LineKind `json:"kind"`
	Item   string   `json:"item"`            // the item, such as "call/group-call"
	Unit   Rate     `json:"unit"`            // the price per unit, in the currency of Amount
	Credit Rate     `json:"credit,omitzero"` // the amount already paid per unit
	Times  Ratio    `json:"times"`           // a quantity or a fraction
	Amount Money    `json:"amount"`
}

// Formula returns the computation with its inputs, such as "(597.00 − 199.00) × 16/31".
func (l Line) Formula() string {
	if l.plain() {
		return l.Amount.Amount()
	}
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

// Exact returns the value before rounding, in major units, as a new rational number. It is zero if the line's ratio is
// invalid.
func (l Line) Exact() *big.Rat {
	if l.plain() {
		return l.Amount.Decimal().Rat()
	}
	if l.clamped() || l.Times.Validate() != nil {
		return new(big.Rat)
	}
	v := l.Unit.rat()
	v.Sub(v, l.Credit.rat())
	return v.Mul(v, big.NewRat(l.Times.Num, l.Times.Den))
}

// plain reports whether the line's amount stands for itself.
func (l Line) plain() bool { return l.Kind == RoundingLine || l.Kind == WaiverLine }

// clamped reports whether the credit exceeds the unit price, which makes the line's value zero.
func (l Line) clamped() bool { return l.Unit.Decimal().LessThan(l.Credit.Decimal()) }

func (r Rate) rat() *big.Rat { return big.NewRat(r.coef, pow10(int(r.scale))) }

// value computes the line exactly, in minor units. It returns false if the result needs more than 128 bits or the ratio
// is invalid.
func (l *Line) value(digits int) (exact, bool) {
	if l.Times.Num < 0 || l.Times.Den <= 0 {
		return exact{}, false
	}
	scale := max(l.Unit.scale, l.Credit.scale)
	unit, unitOK := l.Unit.at(scale)
	credit, creditOK := l.Credit.at(scale)
	// Major units × 10^digits are minor units. Apply the powers of ten where the result stays an integer.
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

// Price is an amount and the lines that explain it. The lines sum to the amount.
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

// FormatExact formats an exact amount as a plain decimal if it has a finite one ("110", "4.1364"), otherwise as a
// fraction in lowest terms ("6368/31").
func FormatExact(v *big.Rat) string {
	decimals, finite := v.FloatPrec()
	if !finite {
		return v.RatString()
	}
	return v.FloatString(decimals)
}

// Total prices lines together: it computes each line exactly, rounds their sum once, and sets each line's Amount to its
// share by the largest remainder method, with ties going to the earlier line. It modifies the lines in place and
// returns them in the price. If there are no lines, the price is zero.
//
// It returns [ErrCurrency], [ErrRounding] or [ErrRatio], or [ErrOverflow] if and only if the rounded sum is out of
// [Money]'s range: any number of lines with any rates and ratios has an exact sum. On error the lines are unchanged.
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

// allot implements [Total] in 128 bits. It returns false and changes nothing if 128 bits are not enough or a ratio is
// invalid.
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
