package main

import (
	"cmp"
	"context"
	"net/http"

	"github.com/prepaidkit/prepaid/subscription"
)

// staffName is who acts on the pages of the seller's staff, in events. A host of your own knows who is signed in.
const staffName = "the seller's staff"

// staffID signs in the seller's staff. It is no customer's, since [identifier] makes no such ID.
const staffID = "+staff"

// staff reports whether the one who is signed in is of the seller's staff.
func (cu customer) staff() bool { return cu.ID == staffID }

// errNotYours means that a page is for somebody in another role.
var errNotYours = &pageError{problem{http.StatusForbidden, notice{
	Kind: "bad", Title: "This page is for somebody else",
	Text: "Customers see what is theirs, and the seller's staff what is the seller's. Switch to whoever may see it.",
	Link: "/", Says: "Go to your first page",
}, false}, "not_yours", nil}

// forCustomers is a page that only a customer sees. Staff begins elsewhere.
func forCustomers(h page) page {
	return func(w http.ResponseWriter, r *http.Request, cu customer) error {
		switch {
		case cu.staff() && r.URL.Path == "/":
			return see(w, r, workPath)
		case cu.staff():
			return errNotYours
		}
		return h(w, r, cu)
	}
}

// forStaff is a page that only the seller's staff sees.
func forStaff(h page) page {
	return func(w http.ResponseWriter, r *http.Request, cu customer) error {
		if !cu.staff() {
			return errNotYours
		}
		return h(w, r, cu)
	}
}

// forBoth is a page about a customer, for that customer and for the seller's staff: what staff asks for names an application or an
// account.
func (c *console) forBoth(h page) page {
	return func(w http.ResponseWriter, r *http.Request, cu customer) error {
		if !cu.staff() {
			return h(w, r, cu)
		}
		whose, err := c.whose(r.Context(), cmp.Or(r.PathValue("app"), r.FormValue("app")), r.FormValue("account"))
		if err != nil {
			return err
		}
		return h(w, r, whose)
	}
}

// whose returns the customer who pays for an application or, without one, has an account. Nobody pays for an application that was
// erased.
func (c *console) whose(ctx context.Context, app, account string) (customer, error) {
	if app != "" {
		found, err := c.service.Application(ctx, subscription.ApplicationID(app))
		if err != nil {
			return customer{}, err
		}
		if account = string(found.Account); account == "" {
			return customer{Name: "Erased"}, nil
		}
	}
	cu, ok, err := c.customer(ctx, account)
	if err != nil || !ok {
		return customer{}, cmp.Or(err, error(errNoPage))
	}
	return cu, nil
}
