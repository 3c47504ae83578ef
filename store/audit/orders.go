package audit

import (
	"bytes"
	"encoding/json"
	"slices"
	"time"

	"github.com/prepaidkit/prepaid/pricing"
	"github.com/prepaidkit/prepaid/subscription"
)

// orders are the orders of an application, without the lines of those that bill no usage.
type orders struct {
	all  map[subscription.OrderID]*order
	list []*order // as they were placed
	paid map[paidPeriod]subscription.OrderID
}

func newOrders() orders {
	return orders{all: map[subscription.OrderID]*order{}, paid: map[paidPeriod]subscription.OrderID{}}
}

// paidPeriod is the period that an order names and pays for.
type paidPeriod struct {
	subscription subscription.SubscriptionID
	from         time.Time
}

// order is an order's row, and what else the rows say of it.
type order struct {
	subscription.Order

	told told
}

// delivered reports whether the order was paid and delivered, whatever has happened since. Orders from before there were times of
// payment may lack theirs, if they were refunded.
func (o *order) delivered() bool {
	return !o.PaidAt.IsZero() || o.Status == subscription.OrderPaid || o.legacy()
}

// legacy reports whether the order is from before refunds were rows: its status says that it was refunded, or is to be. It may
// have been paid, and may have rows by now.
func (o *order) legacy() bool {
	switch o.Status { //nolint:exhaustive // the others say nothing of refunds
	case subscription.OrderRefundDue:
		return true
	case subscription.OrderRefunded, subscription.OrderUnreconciled:
		return o.Refunds == 0 || !o.PaidAt.IsZero()
	default:
		return false
	}
}

// order checks the row of an order.
func (b *book) order(row *subscription.Order) {
	o := &order{Order: *row}
	f := Finding{Order: o.ID}
	wrongf := func(k Kind, format string, args ...any) {
		f.Kind = k
		b.addf(f, format, args...)
	}
	if o.Application != b.id {
		wrongf(Orders, "it belongs to %.80q", string(o.Application))
	}
	if b.orders.all[o.ID] != nil {
		wrongf(Orders, "there are two orders of that name")
		return
	}
	if err := o.CheckTotal(); err != nil {
		wrongf(Total, "%v", err)
	}
	b.attempt(o, wrongf)
	b.payment(o, wrongf)
	b.erasedOrder(o)
	b.prices(o, wrongf)
	in, ok := b.app.OpenOrder(o.ID)
	switch {
	case ok && !same(in, *row):
		wrongf(Orders, "it is %s with %s collected, and not what the document has: %s with %s", o.Status, sum(o.Collected),
			in.Status, sum(in.Collected))
	case !ok && o.Status.Unresolved():
		wrongf(Orders, "it is %s, and isn't in the document", o.Status)
	}
	if from := o.PaysFrom(); !from.IsZero() && o.Status == subscription.OrderPaid && o.TakenBackAt.IsZero() {
		p := paidPeriod{o.Subscription, from.UTC()}
		if other, twice := b.orders.paid[p]; twice {
			wrongf(Period, "order %.80q has paid for the period from %s, too", string(other), stamp(from))
		}
		b.orders.paid[p] = o.ID
	}
	o.Note = ""
	if o.Kind != subscription.UsageOrder {
		o.Lines = nil
	}
	b.orders.all[o.ID] = o
	b.orders.list = append(b.orders.list, o)
}

// attempt checks that the gateway's key is the order's own.
func (b *book) attempt(o *order, wrongf func(Kind, string, ...any)) {
	if o.Attempt == "" || o.Amount.Sign() == 0 {
		if (o.Attempt == "") != (o.Amount.Sign() == 0) {
			wrongf(Orders, "it costs %s, and its attempt is %.160q", o.Amount, string(o.Attempt))
		}
		return
	}
	if app, id, err := o.Attempt.Parse(); err != nil || app != b.id || id != o.ID {
		wrongf(Orders, "its attempt is %.160q, which isn't its own", string(o.Attempt))
	}
}

// payment checks what was collected against the status.
func (b *book) payment(o *order, wrongf func(Kind, string, ...any)) {
	paid := o.Status == subscription.OrderPaid
	switch {
	case !slices.Contains(statuses(), o.Status):
		wrongf(Status, "it has the unknown status %.40q", string(o.Status))
	case o.Collected.Sign() < 0:
		wrongf(Payment, "%s was collected", o.Collected)
	case paid && o.PaidAt.IsZero():
		wrongf(Payment, "it is paid, and has no time of payment")
	case !paid && !o.PaidAt.IsZero() && !o.legacy():
		wrongf(Payment, "it is %s, and was paid at %s", o.Status, stamp(o.PaidAt))
	case paid && o.Amount.Sign() > 0 && o.Collected.Sign() == 0:
		wrongf(Payment, "it is paid, nothing was collected, and it costs %s", o.Amount)
	case paid && o.Amount.Sign() == 0 && o.Collected.Sign() != 0:
		wrongf(Payment, "it costs nothing, and %s was collected", o.Collected)
	case o.Status == subscription.OrderOpen && o.Collected.Sign() > 0:
		wrongf(Payment, "it is open, and %s was collected", o.Collected)
	}
	if !o.TakenBackAt.IsZero() && !o.delivered() {
		wrongf(Taken, "what it delivered was taken back, and it is %s", o.Status)
	}
}

