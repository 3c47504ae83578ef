package audit

import (
	"slices"
	"time"

	"github.com/prepaidkit/prepaid/subscription"
)

// moneyMove is a change in which money of an order went back or was reinstated.
type moneyMove struct {
	revision int64
	order    subscription.OrderID
	how      way
}

type way int

const (
	asked    way = iota // it was refunded because somebody asked for it
	reversed            // the payer's bank or the provider took it
	again               // a reversal was undone
	person              // something is left to a person
)

// notReinstated begins the note for a person about periods that don't return, although their payment was reinstated.
const notReinstated = "the payment was reinstated, and what it paid for wasn't"

// moneyEvent records that money of an order moves within a change. The events of what is taken back may come before those of the
// money.
func (b *book) moneyEvent(e *subscription.Event) {
	how, known := map[subscription.EventType]way{
		subscription.EventRefundDue: asked, subscription.EventRefundMade: asked, subscription.EventReversed: reversed,
		subscription.EventReinstated: again, subscription.EventNeedsPerson: person,
	}[e.Type]
	if known {
		b.moneyMoves[moneyMove{e.Revision, e.Order, how}] = true
	}
}

// reversed reports whether money was reversed within a change.
func (b *book) reversed(revision int64) bool {
	for k := range b.moneyMoves {
		if k.revision == revision && k.how == reversed {
			return true
		}
	}
	return false
}

// wentBack reports whether money of an order went back within a change, or nothing is left of it.
func (b *book) wentBack(revision int64, order subscription.OrderID) bool {
	return b.moneyMoves[moneyMove{revision, order, asked}] || b.moneyMoves[moneyMove{revision, order, reversed}] ||
		b.rows[order].Left().Sign() == 0
}

// take takes back a period: one that hasn't begun is dropped, or suspended if its payment was reversed, and one that has
// begun ends.
func (b *book) take(h *history, e *subscription.Event) {
	i := slices.IndexFunc(h.paid, func(p paidPeriod) bool { return samePeriod(p.period, e.Period) })
	if i < 0 || h.paid[i].order != e.Order || !b.wentBack(e.Revision, e.Order) {
		b.audit.violatef("taken", b.id, "%s: %s of order %q is taken back, without its payment", h.id, e.Period, e.Order)
		return
	}
	p := &h.paid[i]
	if p.begun {
		p.promised, p.taken = p.period.End, e.Revision
		if p.period.End = e.At; !e.At.After(p.period.Start) {
			p.period.End = p.period.Start.Add(time.Microsecond)
		}
		return
	}
	if i != len(h.paid)-1 {
		b.violatef("%s: %s is taken back, and isn't the last one", h.id, e.Period)
		return
	}
	if b.moneyMoves[moneyMove{e.Revision, e.Order, reversed}] {
		h.suspended = slices.Insert(h.suspended, 0, *p)
	}
	h.position = p.before
	h.paid = h.paid[:i]
}

// ended ends a subscription that was returned: its last period stays as it was paid for.
func (b *book) ended(h *history, e *subscription.Event) {
	h.suspended = nil
	for i := range h.paid {
		if p := &h.paid[i]; p.taken == e.Revision {
			p.period.End, p.promised, p.taken = p.promised, time.Time{}, 0
		}
	}
}

// giveAgain returns a period whose payment was reinstated.
func (b *book) giveAgain(h *history, e *subscription.Event) {
	if !b.moneyMoves[moneyMove{e.Revision, e.Order, again}] {
		b.audit.violatef("taken", b.id, "%s: %s of order %q returns, without its payment", h.id, e.Period, e.Order)
	}
	h.stopped, h.owed = false, owed{}
	i := slices.IndexFunc(h.paid, func(p paidPeriod) bool {
		return p.period.Start.Equal(e.Period.Start) && p.promised.Equal(e.Period.End) && !p.promised.IsZero()
	})
	switch {
	case i >= 0 && h.paid[i].order == e.Order:
		p := &h.paid[i]
		p.period.End, p.promised, p.taken = p.promised, time.Time{}, 0
	case len(h.suspended) > 0 && samePeriod(h.suspended[0].period, e.Period) && h.suspended[0].order == e.Order:
		h.paid = append(h.paid, h.suspended[0])
		h.position = h.suspended[0].after
		h.suspended = h.suspended[1:]
	default:
		b.violatef("%s: %s of order %q returns, and wasn't taken back", h.id, e.Period, e.Order)
	}
}

