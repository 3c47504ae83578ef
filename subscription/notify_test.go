package subscription_test

import (
	"context"
	"errors"
	"testing"

	"github.com/prepaidkit/prepaid/payment"
	"github.com/prepaidkit/prepaid/payment/balance"
	"github.com/prepaidkit/prepaid/subscription"
)

var errGatewayAway = errors.New("the gateway is unavailable")

// asked is a gateway that counts calls and can be unavailable.
type asked struct {
	*balance.Accounts
	charges, lookups, refunds int
	away, pending, unaware    bool
}

func (g *asked) Charge(ctx context.Context, c payment.Charge) (payment.Result, error) {
	g.charges++
	return g.Accounts.Charge(ctx, c)
}

func (g *asked) Lookup(ctx context.Context, key string) (payment.Result, error) {
	g.lookups++
	if g.away {
		return payment.Result{}, errGatewayAway
	}
	return g.Accounts.Lookup(ctx, key)
}

func (g *asked) Refund(ctx context.Context, r payment.Refund) (payment.Result, error) {
	switch {
	case g.pending:
		return payment.Result{Key: r.Key, Status: payment.Pending}, nil
	case g.unaware:
		return payment.Result{Key: r.Key, Status: payment.NotFound}, nil
	}
	g.refunds++
	return g.Accounts.Refund(ctx, r)
}

// notified is a world whose purchase is ordered and not yet collected, as if the process had died in between.
func notified(t *testing.T) (*world, *asked, subscription.Order) {
	t.Helper()
	g := &asked{}
	w := newWorld(t, setup{gateway: func(_ *world, behind *balance.Accounts) payment.Gateway {
		g.Accounts = behind
		return g
	}})
	r, err := w.Bind(w.store).Do(t.Context(), app, buy("call", "one-to-one"), "buy")
	fails(t, err, subscription.ErrPaymentPending)
	return w, g, r.Order
}

// pay collects an order at the gateway without notifying the service.
func (g *asked) pay(t *testing.T, o subscription.Order) {
	t.Helper()
	_, err := g.Accounts.Charge(t.Context(), payment.Charge{
		Key: string(o.Attempt), Account: string(o.Account), Amount: o.Amount,
		Order: string(o.ID), Application: string(o.Application), Description: o.Lines[0].Item,
	})
	if err != nil {
		t.Fatal(err)
	}
}

// A notification's content is never trusted: a forged one delivers nothing and charges nothing, and a true one delivers
// once.
// Rule: forged-notification-changes-nothing.
func TestForgedNotificationDeliversNothing(t *testing.T) {
	w, g, o := notified(t)
	for _, attempt := range []subscription.AttemptID{o.Attempt, o.Attempt + "/refund"} {
		r, err := w.Notify(t.Context(), attempt)
		w.ok(err)
		check(t, "status", r.Status, subscription.OrderOpen)
	}
	check(t, "charges and refunds", g.charges+g.refunds, 0)

	g.pay(t, o)
	for range 2 {
		r, err := w.Notify(t.Context(), o.Attempt)
		w.ok(err)
		check(t, "status", r.Status, subscription.OrderPaid)
		check(t, "order", r.ID, o.ID)
	}
	check(t, "charges by the service", g.charges, 0)
	check(t, "lots", len(w.stored().Lots), 1)
}

// A notification may be about something that doesn't exist: an unknown application, an unknown order, another store's
// attempt and an invalid attempt all give the same error, and the gateway isn't asked.
// Rule: forged-notification-changes-nothing.
func TestNotificationOfNothing(t *testing.T) {
	w, g, o := notified(t)
	id := string(o.ID)
	for name, attempt := range map[string]subscription.AttemptID{
		"no attempt": "hello", "another application": o.Attempt[:17] + "nobody/" + subscription.AttemptID(id),
		"another order": o.Attempt + "0", "another store": "0000000000000000" + o.Attempt[16:], "empty": "",
	} {
		_, err := w.Notify(t.Context(), attempt)
		check(t, name, errors.Is(err, subscription.ErrNotFound), true)
	}
	check(t, "lookups", g.lookups, 0)
	unknown := payment.Result{Status: payment.Succeeded, Amount: o.Amount}
	var said []string
	for _, attempt := range []subscription.AttemptID{o.Attempt[:17] + "nobody/" + subscription.AttemptID(id), o.Attempt[:17] + subscription.AttemptID(app) + "/nothing"} {
		unknown.Key = string(attempt)
		_, err := w.Settle(t.Context(), attempt, unknown)
		fails(t, err, subscription.ErrNotFound)
		said = append(said, err.Error()[:len("subscription: not found: attempt")])
	}
	check(t, "one error", said[0], said[1])
}

// If the gateway gives no answer, Notify fails, so that the notification is sent again. A bound service never asks the
// gateway.
func TestNotificationWithoutAnAnswer(t *testing.T) {
	w, g, o := notified(t)
	g.pay(t, o)
	g.away = true
	_, err := w.Notify(t.Context(), o.Attempt)
	fails(t, err, errGatewayAway)
	g.away = false
	_, err = w.Bind(w.store).Notify(t.Context(), o.Attempt)
	fails(t, err, subscription.ErrInvalid)
	r, err := w.Notify(t.Context(), o.Attempt)
	w.ok(err)
	check(t, "status", r.Status, subscription.OrderPaid)
}

// A payment that succeeds after the order was canceled goes back, even if its notification arrives twice.
func TestNotificationOfALatePayment(t *testing.T) {
	w, g, o := notified(t)
	_, err := w.Do(t.Context(), app, subscription.Cancel{Order: o.ID}, "cancel")
	if err != nil && !errors.Is(err, subscription.ErrCanceled) {
		t.Fatal(err)
	}
	g.pay(t, o)
	g.pending = true
	for range 2 { // a refund that isn't final is no error
		r, err := w.Notify(t.Context(), o.Attempt)
		w.ok(err)
		check(t, "status", r.Status, subscription.OrderCanceled)
		w.back(o.ID, "1 late 199.00 USD due")
	}
	g.pending, g.unaware = false, true
	r, err := w.Notify(t.Context(), o.Attempt) // nor is a charge that isn't known yet
	w.ok(err)
	check(t, "status", r.Status, subscription.OrderCanceled)
	w.back(o.ID, "1 late 199.00 USD due")
	g.unaware = false
	for range 2 {
		r, err := w.Notify(t.Context(), o.Attempt)
		w.ok(err)
		check(t, "status", r.Status, subscription.OrderCanceled)
		check(t, "returned", r.RefundedAmount, o.Amount)
		w.back(o.ID, "1 late 199.00 USD made")
	}
	check(t, "refunds", g.refunds, 1)
	check(t, "lots", len(w.stored().Lots), 0)
}
