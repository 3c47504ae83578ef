package subscription

import (
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/prepaidkit/prepaid/pricing"
)

// ErrNotRefundable means that the package can't be returned: it is too late, its minutes were used, or it has been
// renewed or upgraded.
var ErrNotRefundable = errors.New("subscription: not refundable")

// ReturnPackage refunds a package within the number of days that the catalog allows after its purchase was paid. None
// of its minutes may have been used or be reserved, and it must not have been renewed or upgraded. The subscription
// ends at once, ledger entries close its lots, and a refund of the order becomes due, which a worker or
// [Service.Collect] makes.
//
// It fails with [ErrNotFound] and [ErrNotRefundable].
type ReturnPackage struct {
	Order OrderID `json:"order"` // the purchase
}

// Kind returns "give_back".
func (ReturnPackage) Kind() string { return "give_back" }

// Needs requests the order.
func (c ReturnPackage) Needs() Needs { return Needs{Orders: []OrderID{c.Order}} }

// Decide implements [Command].
func (c ReturnPackage) Decide(s Snapshot, cat *pricing.Catalog, now time.Time) (Change, error) {
	d := Begin(s, now)
	now = d.Now
	o, err := d.order(c.Order)
	if err != nil {
		return Change{}, err
	}
	sub := d.Application.subscription(o.Subscription)
	if err := c.allowed(&d.Application, &o, sub, cat.ServiceTerms().RefundDays, now); err != nil {
		return Change{}, err
	}
	sub.AutoRenew = false
	d.setStatus(sub, Refunded, d.Now)
	a := &d.Application
	for i := range a.Lots {
		if l := &a.Lots[i]; l.Subscription == sub.ID && l.Remaining > 0 {
			d.AddEvent(Event{Type: EventLotRefunded, Lot: l.ID, Quantity: l.Remaining, Subscription: sub.ID})
			d.move(l, Entry{At: d.Now, Kind: EntryRefunded, Quantity: l.Remaining, Order: o.ID})
		}
	}
	a.Lots = slices.DeleteFunc(a.Lots, func(l Lot) bool { return l.Subscription == sub.ID })
	if o.Collected.Sign() > 0 {
		d.closeOrder(&o, OrderRefundDue, EventOrderRefundDue, "package returned")
	}
	return d.Change(), nil
}

// allowed returns why the package can't be returned, or nil if it can.
func (c ReturnPackage) allowed(a *Application, o *Order, sub *Subscription, days int, now time.Time) error {
	refuse := func(why string) error { return fmt.Errorf("%w: order %s: %s", ErrNotRefundable, o.ID, why) }
	switch {
	case o.Kind != PurchaseOrder || o.Status != OrderPaid:
		return refuse("it isn't a paid purchase")
	case sub == nil || !sub.Status.Live() || !now.Before(sub.End()):
		return refuse("the subscription or its period is over")
	case days == 0 || !now.Before(o.PaidAt.AddDate(0, 0, days)):
		return refuse(fmt.Sprintf("it was paid more than %d days ago", days))
	case len(sub.Cycles) != 1 || sub.Cycles[0].Order != o.ID || sub.Cycles[0].Version != o.Version:
		return refuse("it was renewed or upgraded")
	case a.blocking(sub.ID) != nil:
		return refuse("another order for it is open")
	}
	for i := range a.Lots {
		if l := &a.Lots[i]; l.Subscription == sub.ID && l.Remaining != l.Granted {
			return refuse("its minutes were used")
		}
	}
	return nil
}
