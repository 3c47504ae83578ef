package audit

import (
	"slices"
	"time"

	"github.com/prepaidkit/prepaid/pricing"
	"github.com/prepaidkit/prepaid/subscription"
)

// This file checks overdrafts: that no more is used than the catalogs allow at the time of the usage, that what is bought
// repays what is owed, once, and that nothing lapses before its subscription is over.

// borrowed is the state of the overdrafts, as computed from the ledger.
type borrowed struct {
	product map[subscription.LotID]pricing.ProductID // of each overdraft
	owed    map[moved]subscription.Quantity          // after the last use in a change
	repays  *subscription.Entry                      // the entry before, if it repays an overdraft
	buys    []bought
}

// moved is a change that moves minutes of a lot.
type moved struct {
	lot      subscription.LotID
	revision int64
}

// bought is a grant of minutes that repays overdrafts, and what was owed when it was made.
type bought struct {
	moved

	order    subscription.OrderID
	quantity subscription.Quantity
	owed     map[subscription.LotID]subscription.Quantity
	repaid   map[subscription.LotID]subscription.Quantity
}

// turn is the place of an event in the order of events.
type turn struct {
	revision int64
	index    int
}

func (p turn) before(q turn) bool {
	return p.revision < q.revision || p.revision == q.revision && p.index < q.index
}

// overdrawn is the state of the overdrafts, as computed from their events.
type overdrawn struct {
	lapses map[subscription.LotID]turn // when they lapsed
	grants map[subscription.LotID]turn // when lots were granted
}

// borrow applies an entry about overdrafts, and reports whether it is one. a is its lot.
func (b *book) borrow(e *subscription.Entry, a *account) bool {
	l := b.ledger
	pays := l.repays
	l.repays = nil
	switch {
	case e.Kind == subscription.EntryLent:
		if a == nil {
			a = &account{overdraft: true}
			l.lots[e.Lot], l.product[e.Lot] = a, e.Product
		}
		a.granted, a.left = a.granted+e.Quantity, a.left+e.Quantity
	case e.Kind == subscription.EntryRepaid:
		a.left, a.consumed = a.left+e.Quantity, a.consumed-e.Quantity
		if !a.overdraft || pays == nil || pays.Quantity != e.Quantity || pays.Product != l.product[e.Lot] || len(l.buys) == 0 {
			b.audit.violatef("overdraft", b.id, "%s of lot %d are repaid at revision %d, by nothing", e.Quantity, e.Lot, e.Revision)
			return true
		}
		if last := &l.buys[len(l.buys)-1]; last.lot != pays.Lot || last.revision != e.Revision {
			b.audit.violatef("overdraft", b.id, "lot %d repays lot %d at revision %d, without being granted", pays.Lot, e.Lot, e.Revision)
		} else {
			last.repaid[e.Lot] += e.Quantity
		}
	case e.Kind == subscription.EntryConsumed && e.Usage == "":
		a.left, a.consumed = a.left-e.Quantity, a.consumed+e.Quantity
		l.repays = e
	case e.Kind == subscription.EntryConsumed && a.overdraft:
		a.left, a.consumed = a.left-e.Quantity, a.consumed+e.Quantity
		l.moved[e.Revision] += e.Quantity
		l.take(e, false)
		l.owed[moved{e.Lot, e.Revision}] = a.consumed
	case e.Kind == subscription.EntryGranted:
		b.buy(e)
		return false
	default:
		return false
	}
	if min(a.left, a.consumed) < 0 {
		b.audit.violatef("overdraft", b.id, "lot %d has %s left and %s consumed, after %s of %s at revision %d",
			e.Lot, a.left, a.consumed, e.Kind, e.Quantity, e.Revision)
	}
	return true
}

// buy notes what is owed when minutes are granted.
func (b *book) buy(e *subscription.Entry) {
	if kind := b.rows[e.Order].Kind; e.Order == "" || kind == subscription.GiftOrder {
		return // free, or given
	}
	bought := bought{
		moved: moved{e.Lot, e.Revision}, order: e.Order, quantity: e.Quantity,
		owed: map[subscription.LotID]subscription.Quantity{}, repaid: map[subscription.LotID]subscription.Quantity{},
	}
	for id := range b.ledger.product {
		bought.owed[id] = b.ledger.lots[id].consumed
	}
	b.ledger.buys = append(b.ledger.buys, bought)
}

// products returns what the minutes of an order can be spent on.
func (b *book) products(order subscription.OrderID) []pricing.ProductID {
	o := b.rows[order]
	if g := Grant(o); g != nil {
		return g.Products
	}
	return []pricing.ProductID{o.Product}
}

