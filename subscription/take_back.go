package subscription

import (
	"slices"
	"time"
)

// undo says how much of an order is taken back, and how.
type undo struct {
	cycles        int  // of an extension: only so many that haven't begun; 0: everything
	keepAutoRenew bool // though a period that is current or ahead is taken
	suspend       bool // the payment may be reinstated: nothing is dropped that is needed then
}

// obstacle is why something can't be taken back. The zero value means that it can.
type obstacle struct {
	why   string
	order OrderID // the one that stands in the way, if an order does
}

func (b obstacle) err(of OrderID) error {
	if b.why == "" {
		return nil
	}
	return &ObstacleError{Order: of, Why: b.why, By: b.order}
}

// takeBack takes back what an order delivered. It changes nothing and fails with [ErrNotRefundable] if something stands in
// the way; after a reversal, a person is told instead.
func (d *Draft) takeBack(o *Order, take Take, how undo) error {
	if take == TakeAll && !how.suspend {
		for _, v := range o.Deliveries {
			if e := v.effect(); e != nil {
				if err := e.obstacle(&d.Application, o, how).err(o.ID); err != nil {
					return err
				}
			}
		}
	}
	gone := take == TakeAll
	for _, v := range o.Deliveries {
		e := v.effect()
		switch {
		case e == nil:
		case take == TakeAll:
			if b := e.obstacle(&d.Application, o, how); b.why != "" {
				d.needsPerson(o, b.why)
				gone = false
			} else {
				gone = e.undo(d, o, how) && gone
			}
		case v.Usage != nil && take == TakeUnused:
			return obstacle{why: "usage can't be taken back"}.err(o.ID)
		}
	}
	if take != TakeNothing && how.cycles == 0 {
		if !how.keepAutoRenew {
			d.endTopUps(o)
		}
		d.takeLots(o, how.suspend)
	}
	d.lapseOverdrafts(d.Now)
	if gone {
		o.TakenBackAt = d.Now
	}
	return nil
}

// takeLots takes back what is left of an order's lots. What is reserved stays so, and is taken when it is released.
func (d *Draft) takeLots(o *Order, keep bool) {
	a := &d.Application
	for i := range a.Lots {
		l := &a.Lots[i]
		if l.Order != o.ID || l.TakenBack {
			continue
		}
		l.TakenBack = true
		d.takeRest(l, Entry{At: d.Now, Order: o.ID})
	}
	if !keep {
		a.Lots = slices.DeleteFunc(a.Lots, func(l Lot) bool { return l.Order == o.ID && l.TakenBack && l.Reserved == 0 })
	}
}

// takeRest takes back what remains of a lot.
func (d *Draft) takeRest(l *Lot, e Entry) {
	if l.Remaining == 0 {
		return
	}
	e.Kind, e.Quantity = EntryRefunded, l.Remaining
	d.AddEvent(Event{Type: EventLotRefunded, At: e.At, Lot: l.ID, Quantity: l.Remaining, Subscription: l.Subscription, Order: l.Order})
	d.move(l, e)
}

// takeReleased takes back what remains of lots that were taken back before, after a reservation was released.
func (d *Draft) takeReleased(at time.Time) {
	for i := range d.Application.Lots {
		if l := &d.Application.Lots[i]; l.TakenBack {
			d.takeRest(l, Entry{At: at, Order: l.Order})
		}
	}
}

// returnLots returns what a reversal took back of an order's lots, as far as they are still valid. What a refund of what
// was unused took before stays taken back.
func (d *Draft) returnLots(o *Order, reversal *Refund, all []Refund) {
	a := &d.Application
	for i := range a.Lots {
		l := &a.Lots[i]
		if l.Order != o.ID || !l.TakenBack || !d.Now.Before(l.Period.End) ||
			slices.ContainsFunc(all, func(r Refund) bool {
				return r.Number < reversal.Number && r.Take == TakeUnused && !l.GrantedAt.After(r.DueAt)
			}) {
			continue
		}
		l.TakenBack = false
		if back := l.Refunded; back > 0 {
			d.move(l, Entry{At: d.Now, Kind: EntryReinstated, Quantity: back, Order: o.ID})
			d.AddEvent(Event{Type: EventLotReinstated, Lot: l.ID, Quantity: back, Subscription: l.Subscription, Order: o.ID})
		}
	}
}

// needsPerson records what can't be decided without a person.
func (d *Draft) needsPerson(o *Order, why string) {
	e := o.event(EventNeedsPerson)
	e.Note = why
	d.AddEvent(e)
}
