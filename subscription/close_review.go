package subscription

import (
	"fmt"
	"time"

	"github.com/prepaidkit/prepaid/pricing"
)

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
