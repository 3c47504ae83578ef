package main

import (
	"cmp"
	"context"
	"errors"
	"net/http"
	"slices"
	"strconv"

	"github.com/prepaidkit/prepaid/payment"
	"github.com/prepaidkit/prepaid/pricing"
	"github.com/prepaidkit/prepaid/subscription"
)

// ordersBody is the list of all orders, the latest first.
type ordersBody struct {
	Orders []orderRow
	Pager  pager
}

type orderRow struct {
	subscription.Order

	Badge badge
}

// pager leads through the pages of a long list. Pages count from 1.
type pager struct {
	Page, Pages int
	Base        string // the address, to which the page's number is appended
}

// perPage is the number of rows on a page.
const perPage = 50

// paged returns one page of rows.
func paged[T any](r *http.Request, rows []T, base string) ([]T, pager) {
	p := pager{Page: 1, Pages: max(1, (len(rows)+perPage-1)/perPage), Base: base}
	if n, err := strconv.Atoi(r.FormValue("page")); err == nil && n > 0 {
		p.Page = min(n, p.Pages)
	}
	from := (p.Page - 1) * perPage
	return rows[from:min(len(rows), from+perPage)], p
}

// Earlier returns the number of the page before, or 0.
func (p pager) Earlier() int { return p.Page - 1 }

// Later returns the number of the page after, or 0.
func (p pager) Later() int {
	if p.Page == p.Pages {
		return 0
	}
	return p.Page + 1
}

func (c *console) ordersPage(w http.ResponseWriter, r *http.Request, cu customer) error {
	apps, err := c.applications(r.Context(), cu)
	if err != nil {
		return err
	}
	var rows []orderRow
	for _, app := range apps {
		for o, err := range c.store.Orders(r.Context(), app.ID) {
			if err != nil {
				return err
			}
			rows = append(rows, orderRow{o, orderBadge(o.Status)})
		}
	}
	slices.SortStableFunc(rows, func(a, b orderRow) int {
		return cmp.Or(b.PlacedAt.Compare(a.PlacedAt), cmp.Compare(a.ID, b.ID))
	})
	body := ordersBody{}
	body.Orders, body.Pager = paged(r, rows, "/orders?page=")
	return c.render(w, r, http.StatusOK, "orders", view{Title: "Orders", Section: "orders", Body: body})
}

// orderViewBody is the page of one order.
type orderViewBody struct {
	subscription.Order

	Key        string
	Badge      badge
	Title      string
	Events     []subscription.Event
	Open       bool
	Declined   bool
	NoMethod   bool // why it was declined
	TooLittle  bool
	Again      bool // it can be ordered again with a new key
	Method     method
	Balance    pricing.Money
	Invoice    bool
	Returnable bool
	Path       string
	Manage     string // where the package is renewed; "" for an order without one
	Waits      bool   // the bank is to answer
}

func (c *console) order(w http.ResponseWriter, r *http.Request, cu customer) error {
	o, err := c.orderOf(r, cu)
	if err != nil {
		return err
	}
	ctx := r.Context()
	body := orderViewBody{
		Order: o, Key: formKey(r), Badge: orderBadge(o.Status), Title: c.orderTitle(o), Path: orderPath(o.Application, o.ID),
		Open: o.Status == subscription.OrderOpen, Declined: o.Status == subscription.OrderDeclined,
		NoMethod: o.Reason == payment.NoPaymentMethod, TooLittle: o.Reason == payment.InsufficientBalance,
		Invoice: !o.PaidAt.IsZero(),
	}
	if body.Method, err = c.provider.method(ctx, cu.ID); err != nil {
		return err
	}
	if body.Balance, err = c.accounts.Balance(ctx, cu.ID, currency); err != nil {
		return err
	}
	if body.Declined {
		if _, body.Again, err = c.checkoutOf(ctx, cu, o.Application, o.ID); err != nil {
			return err
		}
	}
	if o.Subscription != "" {
		body.Manage = managePath(o.Application, o.Product)
	}
	if body.Open {
		result, err := c.provider.Lookup(ctx, string(o.Attempt))
		body.Waits = err == nil && result.Status == payment.Pending
	}
	for e, err := range c.store.Events(ctx, o.Application) {
		if err != nil {
			return err
		}
		if e.Order == o.ID {
			body.Events = append(body.Events, e)
		}
	}
	body.Returnable = c.returnable(ctx, o)
	return c.render(w, r, http.StatusOK, "orderview", view{Title: body.Title, Section: "orders", Body: body})
}

// returnable reports whether the package of an order can be returned now: whether the command would be accepted.
func (c *console) returnable(ctx context.Context, o subscription.Order) bool {
	if o.Status != subscription.OrderPaid || o.Kind != subscription.PurchaseOrder || o.Amount.Sign() == 0 {
		return false
	}
	snapshots, err := c.store.Load(ctx, subscription.Read{Application: o.Application, Orders: []subscription.OrderID{o.ID}})
	if err != nil {
		return false
	}
	_, err = subscription.ReturnPackage{Order: o.ID}.Decide(snapshots[0], c.catalog, c.clock.now())
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
		return err
	}
	return see(w, r, orderPath(o.Application, o.ID)+"?notice=canceled")
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
		return err
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
		return err
	}
	// The refund is due now. If the provider can't make it at once, the worker will.
	if _, err := c.service.Collect(r.Context(), o.Application, o.ID); err != nil && !errors.Is(err, subscription.ErrRefunded) {
		c.log.WarnContext(r.Context(), "refund", "order", o.ID, "error", err)
	}
	return see(w, r, orderPath(o.Application, o.ID)+"?notice=returned")
}

// invoiceBody is a page to print.
type invoiceBody struct {
	subscription.Order

	Customer customer
	Title    string
	Badge    badge
}

func (c *console) invoice(w http.ResponseWriter, r *http.Request, cu customer) error {
	o, err := c.orderOf(r, cu)
	if err != nil {
		return err
	}
	if o.PaidAt.IsZero() {
		return errNoPage
	}
	body := invoiceBody{o, cu, c.orderTitle(o), orderBadge(o.Status)}
	return c.render(w, r, http.StatusOK, "invoice", view{Title: "Invoice " + string(o.ID), Section: "orders", Body: body})
}
