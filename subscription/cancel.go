package subscription

import (
	"fmt"
	"time"
	"unicode/utf8"

	"github.com/prepaidkit/prepaid/payment"
	"github.com/prepaidkit/prepaid/pricing"
)

// Cancel gives up an order that isn't paid, so that another can be placed. The gateway may be collecting
// it all the same, or have collected it: it is looked up until that is known, and if it has succeeded, the money is
// refunded. An order under review of which another amount was collected is refunded at once.
//
// It fails with [ErrNotFound] for an order that isn't open or under review, and with [ErrInvalid] for one of
// usage of which nothing is known to be collected: usage is owed, and would be billed again. A person who knows that it
// wasn't collected ends that with [CloseReview]. It fails with [ErrTooLarge] while so many that were given up are still
// looked up that there is no room for another.
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

// Cancel gives up an order, as the command [Cancel] does, and fails alike.
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
	d.cancel(*o, d.Application.undeliverable(o, d.Now))
	return nil
}

// cancel gives up an order that is open or under review.
func (d *Draft) cancel(o Order, why string) {
	switch {
	case o.Collected.Sign() > 0:
		d.closeOrder(&o, OrderRefundDue, EventOrderRefundDue, o.Note)
	default:
		d.closeOrder(&o, OrderCanceling, EventOrderCanceling, why)
	}
}

// CloseReview records what a person found out about an order that is under review or unreconciled, and ends it: with
// Refunded, that the money went back by another way than the gateway's; with Deliver, that what kept an order under
// review, whose amount was collected, from being delivered is mended, so that it is delivered now; otherwise that nothing
// was collected.
//
// It fails with [ErrNotFound] for any other order, and with [ErrInvalid] where something is known to have been
// collected and is neither refunded nor delivered, and for an order that can't be delivered.
type CloseReview struct {
	Order    OrderID `json:"order"`
	Refunded bool    `json:"refunded,omitzero"`
	Deliver  bool    `json:"deliver,omitzero"`
	Note     string  `json:"note"` // who, and why; at most 1 KiB
}

// Kind returns "close_review".
func (CloseReview) Kind() string { return "close_review" }

// Decide implements [Command].
func (c CloseReview) Decide(s Snapshot, cat *pricing.Catalog, now time.Time) (Change, error) {
	if err := s.Exists(); err != nil {
		return Change{}, err
	}
	d := Begin(s, now)
	o := d.Application.order(c.Order)
	switch {
	case o == nil || o.Status != OrderReview && o.Status != OrderUnreconciled:
		return Change{}, fmt.Errorf("%w: order %.80q under review", ErrNotFound, string(c.Order))
	case c.Deliver && (c.Refunded || o.Status != OrderReview || o.Collected != o.Amount):
		return Change{}, fmt.Errorf("%w: order %s is %s, and of %s %s was collected", ErrInvalid, o.ID, o.Status, o.Amount, o.Collected)
	case !c.Refunded && !c.Deliver && o.Collected.Sign() > 0:
		return Change{}, fmt.Errorf("%w: of order %s %s was collected", ErrInvalid, o.ID, o.Collected)
	case len(c.Note) > payment.MaxText || !utf8.ValidString(c.Note):
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
		d.closeOrder(&closed, OrderRefunded, EventOrderRefunded, c.Note)
	default:
		d.closeOrder(&closed, OrderCanceled, EventOrderCanceled, c.Note)
	}
	return d.Change(), nil
}
