package subscription

import (
	"errors"
	"fmt"
	"time"

	"github.com/prepaidkit/prepaid/pricing"
)

// ErrNotRefundable means that an order's money can't be returned as requested: so much wasn't collected, another order
// stands in the way, or, for the customer's own right, it is too late or minutes were used.
var ErrNotRefundable = errors.New("subscription: not refundable")

// ReturnPackage is the customer's own right to return a package within the number of days that the catalog allows after
// its purchase was paid. None of its minutes may have been used or be reserved, and it must not have been renewed or
// upgraded. The subscription ends at once, ledger entries close its lots, and all that is left of the purchase's money
// goes back, as with [RefundOrder].
//
// It fails with [ErrNotFound] and [ErrNotRefundable].
type ReturnPackage struct {
	Order OrderID `json:"order"` // the purchase
}

// Kind returns "give_back".
func (ReturnPackage) Kind() string { return "give_back" }

// Needs requests the order and its refunds.
func (c ReturnPackage) Needs() Needs {
	return Needs{Orders: []OrderID{c.Order}, Refunds: []OrderID{c.Order}}
}

// Decide implements [Command].
func (c ReturnPackage) Decide(s Snapshot, cat *pricing.Catalog, now time.Time) (Change, error) {
	d := Begin(s, now)
	o, err := d.order(c.Order)
	if err != nil {
		return Change{}, err
	}
	sub := d.Application.subscription(o.Subscription)
	if err := c.allowed(&d.Application, &o, sub, cat.ServiceTerms().RefundDays, d.Now); err != nil {
		return Change{}, err
	}
	if o.Left().Sign() > 0 {
		err = d.refundOrder(&o, RefundOrder{Take: TakeAll, Note: "package returned"}, cat)
	} else {
		err = d.takeBack(&o, TakeAll, undo{})
		d.update(o)
	}
	if err != nil {
		return Change{}, err
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
	case o.Amount.Sign() > 0 && o.Left().Sign() <= 0:
		return refuse("nothing is left of what was collected")
	}
	whole := Quantity(0)
	for i := range a.Lots {
		switch l := &a.Lots[i]; {
		case l.Subscription != sub.ID:
		case l.Source == FromOverdraft && l.Consumed > 0:
			return refuse("its overdraft was used")
		case l.Source != FromOverdraft && l.Remaining == l.Granted:
			whole += l.Granted
		}
	}
	if whole != sub.Cycles[0].Granted {
		return refuse("its minutes were used, or taken back")
	}
	return nil
}
