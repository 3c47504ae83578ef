package main

import (
	"context"
	"net/http"

	"github.com/prepaidkit/prepaid/payment"
	"github.com/prepaidkit/prepaid/pricing"
	"github.com/prepaidkit/prepaid/subscription"
)

// orderViewBody is the page of one order.
type orderViewBody struct {
	subscription.Order

	Key        string
	Badge      badge
	Title      string
	Path       string
	Periods    periods
	Events     []subscription.Event
	Tell       teller
	Spendable  pricing.ProductID // the product that the minutes left then were counted for; "" if none were
	Standing   *notice           // what its status means; nil for an open, a paid and a declined one
	Open       bool
	Asks       *waitingOrder // the payer is to confirm the payment
	Waits      bool          // the bank is to answer
	PaidBy     method        // "" before it was charged
	Declined   *declinedOrder
	Invoice    bool
	Refunds    []refundRow
	Returnable bool
	Customer   customer // for staff, who acts; the zero value for a customer
	Actions    []*form
}

// declinedOrder is what can be done about an order whose payment was declined.
type declinedOrder struct {
	Instead *subscription.Order // that was paid later; nothing is left to do then
	Again   bool                // it can be ordered again with a new key
	Left    bool                // it was an automatic renewal, and the customer has turned them off since
	Manage  string              // where the package is renewed; "" for an order without one
	Mended  bool                // another attempt can succeed
	Method  method              // the account's, now
	Balance pricing.Money
	Short   pricing.Money // what the balance lacks; the zero value if nothing
}

func (c *console) order(w http.ResponseWriter, r *http.Request, cu customer) error {
	o, err := c.orderOf(r, cu)
	if err != nil {
		return err
	}
	ctx := r.Context()
	body := orderViewBody{
		Order: o, Key: formKey(r), Title: c.orderTitle(o), Path: orderPath(o.Application, o.ID),
		Open: o.Status == subscription.OrderOpen, Invoice: !o.PaidAt.IsZero(), Returnable: c.returnable(ctx, o),
	}
	if body.Events, err = c.eventsOf(ctx, o); err != nil {
		return err
	}
	body.Periods = periodsOf(o, body.Events)
	if body.Refunds, err = c.refundsOf(ctx, o); err != nil {
		return err
	}
	body.Badge = orderState(o, body.Refunds)
	if body.Tell, err = c.teller(ctx, o.Application); err != nil {
		return err
	}
	body.Spendable = o.Product
	for _, d := range o.Deliveries {
		if d.Grant != nil && len(d.Grant.Products) > 0 {
			body.Spendable = d.Grant.Products[0]
		}
	}
	app, err := c.service.Application(ctx, o.Application)
	if err != nil {
		return err
	}
	signed, _ := ctx.Value(customerKey{}).(customer)
	if signed.staff() { // whose page has no address at which only the payer confirms, and nothing that only the customer decides
		body.Customer, body.Actions, body.Returnable = cu, c.actionsFor(app, subscription.Subscription{}, o), false
	} else if redirection(o) != "" {
		asks := c.waiting(app, o)
		body.Asks = &asks
	}
	if body.PaidBy, err = c.provider.methodOf(ctx, o.Attempt); err != nil {
		return err
	}
	body.Standing = c.standing(o, body.PaidBy, body.Events, body.Refunds)
	if o.Status == subscription.OrderDeclined {
		if body.Declined, err = c.declined(ctx, cu, o, body.PaidBy); err != nil {
			return err
		}
		if body.Declined.Instead != nil {
			body.Badge.Kind = "plain"
		}
	}
	if body.Open {
		result, err := c.provider.Lookup(ctx, string(o.Attempt))
		body.Waits = err == nil && result.Status == payment.Pending && result.Action.IsZero()
	}
	return c.render(w, r, http.StatusOK, "orderview", view{Title: body.Title, Section: "orders", Body: body})
}

// declined returns what can be done about an order whose payment by a method was declined.
func (c *console) declined(ctx context.Context, cu customer, o subscription.Order, how method) (*declinedOrder, error) {
	var d declinedOrder
	later, found, err := c.paidInstead(ctx, o)
	if err != nil {
		return nil, err
	}
	if found {
		d.Instead = &later
	}
	if o.Subscription != "" {
		d.Manage = managePath(o.Application, o.Product)
		app, err := c.service.Application(ctx, o.Application)
		if err != nil {
			return nil, err
		}
		s, ok := app.Latest(o.Product)
		e := extension(o.Deliveries)
		d.Left = ok && s.ID == o.Subscription && !s.AutoRenew && e != nil && e.Automatic
	}
	if _, d.Again, err = c.checkoutOf(ctx, cu, o.Application, o.ID); err != nil {
		return nil, err
	}
	if d.Method, err = c.provider.method(ctx, cu.ID); err != nil {
		return nil, err
	}
	if d.Balance, err = c.accounts.Balance(ctx, cu.ID, o.Amount.Currency()); err != nil {
		return nil, err
	}
	if d.Short, err = missing(d.Method, d.Balance, o.Amount); err != nil {
		return nil, err
	}
	switch d.Method {
	case payNothing, payBadCard, payExpired, payStolen, payEmpty:
	case payBalance:
		d.Mended = d.Short.IsZero()
	case payCard, payAsks, payTransfer, paySlow:
		d.Mended = d.Method != how || !o.Reason.Hard()
	}
	return &d, nil
}

// returnable reports whether the package of an order can be returned now: whether the command would be accepted.
func (c *console) returnable(ctx context.Context, o subscription.Order) bool {
	if o.Status != subscription.OrderPaid || o.Kind != subscription.PurchaseOrder || o.Amount.Sign() == 0 {
		return false
	}
	_, err := c.rehearse(func(s *subscription.Service) error {
		_, err := s.Do(ctx, o.Application, subscription.ReturnPackage{Order: o.ID}, newKey())
		return err
	})
	return err == nil
}

// orderOf returns the order that a request is about, if it is the customer's.
func (c *console) orderOf(r *http.Request, cu customer) (subscription.Order, error) {
	app, err := c.application(r.Context(), cu, r.PathValue("app"))
	if err != nil {
		return subscription.Order{}, err
	}
	return c.service.Order(r.Context(), app.ID, subscription.OrderID(r.PathValue("order")))
}
