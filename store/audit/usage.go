package audit

import (
	"slices"

	"github.com/prepaidkit/prepaid/pricing"
	"github.com/prepaidkit/prepaid/subscription"
)

// compareUsage compares the document's counters with the entries. Usage from before a counter had parts is in none.
func (b *book) compareUsage() {
	var forgiven subscription.Quantity
	for i := range b.app.Counters {
		c := &b.app.Counters[i]
		moved := b.ledger.taken[usedOn{c.Product, c.Kind, c.Day}]
		rest := c.Unrecorded()
		says := c.Paid + c.Free
		forgiven += c.Forgiven
		if min(c.Excess, c.Forgiven, c.Paid, c.Free) < 0 || c.Seconds < 0 || c.Weight > 0 && rest < 0 {
			b.addf(Finding{Kind: Usage}, "%d seconds of %s of %s on %s are %s from lots, %s excess and %s forgiven", c.Seconds,
				c.Kind, c.Product, c.Day, says, c.Excess, c.Forgiven)
		}
		if says != moved && (rest <= 0 || says > moved) {
			b.addf(Finding{Kind: Usage}, "lots gave %s for %s of %s on %s, by their entries %s", says, c.Kind, c.Product, c.Day, moved)
		}
	}
	if forgiven > b.log.forgiven && b.log.complete && !b.log.reset {
		b.addf(Finding{Kind: Usage}, "%s are forgiven, by the events %s", forgiven, b.log.forgiven)
	}
}

// bills checks that a bill that is placed has no line in common with another bill of the same days that may still be collected. A
// day may have several bills, since the usage of a product waits for its renewal.
func (b *book) bills(o *order, revision int64) {
	bill := o.usage()
	if bill == nil {
		return
	}
	for _, other := range b.orders.list {
		with := other.usage()
		collectable := other.told.status.Blocking() || other.told.status == subscription.OrderCanceling
		if other == o || with == nil || !collectable || with.Day > max(bill.Day, bill.Through) || bill.Day > max(with.Day, with.Through) {
			continue
		}
		if slices.ContainsFunc(o.Lines, func(l pricing.Line) bool { return slices.Contains(other.Lines, l) }) {
			b.addf(Finding{Kind: Usage, Order: o.ID}, "it bills %s at revision %d, and so does order %.80q, which is %s", bill.Day,
				revision, string(other.ID), other.told.status)
		}
	}
}

// usage returns the usage that the order bills, or nil if it bills none.
func (o *order) usage() *subscription.UsageDelivery {
	for i := range o.Deliveries {
		if d := o.Deliveries[i].Usage; d != nil {
			return d
		}
	}
	return nil
}
