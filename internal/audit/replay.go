package audit

import (
	"slices"
	"time"

	"github.com/prepaidkit/prepaid/pricing"
	"github.com/prepaidkit/prepaid/subscription"
)

// book is what is on record about an application, and the state computed from its events alone.
type book struct {
	minutes

	audit    *auditor
	id       subscription.ApplicationID
	document subscription.Application
	orders   []subscription.Order
	rows     map[subscription.OrderID]subscription.Order
	events   []subscription.Event
	receipts map[string]subscription.Receipt // for the customer's requests
	ledger   *ledger

	status   map[subscription.OrderID]subscription.OrderStatus
	paidAt   map[subscription.OrderID]time.Time    // includes those that were refunded
	declined map[subscription.SubscriptionID]int64 // the revision in which an order for it was last declined
	held     map[subscription.SubscriptionID]*held
	opened   []subscription.SubscriptionID
	region   pricing.RegionID // the customer's, for taxes

	lastEvent, lastEntry time.Time
	before               time.Time // when the previous event was, within the same change
}

// held is a subscription as computed from its events.
type held struct {
	calendar
	owed

	id      subscription.SubscriptionID
	product pricing.ProductID
	status  subscription.Status
	version pricing.VersionID
	renews  bool // automatically
	trial   bool
	paid    []paid
	grants  []subscription.Quantity // grants that must follow
	lots    []subscription.LotID
	opening subscription.OrderID
	open    []span // when its orders were open
	barred  []span // when automatic attempts had stopped after a decline
	changed bool   // another payment method was reported since the last automatic order was placed
}

// paid is a period that was paid for.
type paid struct {
	period  pricing.Period
	version pricing.VersionID
	price   pricing.Money
	minutes int64
	begun   bool
}

// replay applies the events in order, and checks each one against the state that the earlier ones led to.
func (b *book) replay() {
	revision, index := int64(0), -1
	for i := range b.events {
		e := &b.events[i]
		if e.Revision < revision || e.Revision == revision && e.Index != index+1 || e.Revision > revision && e.Index != 0 {
			b.violatef("event %d of revision %d follows %d of %d", e.Index, e.Revision, index, revision)
		}
		if e.Revision != revision {
			b.before = time.Time{}
		}
		revision, index = e.Revision, e.Index
		b.follows(&b.lastEvent, string(e.Type), e.At)
		b.order(e)
		b.bars(e)
		b.taxes(e)
		switch h := b.held[e.Subscription]; {
		case b.minute(e):
		case e.Type == subscription.EventOpened:
			b.opens(e)
		case h != nil:
			b.subscription(h, e)
		}
		b.before = e.At
	}
	for _, id := range b.opened {
		b.owes(b.held[id], "at the end")
	}
}

// order follows the status of an order.
func (b *book) order(e *subscription.Event) {
	became := map[subscription.EventType]subscription.OrderStatus{
		subscription.EventOrderPlaced: subscription.OrderOpen, subscription.EventOrderPaid: subscription.OrderPaid,
		subscription.EventOrderDeclined: subscription.OrderDeclined, subscription.EventOrderCanceled: subscription.OrderCanceled,
		subscription.EventOrderCanceling: subscription.OrderCanceling, subscription.EventOrderUnreconciled: subscription.OrderUnreconciled,
		subscription.EventOrderReview: subscription.OrderReview, subscription.EventOrderRefundDue: subscription.OrderRefundDue,
		subscription.EventOrderRefunded: subscription.OrderRefunded,
	}
	to, ok := became[e.Type]
	if !ok {
		return
	}
	if from := b.status[e.Order]; from != to && !from.CanBecome(to) || from == "" && to != subscription.OrderOpen {
		b.violatef("order %s: %q becomes %s", e.Order, from, to)
	}
	if o, ok := b.rows[e.Order]; !ok || o.Amount != e.Amount {
		b.violatef("order %s is %s in the event and %s in the row", e.Order, e.Amount, o.Amount)
	}
	if to == subscription.OrderOpen {
		b.onlyBill(e)
	}
	b.status[e.Order] = to
	switch to { //nolint:exhaustive // the others don't matter here
	case subscription.OrderPaid:
		b.paidAt[e.Order] = e.At
	case subscription.OrderDeclined:
		b.declined[e.Subscription] = e.Revision
	default:
	}
}

