package main

import (
	"net/http"

	"github.com/prepaidkit/prepaid/pricing"
	"github.com/prepaidkit/prepaid/subscription"
)

// overviewBody is the first page: all applications, each with its packages.
type overviewBody struct {
	Apps   []appCards
	Method method
	Lacks  *lack // what the balance doesn't cover; nil if it suffices, or isn't what pays
}

type appCards struct {
	App   subscription.Application
	Cards []card
	Waits []waitingOrder // for the payer, beside those of packages
}

func (c *console) overview(w http.ResponseWriter, r *http.Request, cu customer) error {
	ctx := r.Context()
	how, err := c.provider.method(ctx, cu.ID)
	if err != nil {
		return err
	}
	body := overviewBody{Method: how}
	apps, err := c.applications(ctx, cu)
	if err != nil {
		return err
	}
	if body.Lacks, err = c.lacks(ctx, cu, apps); err != nil {
		return err
	}
	for _, app := range apps {
		cards, err := c.cards(ctx, app)
		if err != nil {
			return err
		}
		body.Apps = append(body.Apps, appCards{app, cards, c.waitingBeside(app)})
	}
	return c.render(w, r, http.StatusOK, "overview", view{Title: "Overview", Section: "overview", Body: body})
}

// productBody is the page of one product, for one application at a time.
type productBody struct {
	Product pricing.Product
	Apps    []subscription.Application
	App     subscription.ApplicationID
	Card    *card // nil if the application has no package of the product
}

func (c *console) productPage(w http.ResponseWriter, r *http.Request, cu customer) error {
	ctx := r.Context()
	product, err := c.catalog.Product(pricing.ProductID(r.PathValue("product")))
	if err != nil {
		return errNoPage
	}
	apps, err := c.applications(ctx, cu)
	if err != nil {
		return err
	}
	body := productBody{Product: product, Apps: apps, App: subscription.ApplicationID(r.FormValue("app"))}
	for _, app := range apps {
		_, has := app.Latest(product.ID)
		if body.App == "" && has {
			body.App = app.ID
		}
	}
	if body.App == "" && len(apps) > 0 {
		body.App = apps[0].ID
	}
	for _, app := range apps {
		if s, ok := app.Latest(product.ID); ok && app.ID == body.App {
			k, err := c.card(ctx, app, s)
			if err != nil {
				return err
			}
			body.Card = &k
		}
	}
	return c.render(w, r, http.StatusOK, "product", view{Title: product.Name, Section: "product-" + string(product.ID), Body: body})
}
