package main

import (
	"cmp"
	"net/http"
	"net/url"
	"slices"

	"github.com/prepaidkit/prepaid/subscription"
)

// activityBody is the audit log, the latest first.
type activityBody struct {
	Apps []subscription.Application
	App  string // "" for all
	// Account is whose activity staff looks at; "" for a customer.
	Account string
	Usage   bool // usage is shown too
	Events  []subscription.Event
	Pager   pager
	Tell    teller
	Asks    map[subscription.OrderID]string // where payments are confirmed that still wait for that
}

func (c *console) activity(w http.ResponseWriter, r *http.Request, cu customer) error {
	apps, err := c.applications(r.Context(), cu)
	if err != nil {
		return err
	}
	body := activityBody{Apps: apps, App: r.FormValue("app"), Usage: r.FormValue("usage") != "", Asks: map[subscription.OrderID]string{}}
	query := url.Values{}
	if signed, _ := r.Context().Value(customerKey{}).(customer); signed.staff() {
		body.Account = cu.ID
		query.Set("account", cu.ID)
	}
	var events []subscription.Event
	for _, app := range apps {
		if body.App != "" && body.App != string(app.ID) {
			continue
		}
		for _, o := range app.Orders {
			if body.Account == "" { // staff doesn't confirm the payments of customers
				body.Asks[o.ID] = redirection(o)
			}
		}
		all, err := list(c.store.Events(r.Context(), app.ID), func(e subscription.Event) bool {
			return body.Usage || e.Type != subscription.EventUsed
		})
		if err != nil {
			return err
		}
		events = append(events, all...)
	}
	slices.SortStableFunc(events, func(a, b subscription.Event) int {
		return cmp.Or(b.At.Compare(a.At), cmp.Compare(a.Application, b.Application),
			cmp.Compare(b.Revision, a.Revision), cmp.Compare(b.Index, a.Index))
	})
	if body.App != "" {
		query.Set("app", body.App)
	}
	if body.Usage {
		query.Set("usage", "yes")
	}
	body.Events, body.Pager = paged(r, events, "/activity?"+query.Encode()+"&page=")
	if body.Tell, err = c.teller(r.Context(), ids(apps)...); err != nil {
		return err
	}
	return c.render(w, r, http.StatusOK, "activity", view{Title: "Activity", Section: "activity", Body: body})
}

func ids(apps []subscription.Application) []subscription.ApplicationID {
	all := make([]subscription.ApplicationID, len(apps))
	for i, app := range apps {
		all[i] = app.ID
	}
	return all
}
