package subscription

import (
	"slices"
	"time"

	"github.com/prepaidkit/prepaid/payment"
	"github.com/prepaidkit/prepaid/pricing"
)

// RefundKind says why money of an order goes back.
type RefundKind string

// The kinds of refunds.
const (
	RefundRequested RefundKind = "refund"   // somebody asked for it
	RefundLate      RefundKind = "late"     // it was paid too late to be delivered
	RefundReversal  RefundKind = "reversal" // the payer's bank took it back
	RefundProvider  RefundKind = "provider" // the provider gave it back by itself
)

// RefundStatus is where a refund stands.
type RefundStatus string

// The statuses of a refund.
const (
	RefundDue        RefundStatus = "due"        // to be made by the gateway
	RefundMade       RefundStatus = "made"       // the money went back
	RefundFailed     RefundStatus = "failed"     // it did not, and needs a person
	RefundReinstated RefundStatus = "reinstated" // a reversal that was undone
)

// Take says what is taken back of what an order delivered when its money goes back.
type Take string

// What is taken back.
const (
	TakeNothing Take = "keep"
	TakeUnused  Take = "unused" // the rest of its minutes
	TakeAll     Take = "all"    // all of it
)

// Refund is money of a paid order that goes back, all of it or a part: a row of its own beside the order, which
// stays as it is. It is part of the application's document while it is due.
type Refund struct {
	Application ApplicationID `json:"application"`
	Order       OrderID       `json:"order"`
	Number      int           `json:"number"` // among those of the order, from 1
	Kind        RefundKind    `json:"kind"`
	ID          string        `json:"id,omitzero"`  // of the notice, for a reversal and what the provider gave back
	Key         string        `json:"key,omitzero"` // the gateway's; "" for what nobody asks it for
	Account     AccountID     `json:"account"`
	Amount      pricing.Money `json:"amount"`
	Taxes       []pricing.Tax `json:"taxes,omitempty"` // its share of each
	Take        Take          `json:"take,omitzero"`
	Note        string        `json:"note,omitzero"`
	By          string        `json:"by,omitzero"` // who asked for it

	Status    RefundStatus   `json:"status"`
	DueAt     time.Time      `json:"due_at"`
	ClosedAt  time.Time      `json:"closed_at,omitzero"`
	Reason    payment.Reason `json:"reason,omitzero"`    // why it failed
	Reference string         `json:"reference,omitzero"` // the gateway's own
}

// Clone returns a copy that shares no memory with r.
func (r Refund) Clone() Refund {
	r.Taxes = slices.Clone(r.Taxes)
	return r
}
