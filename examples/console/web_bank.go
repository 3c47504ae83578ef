package main

import (
	"errors"
	"net/http"

	"github.com/prepaidkit/prepaid/payment"
	"github.com/prepaidkit/prepaid/subscription"
)

// bankBody is the fake bank's page, on which the owner of a card confirms a payment (3-D Secure) or refuses to.
type bankBody struct {
	movement

	Path  string // of the order, to go back to
	Waits bool
}

// readBank returns what the bank's page is about. It is for the payer alone.
func (c *console) readBank(r *http.Request, cu customer) (bankBody, error) {
	m, ok, err := c.provider.asked(r.Context(), r.PathValue("token"))
	if err != nil {
		return bankBody{}, err
	}
	if !ok || m.Charge.Account != cu.ID {
		return bankBody{}, errNoPage
	}
	app, order, err := subscription.AttemptID(m.Charge.Key).Parse()
	if err != nil {
		return bankBody{}, err
	}
	return bankBody{m, orderPath(app, order), m.Result.Status == payment.Pending}, nil
}

func (c *console) bankPage(w http.ResponseWriter, r *http.Request, cu customer) error {
	body, err := c.readBank(r, cu)
	if err != nil {
		return err
	}
	return c.render(w, r, http.StatusOK, "bank", view{Title: "Your bank", Section: "provider", Body: body})
}

// confirmCharge does what the owner of the card wants. The console hears of it by the webhook, before the browser is back.
func (c *console) confirmCharge(w http.ResponseWriter, r *http.Request, cu customer) error {
	body, err := c.readBank(r, cu)
	if err != nil {
		return err
	}
	confirms := r.FormValue("answer") == "confirm"
	a := act{Do: refuses, Charge: body.Charge.Key}
	if confirms {
		a.Do = approves
	}
	err = c.provider.play(r.Context(), a)
	said := "not-confirmed"
	switch {
	case errors.Is(err, errNotPending):
		said = "answered"
	case err != nil:
		return err
	case confirms:
		said = "confirmed"
	}
	return see(w, r, body.Path+"?notice="+c.heard(said))
}

// redirection returns where an order's payer has to go before it can be paid, or "" for nowhere. It is told to nobody else.
func redirection(o subscription.Order) string {
	if o.Status == subscription.OrderOpen && o.Action != nil && o.Action.Kind == payment.ActionRedirect {
		return o.Action.Value
	}
	return ""
}
