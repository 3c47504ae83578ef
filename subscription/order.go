package subscription

import (
	"slices"
	"time"

	"github.com/prepaidkit/prepaid/internal/clone"
	"github.com/prepaidkit/prepaid/payment"
	"github.com/prepaidkit/prepaid/pricing"
)

// OrderKind says what an order is for. Your own commands can define their own kinds.
type OrderKind string

// The kinds of orders.
const (
	PurchaseOrder OrderKind = "purchase"
	UpgradeOrder  OrderKind = "upgrade"
	RenewalOrder  OrderKind = "renewal"
	TopUpOrder    OrderKind = "top_up"
	UsageOrder    OrderKind = "usage" // pay-as-you-go usage of one day
)

// The kinds of orders that cost nothing because nothing was sold. They belong in no sum of what was.
const (
	GiftOrder   OrderKind = "gift"   // minutes, see [Gift]
	ImportOrder OrderKind = "import" // a subscription from another system, see [Import]
)

// Order is a payment to collect: its lines, their sum, and what it delivers once paid. It is collected through one
// attempt, whose key is never used for anything else. The fields set when the order is placed never change; the
// fields from Status on do.
type Order struct {
	ID           OrderID           `json:"id"`
	Application  ApplicationID     `json:"application"`
	Account      AccountID         `json:"account"`
	Kind         OrderKind         `json:"kind"`
	Subscription SubscriptionID    `json:"subscription,omitzero"`
	Product      pricing.ProductID `json:"product,omitzero"`
	Version      pricing.VersionID `json:"version,omitzero"`
	PlacedAt     time.Time         `json:"placed_at"`
	Catalog      string            `json:"catalog"`               // the revision it was priced from
	Agreement    string            `json:"agreement,omitzero"`    // the version accepted with it
	Attempt      AttemptID         `json:"attempt,omitzero"`      // the gateway's idempotency key; "" for an amount of zero
	Amount       pricing.Money     `json:"amount"`                // the sum of the lines
	Lines        []pricing.Line    `json:"lines"`                 // at least one
	Taxes        []pricing.Tax     `json:"taxes,omitempty"`       // of the amount
	TaxIncluded  bool              `json:"tax_included,omitzero"` // the sum of the lines includes them
	Present      bool              `json:"present,omitzero"`      // the customer was present: it was placed by a request
	Deliveries   []Delivery        `json:"deliveries,omitzero"`   // delivered when paid, all or none

	Status    OrderStatus    `json:"status"`
	PaidAt    time.Time      `json:"paid_at,omitzero"`   // when it was paid and delivered, whatever has happened since
	ClosedAt  time.Time      `json:"closed_at,omitzero"` // when it reached its status
	Reason    payment.Reason `json:"reason,omitzero"`    // why it was declined
	Note      string         `json:"note,omitzero"`      // of whoever placed it, or why it was abandoned, refunded or reviewed
	Reference string         `json:"reference,omitzero"` // the gateway's own reference, from its first answer on
	Collected pricing.Money  `json:"collected,omitzero"` // what the gateway reported as collected
	// CollectedAt is when that was recorded, if that isn't PaidAt: the order was under review first, or wasn't delivered.
	// It is zero in rows from before it was recorded.
	CollectedAt time.Time `json:"collected_at,omitzero"`
	Delivered   Delivered `json:"delivered,omitzero"`
	// Action is what the customer still has to do while the order is open, according to the gateway's last answer; nil if
	// nothing: the payment is merely under way. Its value is a credential: show it to nobody but the payer. It is in no
	// event, and in no order that isn't open. See [Application.GivenUpAt] for how long the order waits.
	Action *payment.Action `json:"action,omitempty"`
	// Refunds is the number of refunds, those that failed included. RefundedAmount is what is being returned, was, or was
	// reversed.
	Refunds        int           `json:"refunds,omitzero"`
	RefundedAmount pricing.Money `json:"given_back,omitzero"`
	// TakenBackAt is when the last of what the order delivered was taken back.
	TakenBackAt time.Time `json:"taken_back_at,omitzero"`
}

