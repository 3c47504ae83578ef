package subscription

import (
	"slices"
	"time"

	"github.com/prepaidkit/prepaid/pricing"
)

// checkCounters checks the part of invariant 1 about counters: their parts never exceed their minutes, grow only by usage
// or by minutes that cover it, and what they say that lots gave is what entries took and corrections returned. What is
// forgiven is told.
func checkCounters(c *Change, base *Application) error {
	var forgiven Quantity
	for i := range c.Next.Counters {
		x := &c.Next.Counters[i]
		var before UsageCounter
		if was := base.counterLike(x, i); was != nil {
			before = *was
		}
		if min(x.Forgiven, x.Paid, x.Free, Quantity(x.Seconds)) < 0 {
			return broken(1, "%s of %s on %s: forgiven %s, paid %s, free %s of %d seconds", x.Kind, x.Product, x.Day, x.Forgiven, x.Paid,
				x.Free, x.Seconds)
		}
		if x.Weight > 0 && (x.unrecorded() < 0 || x.unrecorded() > before.unrecorded()) {
			return broken(1, "%s of %s on %s: %d seconds, and %s package minutes of them are of no part, after %s", x.Kind, x.Product,
				x.Day, x.Seconds, x.unrecorded(), before.unrecorded())
		}
		if gave, moved := x.Paid+x.Free-before.Paid-before.Free, c.movedFor(x); gave != moved {
			return broken(1, "%s of %s on %s: lots gave %s more, and %s by the entries", x.Kind, x.Product, x.Day, gave, moved)
		}
		if x.Seconds < before.Seconds && !c.tells(EventCorrected) {
			return broken(1, "%s of %s on %s: %d seconds become %d without a correction", x.Kind, x.Product, x.Day, before.Seconds,
				x.Seconds)
		}
		if x.Excess > before.Excess && !c.tells(EventUsed) {
			return broken(1, "%s of %s on %s: excess %s becomes %s without usage", x.Kind, x.Product, x.Day, before.Excess, x.Excess)
		}
		if x.Until.After(before.Until) && !c.gaveUntil(x.Until, x.usedOn(), base) {
			return broken(1, "%s of %s on %s: no lot that gave its minutes ends at %s", x.Kind, x.Product, x.Day, stamp(x.Until))
		}
		forgiven += max(0, x.Forgiven-before.Forgiven)
	}
	for i := range c.Events {
		if e := &c.Events[i]; e.Type == EventForgiven {
			forgiven -= e.Quantity
		}
	}
	if forgiven > 0 {
		return broken(1, "%s are forgiven, and nothing tells of them", forgiven)
	}
	return checkReturned(c)
}

// gaveUntil reports whether an entry takes minutes for the usage that an entry or a counter is of, from a lot that ends no
// earlier than an instant.
func (c *Change) gaveUntil(until time.Time, of usedOn, base *Application) bool {
	return slices.ContainsFunc(c.Entries, func(e Entry) bool {
		if e.Kind != EntryConsumed || e.usedOn() != of {
			return false
		}
		l := c.lot(e.Lot, base)
		return l == nil || !until.After(l.Period.End) // nil: it was granted and closed within the change
	})
}

// lot returns a lot as it was before the change or, if it is new, as it is after. It returns nil for one that was granted
// and closed within the change.
func (c *Change) lot(id LotID, base *Application) *Lot {
	if l := base.lot(id); l != nil {
		return l
	}
	return c.Next.lot(id)
}

// usedOn is the usage of one kind of a product on one day.
type usedOn struct {
	product pricing.ProductID
	kind    pricing.UsageKindID
	day     pricing.Date
}

func (c *UsageCounter) usedOn() usedOn { return usedOn{c.Product, c.Kind, c.Day} }

func (e *Entry) usedOn() usedOn { return usedOn{e.Product, e.Usage, e.Day} }

// counterLike returns the counter of the same kind and day, or nil if there is none. It is probably the one at an index.
func (a *Application) counterLike(x *UsageCounter, i int) *UsageCounter {
	if i < len(a.Counters) {
		if c := &a.Counters[i]; c.usedOn() == x.usedOn() {
			return c
		}
	}
	return a.counter(x.Product, x.Kind, x.Day)
}

// movedFor returns how many minutes the change's entries take from lots for a counter's usage, without those that
// corrections of it return.
func (c *Change) movedFor(x *UsageCounter) Quantity {
	var moved Quantity
	for i := range c.Entries {
		e := &c.Entries[i]
		switch {
		case e.usedOn() != x.usedOn():
		case e.Kind == EntryConsumed:
			moved += e.Quantity
		case e.Kind == EntryGranted:
			moved -= e.Quantity
		}
	}
	return moved
}

// checkReturned checks that only corrections of usage that is still counted return minutes.
func checkReturned(c *Change) error {
	for i := range c.Entries {
		e := &c.Entries[i]
		if e.Kind == EntryGranted && e.Usage != "" && (c.Next.counter(e.Product, e.Usage, e.Day) == nil || !c.tells(EventCorrected)) {
			return broken(1, "lot %d returns minutes of %s on %s, and nothing was corrected", e.Lot, e.Usage, e.Day)
		}
	}
	return nil
}

// returnsMinutes reports whether a new lot is what a correction returned: minutes of one product, valid to the latest end
// of the lots that gave them.
func (c *Change) returnsMinutes(lot *Lot, e *Entry, base *Application) bool {
	if e.Usage == "" || lot.Order != "" || lot.Subscription != "" || lot.Free != "" || len(lot.Products) != 1 || !lot.Covers(e.Product) {
		return false
	}
	within := func(x *UsageCounter) bool { return x != nil && !lot.Period.End.After(x.Until) }
	return within(base.counter(e.Product, e.Usage, e.Day)) || within(c.Next.counter(e.Product, e.Usage, e.Day)) ||
		c.gaveUntil(lot.Period.End, e.usedOn(), base) // of usage that was corrected within the change
}
