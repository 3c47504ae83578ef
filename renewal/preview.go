package renewal

import (
	"iter"
	"slices"
	"time"

	"github.com/prepaidkit/prepaid/payment"
	"github.com/prepaidkit/prepaid/pricing"
	"github.com/prepaidkit/prepaid/subscription"
)

// Upcoming is a future charge or a future grant of minutes.
type Upcoming struct {
	At           time.Time                   `json:"at"`
	Subscription subscription.SubscriptionID `json:"subscription"`
	Product      pricing.ProductID           `json:"product"`
	Charge       pricing.Money               `json:"charge,omitzero"`  // charges only; taxes included
	Net          pricing.Money               `json:"net,omitzero"`     // charges only; without taxes
	Taxes        []pricing.Tax               `json:"taxes,omitempty"`  // charges only
	Lines        []pricing.Line              `json:"lines,omitempty"`  // charges only
	Granted      subscription.Quantity       `json:"granted,omitzero"` // grants only
	Period       pricing.Period              `json:"period"`           // the period paid for, or the period of the minutes
}

// Preview predicts the charges and grants of an application from one instant through another, in order. It makes the
// same decisions as the worker, each at the instant when it will be due. It assumes that every payment succeeds,
// including those of orders that are open now, that the catalog does not change, and that the customer does nothing. It
// can't foretell usage, nor the automatic top-ups that usage will cause.
//
// It yields nothing if the policy is invalid, and stops if a decision fails.
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
			default: // the payment just made makes more due immediately
			}
		}
	}
}

// foresight is the predicted state of an application.
type foresight struct {
	policy  Policy
	catalog *pricing.Catalog
	app     subscription.Application
	yield   func(Upcoming) bool
}

// run does what is due at an instant, and reports whether to continue.
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

// apply yields the charges and grants of a change and applies it to the state.
func (f *foresight) apply(c subscription.Change) bool {
	if c.IsZero() {
		return true
	}
	f.app = c.Next
	return report(c, f.yield)
}

// report yields the charges and grants of a change, and reports whether to continue.
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
			o := c.Orders[i].Clone()
			u.Charge, u.Net, u.Taxes, u.Lines = o.Amount, o.Net(), o.Taxes, o.Lines
		}
		if !yield(u) {
			return false
		}
	}
	return true
}
