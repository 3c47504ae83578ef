package main

import (
	"context"
	"slices"

	"github.com/prepaidkit/prepaid/pricing"
	"github.com/prepaidkit/prepaid/renewal"
	"github.com/prepaidkit/prepaid/subscription"
)

// triedNotes is the beginning of the names of the notes with what the last change of a payment method charged, followed by
// the account's ID.
const triedNotes = "tried/"

// tried is a charge that was tried at once when the payment method was changed, or that would be.
type tried struct {
	App    subscription.ApplicationID `json:"app"`
	Title  string                     `json:"title"`
	Amount pricing.Money              `json:"amount"`
	Order  subscription.OrderID       `json:"order,omitempty"` // "" of one that would be tried
	Said   string                     `json:"said,omitempty"`  // what became of it
}

// Path is the address of its order.
func (t tried) Path() string { return orderPath(t.App, t.Order) }

// wouldTry returns what would be charged at once if a customer changed the payment method now.
func (c *console) wouldTry(ctx context.Context, cu customer) ([]tried, error) {
	apps, err := c.applications(ctx, cu)
	if err != nil {
		return nil, err
	}
	now := c.clock.now()
	var all []tried
	for _, app := range apps {
		changed, err := subscription.PaymentMethodChanged{}.Decide(subscription.Snapshot{Application: app}, c.catalog, now)
		if err != nil {
			return nil, err
		}
		for u := range renewal.Preview(changed.Next, c.policy, c.catalog, now, now) {
			if u.Charge.IsZero() {
				continue
			}
			all = append(all, tried{App: app.ID, Title: c.chargeName(u), Amount: u.Charge})
		}
	}
	return all, nil
}

// triedOf returns what became of the charges among some events of a customer's applications.
func (c *console) triedOf(ctx context.Context, cu customer, events []subscription.Event) ([]tried, error) {
	apps, err := c.applications(ctx, cu)
	if err != nil {
		return nil, err
	}
	var all []tried
	for _, e := range events {
		theirs := func(app subscription.Application) bool { return app.ID == e.Application }
		if e.Type != subscription.EventOrderPlaced || !slices.ContainsFunc(apps, theirs) {
			continue
		}
		o, err := c.service.Order(ctx, e.Application, e.Order)
		if err != nil {
			return nil, err
		}
		t := tried{App: o.Application, Title: c.orderTitle(o), Amount: o.Amount, Order: o.ID}
		switch o.Status { //nolint:exhaustive // the others wait, or are looked at by a person
		case subscription.OrderPaid:
			t.Said = "was paid"
		case subscription.OrderDeclined:
			t.Said = "was declined: " + reasonText(o.Reason)
		default:
			t.Said = "waits for its payment"
		}
		all = append(all, t)
	}
	return all, nil
}
