package subscription

import (
	"slices"
	"time"

	"github.com/prepaidkit/prepaid/pricing"
)

// Bill is what a paid order of usage settles: the excess of one day.
type Bill struct {
	Day     pricing.Date `json:"day"`              // the first one
	Through pricing.Date `json:"through,omitzero"` // the last one; zero: there is one day
	Until   time.Time    `json:"until,omitzero"`   // the end of the last day, after which usage counts for others
}

// covers reports whether a day is one of those that are billed.
func (b *Bill) covers(day pricing.Date) bool { return b.Day <= day && day <= max(b.Day, b.Through) }

func (b *Bill) possible(*Draft, Zones) error { return nil }

func (b *Bill) obstacle(*Application, time.Time) string { return "" }

// give drops the counters of the days that are paid, and ends arrears when nothing more is owed of the days that
// couldn't be collected.
func (b *Bill) give(d *Draft, o *Order, _ Zones) error {
	a := &d.Application
	a.Counters = slices.DeleteFunc(a.Counters, func(c Counter) bool {
		// An order of zero is delivered before the counters have its ID.
		if !b.covers(c.Day) || c.Excess == 0 || c.Order != o.ID && (c.Order != "" || o.Amount.Sign() != 0) {
			return false
		}
		if b.Until.IsZero() { // an order from before instants were recorded
			a.ClosedThrough = max(a.ClosedThrough, c.Day)
		}
		return true
	})
	d.closeUntil(b.Until)
	d.endArrears(o)
	return nil
}

func (b *Bill) given(after after, order OrderID) bool {
	return !slices.ContainsFunc(after.counters, func(x Counter) bool { return x.Order == order })
}

func (b *Bill) digest(h *digester) {
	h.text("bill")
	h.number(int64(b.Day))
	if b.Through != 0 {
		h.number(int64(b.Through))
	}
}

func (b *Bill) size() int { return 0 }

func (b *Bill) growth() int { return 0 }

func (b *Bill) equal(d Delivery) bool {
	q := d.Bill
	return q != nil && b.Day == q.Day && b.Through == q.Through && b.Until.Equal(q.Until)
}

func (b *Bill) clone() Delivery {
	c := *b
	return Delivery{Bill: &c}
}