// sum formats an amount for people, which may be none.
func sum(m pricing.Money) string {
	if m == (pricing.Money{}) {
		return "nothing"
	}
	return m.String()
}

// statuses are the statuses that an order can have.
func statuses() []subscription.OrderStatus {
	return []subscription.OrderStatus{
		subscription.OrderOpen, subscription.OrderPaid, subscription.OrderDeclined, subscription.OrderReview, subscription.OrderCanceling,
		subscription.OrderCanceled, subscription.OrderRefundDue, subscription.OrderRefunded, subscription.OrderUnreconciled,
	}
}

// compareOrders checks that every order of the document has a row, and that what the document refers to was paid.
func (b *book) compareOrders() {
	for i := range b.app.Orders {
		if id := b.app.Orders[i].ID; b.orders.all[id] == nil {
			b.addf(Finding{Kind: Orders, Order: id}, "it is in the document, and has no row")
		}
	}
	for i := range b.app.Subscriptions {
		s := &b.app.Subscriptions[i]
		for _, cycles := range [][]subscription.Cycle{s.Cycles, s.Suspended} {
			for j := range cycles {
				b.cycle(s, &cycles[j])
			}
		}
	}
}

// compareCollected checks that paid orders collected what they cost. Of one that was under review before, a person can
// accept another amount; where the events of that are pruned, the time of collection tells.
func (b *book) compareCollected() {
	for _, o := range b.orders.list {
		accepted := o.told.reviewed || !o.CollectedAt.IsZero()
		charged := o.Status == subscription.OrderPaid && o.Amount.Sign() > 0 && o.Collected.Sign() > 0
		if charged && o.Collected != o.Amount && !accepted {
			b.addf(Finding{Kind: Payment, Order: o.ID}, "it is paid, %s was collected, and it costs %s", o.Collected, o.Amount)
		}
	}
}

// cycle checks that a period of the document was paid for.
func (b *book) cycle(s *subscription.Subscription, c *subscription.Cycle) {
	o := b.orders.all[c.Order]
	f := Finding{Kind: Delivery, Order: c.Order, Subscription: s.ID}
	extends := func(d subscription.Delivery) bool {
		return d.Extend != nil && d.Extend.Subscription == s.ID && d.Extend.Product == s.Product
	}
	switch {
	case o == nil:
		b.addf(f, "period %d, %s, has no order", c.Number, c.Period)
	case !o.delivered():
		b.addf(f, "period %d, %s, is delivered by an order that is %s", c.Number, c.Period, o.Status)
	case !slices.ContainsFunc(o.Deliveries, extends):
		b.addf(f, "period %d, %s, is of an order that doesn't deliver it", c.Number, c.Period)
	default:
		b.termsOf(s, c, o.extension())
	}
}

// termsOf checks the version and the price of a period: those that were paid for, or of the last upgrade that moved it.
func (b *book) termsOf(s *subscription.Subscription, c *subscription.Cycle, e *subscription.ExtendDelivery) {
	versions, prices := []pricing.VersionID{e.Version}, []pricing.Money{e.Price}
	if e.Beyond != nil {
		prices = append(prices, e.Beyond.Price)
	}
	for _, o := range b.orders.list {
		if o.Status != subscription.OrderPaid {
			continue
		}
		for i := range o.Deliveries {
			u := o.Deliveries[i].Upgrade
			if u == nil || u.Subscription != s.ID || c.Number < u.Cycle || c.Number > u.Cycle+len(u.Ahead) {
				continue
			}
			if o.TakenBackAt.IsZero() && !u.Waived {
				versions, prices = nil, nil
			} else if o.TakenBackAt.IsZero() {
				versions = nil
			}
			if versions = append(versions, u.To); !u.Waived { // what is over stays as it was, though it was taken back
				prices = append(prices, u.Price)
			}
		}
	}
	if !slices.Contains(versions, c.Version) || !slices.Contains(prices, c.Price) {
		b.addf(Finding{Kind: Delivery, Order: c.Order, Subscription: s.ID}, "period %d is of %s for %s, and %v for %v was paid",
			c.Number, c.Version, c.Price, versions, prices)
	}
}

// same reports whether two values are the same once they are stored.
func same[T any](x, y T) bool {
	a, err := json.Marshal(x)
	if err != nil {
		return false
	}
	z, err := json.Marshal(y)
	return err == nil && bytes.Equal(a, z)
}
