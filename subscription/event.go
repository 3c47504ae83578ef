package subscription

import (
	"time"

	"github.com/prepaidkit/prepaid/payment"
	"github.com/prepaidkit/prepaid/pricing"
)

// EventType says what happened.
type EventType string

// The events of an application and its subscriptions.
const (
	EventCreated      EventType = "application_created"
	EventAccepted     EventType = "agreement_accepted" // Note is the agreement's version
	EventAutoRenewOn  EventType = "auto_renew_on"
	EventAutoRenewOff EventType = "auto_renew_off"
	EventOpened       EventType = "subscription_opened" // Status, Version
	EventPeriodPaid   EventType = "period_paid"         // Period, Version, Order
	EventPeriodBegan  EventType = "period_began"        // Period, Version; its minutes are granted
	EventUpgraded     EventType = "upgraded"            // Version, Order
	// EventChangePlanned: another Version or term, which is the Note, was chosen for the first period that isn't paid for.
	// Amount is what that will cost, taxes included. EventChanged: that period was paid for.
	EventChangePlanned EventType = "change_planned"
	EventChanged       EventType = "changed_at_renewal" // Version, Period, Order; Note is the term
	EventChangeDropped EventType = "change_dropped"     // Version that was planned; Note
	EventDeal          EventType = "deal_made"          // Version, Amount per period; Note
	EventDealEnded     EventType = "deal_ended"         // Version, Amount per period; Note
	EventStatus        EventType = "status_changed"     // From, Status
	EventServiceEnded  EventType = "service_ended"      // the grace time of a subscription that has ended has passed
	// EventReminder has the Note "renews itself", with the next Period and its Amount, taxes included, or "ends". The
	// latter has the Reason for which automatic attempts have stopped, if they have; without one, the customer chose not to
	// renew, and is reminded no more once the period has ended.
	EventReminder       EventType = "renewal_reminder"
	EventPriceChange    EventType = "price_changed"        // Amount of the next renewal, taxes included
	EventNotRenewable   EventType = "renewal_impossible"   // Note
	EventSkipped        EventType = "period_skipped"       // Period without service, not charged
	EventDecisionFailed EventType = "set_aside"            // Note: an automatic decision failed and is retried later
	EventLotGranted     EventType = "lot_granted"          // Lot, Quantity
	EventLotExpired     EventType = "lot_expired"          // Lot, Quantity
	EventLotSpent       EventType = "lot_spent"            // Lot, empty, removed to make room for others
	EventLotReturned    EventType = "lot_returned"         // Lot, Quantity, Product, Period; what a correction gave back
	EventUsed           EventType = "minutes_used"         // Quantity taken from lots
	EventCorrected      EventType = "usage_corrected"      // Quantity of package minutes that corrections undid, of whatever part
	EventForgiven       EventType = "usage_forgiven"       // Quantity of package minutes that nothing covered, for good
	EventPayAsYouGo     EventType = "pay_as_you_go_on"     // Note is the currency
	EventReserved       EventType = "minutes_reserved"     // Quantity, Note is the reservation
	EventReleased       EventType = "minutes_released"     // Quantity, Note is the reservation
	EventFreeClaimed    EventType = "free_minutes_claimed" // Note is the grant
	EventLotRefunded    EventType = "lot_refunded"         // Lot, Quantity taken back
	EventLotReinstated  EventType = "lot_reinstated"       // Lot, Quantity
	EventPeriodTaken    EventType = "period_taken_back"    // Period as it was paid for, Version, Order
	EventPeriodReturned EventType = "period_reinstated"    // Period, Version, Order
	EventUpgradeUndone  EventType = "upgrade_undone"       // Version that returns, Order
	EventArrears        EventType = "usage_unpaid"         // Order, Amount
	EventArrearsStop    EventType = "service_interrupted"  // usage is unpaid
	EventArrearsPaid    EventType = "usage_paid"           // Order; service resumes
	EventLowBalance     EventType = "low_balance"          // Lot, Quantity remaining; Note is the threshold
	EventUsageWaived    EventType = "usage_waived"         // Amount, which is too small to charge
	EventTax            EventType = "tax_changed"          // Note
	EventPaymentMethod  EventType = "payment_method_changed"
	// EventAutoTopUpOn: automatic top-ups of Product are on; Quantity is the minutes below which a pack is bought, and Note
	// tells which one. EventAutoTopUpOff has the Order whose minutes were taken back, if that is why.
	EventAutoTopUpOn  EventType = "auto_top_up_on"
	EventAutoTopUpOff EventType = "auto_top_up_off"
	// EventAutoTopUpStopped: too little is left of Product, and nothing is bought: after a decline of Order, with its
	// Reason, until the payment method is changed; or for as long as what the Note says stands in the way, in Period or
	// later.
	EventAutoTopUpStopped EventType = "auto_top_up_stopped"
	EventClockReset       EventType = "clock_reset"     // Note; the times that follow may be earlier
	EventAccountChanged   EventType = "account_changed" // Note is the new account
	EventClosed           EventType = "application_closed"
	EventErased           EventType = "application_erased"
)

