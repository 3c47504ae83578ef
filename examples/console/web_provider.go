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
	Outbox  outbox
}

// pendingRow is a charge that waits for the bank, and the page of its order.
type pendingRow struct {
	movement

	Mine bool
	Path string
}

func (c *console) providerPage(w http.ResponseWriter, r *http.Request, cu customer) error {
	all, err := c.provider.charges(r.Context(), isPending)
	if err != nil {
		return err
	}
	body := providerBody{Outbox: c.provider.outbox()}
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
	a := act{Do: refuses, Charge: r.FormValue("charge")}
	approve := r.FormValue("answer") == "approve"
	if approve {
		a.Do = approves
	}
	err := c.provider.play(r.Context(), a)
	said := "refused"
	switch {
	case errors.Is(err, errNotPending):
		said = "answered"
	case err != nil:
		return err
	case approve:
		if said, err = c.approved(r.Context(), subscription.AttemptID(a.Charge)); err != nil {
			return err
		}
	}
	to := "/demonstration/provider"
	if back := r.FormValue("return"); strings.HasPrefix(back, "/orders/") {
		to = returnTo(r)
	}
	return see(w, r, to+"?notice="+c.heard(said))
}

// heard returns the notice about what somebody at the provider did: that the console hasn't heard of it, if notifications
// are held.
func (c *console) heard(said string) string {
	if c.provider.outbox().Held && said != "answered" {
		return "held"
	}
	return said
}

// sendWaiting has the provider send what has happened in a request. What can't be sent waits.
func (c *console) sendWaiting(r *http.Request) {
	if err := c.provider.send(r.Context(), sendWaiting); err != nil {
		c.log.WarnContext(r.Context(), "notifications", "error", err)
	}
}

// sendNotifications holds the provider's notifications, sends what waits, or repeats what was sent.
func (c *console) sendNotifications(w http.ResponseWriter, r *http.Request, _ customer) error {
	how := sending(r.FormValue("do"))
	if how == sendWaiting {
		return errNoPage
	}
	if err := c.provider.send(r.Context(), how); err != nil {
		return err
	}
	return see(w, r, "/demonstration/provider?notice=sent-"+string(how))
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
