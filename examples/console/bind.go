package main

import (
	"context"
	"errors"
	"net/http"
	"strings"

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
	case b.App == newApplication || len(apps) == 0:
		b.App, b.New = "", true
	case b.App == "":
		b.App = string(apps[0].ID)
	}
	return b, nil
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

// bind returns the application that the form is for, and creates a new one, once per key.
func (c *console) bind(ctx context.Context, cu customer, b binding, key string) (subscription.ApplicationID, error) {
	if !b.New {
		app, err := c.application(ctx, cu, b.App)
		return app.ID, err
	}
	id := subscription.ApplicationID(identifier(b.NewApp))
	if id == "" {
		return "", bad("Please name the new application", "The name has at least one letter from a to z or a digit.")
	}
	_, err := c.service.Do(ctx, id, subscription.Create{Account: cu.account()}, "create "+key)
	if errors.Is(err, subscription.ErrExists) {
		if _, mine := c.application(ctx, cu, string(id)); mine == nil {
			return id, nil
		}
		return "", bad("The name of the new application is taken", "Choose another name.")
	}
	return id, err
}
