package pricing

import "fmt"

// ChargeTerms says which totals are charged in a currency.
type ChargeTerms struct {
	Least Money // the least total worth charging; zero: any
	Step  Money // totals are multiples of it; zero: of the minor unit
}

// ChargeTerms returns the terms of a currency: the zero value if the catalog has none for it.
func (c *Catalog) ChargeTerms(currency Currency) ChargeTerms { return c.orEmpty().charges[currency] }

// Below reports whether a total is positive and too small to charge.
func (t ChargeTerms) Below(total Money) bool {
	return total.minor > 0 && t.Least.currency == total.currency && total.minor < t.Least.minor
}

// Stepped rounds a total to a multiple of the step, in the mode. It returns [ErrOverflow], [ErrNegative] and
// [ErrRounding].
func (t ChargeTerms) Stepped(total Money, mode Rounding) (Money, error) {
	if err := mode.Validate(); err != nil {
		return Money{}, err
	}
	if total.minor < 0 {
		return Money{}, fmt.Errorf("%w: total", ErrNegative)
	}
	if t.Step.currency != total.currency || t.Step.minor <= 1 {
		return total, nil
	}
	step := t.Step.minor
	steps, ok := mode.apply(exact{whole: total.minor / step, rem: uint64(total.minor % step), den: uint64(step)})
	rounded, inRange := mulInt64(steps, step)
	if !ok || !inRange {
		return Money{}, fmt.Errorf("%w: %s in steps of %s", ErrOverflow, total, t.Step)
	}
	return Money{rounded, total.currency}, nil
}

// RoundingOf returns the line that takes a total to what is charged. Its amount is negative if less is charged.
func RoundingOf(total, charged Money) Line {
	return Line{Kind: RoundingLine, Item: "rounding", Times: Ratio{1, 1}, Amount: Money{charged.minor - total.minor, total.currency}}
}

// WaiverOf returns the line that makes a price of lines cost nothing, because it is too small to charge.
func WaiverOf(price Money) Line {
	return Line{Kind: WaiverLine, Item: "waiver", Times: Ratio{1, 1}, Amount: Money{-price.minor, price.currency}}
}

func (c *Catalog) readCharges(n node) {
	members, _ := n.members()
	for _, m := range members {
		currency := Currency(m.name)
		if _, err := currency.Digits(); err != nil {
			m.value.problemf("%v", err)
			continue
		}
		if !m.value.object() {
			continue
		}
		t := ChargeTerms{Least: readMoney(m.value.get("least"), currency), Step: readMoney(m.value.get("step"), currency)}
		if c.charges == nil {
			c.charges = map[Currency]ChargeTerms{}
		}
		c.charges[currency] = t
		m.value.done()
	}
}

// readMoney reads a positive amount, or the zero Money if n is absent.
func readMoney(n node, currency Currency) Money {
	text, ok := n.text()
	if !ok || !n.present() {
		return Money{}
	}
	m, err := ParseMoney(text, currency)
	switch {
	case err != nil:
		n.problemf("%v", err)
		return Money{}
	case m.minor <= 0 || m.minor > maxPriceMinor:
		n.problemf("%s is not positive, or too large", m)
		return Money{}
	}
	return m
}

// worth reports prices that are too small to charge, or are once they are rounded to the step.
func (c *Catalog) worth(prices []listPrice) {
	for _, p := range prices {
		t := c.charges[p.amount.currency]
		charged, err := t.Stepped(p.amount, c.rounding)
		switch {
		case t.Below(p.amount):
			p.node.problemf("%s is below the least charge of %s", p.amount, t.Least)
		case err != nil || p.amount.minor <= 0: // reported elsewhere
		case charged.minor == 0:
			p.node.problemf("%s is charged as %s", p.amount, charged)
		case t.Below(charged):
			p.node.problemf("%s is charged as %s, and the least charge is %s", p.amount, charged, t.Least)
		}
	}
}
