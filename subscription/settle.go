package subscription

import (
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/prepaidkit/prepaid/payment"
)

// Notes on orders that are refunded or under review.
const (
	noteLate     = "paid after it was closed"
	noteMismatch = "another amount was collected"
	noteUnknown  = "the gateway can't tell the outcome any more"
	noteRefund   = "refund declined"
	// noteForgotten marks a refund that can't be requested again because it might be made twice.
	noteForgotten = "refund unknown beyond the gateway's retention"
	// noteUnapplied is followed by the reason.
	noteUnapplied = "the gateway's answer can't be applied: "
)

// refusals is how long an order is retried while the store's server refuses its settlement.
const refusals = 24 * time.Hour

// Settle decides what a gateway result does to an order. The order is in the snapshot's application or among its
// orders. Settle is idempotent: a result that was applied before, or that isn't final, gives the zero Change.
//
// For the result of a charge, whose key is the order's attempt ID:
//
//   - A payment of the order's amount delivers the order and marks it paid, if the order is open, or is under review
//     because its outcome was unknown.
//   - If the order can't be delivered anymore, or was declined or canceled before, a refund becomes due.
//   - A payment of any other amount is never delivered: the order goes to review.
//   - A decline closes the order for good.
//   - Once a payment is recorded as collected, later results change nothing. A repeated notification can't deliver
//     an order whose money is being returned, and a contradictory one can't erase the payment.
//   - An order that a person found to be refunded isn't refunded again.
//
// NotFound means that the outcome can never be known: the gateway may have forgotten the key, so another request
// could collect twice. An open order goes to review, and an order that is being canceled becomes [OrderUnreconciled].
//
// For the result of a refund, whose key is the attempt ID followed by "/refund": an order whose refund is due becomes
// refunded. If the refund failed, is unknown, or was for another amount, the order becomes [OrderUnreconciled].
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
	o, err := d.order(id)
	if err != nil {
		return false, err
	}
	if err := r.Validate(); err != nil {
		return false, fmt.Errorf("%w: %w", ErrInvalid, err)
	}
	if zones == nil {
		return false, fmt.Errorf("%w: no zones", ErrInvalid)
	}
	key, refund := string(o.Attempt), strings.HasSuffix(r.Key, refundSuffix)
	if refund {
		key = o.refund().Key
	}
	if o.Attempt == "" || r.Key != key {
		return false, fmt.Errorf("%w: a result of %.200q for order %s", ErrInvalid, r.Key, id)
	}
	r = plainResult(r)
	switch {
	case refund:
		d.settleRefund(o, r)
	case r.Status == payment.NotFound:
		d.settleUnknown(o)
	default:
		err = d.settleCharge(o, r, zones)
	}
	return len(d.events) > before, err
}

// settleCharge applies a charge's result to an order.
func (d *Draft) settleCharge(o Order, r payment.Result, zones Zones) error {
	switch {
	case o.Collected.Sign() > 0 || o.Status == OrderRefunded: // it is already known where the money is
	case r.Status == payment.Declined && o.Status == OrderCanceling:
		d.closeOrder(&o, OrderCanceled, EventOrderCanceled, o.Note)
	case r.Status == payment.Declined && o.Status.Blocking():
		d.declined(&o, r)
	case r.Status != payment.Succeeded:
	case o.Status.Blocking():
		o.Collected, o.Reference = r.Amount, r.Reference
		return d.collected(&o, zones)
	default:
		o.Collected, o.Reference = r.Amount, r.Reference
		d.giveBack(&o, noteLate)
	}
	return nil
}

// declined closes an order. If it was a renewal that was due, payment is now owed.
func (d *Draft) declined(o *Order, r payment.Result) {
	o.Reason, o.Reference = r.Reason, r.Reference
	d.closeOrder(o, OrderDeclined, EventOrderDeclined, "")
	if o.Kind == UsageOrder {
		d.arrears(o)
	}
	if sub := d.Application.subscription(o.Subscription); sub != nil && o.automatic() {
		if o.Reason.Hard() && !sub.Renewal.LastAttemptAt.IsZero() { // zero: another method was reported since
			sub.Renewal.Stopped = o.Reason
		}
		if sub.Status == Active {
			d.setStatus(sub, PastDue, d.Now)
		}
	}
}

