package audit

import (
	"cmp"
	"maps"
	"slices"

	"github.com/prepaidkit/prepaid/pricing"
	"github.com/prepaidkit/prepaid/subscription"
)

// ledger is what the entries make of an application's minutes.
type ledger struct {
	lots   map[subscription.LotID]*lot
	last   subscription.LotID
	held   map[hold]subscription.Quantity   // by open reservations
	taken  map[usedOn]subscription.Quantity // from lots, for the usage that the document counts
	opens  map[subscription.OrderID]subscription.Quantity
	lent   []subscription.LotID // overdrafts
	bought []purchase           // by the change
	pays   *subscription.Entry  // a copy of the entry before, if it repays an overdraft
}

// lot is a lot as its entries make it.
type lot struct {
	subscription.Balance

	order    subscription.OrderID
	product  pricing.ProductID // of an overdraft
	returned bool              // by a correction
	granted  int64             // the revision in which it was opened
	whole    bool              // all its events are kept
	lapsed   bool              // an event says that what is owed of it lapsed
	bought   int64             // the revision in which minutes of it were last granted, which may repay an overdraft
}

// hold is the part of a reservation that is held of a lot.
type hold struct {
	reservation string
	lot         subscription.LotID
}

// usedOn is the usage of one kind of a product on one day.
type usedOn struct {
	product pricing.ProductID
	kind    pricing.UsageKindID
	day     pricing.Date
}

func newLedger() ledger {
	return ledger{
		lots: map[subscription.LotID]*lot{}, held: map[hold]subscription.Quantity{}, taken: map[usedOn]subscription.Quantity{},
		opens: map[subscription.OrderID]subscription.Quantity{},
	}
}

// enter applies an entry.
func (b *book) enter(e *subscription.Entry) {
	l := &b.ledger
	f := Finding{Kind: Minutes, Lot: e.Lot, Order: e.Order}
	is := l.lots[e.Lot]
	if is == nil {
		is = &lot{
			Balance: subscription.Balance{Lot: e.Lot}, order: e.Order, granted: e.Revision,
			returned: e.Kind == subscription.EntryGranted && e.Usage != "",
		}
		if e.Kind != subscription.EntryGranted && e.Kind != subscription.EntryLent {
			b.addf(f, "its first entry, at revision %d, is %s", e.Revision, e.Kind)
		}
		l.lots[e.Lot], l.last = is, max(l.last, e.Lot)
	} else if e.Kind == subscription.EntryGranted {
		b.addf(f, "it is granted again, at revision %d", e.Revision)
	}
	after, err := is.After(*e)
	if err != nil {
		b.addf(f, "an entry at revision %d can't follow: %v", e.Revision, err)
	}
	is.Balance = after
	b.repays(e, is)
	switch e.Kind { //nolint:exhaustive // the others say no more
	case subscription.EntryGranted:
		l.opens[e.Order] += e.Quantity
		if is.bought = e.Revision; e.Order != "" {
			if o := b.orders.all[e.Order]; o == nil || !o.delivered() {
				b.addf(Finding{Kind: Delivery, Order: e.Order, Lot: e.Lot},
					"%s minutes are granted, and the order isn't paid", e.Quantity)
			}
		}
		b.buys(e)
		l.uses(e, -e.Quantity)
	case subscription.EntryLent:
		if is.product == "" {
			l.lent = append(l.lent, e.Lot)
		}
		is.product = e.Product
	case subscription.EntryConsumed:
		l.uses(e, e.Quantity)
	case subscription.EntryExpired:
		if is.Remaining != 0 || is.Reserved != 0 {
			b.addf(f, "%s expire at revision %d, and %s are left", e.Quantity, e.Revision, is.Remaining+is.Reserved)
		}
	case subscription.EntryReserved:
		b.holds(e, e.Quantity)
	case subscription.EntryReleased:
		b.holds(e, -e.Quantity)
	}
}

