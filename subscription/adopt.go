package subscription

import (
	"slices"
	"time"
)

// leftDue reports whether an order waits for its refund by its status alone, as the first version left it.
func leftDue(o Order) bool { return o.Status == OrderRefundDue && o.Collected.Sign() > 0 }

// adoptDue places the [Refund] that every such order of the document lacks.
func (d *Draft) adoptDue() {
	for _, o := range slices.Clone(d.Application.Orders) {
		if leftDue(o) {
			d.adopt(&o)
		}
	}
}

// adopt places the [Refund] of an order that was refunded by its status alone, so that reports have it and other refunds
// can follow it. The key and what the gateway was asked for stay the same. A refund that is due has been so since the
// order was; of one that has ended, only the end is known. It does nothing for any other order. The caller updates the
// order.
func (d *Draft) adopt(o *Order) {
	if o.Refunds > 0 || o.Collected.Sign() <= 0 {
		return
	}
	r := Refund{
		Application: o.Application, Order: o.ID, Number: 1, Kind: RefundLate, Key: refundKey(o.Attempt, 1), Account: o.Account,
		Amount: o.Collected, Note: o.Note, DueAt: o.ClosedAt, ClosedAt: o.ClosedAt,
	}
	if !o.PaidAt.IsZero() { // a package that was returned
		r.Kind, r.Take = RefundRequested, TakeAll
	}
	switch o.Status { //nolint:exhaustive // of the others, nothing was refunded before
	case OrderRefundDue:
		r.Status, r.ClosedAt = RefundDue, time.Time{}
	case OrderRefunded:
		r.Status = RefundMade
	case OrderUnreconciled:
		r.Status = RefundFailed
		if o.Note == noteRefund {
			r.Reason = o.Reason // otherwise it isn't known what became of it
		}
	default:
		return
	}
	if o.Refunds = 1; r.Status.Counts() {
		o.RefundedAmount = o.Collected
	}
	d.refunds = append(d.refunds, r)
	if r.Status == RefundDue {
		d.Application.Refunds = append(d.Application.Refunds, r)
		d.closeOrder(o, OrderRefunded, EventOrderRefunded, o.Note)
		d.addRefundEvent(EventRefundDue, o, &r)
	}
}
