package subscription

import "slices"

// Status is the state of a subscription.
type Status string

// The statuses of a subscription.
const (
	// Active: a paid period is in force.
	Active Status = "active"
	// PastDue: the next period isn't paid for, but the subscription is still live. An automatic renewal failed before
	// the end of the period, or the period has ended and the grace time hasn't, whether or not auto-renewal is on. A
	// payment continues from the end of the period. The period's minutes end with the period; in the grace time only
	// top-ups, free minutes and pay-as-you-go cover usage.
	PastDue Status = "past_due"
	// Interrupted: the grace time has passed. Nothing is deleted; a payment starts a new period.
	Interrupted Status = "interrupted"
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
	Active:      {PastDue, Expired, Refunded},
	PastDue:     {Active, Interrupted, Refunded},
	Interrupted: {Active, Expired},
	Expired:     {},
	Refunded:    {},
}

// Transitions returns the statuses that may follow s. The empty status stands for a subscription that doesn't exist
// yet. docs/state_machine.md has a diagram of the table.
func (s Status) Transitions() []Status { return slices.Clone(transitions[s]) }

// CanBecome reports whether the table allows the step from s to next.
func (s Status) CanBecome(next Status) bool { return slices.Contains(transitions[s], next) }

// Live reports whether the subscription is in service: active or past due. An application has at most
// one live subscription to a product.
func (s Status) Live() bool { return s == Active || s == PastDue }

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
	OrderCanceled  OrderStatus = "cancelled"  // abandoned and not collected; a late payment is refunded
	OrderRefundDue OrderStatus = "refund_due" // collected but not deliverable, to be refunded
	OrderRefunded  OrderStatus = "refunded"   // the money was returned
	// OrderUnreconciled is abandoned and needs a person to find out where its money is: a refund failed, or it can no
	// longer be known whether the order was collected. It doesn't block other orders.
	OrderUnreconciled OrderStatus = "stray"
)

// orderTransitions is the table of allowed status changes for orders.
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

// AwaitsGateway reports whether the gateway is polled automatically about the order until there is an answer.
func (s OrderStatus) AwaitsGateway() bool {
	return s == OrderOpen || s == OrderCanceling || s == OrderRefundDue
}
