package main

import (
	"net/http"

	"github.com/prepaidkit/prepaid/subscription"
)

// checkOrder asks the provider what became of the payment. It never charges anything new.
func (c *console) checkOrder(w http.ResponseWriter, r *http.Request, cu customer) error {
	o, err := c.orderOf(r, cu)
	if err != nil {
		return err
	}
	to := orderPath(o.Application, o.ID)
	o, err = c.service.Collect(r.Context(), o.Application, o.ID)
	if o.ID == "" {
		return err
	}
	if o.Status == subscription.OrderOpen {
		to += "?notice=open"
	}
	return see(w, r, to)
}

func (c *console) cancelOrder(w http.ResponseWriter, r *http.Request, cu customer) error {
	o, err := c.orderOf(r, cu)
	if err != nil {
		return err
	}
	if _, err := c.service.Do(r.Context(), o.Application, subscription.Cancel{Order: o.ID}, "cancel "+string(o.ID)); err != nil {
		return back(w, r, orderPath(o.Application, o.ID), err)
	}
	// What the provider knows of it may end it at once. Otherwise, the worker asks until it is known.
	if o, err = c.service.Collect(r.Context(), o.Application, o.ID); o.ID == "" {
		return err
	}
	return see(w, r, orderPath(o.Application, o.ID))
}

// orderAgain begins a checkout for the same request as a declined one, with a new key and a new quote.
func (c *console) orderAgain(w http.ResponseWriter, r *http.Request, cu customer) error {
	o, err := c.orderOf(r, cu)
	if err != nil {
		return err
	}
	ch, ok, err := c.checkoutOf(r.Context(), cu, o.Application, o.ID)
	if err != nil {
		return err
	}
	if !ok {
		return errNoPage
	}
	if ch, err = c.again(r.Context(), cu, ch); err != nil {
		return back(w, r, orderPath(o.Application, o.ID), err)
	}
	return see(w, r, "/checkout/"+ch.ID)
}

// returnPackage gives a package back, and the money with it.
func (c *console) returnPackage(w http.ResponseWriter, r *http.Request, cu customer) error {
	o, err := c.orderOf(r, cu)
	if err != nil {
		return err
	}
	if _, err := c.service.Do(r.Context(), o.Application, subscription.ReturnPackage{Order: o.ID}, "return "+string(o.ID)); err != nil {
		return back(w, r, orderPath(o.Application, o.ID), err)
	}
	return see(w, r, orderPath(o.Application, o.ID)+"?notice=returned")
}
