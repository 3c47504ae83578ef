package main

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/prepaidkit/prepaid/pricing"
	"github.com/prepaidkit/prepaid/subscription"
)

// staffList is how many applications the first page lists at most.
const staffList = 100

// staffBody is the first page of the seller's staff: everybody's applications.
type staffBody struct {
	Apps []subscription.Application
	More bool
}

func (c *console) staffPage(w http.ResponseWriter, r *http.Request, _ customer) error {
	if id := strings.TrimSpace(r.FormValue("app")); id != "" {
		return see(w, r, staffPath(subscription.ApplicationID(id)))
	}
	body, err := c.everybody(r.Context())
	if err != nil {
		return err
	}
	return c.render(w, r, http.StatusOK, "staff", view{Title: "The seller’s staff", Section: "staff", Body: body})
}

// everybody returns the first applications of all customers.
func (c *console) everybody(ctx context.Context) (staffBody, error) {
	ids, more, err := firstRows(c.store.Applications(ctx), staffList)
	body := staffBody{More: more}
	if err != nil {
		return body, err
	}
	for _, id := range ids {
		app, err := c.service.Application(ctx, id)
		if err != nil {
			return body, err
		}
		body.Apps = append(body.Apps, app)
	}
	return body, nil
}

// staffAppBody is what the seller's staff can do for one application.
type staffAppBody struct {
	App       subscription.Application
	Path      string
	Key       string
	Customers []customer // who can pay instead

	Minutes, Months, Reason string // as they were typed
	Chosen                  []string
}

func (c *console) staffAppPage(w http.ResponseWriter, r *http.Request, _ customer) error {
	app, err := c.service.Application(r.Context(), subscription.ApplicationID(r.PathValue("app")))
	if err != nil {
		return err
	}
	body := staffAppBody{
		App: app, Path: staffPath(app.ID), Key: formKey(r), Minutes: r.FormValue("minutes"), Months: r.FormValue("months"),
		Reason: r.FormValue("reason"), Chosen: r.Form["product"],
	}
	all, err := c.customers(r.Context())
	if err != nil {
		return err
	}
	for _, cu := range all {
		if cu.account() != app.Account {
			body.Customers = append(body.Customers, cu)
		}
	}
	return c.render(w, r, http.StatusOK, "staffapp", view{Title: "Staff: " + string(app.ID), Section: "staff", Body: body})
}

// Chose reports whether a product was chosen, when a form is shown again.
func (b staffAppBody) Chose(id pricing.ProductID) bool { return slices.Contains(b.Chosen, string(id)) }

// giveMinutes gives minutes that cost nothing.
func (c *console) giveMinutes(w http.ResponseWriter, r *http.Request, _ customer) error {
	g := subscription.Gift{Minutes: wholeNumber(r.FormValue("minutes"))}
	for _, id := range r.PostForm["product"] {
		g.Products = append(g.Products, pricing.ProductID(id))
	}
	g.Validity.Months = int(wholeNumber(r.FormValue("months")))
	var problem error
	switch {
	case len(g.Products) == 0:
		problem = bad("gift_products")
	case g.Minutes < 1 || g.Minutes > 1_000_000:
		problem = bad("minutes")
	case g.Validity.Months < 1 || g.Validity.Months > 36:
		problem = bad("gift_months")
	}
	return c.act(w, r, g, "given", problem)
}

// moveAccount has another customer pay for the application.
func (c *console) moveAccount(w http.ResponseWriter, r *http.Request, _ customer) error {
	cu, known, err := c.customer(r.Context(), r.FormValue("account"))
	if err != nil {
		return err
	}
	var problem error
	if !known {
		problem = bad("other_customer")
	}
	return c.act(w, r, subscription.ChangeAccount{Account: cu.account()}, "account", problem)
}

// closeApplication closes an application for good.
func (c *console) closeApplication(w http.ResponseWriter, r *http.Request, _ customer) error {
	return c.act(w, r, subscription.Close{}, "closed", sure(r))
}

// eraseApplication removes what identifies a person from a closed application.
func (c *console) eraseApplication(w http.ResponseWriter, r *http.Request, _ customer) error {
	return c.act(w, r, subscription.Erase{}, "erased", sure(r))
}

// sure returns a problem unless the box was checked that says that something can't be undone.
func sure(r *http.Request) error {
	if r.FormValue("sure") == "" {
		return bad("sure")
	}
	return nil
}

// act runs a command on behalf of the seller's staff, unless there is a problem with the form, and returns to the page of the
// application.
func (c *console) act(w http.ResponseWriter, r *http.Request, cmd subscription.Command, said string, problem error) error {
	app := subscription.ApplicationID(r.PathValue("app"))
	page := staffPath(app)
	if problem == nil {
		problem = c.actAs(r.Context(), app, cmd, r.FormValue("reason"), cmd.Kind()+" "+formKey(r))
	}
	if problem != nil {
		return back(w, r, page, staffTold(problem), "minutes", "months", "product", "reason")
	}
	return see(w, r, page+"?notice=staff-"+said)
}

func (c *console) actAs(ctx context.Context, app subscription.ApplicationID, cmd subscription.Command, reason, key string) error {
	_, err := c.service.As(staffName, strings.TrimSpace(reason)).Do(ctx, app, cmd, key)
	return err
}

// staffTold says what an error means to the staff, where that is something else than what a customer is told.
func staffTold(err error) error {
	switch {
	case errors.Is(err, subscription.ErrOrderOpen):
		return bad("staff_open")
	case errors.Is(err, subscription.ErrArrears):
		return bad("staff_arrears")
	}
	return err
}

func staffPath(app subscription.ApplicationID) string {
	return "/staff/apps/" + url.PathEscape(string(app))
}
