package subscription

import "slices"

// Status is the state of a subscription.
type Status string

// The statuses of a subscription.
const (
	// Active: a paid period is in force.
	Active Status = "active"
	// PastDue: a renewal was promised and is owed. Auto-renewal is on, and an automatic renewal failed before the end of
	// the period, or the period has ended and the grace time hasn't. The subscription is still live. A payment continues
	// from the end of the period. The period's minutes end with the period; in the grace time only top-ups, free minutes,
	// pay-as-you-go and the version's grace minutes cover usage.
	PastDue Status = "past_due"
	// Interrupted: the grace time has passed and the renewal is still owed, or the payment of the current period was
	// reversed. Nothing is deleted; a payment starts a new period.
	Interrupted Status = "interrupted"
	// Ended: the period has ended, and the customer chose not to renew: nothing is owed. Service continues until the
	// grace time has passed, see [Subscription.OutOfService]. A payment within the grace time continues from the end of
	// the period; a later one starts a new period. The product can be purchased again at once.
	Ended Status = "ended"
	// Expired: over for good because the retention time has passed, a trial has ended, or a new subscription to the
	// product has replaced it.
	Expired Status = "expired"
	// Refunded: the package was returned.
	Refunded Status = "refunded"
)

// transitions is the table of allowed status changes.
//
//nolint:gochecknoglobals // a table, never written
var transitions = map[Status][]Status{
	"":          {Active},
	Active:      {PastDue, Ended, Interrupted, Expired, Refunded},
	PastDue:     {Active, Ended, Interrupted, Refunded},
	Interrupted: {Active, Expired},
	Ended:       {Active, PastDue, Expired, Refunded},
	Expired:     {},
	Refunded:    {},
}

// Transitions returns the statuses that may follow s. The empty status stands for a subscription that doesn't exist
// yet. docs/state_machine.md has a diagram of the table.
func (s Status) Transitions() []Status { return slices.Clone(transitions[s]) }

// CanBecome reports whether the table allows the step from s to next.
func (s Status) CanBecome(next Status) bool { return slices.Contains(transitions[s], next) }

// Live reports whether the subscription is active or past due, so that the product can't be purchased again. An
// application has at most one live subscription to a product. One that has ended isn't live but may still be in service:
// what a customer can use is asked of [Application.Entitlement], never of a status.
func (s Status) Live() bool { return s == Active || s == PastDue }

// Over reports whether the subscription is over: it expired, or the package was returned. No other status follows.
func (s Status) Over() bool { return s == Expired || s == Refunded }

// OrderStatus is the state of an order.
type OrderStatus string

// The statuses of an order. Stored values keep their original spelling, even where the Go names are spelled differently.
const (
	OrderOpen     OrderStatus = "open"     // to be collected; its outcome may be unknown
	OrderPaid     OrderStatus = "paid"     // collected and delivered
	OrderDeclined OrderStatus = "declined" // declined by the gateway for good
	// OrderReview needs a person: another amount was collected, the payment couldn't be applied, or the outcome can
	// no longer be known.
	OrderReview OrderStatus = "review"
	// OrderCanceling is abandoned, but the gateway may still be collecting it. It is looked up until the outcome is
	// known.
	OrderCanceling OrderStatus = "cancelling"
	OrderCanceled  OrderStatus = "cancelled" // abandoned; a late payment goes back, see [Refund]
	// OrderRefundDue is an order from before refunds were rows: it is to be refunded as a whole. No order becomes so any
	// more, and the next change of its application makes it refunded, with a row for the refund.
	OrderRefundDue OrderStatus = "refund_due"
	OrderRefunded  OrderStatus = "refunded" // collected and not delivered: its money goes back, see [Refund]
	// OrderUnreconciled is abandoned and needs a person to find out where its money is: it can no longer be known whether
	// the order was collected or, for an order from before refunds were rows, whether it was refunded. It doesn't block
	// other orders.
	OrderUnreconciled OrderStatus = "stray"
)

// orderTransitions is the table of allowed status changes for orders.
//
//nolint:gochecknoglobals // a table, never written
var orderTransitions = map[OrderStatus][]OrderStatus{
	"":                {OrderOpen, OrderPaid},
	OrderOpen:         {OrderPaid, OrderDeclined, OrderReview, OrderCanceling, OrderRefunded},
	OrderReview:       {OrderPaid, OrderDeclined, OrderCanceling, OrderCanceled, OrderRefunded},
	OrderCanceling:    {OrderCanceled, OrderUnreconciled},
	OrderDeclined:     {},
	OrderCanceled:     {},
	OrderPaid:         {},
	OrderRefundDue:    {OrderRefunded, OrderUnreconciled},
	OrderUnreconciled: {OrderCanceled, OrderRefunded},
	OrderRefunded:     {},
}

// Transitions returns the statuses that may follow s. The empty status stands for an order that isn't placed yet.
// docs/state_machine.md has a diagram of the table.
func (s OrderStatus) Transitions() []OrderStatus { return slices.Clone(orderTransitions[s]) }

// CanBecome reports whether the table allows the step from s to next.
func (s OrderStatus) CanBecome(next OrderStatus) bool {
	return slices.Contains(orderTransitions[s], next)
}

// Unresolved reports whether the order is still waiting for something: a payment, a refund or a person. Unresolved
// orders are part of the application's document.
func (s OrderStatus) Unresolved() bool {
	return s.Blocking() || s == OrderCanceling || s == OrderRefundDue || s == OrderUnreconciled
}

// Blocking reports whether the order may still be collected and delivered, so nothing else can be ordered for its
// subscription.
func (s OrderStatus) Blocking() bool { return s == OrderOpen || s == OrderReview }

// givenUp reports whether a payment of the order would come too late.
func (s OrderStatus) givenUp() bool {
	return s == OrderDeclined || s == OrderCanceling || s == OrderCanceled || s == OrderUnreconciled
}

// AwaitsGateway reports whether the gateway is polled automatically about the order until there is an answer.
func (s OrderStatus) AwaitsGateway() bool {
	return s == OrderOpen || s == OrderCanceling || s == OrderRefundDue
}