// overdraftEvent applies an event about overdrafts, and reports whether it is one.
func (b *book) overdraftEvent(e *subscription.Event) bool {
	at := turn{e.Revision, e.Index}
	a := b.ledger.lots[e.Lot]
	switch e.Type { //nolint:exhaustive // the others are about other things
	case subscription.EventLotGranted:
		b.grants[e.Lot] = at
		return false
	case subscription.EventOverdraftLent, subscription.EventOverdrawn, subscription.EventOverdraftRepaid, subscription.EventOverdraftLapsed:
	default:
		return false
	}
	if a == nil || !a.overdraft || b.subscriptions[e.Subscription] == nil {
		b.violatef("%s of lot %d, for %q", e.Type, e.Lot, e.Subscription)
		return true
	}
	switch e.Type { //nolint:exhaustive // these are all
	case subscription.EventOverdraftLent:
		if !b.lots[e.Lot] && e.Lot == b.lastLot+1 {
			b.lastLot = e.Lot
			b.lots[e.Lot] = true
		}
	case subscription.EventOverdrawn:
		b.checkLimit(b.subscriptions[e.Subscription], e)
	case subscription.EventOverdraftLapsed:
		b.lapses[e.Lot] = at
		if h := b.subscriptions[e.Subscription]; !h.status.Over() {
			b.audit.violatef("overdraft", b.id, "%s lapse of lot %d, and %s is %s", e.Quantity, e.Lot, h.id, h.status)
		}
		if a.consumed != e.Quantity {
			b.audit.violatef("overdraft", b.id, "%s lapse of lot %d, and %s are owed", e.Quantity, e.Lot, a.consumed)
		}
	}
	return true
}

// checkLimit checks that no more is owed after a change than some catalog allows at the time of some record of the change.
func (b *book) checkLimit(h *history, e *subscription.Event) {
	limit := subscription.Quantity(0)
	if recorded := b.audit.Recorded[b.id]; recorded != nil {
		for _, id := range recorded.By[e.Revision] {
			if u, ok := b.sent[id]; ok && u.Product == h.product {
				limit = max(limit, b.limit(h, u.At))
			}
		}
	} else {
		for _, p := range h.paid {
			limit = max(limit, b.lends(h.product, p.version, false), b.lends(h.product, p.version, true))
		}
	}
	if owed := b.ledger.owed[moved{e.Lot, e.Revision}]; owed > limit || owed == 0 {
		b.audit.violatef("overdraft", b.id, "%s: %s are owed at revision %d, at most %s may be", h.id, owed, e.Revision, limit)
	}
}

// limit returns the most that may be owed for usage at an instant.
func (b *book) limit(h *history, at time.Time) subscription.Quantity {
	if !b.paygAt.IsZero() && !at.Before(b.paygAt) {
		return 0
	}
	for i := len(h.paid) - 1; i >= 0; i-- {
		p := &h.paid[i]
		if !p.begun || at.Before(p.period.Start) {
			continue
		}
		if at.Before(p.period.End) {
			return b.lends(h.product, p.version, false)
		}
		ends := func(terms pricing.ServiceTerms) bool { return at.Before(p.period.End.Add(terms.Grace)) }
		if h.trial || !p.promised.IsZero() || !slices.ContainsFunc(b.audit.terms(), ends) {
			return 0
		}
		return b.lends(h.product, p.version, true)
	}
	return 0
}

// lends returns the most that a version lends by any catalog, while it is paid for or in the grace time.
func (b *book) lends(product pricing.ProductID, version pricing.VersionID, grace bool) subscription.Quantity {
	most := int64(0)
	for _, c := range b.audit.catalogs() {
		v, err := c.Version(product, version)
		switch {
		case err != nil:
		case grace:
			most = max(most, v.GraceMinutes)
		default:
			most = max(most, v.OverdraftMinutes)
		}
	}
	return subscription.Minutes(most)
}

// compareOverdrafts checks that what was bought repaid what was owed, in the order of the overdrafts, and that what is owed
// lapses when its subscription is over, and not earlier.
func (b *book) compareOverdrafts() {
	ids := make([]subscription.LotID, 0, len(b.ledger.product))
	for id := range b.ledger.product {
		ids = append(ids, id)
	}
	slices.Sort(ids)
	for i := range b.ledger.buys {
		g := &b.ledger.buys[i]
		left := g.quantity
		for _, id := range ids {
			lapsed, gone := b.lapses[id]
			if granted, told := b.grants[g.lot]; !told || gone && lapsed.before(granted) ||
				!slices.Contains(b.products(g.order), b.ledger.product[id]) {
				continue
			}
			want := min(left, g.owed[id])
			if left -= want; g.repaid[id] != want {
				b.audit.violatef("overdraft", b.id, "lot %d of order %s repays %s of lot %d, want %s",
					g.lot, g.order, g.repaid[id], id, want)
			}
		}
	}
	for _, id := range ids {
		a := b.ledger.lots[id]
		if _, lapsed := b.lapses[id]; a.consumed > 0 && lapsed == b.lots[id] {
			b.audit.violatef("overdraft", b.id, "%s of lot %d are owed; in the document: %t, lapsed: %t",
				a.consumed, id, b.lots[id], lapsed)
		}
	}
	for i := range b.document.Lots {
		l := &b.document.Lots[i]
		if (l.Source == subscription.FromOverdraft) != (b.ledger.product[l.ID] != "") {
			b.audit.violatef("overdraft", b.id, "lot %d is of the source %s", l.ID, l.Source)
		}
		if h := b.subscriptions[l.Subscription]; l.Source == subscription.FromOverdraft && (h == nil || h.status.Over()) {
			b.audit.violatef("overdraft", b.id, "lot %d is of %s, which is over", l.ID, l.Subscription)
		}
	}
}
