package renewal

import (
	"iter"
	"slices"
	"time"

	"github.com/prepaidkit/prepaid/payment"
	"github.com/prepaidkit/prepaid/pricing"
	"github.com/prepaidkit/prepaid/subscription"
)

// Upcoming is a charge, or a grant of minutes, that is still to come.
type Upcoming struct {
	At           time.Time                   `json:"at"`
	Subscription subscription.SubscriptionID `json:"subscription"`
	Product      pricing.ProductID           `json:"product"`
	Charge       pricing.Money               `json:"charge,omitzero"`  // of a charge
	Lines        []pricing.Line              `json:"lines,omitempty"`  // of a charge
	Granted      subscription.Quantity       `json:"granted,omitzero"` // of a grant
	Period       pricing.Period              `json:"period"`           // that is paid for, or that the minutes are for
}

// Preview foretells the charges and the grants of an application from one instant through another, in
// order. It runs the same decisions as the worker does, each at the instant at which it will be due,
// and supposes that every payment succeeds, orders that are open now included, that the catalog stays as
// it is, and that the customer does nothing.
//
// It yields nothing for an invalid policy, and ends where a decision fails.
func Preview(app subscription.Application, p Policy, cat *pricing.Catalog, from, until time.Time) iter.Seq[Upcoming] {
	return func(yield func(Upcoming) bool) {
		if p.Validate() != nil {
			return
		}
		f := foresight{policy: p.filled(), catalog: cat, app: app.Clone(), yield: yield}
		for now := from; !now.After(until); {
			before := f.app.Revision
			if !f.run(now) {
				return
			}
			switch due := Due(f.app, f.policy, cat, now); {
			case due.After(now):
				now = due
			case due.IsZero() || f.app.Revision == before:
				return
			default: // what was paid for just now makes more due at once
			}
		}
	}
}

// foresight is an application on its way into the future.
type foresight struct {
	policy  Policy
	catalog *pricing.Catalog
	app     subscription.Application
	yield   func(Upcoming) bool
}

// run does what is due at an instant, and reports whether to go on.
func (f *foresight) run(now time.Time) bool {
	change, err := decide(subscription.Snapshot{Application: f.app}, f.policy, f.catalog, now)
	if err != nil || !f.apply(change) {
		return false
	}
	for _, o := range f.app.Orders {
		if o.Status != subscription.OrderOpen {
			continue
		}
		paid := payment.Result{Key: string(o.Attempt), Status: payment.Succeeded, Amount: o.Amount, At: now}
		settled, err := subscription.Settle(subscription.Snapshot{Application: f.app}, o.ID, paid, f.catalog.ZoneOf, now)
		if err != nil || !f.apply(settled) {
			return false
		}
	}
	return true
}

// apply yields the charges and grants of a change and makes it the state.
func (f *foresight) apply(c subscription.Change) bool {
	if c.IsZero() {
		return true
	}
	f.app = c.Next
	return report(c, f.yield)
}

// report yields the charges and grants of a change, and reports whether to go on.
func report(c subscription.Change, yield func(Upcoming) bool) bool {
	for _, e := range c.Events {
		u := Upcoming{At: e.At, Subscription: e.Subscription, Product: e.Product, Period: e.Period}
		for i := range c.Next.Subscriptions {
			if s := &c.Next.Subscriptions[i]; s.ID == e.Subscription {
				u.Product = s.Product
			}
		}
		if e.Type != subscription.EventOrderPaid && e.Type != subscription.EventLotGranted {
			continue
		}
		if e.Type == subscription.EventLotGranted {
			u.Granted = e.Quantity
		} else if i := slices.IndexFunc(c.Orders, func(o subscription.Order) bool { return o.ID == e.Order }); i >= 0 {
			u.Charge, u.Lines = c.Orders[i].Amount, slices.Clone(c.Orders[i].Lines)
		}
		if !yield(u) {
			return false
		}
	}
	return true
}
