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

// CloseReview records what a person found out about an order that is under review or unreconciled, and closes the
// order. The fields say what happened:
//
//   - Refunded: the money was returned by some other means than the gateway.
//   - Deliver: the order is delivered now, for what was paid. It was under review because it couldn't be delivered, and
//     the problem is fixed, or because another amount was collected, which the seller accepts.
//   - Neither: nothing was collected.
//
// For a paid bill whose payment was reversed, it ends what the reversal stopped: pay-as-you-go goes on, unless other usage
// is unpaid.
//
// It fails with [ErrNotFound] for any other order. It fails with [ErrInvalid] if something is known to have been
// collected and is neither refunded nor delivered, and for an order that can't be delivered.
type CloseReview struct {
	Order    OrderID `json:"order"`
	Refunded bool    `json:"refunded,omitzero"`
	Deliver  bool    `json:"deliver,omitzero"`
	Note     string  `json:"note"` // who closed it and why; at most 1 KiB
}

// Kind returns "close_review".
func (CloseReview) Kind() string { return "close_review" }

// Needs requests the order.
func (c CloseReview) Needs() Needs { return Needs{Orders: []OrderID{c.Order}} }

// Decide implements [Command].
func (c CloseReview) Decide(s Snapshot, cat *pricing.Catalog, now time.Time) (Change, error) {
	if err := s.Exists(); err != nil {
		return Change{}, err
	}
	d := Begin(s, now)
	o := d.Application.order(c.Order)
	if o == nil && d.Application.Arrears.Reversed {
		return c.endReversed(d)
	}
	switch {
	case o == nil || o.Status != OrderReview && o.Status != OrderUnreconciled:
		return Change{}, fmt.Errorf("%w: order %.80q under review", ErrNotFound, string(c.Order))
	case c.Deliver && (c.Refunded || o.Status != OrderReview || o.Collected.Sign() <= 0 || o.RefundedAmount.Sign() > 0):
		return Change{}, fmt.Errorf("%w: order %s is %s, with %s of %s collected", ErrInvalid, o.ID, o.Status, o.Collected, o.Amount)
	case !c.Refunded && !c.Deliver && o.Collected.Sign() > 0:
		return Change{}, fmt.Errorf("%w: %s was collected for order %s", ErrInvalid, o.Collected, o.ID)
	case !writable(c.Note):
		return Change{}, fmt.Errorf("%w: note of %d bytes", ErrInvalid, len(c.Note))
	}
	closed := *o
	switch {
	case c.Deliver:
		err := d.deliver(&closed, cat.ZoneOf)
		if why, gone := isUndeliverable(err); gone {
			err = fmt.Errorf("%w: order %s: %s", ErrInvalid, closed.ID, why)
		}
		if err != nil {
			return Change{}, err
		}
		d.update(closed)
	case c.Refunded:
		d.adopt(&closed) // what failed in the first version
		if err := d.refundAll(&closed, Refund{Kind: RefundRequested, Note: c.Note, Status: RefundMade}); err != nil {
			return Change{}, err
		}
	default:
		d.closeOrder(&closed, OrderCanceled, EventOrderCanceled, c.Note)
	}
	return d.Change(), nil
}

// endReversed lets pay-as-you-go go on after the payment of a bill was reversed.
func (c CloseReview) endReversed(d *Draft) (Change, error) {
	o, err := d.order(c.Order)
	switch {
	case err != nil:
		return Change{}, err
	case o.Kind != UsageOrder || o.Status != OrderPaid || o.Refunds == 0:
		return Change{}, fmt.Errorf("%w: order %.80q under review", ErrNotFound, string(c.Order))
	case c.Deliver || !writable(c.Note):
		return Change{}, fmt.Errorf("%w: note of %d bytes, or delivery of a bill", ErrInvalid, len(c.Note))
	}
	d.Application.Arrears.Reversed = false
	d.endArrears(&o)
	if !d.changed() { // other usage is owed
		d.AddEvent(Event{Type: EventReviewClosed, Order: o.ID, Note: c.Note})
	}
	return d.Change(), nil
}