// collected delivers an order or marks it for a refund.
func (d *Draft) collected(o *Order, zones Zones) error {
	if o.Collected != o.Amount {
		d.review(o, noteMismatch)
		return nil
	}
	err := d.deliver(o, zones)
	if why, gone := isUndeliverable(err); gone {
		d.giveBack(o, why)
		return nil
	}
	if err == nil {
		d.update(*o)
	}
	return err
}

// giveBack marks an order for a refund of everything collected, whatever the order's amount.
func (d *Draft) giveBack(o *Order, why string) {
	d.closeOrder(o, OrderRefundDue, EventOrderRefundDue, why)
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
		d.unpaid(o)
	}
	d.addOrderEvent(t, o)
	d.update(*o)
}

// settleRefund applies a refund's result to an order.
func (d *Draft) settleRefund(o Order, r payment.Result) {
	if o.Status != OrderRefundDue {
		return
	}
	switch {
	case r.Status == payment.Succeeded && r.Amount == o.Collected:
		d.closeOrder(&o, OrderRefunded, EventOrderRefunded, o.Note)
	case r.Status == payment.Succeeded:
		d.closeOrder(&o, OrderUnreconciled, EventOrderUnreconciled, noteMismatch)
	case r.Status == payment.Declined:
		o.Reason = r.Reason
		d.closeOrder(&o, OrderUnreconciled, EventOrderUnreconciled, noteRefund)
	case r.Status == payment.NotFound:
		d.closeOrder(&o, OrderUnreconciled, EventOrderUnreconciled, noteForgotten)
	}
}

// settleUnknown hands an order whose outcome can't be known to a person.
func (d *Draft) settleUnknown(o Order) {
	if o.Status == OrderOpen {
		d.review(&o, noteUnknown)
	}
	if o.Status == OrderCanceling {
		d.closeOrder(&o, OrderUnreconciled, EventOrderUnreconciled, noteUnknown)
	}
}

// record handles a gateway's final result for a pending order when [Settle] can't apply it: the order goes to review,
// and the collected amount is recorded. It returns the zero Change if the result is already on record. It fails with
// [ErrInvalid] for any other result or order, and with [ErrNotFound].
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
	if r.Key != string(o.Attempt) || !r.Status.Final() || !o.Status.Blocking() {
		return Change{}, fmt.Errorf("%w: result %s changes nothing for order %s, which is %s", ErrInvalid, r.Status, id, o.Status)
	}
	if errors.Is(why, ErrRefused) && o.Status.AwaitsGateway() && now.Before(o.PlacedAt.Add(refusals)) {
		return Change{}, why
	}
	r = plainResult(r)
	d := Begin(s, now)
	o.Collected, o.Reason, o.Reference = r.Amount, r.Reason, r.Reference
	d.review(&o, noteUnapplied+why.Error())
	return d.Change(), nil
}

// order finds an order in the draft or among the rows loaded with the application.
func (d *Draft) order(id OrderID) (Order, error) {
	if o := d.Application.order(id); o != nil && d.Application.Revision != 0 {
		return *o, nil
	}
	if o := find(d.orders, id); o != nil {
		return o.Clone(), nil
	}
	s := Snapshot{Application: d.Application, Orders: d.loaded}
	return s.order(id)
}

// order finds an order in the document or among the rows loaded with it. The result is the caller's own copy.
func (s *Snapshot) order(id OrderID) (Order, error) {
	if err := s.Exists(); err != nil {
		return Order{}, err
	}
	if o := s.Application.order(id); o != nil {
		return o.Clone(), nil
	}
	if o := find(s.Orders, id); o != nil {
		return o.Clone(), nil
	}
	return Order{}, fmt.Errorf("%w: order %.80q", ErrNotFound, string(id))
}
