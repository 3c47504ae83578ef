package main

import (
	"cmp"
	"context"
	"net/http"
	"net/url"
	"slices"
	"strconv"

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
		all, err := c.orderRows(r.Context(), app.ID)
		if err != nil {
			return err
		}
		rows = append(rows, all...)
	}
	slices.SortStableFunc(rows, func(a, b orderRow) int {
		return cmp.Or(b.PlacedAt.Compare(a.PlacedAt), cmp.Compare(a.ID, b.ID))
	})
	body := ordersBody{}
	body.Orders, body.Pager = paged(r, rows, "/orders?account="+url.QueryEscape(r.FormValue("account"))+"&page=")
	return c.render(w, r, http.StatusOK, "orders", view{Title: "Orders", Section: "orders", Body: body})
}

// orderRows returns an application's orders. One that was declined stands out unless it was paid later.
func (c *console) orderRows(ctx context.Context, app subscription.ApplicationID) ([]orderRow, error) {
	var rows []orderRow
	for o, err := range c.store.Orders(ctx, app) {
		if err != nil {
			return nil, err
		}
		refunds, err := c.refundsOf(ctx, o)
		if err != nil {
			return nil, err
		}
		rows = append(rows, orderRow{o, orderState(o, refunds)})
	}
	for i, row := range rows {
		if slices.ContainsFunc(rows, func(other orderRow) bool { return instead(other.Order, row.Order) }) {
			rows[i].Badge.Kind = "plain"
		}
	}
	return rows, nil
}
