package main

import (
	"context"
	"errors"
	"net/http"
	"strings"

	"github.com/prepaidkit/prepaid/pricing"
	"github.com/prepaidkit/prepaid/subscription"
)

// binding is the part of a form that binds an application: one that exists, or a new one.
type binding struct {
	Apps   []subscription.Application
	App    string // the chosen one; "" for a new one
	New    bool
	NewApp string // as typed
}

// readBinding reads the choice. Without one, the first application is chosen, or a new one if there is none.
func (c *console) readBinding(r *http.Request, cu customer) (binding, error) {
	apps, err := c.applications(r.Context(), cu)
	if err != nil {
		return binding{}, err
	}
	b := binding{Apps: apps, App: r.FormValue("app"), NewApp: strings.TrimSpace(r.FormValue("new_app"))}
	switch {
	case b.App == newApplication, b.NewApp != "", len(apps) == 0: // what is filled in is chosen
		b.App, b.New = "", true
	case b.App == "":
		b.App = string(apps[0].ID)
	}
	return b, nil
}

// without chooses an application that has no package of a product, or only a trial or one that has ended, or else a new
// application. It is for a purchase that nobody has chosen an application for: one that has a package renews or upgrades it.
func (b *binding) without(product pricing.ProductID) {
	if b.New {
		return
	}
	b.App, b.New = "", true
	for _, app := range b.Apps {
		if s, has := subscribed(app, product); !has || s.Trial || s.Status == subscription.Ended {
			b.App, b.New = string(app.ID), false
			return
		}
	}
}

// newApplication is the choice of a new application. No application has this ID: IDs of ours have no plus sign.
const newApplication = "+"

// Chosen returns the chosen application, or nil for a new one, or one that isn't the customer's.
func (b binding) Chosen() *subscription.Application {
	for i := range b.Apps {
		if string(b.Apps[i].ID) == b.App {
			return &b.Apps[i]
		}
	}
	return nil
}

// check fails for a new application that has no name.
func (b binding) check() error {
	if b.New && identifier(b.NewApp) == "" {
		return bad("app_name")
	}
	return nil
}

// bind returns the application that the form is for, and creates a new one, once per key.
func (c *console) bind(ctx context.Context, cu customer, b binding, key string) (subscription.ApplicationID, error) {
	if !b.New {
		app, err := c.application(ctx, cu, b.App)
		return app.ID, err
	}
	id := subscription.ApplicationID(identifier(b.NewApp))
	_, err := c.service.Do(ctx, id, subscription.Create{Account: cu.account()}, "create "+key)
	if err != nil && !errors.Is(err, subscription.ErrExists) {
		return "", err
	}
	app, err := c.application(ctx, cu, string(id))
	if err != nil {
		return "", bad("app_taken")
	}
	facts, err := c.taxOf(ctx, cu)
	if err != nil {
		return "", err
	}
	return id, c.applyTax(ctx, app, facts)
}
