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
	EventStatus       EventType = "status_changed"      // From, Status
	// EventReminder has the Note "renews itself", with the next Period and its Amount, taxes included, or "ends", with the
	// Reason for which automatic attempts have stopped, if they have.
	EventReminder       EventType = "renewal_reminder"
	EventPriceChange    EventType = "price_changed"        // Amount of the next renewal, taxes included
	EventNotRenewable   EventType = "renewal_impossible"   // Note
	EventSkipped        EventType = "period_skipped"       // Period without service, not charged
	EventDecisionFailed EventType = "set_aside"            // Note: an automatic decision failed and is retried later
	EventLotGranted     EventType = "lot_granted"          // Lot, Quantity
	EventLotExpired     EventType = "lot_expired"          // Lot, Quantity
	EventLotSpent       EventType = "lot_spent"            // Lot, empty, removed to make room for others
	EventUsed           EventType = "minutes_used"         // Quantity taken from lots
	EventPayAsYouGo     EventType = "pay_as_you_go_on"     // Note is the currency
	EventReserved       EventType = "minutes_reserved"     // Quantity, Note is the reservation
	EventReleased       EventType = "minutes_released"     // Quantity, Note is the reservation
	EventFreeClaimed    EventType = "free_minutes_claimed" // Note is the grant
	EventLotRefunded    EventType = "lot_refunded"         // Lot, Quantity
	EventArrears        EventType = "usage_unpaid"         // Order, Amount
	EventArrearsStop    EventType = "service_interrupted"  // usage is unpaid
	EventArrearsPaid    EventType = "usage_paid"           // Order; service resumes
	EventLowBalance     EventType = "low_balance"          // Lot, Quantity remaining; Note is the threshold
	EventUsageWaived    EventType = "usage_waived"         // Amount, which is too small to charge
	EventTax            EventType = "tax_changed"          // Note
	EventPaymentMethod  EventType = "payment_method_changed"
	EventClockReset     EventType = "clock_reset" // Note; the times that follow may be earlier
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
	EventOrderRefundDue    EventType = "order_to_be_refunded" // Note
	EventOrderRefunded     EventType = "order_refunded"
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
}
