package main

import (
	"net/http"

	"github.com/prepaidkit/prepaid/subscription"
)

// invoiceBody is a page to print.
type invoiceBody struct {
	subscription.Order

	Customer customer
	Title    string
	Periods  periods
	Badge    badge
	Refunds  []refundRow
	Tax      taxFacts
	Untaxed  string // why no tax was charged, if that was said
	PaidBy   method
}

func (c *console) invoice(w http.ResponseWriter, r *http.Request, cu customer) error {
	body, err := c.invoiceOf(r, cu)
	if err != nil {
		return err
	}
	return c.render(w, r, http.StatusOK, "invoice", view{Title: "Invoice " + string(body.ID), Section: "orders", Body: body})
}

// invoiceOf returns the invoice of the order that a request is about. Only an order that was paid has one.
func (c *console) invoiceOf(r *http.Request, cu customer) (invoiceBody, error) {
	o, err := c.orderOf(r, cu)
	if err != nil {
		return invoiceBody{}, err
	}
	if o.PaidAt.IsZero() {
		return invoiceBody{}, errNoPage
	}
	events, err := c.eventsOf(r.Context(), o)
	if err != nil {
		return invoiceBody{}, err
	}
	body := invoiceBody{Order: o, Customer: cu, Title: c.orderTitle(o), Periods: periodsOf(o, events)}
	if body.Refunds, err = c.refundsOf(r.Context(), o); err != nil {
		return invoiceBody{}, err
	}
	body.Badge = orderState(o, body.Refunds)
	if body.PaidBy, err = c.provider.methodOf(r.Context(), o.Attempt); err != nil {
		return invoiceBody{}, err
	}
	if body.Tax, err = c.taxOf(r.Context(), cu); err != nil {
		return invoiceBody{}, err
	}
	if len(o.Taxes) == 0 {
		if body.Untaxed, err = c.untaxed(r.Context(), o); err != nil {
			return invoiceBody{}, err
		}
	}
	return body, nil
}