// repays checks that what is repaid of an overdraft is taken, by the entry before, from minutes that the same change grants.
func (b *book) repays(e *subscription.Entry, is *lot) {
	pays := b.ledger.pays
	b.ledger.pays = nil
	if e.Kind == subscription.EntryConsumed && e.Usage == "" {
		last := *e
		b.ledger.pays = &last
		return
	}
	f := Finding{Kind: Minutes, Lot: e.Lot}
	switch repaid := e.Kind == subscription.EntryRepaid; {
	case repaid && (pays == nil || pays.Revision != e.Revision || pays.Quantity != e.Quantity || pays.Product != is.product ||
		!is.Overdraft):
		b.addf(f, "%s are repaid at revision %d, by nothing", e.Quantity, e.Revision)
	case repaid && b.ledger.lots[pays.Lot].bought != e.Revision:
		b.addf(f, "lot %d repays it at revision %d, and wasn't granted then", pays.Lot, e.Revision)
	case repaid:
		for i := range b.ledger.bought {
			if p := &b.ledger.bought[i]; p.lot == pays.Lot {
				p.repaid[e.Lot] += e.Quantity
			}
		}
	case pays != nil:
		b.addf(Finding{Kind: Minutes, Lot: pays.Lot},
			"%s are consumed at revision %d by no usage, and repay nothing", pays.Quantity, pays.Revision)
	}
}

// uses adds minutes that lots gave for usage of which the document has a counter.
func (l *ledger) uses(e *subscription.Entry, quantity subscription.Quantity) {
	k := usedOn{e.Product, e.Usage, e.Day}
	if sum, counted := l.taken[k]; counted {
		l.taken[k] = sum + quantity
	}
}

// holds applies what a reservation holds or gives back.
func (b *book) holds(e *subscription.Entry, quantity subscription.Quantity) {
	k := hold{e.Reservation, e.Lot}
	is := b.ledger.held[k] + quantity
	if is < 0 {
		b.addf(Finding{Kind: Minutes, Lot: e.Lot}, "reservation %.80q gives back %s that it didn't hold, at revision %d",
			e.Reservation, -is, e.Revision)
	}
	if b.ledger.held[k] = is; is == 0 {
		delete(b.ledger.held, k)
	}
}

// compareLedger compares the document's lots and reservations with the entries.
func (b *book) compareLedger() {
	l := &b.ledger
	if b.app.LastLot != l.last || int64(len(l.lots)) != int64(l.last) {
		b.addf(Finding{Kind: Minutes}, "the last lot is %d, by the entries %d of %d", b.app.LastLot, l.last, len(l.lots))
	}
	in := map[subscription.LotID]bool{}
	for i := range b.app.Lots {
		is := &b.app.Lots[i]
		in[is.ID] = true
		f := Finding{Kind: Minutes, Lot: is.ID, Order: is.Order, Subscription: is.Subscription}
		was := l.lots[is.ID]
		switch {
		case was == nil:
			b.addf(f, "it has no entries")
		case was.Balance != is.Balance():
			b.addf(f, "%s of %s are left and %s reserved, by its entries %s of %s and %s", is.Remaining, is.Granted, is.Reserved,
				was.Remaining, was.Granted, was.Reserved)
		case was.order != is.Order || was.returned != (is.Source == subscription.FromReturned):
			b.addf(f, "it is of order %q from %s, and by its entries of order %q", is.Order, is.Source, was.order)
		case (is.Source == subscription.FromOverdraft) != was.Overdraft:
			b.addf(f, "it is from %s, and by its entries an overdraft: %t", is.Source, was.Overdraft)
		case is.TakenBack && is.Remaining > 0:
			b.addf(Finding{Kind: Taken, Lot: is.ID, Order: is.Order}, "it was taken back, and %s are left", is.Remaining)
		}
	}
	for i := range b.app.Lots {
		b.limits(&b.app.Lots[i])
	}
	for _, id := range slices.Sorted(maps.Keys(l.lots)) {
		if was := l.lots[id]; !in[id] && was.Remaining+was.Reserved != 0 {
			b.addf(Finding{Kind: Minutes, Lot: id, Order: was.order}, "it isn't in the document, and %s are left by its entries",
				was.Remaining+was.Reserved)
		}
	}
	for i := range b.app.Reservations {
		r := &b.app.Reservations[i]
		for _, p := range r.Parts {
			k := hold{r.ID, p.Lot}
			if l.held[k] != p.Quantity {
				b.addf(Finding{Kind: Minutes, Lot: p.Lot}, "reservation %.80q holds %s, by the entries %s", r.ID, p.Quantity, l.held[k])
			}
			delete(l.held, k)
		}
	}
	for _, k := range slices.SortedFunc(maps.Keys(l.held), func(x, y hold) int {
		return cmp.Or(cmp.Compare(x.lot, y.lot), cmp.Compare(x.reservation, y.reservation))
	}) {
		b.addf(Finding{Kind: Minutes, Lot: k.lot}, "reservation %.80q holds %s, and isn't in the document", k.reservation, l.held[k])
	}
}
