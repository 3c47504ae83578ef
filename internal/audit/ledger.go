package audit

import (
	"time"

	"github.com/prepaidkit/prepaid/pricing"
	"github.com/prepaidkit/prepaid/subscription"
)

// account is a lot computed from its ledger entries alone.
type account struct {
	order                                            subscription.OrderID // "" for free and returned minutes, and overdrafts
	returned                                         bool                 // by a correction
	granted, left, reserved, consumed, expired, back subscription.Quantity
	overdraft                                        bool
	spent                                            time.Time // when something that was free was last consumed, reserved or expired
	released                                         struct {
		revision int64
		quantity subscription.Quantity // of what a reservation gave back in that change, and nothing has used
	}
}

// spend notes the use of minutes, unless a reservation that ends in the same change held them.
func (a *account) spend(e *subscription.Entry) {
	if e.Kind != subscription.EntryReserved && a.released.revision == e.Revision && a.released.quantity >= e.Quantity {
		a.released.quantity -= e.Quantity
		return
	}
	a.spent = e.At
}

// release notes what a reservation gives back.
func (a *account) release(e *subscription.Entry) {
	if a.released.revision != e.Revision {
		a.released.revision, a.released.quantity = e.Revision, 0
	}
	a.released.quantity += e.Quantity
}

// UsedOn is the usage of one kind of a product on one day.
type UsedOn struct {
	Product pricing.ProductID
	Kind    pricing.UsageKindID
	Day     pricing.Date
}

// taken is how many minutes the lots supplied for it, and how many of them corrections returned. While what paid lots gave is
// left, corrections return that.
type taken struct{ free, paid, freeBack, paidBack subscription.Quantity }

// left is what lots supplied and corrections didn't return.
func (t taken) left() subscription.Quantity { return t.free + t.paid - t.freeBack - t.paidBack }

// ledger is the result of an application's ledger entries.
type ledger struct {
	borrowed

	lots    map[subscription.LotID]*account
	granted map[subscription.OrderID][]subscription.LotID
	held    map[string]map[subscription.LotID]subscription.Quantity // by reservations
	taken   map[UsedOn]taken
	moved   map[int64]subscription.Quantity // consumed by each revision
}

func newLedger() *ledger {
	return &ledger{
		borrowed: borrowed{
			product: map[subscription.LotID]pricing.ProductID{}, owed: map[moved]subscription.Quantity{},
		},
		lots: map[subscription.LotID]*account{}, granted: map[subscription.OrderID][]subscription.LotID{},
		held: map[string]map[subscription.LotID]subscription.Quantity{}, taken: map[UsedOn]taken{},
		moved: map[int64]subscription.Quantity{},
	}
}

// enter applies a ledger entry and checks that the minutes it moves exist.
func (b *book) enter(e *subscription.Entry) {
	l := b.ledger
	a := l.lots[e.Lot]
	opens := e.Kind == subscription.EntryGranted || e.Kind == subscription.EntryLent && (a == nil || !a.overdraft)
	if (a == nil) != opens || e.Quantity <= 0 {
		b.audit.violatef("minutes", b.id, "an entry %s of %s for lot %d", e.Kind, e.Quantity, e.Lot)
		return
	}
	switch e.Kind { //nolint:exhaustive // the others are no use of it
	case subscription.EntryConsumed, subscription.EntryReserved, subscription.EntryExpired:
		a.spend(e)
	case subscription.EntryReleased:
		a.release(e)
	default:
	}
	if b.borrow(e, a) {
		return
	}
	switch e.Kind { //nolint:exhaustive // the others are of overdrafts
	case subscription.EntryGranted:
		a = &account{order: e.Order, returned: e.Usage != "", granted: e.Quantity, left: e.Quantity}
		l.lots[e.Lot] = a
		l.granted[e.Order] = append(l.granted[e.Order], e.Lot)
		if a.returned {
			b.giveBack(e)
		}
	case subscription.EntryExpired:
		a.left, a.expired = a.left-e.Quantity, a.expired+e.Quantity
	case subscription.EntryConsumed:
		a.left, a.consumed = a.left-e.Quantity, a.consumed+e.Quantity
		l.moved[e.Revision] += e.Quantity
		l.take(e, a.order == "" && !a.returned)
	case subscription.EntryReserved:
		a.left, a.reserved = a.left-e.Quantity, a.reserved+e.Quantity
		l.hold(e, e.Quantity)
	case subscription.EntryReleased:
		a.left, a.reserved = a.left+e.Quantity, a.reserved-e.Quantity
		l.hold(e, -e.Quantity)
	case subscription.EntryRefunded:
		a.left, a.back = a.left-e.Quantity, a.back+e.Quantity
	case subscription.EntryReinstated:
		a.left, a.back = a.left+e.Quantity, a.back-e.Quantity
	default:
		b.audit.violatef("minutes", b.id, "an entry %q", e.Kind)
	}
	gone := a.expired > 0 || a.back > 0 && e.Kind == subscription.EntryRefunded // all that isn't reserved
	if min(a.left, a.reserved, a.back, l.held[e.Reservation][e.Lot]) < 0 || gone && a.left > 0 || a.expired > 0 && a.reserved > 0 ||
		a.back > 0 && e.Kind == subscription.EntryReserved {
		b.audit.violatef("minutes", b.id, "lot %d has %s left and %s reserved, of which %q holds %s, after %s of %s at revision %d",
			e.Lot, a.left, a.reserved, e.Reservation, l.held[e.Reservation][e.Lot], e.Kind, e.Quantity, e.Revision)
	}
}

func (l *ledger) take(e *subscription.Entry, free bool) {
	k := UsedOn{e.Product, e.Usage, e.Day}
	t := l.taken[k]
	if free {
		t.free += e.Quantity
	} else {
		t.paid += e.Quantity
	}
	l.taken[k] = t
}

// giveBack applies what a correction returned, which is never more than lots supplied.
func (b *book) giveBack(e *subscription.Entry) {
	k := UsedOn{e.Product, e.Usage, e.Day}
	t := b.ledger.taken[k]
	paid := min(e.Quantity, t.paid-t.paidBack)
	t.paidBack, t.freeBack = t.paidBack+paid, t.freeBack+e.Quantity-paid
	b.ledger.taken[k] = t
	if e.Order != "" || t.freeBack > t.free {
		b.audit.violatef("minutes", b.id, "lot %d returns %s of %+v, of which %+v were taken", e.Lot, e.Quantity, k, t)
	}
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
		if !b.lots[l.ID] || a == nil || a.order != l.Order || a.returned != (l.Source == subscription.FromReturned) ||
			a.granted != l.Granted || a.left != l.Remaining || a.reserved != l.Reserved ||
			a.consumed != l.Consumed || a.expired != 0 || a.back != l.Refunded || a.back > 0 && !l.TakenBack || l.TakenBack && a.left > 0 {
			b.violatef("lot %d is %+v, and %+v by its entries; by its events there is one: %t", l.ID, l.Balance(), a, b.lots[l.ID])
		}
	}
	b.compareTakenLots()
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
