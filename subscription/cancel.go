package subscription

import (
	"fmt"
	"time"

	"github.com/prepaidkit/prepaid/pricing"
)

// Cancel gives up an order that isn't paid, so that another can be placed. The gateway may be collecting
// it all the same: if it turns out to have succeeded, the money is refunded. An order under review of
// which another amount was collected is refunded at once.
//
// It fails with [ErrNotFound] for an order that isn't open or under review.
type Cancel struct {
	Order OrderID `json:"order"`
}

// Kind returns "cancel".
func (Cancel) Kind() string { return "cancel" }

// Decide implements [Command].
func (c Cancel) Decide(s Snapshot, _ *pricing.Catalog, now time.Time) (Change, error) {
	if err := existing(s); err != nil {
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
	next := *o
	d.unpaid(&next)
	if next.Collected.Sign() > 0 {
		d.closeOrder(&next, OrderRefundDue, EventOrderRefundDue, noteMismatch)
	} else {
		d.closeOrder(&next, OrderCancelled, EventOrderCancelled, "")
	}
	return nil
}
