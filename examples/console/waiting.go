package main

import (
	"time"

	"github.com/prepaidkit/prepaid/subscription"
)

// waitingOrder is an order that waits for its payment, and what its payer can do.
type waitingOrder struct {
	subscription.Order

	Path        string
	Confirm     string    // where the payer confirms the payment; "" if it is merely under way
	Until       time.Time // when it is given up; zero if it isn't
	Replaceable bool      // it is an automatic renewal, which a renewal by hand replaces
	Manage      string    // where the package is renewed by hand
}

// waiting returns what can be done about an open order.
func (c *console) waiting(app subscription.Application, o subscription.Order) waitingOrder {
	w := waitingOrder{
		Order: o, Path: orderPath(o.Application, o.ID), Confirm: redirection(o), Until: app.GivenUpAt(o, c.catalog.ServiceTerms()),
	}
	if o.Action != nil && o.Subscription != "" {
		for _, d := range o.Deliveries {
			w.Replaceable = w.Replaceable || d.Extend != nil && d.Extend.Automatic
		}
		w.Manage = managePath(o.Application, o.Product)
	}
	return w
}

// waitingBeside returns the orders of an application that wait for the payer and belong to no package, such as a bill.
func (c *console) waitingBeside(app subscription.Application) []waitingOrder {
	var all []waitingOrder
	for _, o := range app.Orders {
		if o.Subscription == "" && redirection(o) != "" {
			all = append(all, c.waiting(app, o))
		}
	}
	return all
}
