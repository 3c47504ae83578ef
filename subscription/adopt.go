package subscription

import (
	"slices"
	"time"
)

// leftDue reports whether the first version left an order of the document to be refunded as a whole.
func leftDue(o Order) bool { return o.Status == OrderRefundDue && o.Collected.Sign() > 0 }

// adoptDue makes a row of every refund that the first version left due.
func (d *Draft) adoptDue() {
	for _, o := range slices.Clone(d.Application.Orders) {
		if leftDue(o) {
			d.adopt(&o)
		}
	}
}

// adopt makes a row of the refund of an order that was refunded as a whole, before refunds were rows, so that it is in all
// reports, and others can follow it. Its key and its content stay. It is due since the order says so; if it has ended, only
// that instant is known. It does nothing for any other order. The caller updates the order.
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
