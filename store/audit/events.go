package audit

import (
	"slices"
	"time"

	"github.com/prepaidkit/prepaid/pricing"
	"github.com/prepaidkit/prepaid/subscription"
)

// log is what the events say, as far as they are kept.
type log struct {
	subscriptions map[subscription.SubscriptionID]*history
	list          []*history // as they came up

	begun    bool // an event was read
	complete bool // the first event of all is kept
	reset    bool // the clock was, so that pruning may have removed events between others

	eventsAt, entriesAt time.Time
	closed, erased      int64 // the revision in which it was
	payg                bool
	forgiven            subscription.Quantity
	taxed               []*order // placed since the tax facts changed
	taxKnown            bool     // an event says that they did
	region              string   // by the last such event; "": another fact, or none
	topUps              map[pricing.ProductID]*stop
	shifted             map[pricing.ProductID]time.Time // when a subscription to it last changed its status
	open                map[string]bool                 // reservations that were opened
}

// history is a subscription as its events make it.
type history struct {
	agreed

	id      subscription.SubscriptionID
	stop    stop
	stopped bool                // out of service since the last period began
	row     subscription.Status // of its row, "" if it has none
	status  subscription.Status // "" while it isn't known
	opened  bool                // its first event is kept, so that all of this is known
	has     pricing.VersionID   // in force, "" while it isn't known
	began   time.Time           // when the latest period began
	product pricing.ProductID
	renews  known[bool]
	out     known[bool]
	until   time.Time // the end of what was paid for last; zero: not known
	ahead   []time.Time
	costs   []cost // of the periods that were paid for
}

// known is a value that may not be known.
type known[T any] struct {
	is T
	ok bool
}

func (k *known[T]) set(to T) { k.is, k.ok = to, true }

func newLog() log {
	return log{subscriptions: map[subscription.SubscriptionID]*history{}, open: map[string]bool{}, topUps: map[pricing.ProductID]*stop{},
		shifted: map[pricing.ProductID]time.Time{}}
}

// history returns that of a subscription, which it adds if it is new.
func (l *log) history(id subscription.SubscriptionID) *history {
	h := l.subscriptions[id]
	if h == nil {
		h = &history{id: id}
		l.subscriptions[id] = h
		l.list = append(l.list, h)
	}
	return h
}

// told is what the events say of an order.
type told struct {
	status   subscription.OrderStatus // "" while it isn't known
	reviewed bool                     // it was under review
	at       int64                    // the revision in which it was placed; 0: not known
	periods  int                      // that it has paid for
	refunds  []subscription.Refund    // if it has taxes
	undone   bool                     // a refund of it failed, or was reinstated
	taken    bool                     // a refund takes back what it delivered
}

// event applies an event.
func (b *book) event(e *subscription.Event, c *change) {
	l := &b.log
	b.orderEvent(e)
	b.closedEvent(e, c)
	b.erasedEvent(e)
	b.automatic(e)
	b.taxEvent(e)
	if e.Subscription != "" {
		b.subscriptionEvent(l.history(e.Subscription), e, c)
	}
	switch e.Type { //nolint:exhaustive // the others are of an order, a subscription or a lot, or change nothing
	case subscription.EventForgiven:
		l.forgiven += e.Quantity
	case subscription.EventPayAsYouGo:
		l.payg = true
	case subscription.EventReserved:
		l.open[e.Note] = true
	case subscription.EventReleased:
		if l.complete && !l.open[e.Note] && e.Note != "" { // "": it was erased
			b.addf(Finding{Kind: Status}, "reservation %.80q ends at revision %d, and wasn't open", e.Note, e.Revision)
		}
		delete(l.open, e.Note)
	case subscription.EventLotGranted, subscription.EventLotReturned, subscription.EventOverdraftLent:
		b.lotEvent(e)
	case subscription.EventLotExpired:
		if is := b.ledger.lots[e.Lot]; is == nil || is.Expired != e.Quantity {
			b.addf(Finding{Kind: Events, Lot: e.Lot}, "%s expire at revision %d, and not by its entries", e.Quantity, e.Revision)
		}
	}
}

