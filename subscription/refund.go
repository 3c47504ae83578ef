package subscription

import (
	"cmp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/prepaidkit/prepaid/payment"
	"github.com/prepaidkit/prepaid/pricing"
)

// RefundKind says why money from an order is returned.
type RefundKind string

// The kinds of refunds.
const (
	RefundRequested RefundKind = "refund"   // someone requested it
	RefundLate      RefundKind = "late"     // it was paid too late to be delivered
	RefundReversal  RefundKind = "reversal" // the payer's bank reversed the payment
	RefundProvider  RefundKind = "provider" // the provider refunded it on its own
)

// RefundStatus is the state of a refund.
type RefundStatus string

// The statuses of a refund.
const (
	RefundDue        RefundStatus = "due"        // to be made by the gateway
	RefundMade       RefundStatus = "made"       // the money was returned
	RefundFailed     RefundStatus = "failed"     // the money wasn't returned, or it isn't known; needs a person
	RefundReinstated RefundStatus = "reinstated" // a reversal that was undone
)

// refundTransitions is the table of allowed status changes for refunds.
//
//nolint:gochecknoglobals // a table, never written
var refundTransitions = map[RefundStatus][]RefundStatus{
	"":               {RefundDue, RefundMade, RefundReinstated},
	RefundDue:        {RefundMade, RefundFailed},
	RefundMade:       {RefundFailed, RefundReinstated},
	RefundFailed:     {RefundMade},
	RefundReinstated: {},
}

// Transitions returns the statuses that may follow s. The empty status stands for a refund that doesn't exist yet.
// docs/state_machine.md has a diagram of the table.
func (s RefundStatus) Transitions() []RefundStatus { return slices.Clone(refundTransitions[s]) }

// CanBecome reports whether the table allows the step from s to next.
func (s RefundStatus) CanBecome(next RefundStatus) bool {
	return slices.Contains(refundTransitions[s], next)
}

// Counts reports whether a refund of that status is part of [Order.RefundedAmount]: the money is being returned, or was.
func (s RefundStatus) Counts() bool { return s == RefundDue || s == RefundMade }

// Take says how much of what an order delivered is taken back when its money is returned. The zero value is
// [TakeNothing].
type Take string

// The values of [Take].
const (
	TakeNothing Take = "keep"
	TakeUnused  Take = "unused" // the rest of its minutes
	TakeAll     Take = "all"    // everything
)

// Refund is money of an order that goes back, in full or in part. It is a row of its own: what the order says of its
// amount, its payment and its deliveries stays, and so do the sums of the month in which it was paid. A refund is part
// of the application's document while it is due.
type Refund struct {
	Application ApplicationID `json:"application"`
	Order       OrderID       `json:"order"`
	Number      int           `json:"number"` // within the order, from 1
	Kind        RefundKind    `json:"kind"`
	ID          string        `json:"id,omitzero"`  // of the notice, for a reversal or a refund made by the provider
	Key         string        `json:"key,omitzero"` // the gateway's idempotency key; "" if the gateway isn't asked for it
	Account     AccountID     `json:"account"`
	Amount      pricing.Money `json:"amount"`
	// Taxes is the refund's share of each tax in what was collected. The base is what is refunded without any tax.
	Taxes []pricing.Tax `json:"taxes,omitempty"`
	Take  Take          `json:"take,omitzero"`
	// Cycles is the number of periods that were taken back before they began, if those are all that was taken. It is zero
	// in rows from before it was recorded, like FailedAt and MadeAt.
	Cycles int    `json:"cycles,omitzero"`
	Note   string `json:"note,omitzero"`
	By     string `json:"by,omitzero"` // who acted when it was placed, see [Service.As]

	Status    RefundStatus   `json:"status"`
	DueAt     time.Time      `json:"due_at"`
	ClosedAt  time.Time      `json:"closed_at,omitzero"` // when it reached its status
	FailedAt  time.Time      `json:"failed_at,omitzero"` // when it had failed, if it was made all the same later
	MadeAt    time.Time      `json:"made_at,omitzero"`   // when it was made, if that failed later
	Reason    payment.Reason `json:"reason,omitzero"`    // why it failed
	Reference string         `json:"reference,omitzero"` // the gateway's own reference
}

// Net returns the refund's amount without its taxes.
func (r Refund) Net() pricing.Money {
	net := r.Amount
	for i := range r.Taxes {
		net, _ = net.Sub(r.Taxes[i].Amount) // Check holds that they have one currency
	}
	return net
}

// Clone returns a copy that shares no memory with r.
func (r Refund) Clone() Refund {
	r.Taxes = slices.Clone(r.Taxes)
	return r
}

// refundSuffix is appended to an attempt's ID to form the key of its first refund. Those that follow have a number too.
const refundSuffix = "/refund"

// refundKey returns the gateway's key of an attempt's nth refund.
func refundKey(attempt AttemptID, n int) string {
	key := string(attempt) + refundSuffix
	if n > 1 {
		key += "/" + strconv.Itoa(n)
	}
	return key
}