// Delivered records what an order gave, as of when it was paid.
type Delivered struct {
	Period    pricing.Period `json:"period,omitzero"`    // the first period that it paid for or upgraded
	Increment Quantity       `json:"increment,omitzero"` // minutes granted by the order itself
	Total     Quantity       `json:"total,omitzero"`     // granted so far for the current period, including the increment
	Remaining Quantity       `json:"remaining,omitzero"` // left to spend on the product, including the increment
}

// Clone returns a copy that shares no memory with o.
func (o Order) Clone() Order {
	o.Lines, o.Taxes = slices.Clone(o.Lines), slices.Clone(o.Taxes)
	o.Deliveries, o.Action = cloneDeliveries(o.Deliveries), clone.Pointer(o.Action)
	return o
}

func cloneDeliveries(all []Delivery) []Delivery {
	all = slices.Clone(all)
	for i, d := range all {
		all[i] = d.clone()
	}
	return all
}

// Prunable reports whether stores may delete the order once it is old: it is closed, and no money ever moved for it.
// Accounting records are never deleted.
func (o Order) Prunable() bool {
	return (o.Status == OrderDeclined || o.Status == OrderCanceled) && !o.ClosedAt.IsZero() &&
		o.Collected.Sign() == 0 && o.Refunds == 0
}

// CheckTotal returns [ErrInvariant] unless the amount is the sum of the lines, and of the taxes if they aren't included,
// in one currency.
func (o Order) CheckTotal() error { return o.checkTotal() }

// PaysFrom returns the start of the period that the order pays for, or the zero time if that is decided at payment.
// No two orders pay for the same period of a subscription.
func (o Order) PaysFrom() time.Time {
	for i := range o.Deliveries {
		if e := o.Deliveries[i].Extend; e != nil && !e.From.IsZero() {
			return e.From
		}
	}
	return time.Time{}
}

// automatic reports whether the worker placed the order as an automatic renewal.
func (o *Order) automatic() bool {
	e := o.extension()
	return e != nil && e.Automatic
}

// extension returns what the order adds to a subscription, or nil if that isn't its only delivery.
func (o *Order) extension() *ExtendDelivery {
	if len(o.Deliveries) != 1 {
		return nil
	}
	return o.Deliveries[0].Extend
}

// charge is the charge to request from the gateway. It is derived from fields that never change, so a repeated
// request has the same content.
func (o Order) charge() payment.Charge {
	return payment.Charge{
		Key: string(o.Attempt), Account: string(o.Account), Amount: o.Amount,
		Order: string(o.ID), Application: string(o.Application), Description: o.Lines[0].Item, Present: o.Present,
	}
}

// refund is the refund to request from the gateway for an order from before refunds were rows: everything that it
// collected. Like the charge, it never changes, so it leaves out the note, which can.
func (o Order) refund() payment.Refund {
	return payment.Refund{
		Key: refundKey(o.Attempt, 1), Charge: string(o.Attempt), Account: string(o.Account),
		Amount: o.Collected, Reason: "order " + string(o.ID),
	}
}

// Err returns nil for a paid order and an [*OrderError] for any other.
func (o Order) Err() error {
	if o.Status == OrderPaid {
		return nil
	}
	return &OrderError{Order: o.ID, Status: o.Status, Reason: o.Reason, Note: o.Note}
}

// grant returns the minutes that a paid order gives, or nil if it gives none.
func (o *Order) grant() *GrantDelivery {
	for _, d := range o.Deliveries {
		if o.Status == OrderPaid && d.Grant != nil {
			return d.Grant
		}
	}
	return nil
}

// extend returns what a paid order adds to a subscription, or nil if it adds nothing.
func (o *Order) extend(id SubscriptionID) *ExtendDelivery {
	for _, d := range o.Deliveries {
		if o.Status == OrderPaid && d.Extend != nil && d.Extend.Subscription == id {
			return d.Extend
		}
	}
	return nil
}

// upgrade returns how a paid order upgrades a subscription, or nil if it doesn't.
func (o *Order) upgrade(id SubscriptionID) *UpgradeDelivery {
	for _, d := range o.Deliveries {
		if o.Status == OrderPaid && d.Upgrade != nil && d.Upgrade.Subscription == id {
			return d.Upgrade
		}
	}
	return nil
}

// find returns the order with the given ID, or nil if there is none.
func find(orders []Order, id OrderID) *Order {
	for i := range orders {
		if orders[i].ID == id {
			return &orders[i]
		}
	}
	return nil
}
