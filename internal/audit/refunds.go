package audit

import (
	"math/big"
	"slices"

	"github.com/prepaidkit/prepaid/subscription"
)

// auditRefunds checks that no refund is still due, and that nothing is kept of an order that delivered nothing. Orders that
// are unresolved are left to [auditor.auditRest].
func (a *auditor) auditRefunds(b *book) {
	for _, o := range b.orders {
		sum := int64(0)
		for _, r := range b.refunds[o.ID] {
			if r.Status.Counts() {
				sum += r.Amount.Minor()
			}
			if r.Status == subscription.RefundDue {
				a.violatef("unresolved", b.id, "refund %d of order %s, of %s, is due at the end", r.Number, o.ID, r.Amount)
			}
		}
		left := max(0, o.Collected.Minor()-sum)
		if _, paid := b.paidAt[o.ID]; !paid && left > 0 && !o.Status.Unresolved() {
			a.violatef("kept", b.id, "order %s is %s, delivered nothing, and %d of %s is kept", o.ID, o.Status, left, o.Collected)
		}
	}
}

// auditShares computes each refund's shares of its order's taxes from what the refunds before it were at that time, if the commits
// were observed.
func (a *auditor) auditShares(b *book) {
	seen := a.Recorded[b.id]
	if seen == nil {
		return
	}
	paidIn := map[subscription.OrderID]int64{}
	for i := range b.events {
		if e := &b.events[i]; e.Type == subscription.EventOrderPaid {
			paidIn[e.Order] = e.Revision
		}
	}
	before := map[subscription.OrderID][]subscription.Refund{}
	for _, s := range seen.Refunds {
		o, known := b.rows[s.Order], before[s.Order]
		i := slices.IndexFunc(known, func(r subscription.Refund) bool { return r.Number == s.Number })
		paid, delivered := paidIn[s.Order]
		switch {
		case i >= 0:
			if !slices.Equal(known[i].Taxes, s.Taxes) || known[i].Amount != s.Amount || known[i].Key != s.Key {
				a.violatef("refund", b.id, "refund %d of order %s was %+v and is %+v", s.Number, s.Order, known[i], s.Refund)
			}
			known[i] = s.Refund
		case s.Status == subscription.RefundReinstated: // its money is already back
			known = append(known, s.Refund)
		default:
			var want []int64
			if delivered && paid <= s.Revision {
				want = sharesOf(&o, s.Amount.Minor(), known)
			}
			if !equalShares(&s.Refund, want) {
				a.violatef("share", b.id, "refund %d of %s for order %s of %s has the taxes %v, want %v in minor units", s.Number, s.Amount,
					o.ID, o.Amount, s.Taxes, want)
			}
			known = append(known, s.Refund)
		}
		before[s.Order] = known
	}
}

// sharesOf returns a refund's share of each tax: what is due of the tax when that much has gone back, less what went back
// of it before. Every catalog here rounds half up.
func sharesOf(o *subscription.Order, amount int64, before []subscription.Refund) []int64 {
	shares, gone, rest := make([]int64, len(o.Taxes)), amount, amount
	for k := range before {
		if before[k].Status.Counts() {
			gone += before[k].Amount.Minor()
		}
	}
	gone = min(gone, o.Amount.Minor())
	for i, t := range o.Taxes {
		exact := new(big.Rat).Mul(big.NewRat(t.Amount.Minor(), 1), big.NewRat(gone, o.Amount.Minor()))
		exact.Add(exact, big.NewRat(1, 2))
		share := new(big.Int).Quo(exact.Num(), exact.Denom()).Int64()
		for k := range before {
			if r := &before[k]; r.Status.Counts() && i < len(r.Taxes) {
				share -= r.Taxes[i].Amount.Minor()
			}
		}
		shares[i] = min(max(share, 0), rest)
		rest -= shares[i]
	}
	return shares
}

