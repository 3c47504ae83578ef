package main

import (
	"net/http"

	"github.com/prepaidkit/prepaid/pricing"
	"github.com/prepaidkit/prepaid/subscription"
)

// agreeing is the box of a form that accepts the agreement in force.
type agreeing struct {
	pricing.Agreement

	ID      string
	Checked bool
	Missing bool // the form was sent without it
}

// formField tells the forms of one page apart.
const formField = "form"

// agreeing returns the box of a form. A page with several forms gives each a name.
func (c *console) agreeing(r *http.Request, form string) agreeing {
	a := agreeing{Agreement: c.catalog.Agreement(), ID: "agree"}
	if form != "" {
		a.ID += "-" + form
	}
	if mine := r.FormValue(formField) == form; mine {
		a.Checked = agreed(r) == nil
		a.Missing = r.FormValue(problemField) == "agreement_required"
	}
	return a
}

// agreed fails if a form was sent without its box.
func agreed(r *http.Request) error {
	if r.FormValue("agree") == "" {
		return subscription.ErrAgreementRequired
	}
	return nil
}
