package audit

import (
	"github.com/prepaidkit/prepaid/pricing"
	"github.com/prepaidkit/prepaid/subscription"
)

// account is a lot computed from its ledger entries alone.
type account struct {
	order                                            subscription.OrderID // "" for free minutes
	granted, left, reserved, consumed, expired, back subscription.Quantity
}

// usedOn is the usage of one kind of a product on one day.
type usedOn struct {
	product pricing.ProductID
	kind    pricing.UsageKindID
	day     pricing.Date
}

// taken is how many minutes the lots supplied for it.
type taken struct{ free, paid subscription.Quantity }

// ledger is the result of an application's ledger entries.
type ledger struct {
	lots    map[subscription.LotID]*account
	granted map[subscription.OrderID][]subscription.LotID
	held    map[string]map[subscription.LotID]subscription.Quantity // by reservations
	taken   map[usedOn]taken
	moved   map[int64]subscription.Quantity // consumed by each revision
}

func newLedger() *ledger {
	return &ledger{
		lots: map[subscription.LotID]*account{}, granted: map[subscription.OrderID][]subscription.LotID{},
		held: map[string]map[subscription.LotID]subscription.Quantity{}, taken: map[usedOn]taken{},
		moved: map[int64]subscription.Quantity{},
	}
}

// enter applies a ledger entry and checks that the minutes it moves exist.
func (b *book) enter(e *subscription.Entry) {
	l := b.ledger
	b.follows(&b.lastEntry, "an entry of "+string(e.Kind), e.At)
	a := l.lots[e.Lot]
	if (a == nil) != (e.Kind == subscription.EntryGranted) || e.Quantity <= 0 {
		b.audit.violatef("minutes", b.id, "an entry %s of %s for lot %d", e.Kind, e.Quantity, e.Lot)
		return
	}
	switch e.Kind {
	case subscription.EntryGranted:
		a = &account{order: e.Order, granted: e.Quantity, left: e.Quantity}
		l.lots[e.Lot] = a
		l.granted[e.Order] = append(l.granted[e.Order], e.Lot)
	case subscription.EntryExpired:
		a.left, a.expired = a.left-e.Quantity, a.expired+e.Quantity
	case subscription.EntryConsumed:
		a.left, a.consumed = a.left-e.Quantity, a.consumed+e.Quantity
		l.moved[e.Revision] += e.Quantity
		l.take(e, a.order == "")
	case subscription.EntryReserved:
		a.left, a.reserved = a.left-e.Quantity, a.reserved+e.Quantity
		l.hold(e, e.Quantity)
	case subscription.EntryReleased:
		a.left, a.reserved = a.left+e.Quantity, a.reserved-e.Quantity
		l.hold(e, -e.Quantity)
	case subscription.EntryRefunded:
		a.left, a.back = a.left-e.Quantity, a.back+e.Quantity
	default:
		b.audit.violatef("minutes", b.id, "an entry %q", e.Kind)
	}
	if min(a.left, a.reserved, l.held[e.Reservation][e.Lot]) < 0 || (a.expired > 0 || a.back > 0) && a.left+a.reserved > 0 {
		b.audit.violatef("minutes", b.id, "lot %d has %s left and %s reserved, of which %q holds %s, after %s of %s at revision %d",
			e.Lot, a.left, a.reserved, e.Reservation, l.held[e.Reservation][e.Lot], e.Kind, e.Quantity, e.Revision)
	}
}

func (l *ledger) take(e *subscription.Entry, free bool) {
	k := usedOn{e.Product, e.Usage, e.Day}
	t := l.taken[k]
	if free {
		t.free += e.Quantity
	} else {
		t.paid += e.Quantity
	}
	l.taken[k] = t
}

func (l *ledger) hold(e *subscription.Entry, quantity subscription.Quantity) {
	if l.held[e.Reservation] == nil {
		l.held[e.Reservation] = map[subscription.LotID]subscription.Quantity{}
	}
	l.held[e.Reservation][e.Lot] += quantity
}

// compareLots compares the document's lots and reservations with those of the ledger and the events.
func (b *book) compareLots() {
	for _, l := range b.document.Lots {
		a := b.ledger.lots[l.ID]
		if !b.lots[l.ID] || a == nil || a.order != l.Order || a.granted != l.Granted || a.left != l.Remaining || a.reserved != l.Reserved ||
			a.consumed != l.Consumed || a.expired != 0 || a.back != 0 {
			b.violatef("lot %d is %+v, and %+v by its entries; by its events there is one: %t", l.ID, l.Balance(), a, b.lots[l.ID])
		}
	}
	if len(b.document.Lots) != len(b.lots) || b.lastLot != b.document.LastLot {
		b.violatef("%d lots up to %d, by their events %d up to %d", len(b.document.Lots), b.document.LastLot, len(b.lots), b.lastLot)
	}
	for id, a := range b.ledger.lots {
		if !b.lots[id] && a.left+a.reserved != 0 {
			b.audit.violatef("minutes", b.id, "lot %d is gone, and %s minutes are left of it", id, a.left+a.reserved)
		}
	}
	for _, r := range b.document.Reservations {
		if !b.open[r.ID] {
			b.violatef("reservation %s isn't open by its events", r.ID)
		}
		for _, p := range r.Parts {
			if b.ledger.held[r.ID][p.Lot] != p.Quantity {
				b.violatef("reservation %s holds %s of lot %d, by its entries %s", r.ID, p.Quantity, p.Lot, b.ledger.held[r.ID][p.Lot])
			}
		}
	}
	if len(b.open) != len(b.document.Reservations) {
		b.violatef("%d reservations are open, by their events %d", len(b.document.Reservations), len(b.open))
	}
}
