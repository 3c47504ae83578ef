package main

import (
	"context"
	"errors"
	"net/http"
	"strings"

	"github.com/prepaidkit/prepaid/subscription"
)

// providerBody is the fake provider's own page: what it still has to answer, and what it has told the console.
type providerBody struct {
	Pending []pendingRow
	Charges []chargeRow // of the customer, the latest first
	Sent    []delivery
}

// pendingRow is a charge that waits for the bank, and the page of its order.
type pendingRow struct {
	movement

	Mine bool
	Path string
}

func (c *console) providerPage(w http.ResponseWriter, r *http.Request, cu customer) error {
	all, err := c.provider.pending(r.Context())
	if err != nil {
		return err
	}
	body := providerBody{Sent: c.provider.hooks.sent()}
	for _, m := range all {
		row := pendingRow{movement: m, Mine: m.Charge.Account == cu.ID}
		if app, order, err := subscription.AttemptID(m.Charge.Key).Parse(); err == nil {
			row.Path = orderPath(app, order)
		}
		body.Pending = append(body.Pending, row)
	}
	if body.Charges, err = c.chargeRows(r.Context(), cu); err != nil {
		return err
	}
	return c.render(w, r, http.StatusOK, "provider", view{Title: "Payment provider", Section: "provider", Body: body})
}

// answerCharge plays the bank's answer to a charge. The console hears of it by the webhook.
func (c *console) answerCharge(w http.ResponseWriter, r *http.Request, _ customer) error {
	approve := r.FormValue("answer") == "approve"
	err := c.provider.answer(r.Context(), r.FormValue("charge"), approve)
	said := "refused"
	switch {
	case errors.Is(err, errNotPending):
		said = "answered"
	case err != nil:
		return err
	case approve:
		if said, err = c.approved(r.Context(), subscription.AttemptID(r.FormValue("charge"))); err != nil {
			return err
		}
	}
	to := "/demonstration/provider"
	if back := r.FormValue("return"); strings.HasPrefix(back, "/orders/") {
		to = returnTo(r)
	}
	return see(w, r, to+"?notice="+said)
}

// approved returns the notice that says what became of an order whose charge the bank approved.
func (c *console) approved(ctx context.Context, attempt subscription.AttemptID) (string, error) {
	app, order, err := attempt.Parse()
	if err != nil {
		return "", err
	}
	o, err := c.service.Order(ctx, app, order)
	switch {
	case err != nil:
		return "", err
	case o.Status != subscription.OrderPaid && o.Collected.Sign() > 0:
		return "returns", nil
	}
	return "approved", nil
}
