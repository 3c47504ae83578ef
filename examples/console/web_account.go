package main

import (
	"errors"
	"net/http"
	"slices"
	"strings"

	"github.com/prepaidkit/prepaid/pricing"
)

// signInBody is the page on which a visitor chooses to be a customer.
type signInBody struct {
	Customers  []customer
	Name       string
	Currencies []pricing.Currency // to choose from
	Currency   pricing.Currency
}

func (c *console) signInPage(w http.ResponseWriter, r *http.Request) {
	all, err := c.customers(r.Context())
	if err == nil {
		body := signInBody{all, r.FormValue("name"), c.currencies, c.currency(r)}
		err = c.render(w, r, http.StatusOK, "signin", view{Title: "Sign in", Body: body})
	}
	if err != nil {
		c.fail(w, r, err)
	}
}

// signIn asks for no password: the customers are of a demonstration.
func (c *console) signIn(w http.ResponseWriter, r *http.Request) {
	cu, ok, err := c.signs(r.Context(), r.FormValue("customer"))
	if err != nil || !ok {
		c.fail(w, r, errors.Join(err, errNoPage))
		return
	}
	c.admit(w, r, cu, "/")
}

func (c *console) admit(w http.ResponseWriter, r *http.Request, cu customer, to string) {
	http.SetCookie(w, &http.Cookie{Name: cookie, Value: cu.ID, Path: "/", HttpOnly: true, SameSite: http.SameSiteStrictMode})
	http.Redirect(w, r, to, http.StatusSeeOther)
}

func (c *console) signUpForm(w http.ResponseWriter, r *http.Request) {
	name := strings.TrimSpace(r.FormValue("name"))
	cu := customer{ID: identifier(name), Name: name, About: "New: it signed up in this console.", Currency: c.currency(r)}
	if err := c.signUp(r.Context(), cu); err != nil {
		if err = back(w, r, "/sign-in", err, "name", "currency"); err != nil {
			c.fail(w, r, err)
		}
		return
	}
	c.admit(w, r, cu, "/?notice=welcome")
}

// currency returns the currency that a form chooses, or the first one.
func (c *console) currency(r *http.Request) pricing.Currency {
	if chosen := pricing.Currency(r.FormValue("currency")); slices.Contains(c.currencies, chosen) {
		return chosen
	}
	return c.currencies[0]
}

func (c *console) signOut(w http.ResponseWriter, r *http.Request) {
	http.SetCookie(w, &http.Cookie{Name: cookie, Path: "/", MaxAge: -1, HttpOnly: true, SameSite: http.SameSiteStrictMode})
	http.Redirect(w, r, "/sign-in", http.StatusSeeOther)
}

// contactUs plays the seller's staff, who put the account on the allowlist at once.
func (c *console) contactUs(w http.ResponseWriter, r *http.Request, cu customer) error {
	if err := c.allow(r.Context(), cu); err != nil {
		return err
	}
	return see(w, r, "/packages?notice=allowed")
}
