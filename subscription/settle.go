package subscription

import (
	"cmp"
	"errors"
	"fmt"
	"time"

	"github.com/prepaidkit/prepaid/payment"
)

// Notes on orders that are refunded or under review.
const (
	noteLate     = "paid after it was closed"
	noteMismatch = "another amount was collected"
	noteUnknown  = "the gateway can't tell the outcome any more"
	noteRefund   = "refund declined"
	noteReversed = "its payment was reversed"
	noteErased   = "paid, and the account was erased: return it by other means"
	// noteForgotten marks a refund that can't be requested again because it might be made twice.
	noteForgotten = "refund unknown beyond the gateway's retention"
	// noteUnapplied is followed by the reason.
	noteUnapplied = "the gateway's answer can't be applied: "
)

// refusals is how long an order is retried while the store's server refuses its settlement.
const refusals = 24 * time.Hour

// Settle decides what a gateway result does to an order. The order is in the snapshot's application or among its
// orders. Settle is idempotent: a result that was applied before gives the zero Change.
//
// For the result of a charge, whose key is the order's attempt ID:
//
//   - A payment of the order's amount delivers the order and marks it paid, if the order is open, or is under review
//     because its outcome was unknown.
//   - If the order can't be delivered anymore, it becomes refunded, and a refund of what was collected becomes due. An
//     order that was declined or canceled before stays so, and a refund becomes due too.
//   - A payment of any other amount is never delivered: the order goes to review.
//   - A decline closes the order for good.
//   - A pending result sets or clears [Order.Action] of an open order, and sets the gateway's reference. It gives the zero
//     Change if it says nothing new, and for an order of any other status.
//   - Once a payment is recorded as collected, later results change nothing. A repeated notification can't deliver
//     an order whose money is being returned, and a contradictory one can't erase the payment.
//   - An order that a person found to be refunded isn't refunded again.
//
// NotFound means that the outcome can never be known: the gateway may have forgotten the key, so another request
// could collect twice. An open order goes to review, and an order that is being canceled becomes [OrderUnreconciled].
//
// For the result of a refund, whose key is the attempt ID followed by "/refund" and, from the second on, its number: a
// refund that is due is made or has failed. A refund that was made can still fail, as cards do. Repetitions change
// nothing.
//
// Settle fails with [ErrNotFound] for an unknown order, and with [ErrInvalid] for a result that belongs to another
// attempt.
func Settle(s Snapshot, id OrderID, r payment.Result, zones Zones, now time.Time) (Change, error) {
	d := Begin(s, now)
	if _, err := d.Settle(id, r, zones); err != nil {
		return Change{}, err
	}
	return d.Change(), nil
}

// Settle applies a gateway result to an order of the draft, as the function [Settle] does, and reports whether that
// changed anything. The order is one of the draft or of the snapshot that it was begun on.
func (d *Draft) Settle(id OrderID, r payment.Result, zones Zones) (bool, error) {
	before := len(d.events)
	if err := r.Validate(); err != nil {
		return false, fmt.Errorf("%w: %w", ErrInvalid, err)
	}
	if zones == nil {
		return false, fmt.Errorf("%w: no zones", ErrInvalid)
	}
	r = plainResult(r)
	if _, number := ParseKey(r.Key); number > 0 {
		err := d.settleRefund(id, number, r)
		return len(d.events) > before, err
	}
	o, err := d.order(id)
	switch {
	case err != nil:
		return false, err
	case o.Attempt == "" || r.Key != string(o.Attempt):
		return false, foreignResult(id, r)
	case r.Status == payment.NotFound:
		d.settleUnknown(o)
	default:
		r.Reference = cmp.Or(r.Reference, o.Reference)
		err = d.settleCharge(o, r, zones)
	}
	return len(d.events) > before, err
}

func foreignResult(id OrderID, r payment.Result) error {
	return fmt.Errorf("%w: a result of %.200q for order %s", ErrInvalid, r.Key, id)
}

// settleCharge applies a charge's result to an order.
func (d *Draft) settleCharge(o Order, r payment.Result, zones Zones) error {
	switch {
	case o.Collected.Sign() > 0 || o.Status == OrderRefunded: // it is already known where the money is
	case r.Status == payment.Declined && o.Status == OrderCanceling:
		d.closeOrder(&o, OrderCanceled, EventOrderCanceled, o.Note)
	case r.Status == payment.Declined && o.Status.Blocking():
		d.declined(&o, r)
	case r.Status == payment.Pending:
		d.settlePending(o, r)
	case r.Status != payment.Succeeded:
	case o.Status.Blocking():
		o.Collected, o.CollectedAt, o.Reference = r.Amount, d.Now, r.Reference
		return d.collected(&o, zones)
	default:
		o.Collected, o.CollectedAt, o.Reference = r.Amount, d.Now, r.Reference
		return d.refundLate(&o)
	}
	return nil
}

// refundLate records the payment of an order that was given up or declined before. The order stays so, and what is left
// of its money goes back.
func (d *Draft) refundLate(o *Order) error {
	if o.Status == OrderCanceling || o.Status == OrderUnreconciled {
		d.closeOrder(o, OrderCanceled, EventOrderCanceled, noteLate)
	}
	if left := o.Left(); left.Sign() <= 0 {
		d.needsPerson(o, noteReversed) // its bank was quicker, and returned all of it
	} else if !d.Application.ErasedAt.IsZero() {
		d.needsPerson(o, noteErased)
	} else if err := d.refund(o, Refund{Kind: RefundLate, Amount: left, Note: noteLate}); err != nil {
		return err
	}
	d.update(*o)
	return nil
}