// The events of an overdraft. Each has its Lot, Subscription and Product.
const (
	EventOverdraftLent   EventType = "overdraft_lent"   // Quantity that can be used in addition
	EventOverdrawn       EventType = "overdrawn"        // Quantity that the change has taken
	EventOverdraftRepaid EventType = "overdraft_repaid" // Quantity, by the minutes of Order
	EventOverdraftLapsed EventType = "overdraft_lapsed" // Quantity that was never repaid, and isn't owed any more
)

// The events of an order. Each has Order, Kind and Amount, and the order's Subscription, Product and Version if it has
// them.
const (
	EventOrderPlaced       EventType = "order_placed"
	EventOrderPaid         EventType = "order_paid"
	EventOrderDeclined     EventType = "order_declined"       // Reason
	EventOrderCanceling    EventType = "order_cancelling"     // abandoned; looked up until it is known not to have been collected
	EventOrderCanceled     EventType = "order_cancelled"      // not collected
	EventOrderUnreconciled EventType = "order_stray"          // Note
	EventOrderReview       EventType = "order_under_review"   // Note
	EventOrderRefundDue    EventType = "order_to_be_refunded" // Note; of an order from before refunds were rows
	EventOrderRefunded     EventType = "order_refunded"       // Note; it isn't delivered, and its money goes back
	// EventActionNeeded: the customer has to do something before the payment can go on, which is in [Order.Action] while
	// the order is open. Note is the action's kind and, if known, its deadline; it never has the value.
	EventActionNeeded EventType = "payment_action"
	// EventPaymentPending: the payment is under way at the provider, whose reference is known now, or who needs the
	// customer no more.
	EventPaymentPending EventType = "payment_pending"
)

// The events of a refund. Each has the order's Order, Kind, Subscription, Product and Version, and the refund's Amount and
// Note.
const (
	EventRefundDue    EventType = "refund_due"
	EventRefundMade   EventType = "refund_made"
	EventRefundFailed EventType = "refund_failed"  // Reason; the money wasn't returned after all, or it isn't known
	EventReversed     EventType = "money_reversed" // Reason; by the payer's bank or the provider
	EventReinstated   EventType = "money_reinstated"
	EventReviewClosed EventType = "review_closed" // Note; of a reversed bill, while other usage is unpaid
	// EventNeedsPerson says in Note what can't be decided without a person. Nothing waits for it.
	EventNeedsPerson EventType = "needs_person"
)

// Event is one audit fact. Every change has at least one. Within an application, events are ordered by revision and
// index, which is the order in which they happened. Fields that a type doesn't list are zero.
type Event struct {
	Application  ApplicationID     `json:"application"`
	Revision     int64             `json:"revision"` // of the change it belongs to
	Index        int               `json:"index"`    // within the change, from 0
	At           time.Time         `json:"at"`       // when it took effect
	Type         EventType         `json:"type"`
	Subscription SubscriptionID    `json:"subscription,omitzero"`
	Product      pricing.ProductID `json:"product,omitzero"`
	Version      pricing.VersionID `json:"version,omitzero"`
	From         Status            `json:"from,omitzero"`
	Status       Status            `json:"status,omitzero"`
	Period       pricing.Period    `json:"period,omitzero"`
	Order        OrderID           `json:"order,omitzero"`
	Kind         OrderKind         `json:"kind,omitzero"`
	Amount       pricing.Money     `json:"amount,omitzero"`
	Lot          LotID             `json:"lot,omitzero"`
	Quantity     Quantity          `json:"quantity,omitzero"`
	Reason       payment.Reason    `json:"reason,omitzero"`
	Note         string            `json:"note,omitzero"`
	// By and Why are who acted and why, as [Service.As] says; "" for what time, a worker or an ordinary request caused.
	By  string `json:"by,omitzero"`
	Why string `json:"why,omitzero"`
}

// OrderStatus returns the status that an order has with an event of that type, or "" for any other type.
func (t EventType) OrderStatus() OrderStatus {
	switch t { //nolint:exhaustive // the others aren't about orders
	case EventOrderPlaced:
		return OrderOpen
	case EventOrderPaid:
		return OrderPaid
	case EventOrderDeclined:
		return OrderDeclined
	case EventOrderCanceling:
		return OrderCanceling
	case EventOrderCanceled:
		return OrderCanceled
	case EventOrderUnreconciled:
		return OrderUnreconciled
	case EventOrderReview:
		return OrderReview
	case EventOrderRefundDue:
		return OrderRefundDue
	case EventOrderRefunded:
		return OrderRefunded
	default:
		return ""
	}
}
