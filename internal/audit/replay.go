package audit

import (
	"slices"
	"strings"
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
	refunds  map[subscription.OrderID][]subscription.Refund // in the order of their numbers
	receipts map[string]subscription.Receipt                // for the customer's requests
	ledger   *ledger

	status        map[subscription.OrderID]subscription.OrderStatus
	paidAt        map[subscription.OrderID]time.Time    // includes those that were refunded
	declined      map[subscription.SubscriptionID]int64 // the revision in which an order for it was last declined
	subscriptions map[subscription.SubscriptionID]*history
	opened        []subscription.SubscriptionID
	placedAt      map[subscription.OrderID]int64 // the revision of each order
	delivered     map[subscription.OrderID]int   // how many periods each has paid for
	region        pricing.RegionID               // the customer's, for taxes
	moneyMoves    map[moneyMove]bool             // when money went back, and when it was reinstated
	autoTopUps    map[pricing.ProductID]*autoTopUp

	before time.Time // when the previous event was, within the same change
}

// history is a subscription as computed from its events.
type history struct {
	calendar
	owed
	agreed

	id      subscription.SubscriptionID
	product pricing.ProductID
	status  subscription.Status
	version pricing.VersionID
	renews  bool  // automatically
	off     int64 // the revision in which that was last turned off
	out     bool  // its grace time has passed since it ended
	trial   bool
	paid    []paidPeriod
	raised  map[subscription.OrderID][]paidPeriod // its periods before each upgrade
	// suspended are the periods ahead whose payment was reversed, in order.
	suspended []paidPeriod
	grants    []subscription.Quantity // grants that must follow
	lots      []subscription.LotID
	opening   subscription.OrderID
	open      []span // when its orders were open
	barred    []span // when automatic attempts had stopped after a decline
	changed   bool   // another payment method was reported since the last automatic order was placed
}

// paidPeriod is a period that was paid for.
type paidPeriod struct {
	period  pricing.Period
	version pricing.VersionID
	term    pricing.Term
	price   pricing.Money
	minutes int64
	begun   bool
	order   subscription.OrderID
	// promised is the end that was paid for, if the period was taken back, and taken the revision in which it was.
	promised time.Time
	taken    int64
	// before and after are what periods were counted from before and after it was paid for.
	before, after position
}

// replay applies the events in order, and checks each one against the state that the earlier ones led to.
func (b *book) replay() {
	revision := int64(0)
	for i := range b.events {
		e := &b.events[i]
		if e.Revision != revision {
			b.before = time.Time{}
		}
		revision = e.Revision
		b.orderEvent(e)
		b.barEvent(e)
		b.topUpEvent(e)
		b.taxEvent(e)
		switch h := b.subscriptions[e.Subscription]; {
		case b.minuteEvent(e):
		case e.Type == subscription.EventOpened:
			b.opens(e)
		case h != nil:
			b.subscriptionEvent(h, e)
		}
		b.before = e.At
	}
	for _, id := range b.opened {
		b.owes(b.subscriptions[id], "at the end")
	}
}

// orderEvent follows the status of an order.
func (b *book) orderEvent(e *subscription.Event) {
	to := e.Type.OrderStatus()
	if to == "" {
		return
	}
	if to == subscription.OrderOpen {
		b.placedAt[e.Order] = e.Revision
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

// opens starts a subscription.
func (b *book) opens(e *subscription.Event) {
	extend := Extension(b.rows[e.Order])
	if b.subscriptions[e.Subscription] != nil || extend == nil {
		b.violatef("%s is opened by order %q", e.Subscription, e.Order)
		return
	}
	for _, id := range b.opened {
		if h := b.subscriptions[id]; h.product == e.Product && h.status.Live() {
			b.violatef("%s is opened beside %s", e.Subscription, id)
		}
	}
	b.subscriptions[e.Subscription] = &history{
		id: e.Subscription, product: e.Product, opening: e.Order, status: e.Status, version: e.Version,
		renews: extend.AutoRenew, trial: extend.Trial, raised: map[subscription.OrderID][]paidPeriod{},
		calendar: calendar{zone: extend.Zone, position: position{term: extend.Term}, fresh: true},
	}
	b.opened = append(b.opened, e.Subscription)
}

// subscriptionEvent applies an event to a subscription.
func (b *book) subscriptionEvent(h *history, e *subscription.Event) {
	b.follow(h, e)
	switch e.Type { //nolint:exhaustive // the others change nothing
	case subscription.EventStatus:
		b.checkStatus(h, e)
		h.status, h.out = e.Status, false
		if h.status == subscription.Refunded {
			b.ended(h, e)
		}
	case subscription.EventServiceEnded:
		b.endService(h, e)
	case subscription.EventAutoRenewOn:
		h.renews = true
	case subscription.EventAutoRenewOff:
		h.renews, h.off = false, e.Revision
	case subscription.EventPeriodPaid:
		b.extend(h, e)
	case subscription.EventPeriodBegan:
		i := slices.IndexFunc(h.paid, func(p paidPeriod) bool { return samePeriod(p.period, e.Period) })
		if i < 0 || h.paid[i].begun {
			b.violatef("%s: %s begins without being paid for", h.id, e.Period)
			return
		}
		h.paid[i].begun, h.version, h.stopped = true, h.paid[i].version, false
		h.expect(b.granted(h, &h.paid[i]))
	case subscription.EventUpgraded:
		h.raisedAt = e.Revision
		b.raise(h, e)
	case subscription.EventPeriodTaken:
		b.take(h, e)
	case subscription.EventPeriodReturned:
		b.giveAgain(h, e)
	case subscription.EventNeedsPerson:
		if strings.HasPrefix(e.Note, notReinstated) {
			h.suspended = slices.DeleteFunc(h.suspended, func(p paidPeriod) bool { return p.order == e.Order })
		}
	case subscription.EventUpgradeUndone:
		b.lower(h, e)
	default:
		b.agreedEvent(h, e)
	}
}

// extend adds a period that was paid for.
func (b *book) extend(h *history, e *subscription.Event) {
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
	b.checkPaid(h, e, extend)
	p := paidPeriod{
		period: e.Period, version: e.Version, term: extend.Term, price: e.Amount, minutes: extend.Minutes,
		order: e.Order, before: h.position,
	}
	b.calendar(h, e, extend)
	if extend.Imported != nil { // nothing was paid here
		p.price = extend.Price
	}
	p.after = h.position
	h.paid = append(h.paid, p)
	h.owed, h.suspended = owed{}, nil
}

// expect records that a lot with this many minutes must be granted.
func (h *history) expect(minutes subscription.Quantity) {
	if minutes > 0 {
		h.grants = append(h.grants, minutes)
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