// lower undoes an upgrade: its periods are what they were.
func (b *book) lower(h *history, e *subscription.Event) {
	was := h.raised[e.Order]
	if len(was) == 0 || !b.wentBack(e.Revision, e.Order) {
		b.audit.violatef("taken", b.id, "%s: the upgrade by order %q is undone, without its payment", h.id, e.Order)
		return
	}
	delete(h.raised, e.Order)
	for _, old := range was {
		i := slices.IndexFunc(h.paid, func(p paidPeriod) bool { return p.period.Start.Equal(old.period.Start) })
		if i < 0 {
			b.violatef("%s: the upgrade by order %q is undone, and %s isn't there", h.id, e.Order, old.period)
			continue
		}
		p := &h.paid[i]
		p.version, p.price, p.minutes = old.version, old.price, old.minutes
	}
	for _, p := range h.paid {
		if p.begun {
			h.version = p.version
		}
	}
	if e.Version != was[0].version {
		b.violatef("%s returns to %s, want %s", h.id, e.Version, was[0].version)
	}
}

// lotTaken takes back what is left of a lot.
func (b *book) lotTaken(e *subscription.Event) {
	a := b.ledger.lots[e.Lot]
	if a == nil || !b.lots[e.Lot] || a.order != e.Order && e.Order != "" {
		b.violatef("lot %d is taken back with order %q, and isn't there", e.Lot, e.Order)
		return
	}
	b.back[e.Lot] += e.Quantity
	if b.taker(a.order) == nil && b.rows[a.order].TakenBackAt.IsZero() {
		b.audit.violatef("taken", b.id, "%s minutes of lot %d of order %q are taken back, without its payment", e.Quantity, e.Lot, a.order)
	}
}

// lotReinstated returns what was taken back of a lot.
func (b *book) lotReinstated(e *subscription.Event) {
	b.back[e.Lot] -= e.Quantity
	if a := b.ledger.lots[e.Lot]; a == nil || !b.moneyMoves[moneyMove{e.Revision, a.order, again}] || b.back[e.Lot] != 0 {
		b.audit.violatef("taken", b.id, "%s minutes of lot %d return, without their payment", e.Quantity, e.Lot)
	}
}

// taker returns the last refund of an order that took back minutes, whatever became of it, or nil.
func (b *book) taker(order subscription.OrderID) *subscription.Refund {
	all := b.refunds[order]
	for i := len(all) - 1; i >= 0; i-- {
		if r := &all[i]; r.Take == subscription.TakeAll || r.Take == subscription.TakeUnused {
			return r
		}
	}
	return nil
}

// compareTakenLots finds out which of the lots that were taken back are still in the document, and compares the events
// with the entries.
func (b *book) compareTakenLots() {
	kept := map[subscription.LotID]bool{}
	for i := range b.document.Lots {
		kept[b.document.Lots[i].ID] = true
	}
	for id := range b.lots {
		a := b.ledger.lots[id]
		if !kept[id] && a != nil && a.left+a.reserved == 0 && (b.taker(a.order) != nil || !b.rows[a.order].TakenBackAt.IsZero()) {
			delete(b.lots, id)
		}
	}
	for id, a := range b.ledger.lots {
		if a.back != b.back[id] {
			b.violatef("%s minutes of lot %d are taken back, by its events %s", a.back, id, b.back[id])
		}
	}
}
