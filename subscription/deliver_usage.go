package subscription

import (
	"slices"
	"time"

	"github.com/prepaidkit/prepaid/pricing"
)

// UsageDelivery is what a paid usage order settles: the excess usage of one day or, if Through is set, of several.
type UsageDelivery struct {
	Day     pricing.Date `json:"day"`              // the first one
	Through pricing.Date `json:"through,omitzero"` // the last one; zero: there is only one
	Until   time.Time    `json:"until,omitzero"`   // the end of the last day; later usage counts toward other days
}

// covers reports whether a day is one of the billed days.
func (b *UsageDelivery) covers(day pricing.Date) bool {
	return b.Day <= day && day <= max(b.Day, b.Through)
}

func (b *UsageDelivery) possible(*Draft, Zones) error { return nil }

func (b *UsageDelivery) undeliverable(*Application, time.Time) string { return "" }

// give drops the counters that the order collects. It ends arrears when nothing more is owed for the days that couldn't be
// collected.
func (b *UsageDelivery) give(d *Draft, o *Order, _ Zones) error {
	a := &d.Application
	a.Counters = slices.DeleteFunc(a.Counters, func(c UsageCounter) bool {
		if c.Order != o.ID {
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

func (b *UsageDelivery) given(after after, order OrderID) bool {
	return !slices.ContainsFunc(after.counters, func(x UsageCounter) bool { return x.Order == order })
}

// obstacle implements [effect]: usage can't be taken back. If its payment is reversed, pay-as-you-go stops.
func (b *UsageDelivery) obstacle(_ *Application, _ *Order, how undo) obstacle {
	if how.suspend {
		return obstacle{}
	}
	return obstacle{why: "usage can't be taken back"}
}

func (b *UsageDelivery) undo(d *Draft, o *Order, _ undo) bool {
	r := &d.Application.Arrears
	if r.Since.IsZero() {
		r.Since, r.LastAttemptAt = d.Now, d.Now
		d.AddEvent(Event{Type: EventArrears, Order: o.ID, Amount: o.Amount})
	}
	r.Reversed = true
	return false
}

func (b *UsageDelivery) reinstate(*Draft, *Order) (given bool, problem string) {
	return false, "a person ends what the reversal stopped"
}

func (b *UsageDelivery) digest(h *digester) {
	h.text("bill")
	h.number(int64(b.Day))
	if b.Through != 0 {
		h.number(int64(b.Through))
	}
}

func (b *UsageDelivery) size() int { return 0 }

func (b *UsageDelivery) growth() int { return 0 }

func (b *UsageDelivery) equal(d Delivery) bool {
	q := d.Usage
	return q != nil && b.Day == q.Day && b.Through == q.Through && b.Until.Equal(q.Until)
}

func (b *UsageDelivery) clone() Delivery {
	c := *b
	return Delivery{Usage: &c}
}