func equalShares(r *subscription.Refund, want []int64) bool {
	if len(r.Taxes) != len(want) {
		return false
	}
	rest := r.Amount.Minor()
	for i, t := range r.Taxes {
		rest -= t.Amount.Minor()
		if t.Amount.Minor() != want[i] {
			return false
		}
	}
	return len(want) == 0 || r.Taxes[0].Base.Minor() == rest && r.Net().Minor() == rest
}

// auditTaken checks that nothing is left of what was taken back, and that what was to be taken back was.
func (a *auditor) auditTaken(b *book) {
	for _, o := range b.orders {
		if o.TakenBackAt.IsZero() {
			a.auditTook(b, &o)
			continue
		}
		for _, id := range b.ledger.granted[o.ID] {
			if l := b.ledger.lots[id]; l.left > 0 || l.spent.After(o.TakenBackAt) {
				a.violatef("taken", b.id, "order %s is taken back, and %s minutes of lot %d are left, some of it used or expired at %s",
					o.ID, l.left, id, when(l.spent))
			}
		}
		for _, id := range b.opened {
			h := b.subscriptions[id]
			for _, p := range h.paid {
				if live := h.status.Live(); p.order == o.ID && live && (!p.begun || p.period.Contains(b.document.AsOf)) {
					a.violatef("taken", b.id, "order %s is taken back, and %s has %s", o.ID, id, p.period)
				}
			}
			if len(h.raised[o.ID]) > 0 && !h.status.Over() {
				a.violatef("taken", b.id, "order %s is taken back, and its upgrade of %s isn't undone", o.ID, id)
			}
		}
	}
}

// auditTook checks an order of which not everything is taken back, although a refund says so: it took only periods ahead,
// or something stood in the way of a reversal, and a person was told; or it is for usage, which can't be taken back.
func (a *auditor) auditTook(b *book, o *subscription.Order) {
	r := b.taker(o.ID)
	if r == nil || r.Take != subscription.TakeAll || !r.Status.Counts() || o.Kind == subscription.UsageOrder {
		return
	}
	for i := range b.events {
		e := &b.events[i]
		if e.Order == o.ID && (e.Type == subscription.EventPeriodTaken || e.Type == subscription.EventNeedsPerson) {
			return
		}
	}
	a.violatef("taken", b.id, "refund %d of order %s takes everything back, and nothing was taken", r.Number, o.ID)
}

// auditReturnedPackages checks the packages that customers returned by their own right: nothing of the minutes was used, there was
// one period, and it was within the allowed days.
func (a *auditor) auditReturnedPackages(c *Customer, b *book) {
	for id, at := range b.paidAt {
		if o := b.rows[id]; o.Status != subscription.OrderPaid || !o.PaidAt.Equal(at) {
			a.violatef("given back", b.id, "order %s was paid, and is %s", id, o.Status)
		}
	}
	for _, request := range c.Requests {
		r, ok := b.receipts[request.Key]
		if !ok || r.Kind != (subscription.ReturnPackage{}).Kind() {
			continue
		}
		for i := range b.events {
			e := &b.events[i]
			h := b.subscriptions[e.Subscription]
			if e.Revision != r.Revision || e.Status != subscription.Refunded || h == nil {
				continue
			}
			for _, lot := range h.lots {
				if l := b.ledger.lots[lot]; l.back != l.granted {
					a.violatef("given back", b.id, "%s is returned, and lot %d is %+v", h.id, lot, *l)
				}
			}
			o := b.rows[h.opening]
			if len(h.paid) != 1 || o.TakenBackAt.IsZero() || !e.At.Before(o.PaidAt.AddDate(0, 0, refundDays)) {
				a.violatef("given back", b.id, "%s is returned at %s, of %d periods, and order %s was paid at %s", h.id, Stamp(e.At),
					len(h.paid), o.ID, Stamp(o.PaidAt))
			}
		}
	}
}

// refundDays is the number of days within which a package can be returned, in every catalog.
const refundDays = 14
