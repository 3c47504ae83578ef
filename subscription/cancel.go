package subscription

import (
	"fmt"
	"time"

	"github.com/prepaidkit/prepaid/pricing"
)

// Cancel cancels an unpaid order so that another can be placed. The gateway may still collect the money, or may have
// collected it already. A gateway that is a [payment.Canceler] is asked at once to cancel the charge. The order is
// looked up until it is known what happened, and if the charge succeeded, the money is refunded. An order under review
// for which a different amount was collected is refunded immediately.
//
// It fails with [ErrNotFound] for an order that isn't open or under review. It fails with [ErrInvalid] for a usage
// order if nothing is known to have been collected, because usage is owed and would be billed again; a person who
// knows that it wasn't collected ends such an order with [CloseReview]. It fails with [ErrTooLarge] if so many
// canceled orders are still being looked up that there is no room for another.
type Cancel struct {
	Order OrderID `json:"order"`
}

// Kind returns "cancel".
func (Cancel) Kind() string { return "cancel" }

// Decide implements [Command].
func (c Cancel) Decide(s Snapshot, _ *pricing.Catalog, now time.Time) (Change, error) {
	if err := s.Exists(); err != nil {
		return Change{}, err
	}
	d := Begin(s, now)
	if err := d.Cancel(c.Order); err != nil {
		return Change{}, err
	}
	return d.Change(), nil
}

// Cancel cancels an order as the command [Cancel] does, and fails with the same errors.
func (d *Draft) Cancel(id OrderID) error {
	o := d.Application.order(id)
	if o == nil || !o.Status.Blocking() {
		return fmt.Errorf("%w: open order %.80q", ErrNotFound, string(id))
	}
	if o.Kind == UsageOrder && o.Collected.Sign() == 0 {
		return fmt.Errorf("%w: order %s is for usage, which is owed", ErrInvalid, id)
	}
	if err := d.Application.roomForGivenUp(o); err != nil {
		return err
	}
	return d.cancel(*o, d.Application.undeliverable(o, d.Now))
}

// cancel cancels an order that is open or under review.
func (d *Draft) cancel(o Order, why string) error {
	if o.Collected.Sign() > 0 {
		return d.refundAll(&o, Refund{Kind: RefundLate, Note: o.Note})
	}
	d.closeOrder(&o, OrderCanceling, EventOrderCanceling, why)
	return nil
}