// declined closes an order. If it was a renewal that was due, payment is now owed.
func (d *Draft) declined(o *Order, r payment.Result) {
	o.Reason, o.Reference = r.Reason, r.Reference
	d.closeOrder(o, OrderDeclined, EventOrderDeclined, "")
	if o.Kind == UsageOrder {
		d.recordArrears(o)
	}
	if o.topsUp() {
		d.declinedTopUp(o)
	}
	if sub := d.Application.subscription(o.Subscription); sub != nil && o.automatic() {
		if o.Reason.Hard() && !sub.Renewal.LastAttemptAt.IsZero() { // zero: another method was reported since
			sub.Renewal.Stopped = o.Reason
		}
		if sub.Status == Active && sub.AutoRenew { // turned off meanwhile: nothing is owed
			d.setStatus(sub, PastDue, d.Now)
		}
	}
}

// collected delivers an order or marks it for a refund.
func (d *Draft) collected(o *Order, zones Zones) error {
	switch {
	case o.Collected != o.Amount:
		d.closeOrder(o, OrderReview, EventOrderReview, noteMismatch)
		return nil
	case !o.RefundedAmount.IsZero(): // its bank was quicker
		d.closeOrder(o, OrderReview, EventOrderReview, noteReversed+", and it arrived")
		return nil
	}
	err := d.deliver(o, zones)
	if why, gone := isUndeliverable(err); gone {
		return d.refundAll(o, Refund{Kind: RefundLate, Note: why})
	}
	if err == nil {
		d.update(*o)
	}
	return err
}

// refundAll closes an order that isn't delivered, and refunds what is left of what was collected, whatever its amount. The
// refund says why, and whether it was made by other means than the gateway.
func (d *Draft) refundAll(o *Order, r Refund) error {
	r.Amount = o.Left()
	d.closeOrder(o, OrderRefunded, EventOrderRefunded, r.Note)
	if r.Amount.Sign() <= 0 {
		return nil
	}
	if err := d.refund(o, r); err != nil {
		return err
	}
	d.update(*o)
	return nil
}

// review puts an order under review. It does nothing if the order is already under review for the same reason.
func (d *Draft) review(o *Order, why string) {
	if o.Status == OrderReview && o.Note == why {
		return
	}
	d.closeOrder(o, OrderReview, EventOrderReview, why)
}

func (d *Draft) closeOrder(o *Order, to OrderStatus, t EventType, why string) {
	if why != "" || o.Status == OrderReview {
		o.Note = plain(why)
	}
	o.Status, o.ClosedAt = to, d.Now
	if !to.Unresolved() || to == OrderRefundDue || to == OrderUnreconciled {
		d.releaseCounters(o)
	}
	d.addOrderEvent(t, o)
	d.update(*o)
}

// settleUnknown leaves an order whose outcome can't be known to a person.
func (d *Draft) settleUnknown(o Order) {
	if o.Status == OrderOpen {
		d.review(&o, noteUnknown)
	}
	if o.Status == OrderCanceling {
		d.closeOrder(&o, OrderUnreconciled, EventOrderUnreconciled, noteUnknown)
	}
}

// record handles a gateway's final result for a pending order when [Settle] can't apply it: the order goes to review,
// and the collected amount is recorded; the payment of an order that was given up goes back, as ever. It returns the
// zero Change if the result is already on record. It fails with [ErrInvalid] for any other result or order, and with
// [ErrNotFound].
func record(s Snapshot, id OrderID, r payment.Result, why error, now time.Time) (Change, error) {
	o, err := s.order(id)
	if err != nil {
		return Change{}, err
	}
	if err := r.Validate(); err != nil {
		return Change{}, fmt.Errorf("%w: %w", ErrInvalid, err)
	}
	if r.Key == string(o.Attempt) && o.Collected.Sign() > 0 {
		return Change{}, nil // already on record
	}
	if r.Key == string(o.Attempt) && r.Status == payment.Succeeded && o.Status.givenUp() {
		r = plainResult(r)
		d := Begin(s, now)
		o.Collected, o.CollectedAt, o.Reference = r.Amount, d.Now, cmp.Or(r.Reference, o.Reference)
		err := d.refundLate(&o) // needs nothing but the order
		return d.Change(), err
	}
	if r.Key != string(o.Attempt) || !r.Status.Final() || !o.Status.Blocking() {
		return Change{}, fmt.Errorf("%w: result %s changes nothing for order %s, which is %s", ErrInvalid, r.Status, id, o.Status)
	}
	if errors.Is(why, ErrRefused) && o.Status.AwaitsGateway() && now.Before(o.PlacedAt.Add(refusals)) {
		return Change{}, why
	}
	r = plainResult(r)
	d := Begin(s, now)
	o.Collected, o.Reason, o.Reference = r.Amount, r.Reason, cmp.Or(r.Reference, o.Reference)
	if o.Collected.Sign() > 0 {
		o.CollectedAt = d.Now
	}
	d.review(&o, noteUnapplied+why.Error())
	return d.Change(), nil
}