// ParseKey splits a key that was sent to a gateway into the attempt and the number of its refund, from 1. The number of a
// charge's own key is 0. It doesn't check whether the attempt exists, see [AttemptID.Parse].
func ParseKey(key string) (AttemptID, int) {
	if attempt, first := strings.CutSuffix(key, refundSuffix); first {
		return AttemptID(attempt), 1
	}
	at := strings.LastIndex(key, refundSuffix+"/")
	if at < 0 {
		return AttemptID(key), 0
	}
	attempt := AttemptID(key[:at])
	n, err := strconv.Atoi(key[at+len(refundSuffix)+1:])
	if err != nil || n < 2 || refundKey(attempt, n) != key {
		return AttemptID(key), 0
	}
	return attempt, n
}

// request is the refund to request from the gateway. It is derived from fields that never change, so a repeated request
// has the same content.
func (r Refund) request() payment.Refund {
	attempt, _ := ParseKey(r.Key)
	return payment.Refund{
		Key: r.Key, Charge: string(attempt), Account: string(r.Account), Amount: r.Amount, Reason: "order " + string(r.Order),
	}
}

// size bounds the size of the refund in the document.
func (r *Refund) size() int {
	n := sizeOfRefund + textSize(r.Application) + textSize(r.Order) + textSize(r.Account) + textSize(r.Key)
	for i := range r.Taxes {
		n += sizeOfTax + textSize(r.Taxes[i].Name)
	}
	return n
}

// Left returns what was collected for the order and hasn't been returned or is being returned, and never less than zero.
func (o Order) Left() pricing.Money {
	if o.Refunds == 0 && (o.Status == OrderRefundDue || o.Status == OrderRefunded || o.Status == OrderUnreconciled) {
		return pricing.Money{} // by the whole order, before refunds were rows
	}
	if o.RefundedAmount.IsZero() {
		return o.Collected
	}
	left, err := o.Collected.Sub(o.RefundedAmount)
	if err != nil || left.Sign() < 0 {
		left, _ = o.Collected.Sub(o.Collected)
	}
	return left
}

// refund adds a refund to an order and to the draft, and fills in its number, key and instants. A refund that the gateway
// isn't asked for has a status. The caller updates the order.
func (d *Draft) refund(o *Order, r Refund) error {
	if r.Status.Counts() || r.Status == "" {
		if err := o.addRefunded(&r); err != nil {
			return err
		}
	}
	o.Refunds++
	r.Application, r.Order, r.Number, r.Account = o.Application, o.ID, o.Refunds, o.Account
	r.DueAt, r.Note, r.Reference, r.Reason = d.Now, plain(cmp.Or(r.Note, d.why)), plain(r.Reference), plain(r.Reason)
	r.By = d.by
	event := EventRefundDue
	if r.Status == "" {
		r.Status, r.Key = RefundDue, refundKey(o.Attempt, r.Number)
		d.Application.Refunds = append(d.Application.Refunds, r)
	} else {
		r.ClosedAt = d.Now
		event = r.Status.event(r.Kind)
	}
	d.refunds = append(d.refunds, r)
	d.addRefundEvent(event, o, &r)
	return nil
}

// Sums reports whether a refund is part of [Order.RefundedAmount] while it counts. Money of another currency than was
// collected isn't.
func (o Order) Sums(r Refund) bool { return o.sums(&r) }

func (o *Order) sums(r *Refund) bool {
	return r.Amount.Currency() == cmp.Or(o.Collected.Currency(), o.Amount.Currency())
}

// addRefunded adds a refund to [Order.RefundedAmount].
func (o *Order) addRefunded(r *Refund) error {
	if !o.sums(r) {
		return nil
	}
	sum, err := plus(o.RefundedAmount, r.Amount)
	if err == nil {
		o.RefundedAmount = sum
	}
	return err
}

// subtractRefunded takes a refund out of [Order.RefundedAmount].
func (o *Order) subtractRefunded(r *Refund) error {
	if !o.sums(r) {
		return nil
	}
	sum, err := o.RefundedAmount.Sub(r.Amount)
	if err == nil {
		o.RefundedAmount = sum
	}
	return err
}

// event returns the event of a refund that is no longer due.
func (s RefundStatus) event(kind RefundKind) EventType {
	switch {
	case s == RefundFailed:
		return EventRefundFailed
	case s == RefundReinstated:
		return EventReinstated
	case kind == RefundReversal || kind == RefundProvider:
		return EventReversed
	}
	return EventRefundMade
}

// addRefundEvent appends an event about a refund.
func (d *Draft) addRefundEvent(t EventType, o *Order, r *Refund) {
	e := o.event(t)
	e.Amount, e.Reason, e.Note = r.Amount, r.Reason, r.Note
	d.AddEvent(e)
}

// refundDue returns a refund that is due, or nil.
func (a *Application) refundDue(of OrderID, number int) *Refund {
	return findRefund(a.Refunds, of, number)
}

func findRefund(all []Refund, of OrderID, number int) *Refund {
	for i := range all {
		if all[i].Order == of && all[i].Number == number {
			return &all[i]
		}
	}
	return nil
}

// refundsDue returns the refunds of an order that are due.
func (a *Application) refundsDue(id OrderID) []Refund {
	var due []Refund
	for i := range a.Refunds {
		if a.Refunds[i].Order == id {
			due = append(due, a.Refunds[i].Clone())
		}
	}
	return due
}
