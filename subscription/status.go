package subscription

import "slices"

// Status is where a subscription stands.
type Status string

// The statuses of a subscription.
const (
	// Active: a period that is paid for is in force.
	Active Status = "active"
	// PastDue: payment is owed, and the service goes on: a renewal failed before the end, or the
	// period has ended and the grace time has not. A payment continues from the end.
	PastDue Status = "past_due"
	// Interrupted: the grace time has passed. Nothing is deleted; a payment starts a new period.
	Interrupted Status = "interrupted"
	// Expired: over for good, because retention has passed, a trial has ended, or a new subscription
	// to the product has taken its place.
	Expired Status = "expired"
	// Refunded: the package was given back.
	Refunded Status = "refunded"
)

// transitions is the table of what may follow what.
//
//nolint:gochecknoglobals // a table, never written
var transitions = map[Status][]Status{
	"":          {Active},
	Active:      {PastDue, Expired, Refunded},
	PastDue:     {Active, Interrupted, Refunded},
	Interrupted: {Active, Expired},
	Expired:     {},
	Refunded:    {},
}

// Transitions returns what may follow the status; the empty status is a subscription that doesn't
// exist yet. The table is also drawn in docs/state_machine.md.
func (s Status) Transitions() []Status { return slices.Clone(transitions[s]) }

// CanBecome reports whether the table has the step from s to next.
func (s Status) CanBecome(next Status) bool { return slices.Contains(transitions[s], next) }

// Live reports whether the subscription is in service: active or past due. An application has at most
// one live subscription to a product.
func (s Status) Live() bool { return s == Active || s == PastDue }

// OrderStatus is where an order stands.
type OrderStatus string

// The statuses of an order. What is stored is spelled as it was from the beginning, also where Go names are spelled
// otherwise.
const (
	OrderOpen     OrderStatus = "open"     // to be collected; its outcome may be unknown
	OrderPaid     OrderStatus = "paid"     // collected and delivered
	OrderDeclined OrderStatus = "declined" // refused by the gateway, finally
	// OrderReview needs a person: another amount was collected, what was collected couldn't be applied, or the outcome
	// can't be known any more.
	OrderReview OrderStatus = "review"
	// OrderCanceling is given up, but the gateway may be collecting it all the same: it is looked up until
	// that is known.
	OrderCanceling OrderStatus = "cancelling"
	OrderCanceled  OrderStatus = "cancelled"  // given up and not collected; a late payment is refunded
	OrderRefundDue OrderStatus = "refund_due" // collected, not deliverable, to be refunded
	OrderRefunded  OrderStatus = "refunded"   // the money went back
	// OrderUnreconciled is given up and needs a person, who finds out where its money is: a refund failed, or
	// whether it was collected can't be known any more. It keeps nothing else from being ordered.
	OrderUnreconciled OrderStatus = "stray"
)

// orderTransitions is the table of what may follow what, for orders.
//
//nolint:gochecknoglobals // a table, never written
var orderTransitions = map[OrderStatus][]OrderStatus{
	"":                {OrderOpen, OrderPaid},
	OrderOpen:         {OrderPaid, OrderDeclined, OrderReview, OrderCanceling, OrderRefundDue},
	OrderReview:       {OrderPaid, OrderDeclined, OrderCanceling, OrderCanceled, OrderRefundDue, OrderRefunded},
	OrderCanceling:    {OrderCanceled, OrderRefundDue, OrderUnreconciled},
	OrderDeclined:     {OrderRefundDue},
	OrderCanceled:     {OrderRefundDue},
	OrderPaid:         {OrderRefundDue},
	OrderRefundDue:    {OrderRefunded, OrderUnreconciled},
	OrderUnreconciled: {OrderCanceled, OrderRefundDue, OrderRefunded},
	OrderRefunded:     {},
}

// Transitions returns what may follow the status; the empty status is an order that isn't placed yet.
// The table is also drawn in docs/state_machine.md.
func (s OrderStatus) Transitions() []OrderStatus { return slices.Clone(orderTransitions[s]) }

// CanBecome reports whether the table has the step from s to next.
func (s OrderStatus) CanBecome(next OrderStatus) bool {
	return slices.Contains(orderTransitions[s], next)
}

// Unresolved reports whether the order still waits for something: payment, refund or a person. Such
// orders are part of the application's document.
func (s OrderStatus) Unresolved() bool {
	return s.Blocking() || s == OrderCanceling || s == OrderRefundDue || s == OrderUnreconciled
}

// Blocking reports whether the order may still be collected and delivered, so that nothing else is ordered
// for its subscription.
func (s OrderStatus) Blocking() bool { return s == OrderOpen || s == OrderReview }

// AwaitsGateway reports whether the gateway is asked about the order by itself, until there is an answer.
func (s OrderStatus) AwaitsGateway() bool {
	return s == OrderOpen || s == OrderCanceling || s == OrderRefundDue
}
