package audit

import (
	"time"

	"github.com/prepaidkit/prepaid/subscription"
)

// This file checks what costs nothing: gifts, and subscriptions from another system.

// auditGiven checks the orders that cost nothing because nothing was sold: each is a gift or an import, and is paid, at
// zero, as soon as it is placed; and the same import was made once.
func (a *auditor) auditGiven(b *book) {
	brought := map[importContent]subscription.OrderID{}
	for _, o := range b.orders {
		extend, grant := Extension(o), Grant(o)
		gift := grant != nil && grant.Source == subscription.FromGift
		imported := extend != nil && extend.Imported != nil
		if gift != (o.Kind == subscription.GiftOrder) || imported != (o.Kind == subscription.ImportOrder) {
			a.violatef("given", b.id, "order %s (%s) gives minutes: %t, brings a subscription: %t", o.ID, o.Kind, gift, imported)
		}
		if !gift && !imported {
			continue
		}
		if o.Amount.Sign() != 0 || o.Status != subscription.OrderPaid || !o.PaidAt.Equal(o.PlacedAt) || o.Attempt != "" ||
			len(o.Taxes) > 0 || o.Collected.Sign() != 0 || len(o.Deliveries) != 1 || len(b.refunds[o.ID]) > 0 {
			a.violatef("given", b.id, "order %s (%s) of %s, placed at %s and paid at %s, is %s, with %s collected and %d refunds",
				o.ID, o.Kind, o.Amount, Stamp(o.PlacedAt), when(o.PaidAt), o.Status, o.Collected, len(b.refunds[o.ID]))
		}
		if !imported {
			continue
		}
		same := importContentOf(extend)
		if first, again := brought[same]; again {
			a.violatef("import", b.id, "order %s brings what order %s brought", o.ID, first)
		}
		brought[same] = o.ID
	}
	for _, e := range b.events {
		if o, ok := b.rows[e.Order]; ok && e.Type == subscription.EventLotGranted && o.Kind == subscription.GiftOrder {
			a.auditGift(b, &e, Grant(o))
		}
	}
}

// importContent is what an import says.
type importContent struct {
	subscription.Imported

	product, version, term, price string
	renews                        bool
}

func importContentOf(e *subscription.ExtendDelivery) importContent {
	return importContent{*e.Imported, string(e.Product), string(e.Version), e.Term.String(), e.Price.String(), e.AutoRenew}
}

// auditGift checks how long a gift is valid: from the midnight at which the day began, for whole months, or to the end of
// the last of them.
func (a *auditor) auditGift(b *book, e *subscription.Event, grant *subscription.GrantDelivery) {
	at := e.At.In(b.zone())
	day := position{anchor: time.Date(at.Year(), at.Month(), at.Day(), 0, 0, 0, 0, at.Location())}
	day.term.Months = grant.Validity.Months
	end := day.nth(1, at.Location())
	if grant.Validity.ToMonthEnd {
		end = time.Date(at.Year(), at.Month()+time.Month(grant.Validity.Months)+1, 1, 0, 0, 0, 0, at.Location())
	}
	if !e.Period.Start.Equal(day.anchor) || !e.Period.End.Equal(end) {
		a.violatef("given", b.id, "lot %d, given at %s for %+v, is valid in %s", e.Lot, Stamp(e.At), grant.Validity, e.Period)
	}
}

// brings determines where an imported period must lie. The first is the anchor's that contains the day of the import, and
// the others follow it, up to the day until which it is paid. If no period of the anchor ends on that day, it is the
// anchor, and the only period is the one before it. It returns the number of the period.
func (c *calendar) brings(at time.Time, i *subscription.Imported, loc *time.Location) int {
	if !c.fresh {
		return c.next
	}
	until := time.Date(1970, 1, 1+int(i.PaidUntil), 0, 0, 0, 0, loc)
	c.anchor = time.Date(1970, 1, 1+int(i.Anchor), 0, 0, 0, 0, loc)
	current, last := 0, 0
	for !c.nth(current+1, loc).After(at) {
		current++
	}
	for c.nth(last, loc).Before(until) {
		last++
	}
	if c.nth(last, loc).Equal(until) {
		return current
	}
	c.anchor = until
	return -1
}

// granted returns how many minutes a period grants when it begins. If it was imported as the current one, that is what was
// left of them.
func (b *book) granted(h *history, p *paidPeriod) subscription.Quantity {
	o := b.rows[p.order]
	if extend := Extension(o); extend != nil && extend.Imported != nil && h.opening == p.order && samePeriod(p.period, h.paid[0].period) {
		return extend.Imported.Minutes
	}
	return subscription.Minutes(p.minutes)
}
