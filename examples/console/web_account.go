package main

import (
	"errors"
	"net/http"
	"strings"
)

// signInBody is the page on which a visitor chooses to be a customer.
type signInBody struct {
	Customers []customer
	Name      string
}

func (c *console) signInPage(w http.ResponseWriter, r *http.Request) {
	c.showSignIn(w, r, http.StatusOK, "", nil)
}

func (c *console) showSignIn(w http.ResponseWriter, r *http.Request, status int, name string, notices []notice) {
	all, err := c.customers(r.Context())
	if err == nil {
		err = c.render(w, r, status, "signin", view{Title: "Sign in", Notices: notices, Body: signInBody{all, name}})
	}
	if err != nil {
		c.fail(w, r, err)
	}
}

// signIn asks for no password: the customers are of a demonstration.
func (c *console) signIn(w http.ResponseWriter, r *http.Request) {
	cu, ok, err := c.customer(r.Context(), r.FormValue("customer"))
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
	cu := customer{ID: identifier(name), Name: name, About: "New: it signed up in this console."}
	if cu.ID == "" || len(name) > 60 {
		c.showSignIn(w, r, http.StatusUnprocessableEntity, name, []notice{{
			Kind: "bad", Title: "Please enter a name",
			Text: "It has at least one letter from a to z or a digit, and at most 60 characters.",
		}})
		return
	}
	err := c.signUp(r.Context(), cu)
	if errors.Is(err, errTaken) {
		c.showSignIn(w, r, http.StatusConflict, name, []notice{{
			Kind: "bad", Title: "There is a customer of this name", Text: "Choose another name, or sign in as that customer.",
		}})
		return
	}
	if err != nil {
		c.fail(w, r, err)
		return
	}
	c.admit(w, r, cu, "/?notice=welcome")
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
