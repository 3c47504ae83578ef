package audit

import "github.com/prepaidkit/prepaid/subscription"

// closedEvent checks that nothing is sold, renewed, promised or counted after an application was closed.
func (b *book) closedEvent(e *subscription.Event, c *change) {
	l := &b.log
	f := Finding{Kind: Left, Order: e.Order, Subscription: e.Subscription}
	if e.Type == subscription.EventClosed {
		if l.closed != 0 {
			b.addf(f, "it is closed again at revision %d", e.Revision)
		}
		if l.closed = e.Revision; !b.app.ClosedAt.Equal(e.At) {
			b.addf(f, "it was closed at %s, by its events at %s", stamp(b.app.ClosedAt), stamp(e.At))
		}
		return
	}
	if l.closed == 0 || e.Revision == l.closed {
		return
	}
	switch e.Type { //nolint:exhaustive // the others may follow
	case subscription.EventOrderPlaced, subscription.EventOpened, subscription.EventPeriodPaid, subscription.EventUpgraded,
		subscription.EventAutoRenewOn, subscription.EventUsed, subscription.EventReserved, subscription.EventFreeClaimed,
		subscription.EventPayAsYouGo, subscription.EventAccountChanged, subscription.EventChangePlanned, subscription.EventDeal,
		subscription.EventReminder:
		// If a payment is reinstated, what it paid for is, too.
		if !c.tells(subscription.EventReinstated, e.Order) {
			b.addf(f, "%s at revision %d, and it was closed at revision %d", e.Type, e.Revision, l.closed)
		}
	case subscription.EventLotGranted:
		if e.Subscription == "" {
			b.addf(f, "%s at revision %d, and it was closed at revision %d", e.Type, e.Revision, l.closed)
		}
	}
}

// closedDocument checks that nothing of a closed application goes on.
func (b *book) closedDocument() {
	if b.app.ClosedAt.IsZero() {
		return
	}
	for i := range b.app.Subscriptions {
		if s := &b.app.Subscriptions[i]; s.AutoRenew || s.Planned != nil {
			b.addf(Finding{Kind: Left, Subscription: s.ID}, "it renews itself or changes at renewal, and the application is closed")
		}
	}
	if n := len(b.app.Reservations); n > 0 {
		b.addf(Finding{Kind: Left}, "%d reservations are open, and the application is closed", n)
	}
}

// erasedDocument checks that nothing that identifies a person is left in the document of an erased application.
func (b *book) erasedDocument() {
	if b.app.ErasedAt.IsZero() {
		return
	}
	if b.app.Account != "" || b.app.Tax != nil || b.app.ClosedAt.IsZero() {
		b.addf(Finding{Kind: Left}, "it was erased, and the document has an account or tax facts, or isn't closed")
	}
	for i := range b.app.Subscriptions {
		if s := &b.app.Subscriptions[i]; s.Deal != nil && s.Deal.Reason != "" {
			b.addf(Finding{Kind: Left, Subscription: s.ID}, "it was erased, and the reason of a deal is left")
		}
	}
}

// erasedEvent checks that nothing is left in an event. What was to be told to a person later may be.
func (b *book) erasedEvent(e *subscription.Event) {
	if e.Type == subscription.EventErased {
		b.log.erased = e.Revision
	}
	later := e.Type == subscription.EventNeedsPerson && (!b.log.complete || b.log.erased != 0 && e.Revision > b.log.erased)
	if !b.app.ErasedAt.IsZero() && (e.By != "" || e.Why != "" || e.Note != "" && !later) {
		b.addf(Finding{Kind: Left, Order: e.Order, Subscription: e.Subscription},
			"it was erased, and %s of revision %d says who acted, or why", e.Type, e.Revision)
	}
}

// erasedOrder checks that nothing is left in an order.
func (b *book) erasedOrder(o *order) {
	reason := false
	for i := range o.Deliveries {
		e := o.Deliveries[i].Extend
		reason = reason || e != nil && e.Deal != nil && e.Deal.Reason != ""
	}
	if !b.app.ErasedAt.IsZero() && (o.Account != "" || o.Note != "" || o.Reference != "" || o.Action != nil || reason) {
		b.addf(Finding{Kind: Left, Order: o.ID}, "it was erased, and the order has an account, a note or a reference")
	}
}

// erasedRefund checks that nothing is left in a refund.
func (b *book) erasedRefund(r *subscription.Refund) {
	if !b.app.ErasedAt.IsZero() && (r.Account != "" || r.Note != "" || r.Reference != "" || r.By != "") {
		b.addf(Finding{Kind: Left, Order: r.Order}, "it was erased, and refund %d has an account, a note or a reference", r.Number)
	}
}