// lotEvent checks that minutes are granted by an entry of the same change.
func (b *book) lotEvent(e *subscription.Event) {
	is := b.ledger.lots[e.Lot]
	switch lent := e.Type == subscription.EventOverdraftLent; {
	case is == nil, !lent && (is.granted != e.Revision || is.Granted != e.Quantity):
		b.addf(Finding{Kind: Events, Lot: e.Lot, Order: e.Order},
			"%s are granted at revision %d, and not by its entries", e.Quantity, e.Revision)
	default:
		is.whole = is.whole || is.granted == e.Revision
	}
}

// orderEvent follows the status of an order.
func (b *book) orderEvent(e *subscription.Event) {
	if o := b.orders.all[e.Order]; o != nil && (e.Type == subscription.EventRefundFailed || e.Type == subscription.EventReinstated) {
		o.told.undone = true
	}
	to := e.Type.OrderStatus()
	if to == "" {
		return
	}
	f := Finding{Kind: Status, Order: e.Order}
	o := b.orders.all[e.Order]
	if o == nil {
		o = &order{Order: subscription.Order{ID: e.Order, Amount: e.Amount}}
		b.orders.all[e.Order] = o // it isn't in the list: it has no row
	}
	if o.Amount != e.Amount {
		b.addf(Finding{Kind: Orders, Order: e.Order},
			"it costs %s, by its event %s at revision %d %s", o.Amount, e.Type, e.Revision, e.Amount)
	}
	from := o.told.status
	begins := from == "" && to == subscription.OrderOpen
	if begins {
		o.told.at = e.Revision
		b.bills(o, e.Revision)
	}
	switch {
	case from == to || from.CanBecome(to):
	case from == "" && (begins || !b.log.complete || b.log.reset):
	case to == subscription.OrderRefundDue, o.legacy() && to == subscription.OrderRefunded: // before refunds were rows
	default:
		b.addf(f, "it was %q, and becomes %s at revision %d", from, to, e.Revision)
	}
	o.told.status, o.told.reviewed = to, o.told.reviewed || to == subscription.OrderReview
}

// subscriptionEvent follows a subscription.
func (b *book) subscriptionEvent(h *history, e *subscription.Event, c *change) {
	f := Finding{Kind: Status, Subscription: h.id}
	if e.Status != "" {
		b.log.shifted[e.Product] = e.At
		switch known := h.status != "" || e.Type == subscription.EventOpened || b.log.complete && !b.log.reset; {
		case known && e.From != h.status:
			b.addf(f, "it is %q, and becomes %s at revision %d as if it were %q", h.status, e.Status, e.Revision, e.From)
		case !e.From.CanBecome(e.Status):
			b.addf(f, "it becomes %s at revision %d, after %q", e.Status, e.Revision, e.From)
		}
		h.status = e.Status
		h.stopped = h.stopped || h.status == subscription.Interrupted
		h.out.set(false)
		if h.status.Live() {
			b.onlyOne(h, e)
		}
	}
	switch e.Type { //nolint:exhaustive // the others change nothing
	case subscription.EventOpened:
		h.opened, h.product, h.has = true, e.Product, e.Version
		h.planned.set(false)
		if x := b.orders.all[e.Order].extension(); x != nil {
			h.renews.set(x.AutoRenew)
			if x.Deal != nil {
				h.deal.set(true)
				h.terms, h.price, h.left = string(x.Deal.Version)+" "+x.Deal.Term.String(), x.Deal.Price, x.Deal.Left
			} else {
				h.deal.set(false)
			}
		}
	case subscription.EventSkipped:
		h.stopped = true
	case subscription.EventServiceEnded:
		h.out.set(true)
		h.stopped = true
	case subscription.EventAutoRenewOn:
		h.renews.set(true)
	case subscription.EventAutoRenewOff:
		h.renews.set(false)
	default:
		b.agreedEvent(h, e)
		b.periodEvent(h, e, c)
	}
}

// onlyOne checks that no other subscription to the product is live.
func (b *book) onlyOne(h *history, e *subscription.Event) {
	for _, x := range b.log.list {
		if x != h && x.product == e.Product && x.product != "" && x.status.Live() {
			b.addf(Finding{Kind: Status, Subscription: h.id},
				"it becomes %s at revision %d, beside %.80q", h.status, e.Revision, string(x.id))
		}
	}
}