// onlyBill checks that no day is billed while another order that bills it may still be collected.
func (b *book) onlyBill(placed *subscription.Event) {
	bill := billOf(b.rows[placed.Order])
	if bill == nil {
		return
	}
	for id, status := range b.status {
		other := billOf(b.rows[id])
		collectable := status.Blocking() || status == subscription.OrderCanceling
		if collectable && other != nil && other.Day <= max(bill.Day, bill.Through) && bill.Day <= max(other.Day, other.Through) {
			b.audit.violatef("usage", b.id, "order %s bills %s, and so does %s, which is %s", placed.Order, bill.Day, id, status)
		}
	}
}

// opens starts a subscription.
func (b *book) opens(e *subscription.Event) {
	extend := Extension(b.rows[e.Order])
	if b.held[e.Subscription] != nil || extend == nil {
		b.violatef("%s is opened by order %q", e.Subscription, e.Order)
		return
	}
	for _, id := range b.opened {
		if h := b.held[id]; h.product == e.Product && h.status.Live() {
			b.violatef("%s is opened beside %s", e.Subscription, id)
		}
	}
	b.held[e.Subscription] = &held{
		id: e.Subscription, product: e.Product, opening: e.Order, status: e.Status, version: e.Version,
		renews: extend.AutoRenew, trial: extend.Trial,
		calendar: calendar{zone: extend.Zone, term: extend.Term, fresh: true},
	}
	b.opened = append(b.opened, e.Subscription)
}

// subscription applies an event to a subscription.
func (b *book) subscription(h *held, e *subscription.Event) {
	b.follow(h, e)
	switch e.Type { //nolint:exhaustive // the others change nothing
	case subscription.EventStatus:
		if e.From != h.status || !h.status.CanBecome(e.Status) {
			b.violatef("%s: %s, by the event %s, becomes %s", h.id, h.status, e.From, e.Status)
		}
		b.moment(h, e)
		h.status = e.Status
		h.renews = h.renews && h.status != subscription.Refunded
	case subscription.EventAutoRenewOn:
		h.renews = true
	case subscription.EventAutoRenewOff:
		h.renews = false
	case subscription.EventPeriodPaid:
		b.extend(h, e)
	case subscription.EventPeriodBegan:
		i := slices.IndexFunc(h.paid, func(p paid) bool { return samePeriod(p.period, e.Period) })
		if i < 0 || h.paid[i].begun {
			b.violatef("%s: %s begins without being paid for", h.id, e.Period)
			return
		}
		h.paid[i].begun, h.version = true, h.paid[i].version
		h.expect(h.paid[i].minutes)
	case subscription.EventUpgraded:
		b.raise(h, e)
	default:
	}
}

// extend adds a period that was paid for.
func (b *book) extend(h *held, e *subscription.Event) {
	extend := Extension(b.rows[e.Order])
	if extend == nil || b.status[e.Order] != subscription.OrderPaid {
		b.violatef("%s: %s is delivered by order %q, which is %q", h.id, e.Period, e.Order, b.status[e.Order])
		return
	}
	if n := len(h.paid); n > 0 {
		last := h.paid[n-1].period.End
		switch gap := e.Period.Start.Sub(last); {
		case gap < 0:
			b.audit.violatef("period", b.id, "%s: %s begins before %s", h.id, e.Period, last.Format(time.RFC3339))
		case gap > 0 && !h.stopped:
			b.audit.violatef("period", b.id, "%s: %s leaves a gap after %s without an interruption",
				h.id, e.Period, last.Format(time.RFC3339))
		}
	}
	b.calendar(h, e, extend)
	h.paid = append(h.paid, paid{period: e.Period, version: e.Version, price: e.Amount, minutes: extend.Minutes})
	h.owed = owed{}
}

// expect records that a lot with this many minutes must be granted.
func (h *held) expect(minutes int64) {
	if minutes > 0 {
		h.grants = append(h.grants, subscription.Minutes(minutes))
	}
}

// Extension returns the periods that an order delivers, or nil if it delivers none.
func Extension(o subscription.Order) *subscription.ExtendDelivery {
	for _, d := range o.Deliveries {
		if d.Extend != nil {
			return d.Extend
		}
	}
	return nil
}

// row returns an order, if it exists; a nil book has none.
func (b *book) row(id subscription.OrderID) (subscription.Order, bool) {
	if b == nil {
		return subscription.Order{}, false
	}
	o, ok := b.rows[id]
	return o, ok
}

func (b *book) violatef(format string, args ...any) {
	b.audit.violatef("replay", b.id, format, args...)
}
