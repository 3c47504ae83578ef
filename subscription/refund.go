package subscription

import (
	"slices"
	"time"

	"github.com/prepaidkit/prepaid/payment"
	"github.com/prepaidkit/prepaid/pricing"
)

// RefundKind says why money from an order is returned. Not used yet.
type RefundKind string

// The kinds of refunds.
const (
	RefundRequested RefundKind = "refund"   // someone requested it
	RefundLate      RefundKind = "late"     // it was paid too late to be delivered
	RefundReversal  RefundKind = "reversal" // the payer's bank reversed the payment
	RefundProvider  RefundKind = "provider" // the provider refunded it on its own
)

// RefundStatus is the state of a refund. Not used yet.
type RefundStatus string

// The statuses of a refund.
const (
	RefundDue        RefundStatus = "due"        // to be made by the gateway
	RefundMade       RefundStatus = "made"       // the money was returned
	RefundFailed     RefundStatus = "failed"     // the money wasn't returned; needs a person
	RefundReinstated RefundStatus = "reinstated" // a reversal that was undone
)

// Take says how much of what an order delivered is taken back when its money is returned. Not used yet.
type Take string

// The values of [Take].
const (
	TakeNothing Take = "keep"
	TakeUnused  Take = "unused" // the rest of its minutes
	TakeAll     Take = "all"    // everything
)

// Refund is a full or partial refund of a paid order. It is a row of its own; the order stays as it is. It is part of
// the application's document while it is due. Not used yet: a whole order is refunded by its status, without a Refund.
type Refund struct {
	Application ApplicationID `json:"application"`
	Order       OrderID       `json:"order"`
	Number      int           `json:"number"` // within the order, from 1
	Kind        RefundKind    `json:"kind"`
	ID          string        `json:"id,omitzero"`  // of the notice, for a reversal or a refund made by the provider
	Key         string        `json:"key,omitzero"` // the gateway's idempotency key; "" if the gateway isn't asked for it
	Account     AccountID     `json:"account"`
	Amount      pricing.Money `json:"amount"`
	Taxes       []pricing.Tax `json:"taxes,omitempty"` // the refund's share of each tax
	Take        Take          `json:"take,omitzero"`
	Note        string        `json:"note,omitzero"`
	By          string        `json:"by,omitzero"` // who requested it

	Status    RefundStatus   `json:"status"`
	DueAt     time.Time      `json:"due_at"`
	ClosedAt  time.Time      `json:"closed_at,omitzero"`
	Reason    payment.Reason `json:"reason,omitzero"`    // why it failed
	Reference string         `json:"reference,omitzero"` // the gateway's own reference
}

// Clone returns a copy that shares no memory with r.
func (r Refund) Clone() Refund {
	r.Taxes = slices.Clone(r.Taxes)
	return r
}