// periodEvent follows what was paid for.
func (b *book) periodEvent(h *history, e *subscription.Event, c *change) {
	f := Finding{Kind: Period, Subscription: h.id, Order: e.Order}
	switch e.Type { //nolint:exhaustive // the others aren't about periods
	case subscription.EventPeriodPaid:
		if !h.until.IsZero() && e.Period.Start.Before(h.until) {
			b.addf(f, "%s is paid for at revision %d, and begins before %s", e.Period, e.Revision, stamp(h.until))
		}
		if !h.until.IsZero() && e.Period.Start.After(h.until) && h.opened && !h.stopped {
			b.addf(f,
				"%s is paid for at revision %d, and leaves a gap after %s without an interruption", e.Period, e.Revision, stamp(h.until))
		}
		b.charged(h, e)
		h.until = e.Period.End
		h.ahead = append(h.ahead, e.Period.Start)
		h.costs = append(h.costs, cost{e.Period.Start, e.Amount})
		if x := b.orders.all[e.Order].extension(); x != nil && x.Imported != nil { // nothing was paid here
			h.costs = append(h.costs, cost{e.Period.Start, x.Price})
		}
	case subscription.EventPeriodReturned:
		h.stopped = false
		if !c.tells(subscription.EventReinstated, e.Order) && c.whole {
			f.Kind = Taken
			b.addf(f, "%s returns at revision %d, without its payment", e.Period, e.Revision)
		}
		h.ahead = append(h.ahead, e.Period.Start)
	case subscription.EventPeriodBegan:
		h.has, h.began, h.stopped = e.Version, e.Period.Start, false
		i := slices.IndexFunc(h.ahead, e.Period.Start.Equal)
		if i < 0 && h.opened {
			f.Kind = Delivery
			b.addf(f, "%s begins at revision %d, and wasn't paid for", e.Period, e.Revision)
		}
		if i >= 0 {
			h.ahead = slices.Delete(h.ahead, i, i+1)
		}
	case subscription.EventPeriodTaken:
		h.until = time.Time{}
		h.ahead = slices.DeleteFunc(h.ahead, e.Period.Start.Equal)
		b.took(e, c)
	case subscription.EventUpgraded:
		h.has = e.Version
		b.upgraded(h, e)
	case subscription.EventUpgradeUndone:
		h.has = "" // a later period has begun, which may have been upgraded, too
		if h.began.Equal(e.Period.Start) {
			h.has = e.Version
		}
		b.took(e, c)
	}
}

// cost is what was paid for a period, or the price that an upgrade gave it.
type cost struct {
	start time.Time // zero: of some period that was paid for ahead
	price pricing.Money
}

// upgraded checks that an upgrade starts from what was paid for the period.
func (b *book) upgraded(h *history, e *subscription.Event) {
	o := b.orders.all[e.Order]
	if o == nil || !h.opened {
		return
	}
	for i := range o.Deliveries {
		u := o.Deliveries[i].Upgrade
		if u == nil || len(u.Was) == 0 {
			continue
		}
		if was := (cost{e.Period.Start, u.Was[0].Price}); !slices.ContainsFunc(h.costs, func(c cost) bool {
			return (c.start.IsZero() || c.start.Equal(was.start)) && c.price == was.price
		}) {
			b.addf(Finding{Kind: Price, Order: e.Order, Subscription: h.id},
				"it starts from %s for %s, which wasn't paid", was.price, e.Period)
		}
		h.costs = append(h.costs, cost{e.Period.Start, u.Price})
		if len(u.Ahead) > 0 { // those periods, too
			h.costs = append(h.costs, cost{price: u.Price})
		}
	}
}

// took checks that what an event takes back is taken back together with its money.
func (b *book) took(e *subscription.Event, c *change) {
	o := b.orders.all[e.Order]
	money := o != nil && o.Left().Sign() == 0 || c.tells(subscription.EventRefundDue, e.Order) ||
		c.tells(subscription.EventRefundMade, e.Order) || c.tells(subscription.EventReversed, e.Order)
	if c.whole && !money {
		b.addf(Finding{Kind: Taken, Order: e.Order, Subscription: e.Subscription},
			"%s at revision %d, without its payment", e.Type, e.Revision)
	}
}

// tells reports whether the change has an event of a type about an order.
func (c *change) tells(t subscription.EventType, o subscription.OrderID) bool {
	return slices.ContainsFunc(c.events, func(e subscription.Event) bool { return e.Type == t && e.Order == o })
}
