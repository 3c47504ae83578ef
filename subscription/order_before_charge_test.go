package subscription_test

import (
	"context"
	"testing"
	"time"

	"github.com/prepaidkit/prepaid/payment"
	"github.com/prepaidkit/prepaid/payment/balance"
	"github.com/prepaidkit/prepaid/subscription"
)

// While the gateway is called, nothing is locked, and the order and its attempt are already stored.
// Rule: order-before-charge.
func TestOrderIsStoredBeforeTheCharge(t *testing.T) {
	called := false
	w := newWorld(t, setup{gateway: func(w *world, behind *balance.Accounts) payment.Gateway {
		return &gatewayFuncs{Gateway: behind, OnCharge: func(ctx context.Context, c payment.Charge) (payment.Result, error) {
			called = true
			_, id, err := subscription.AttemptID(c.Key).Parse()
			w.ok(err)
			check(w.t, "the order is committed before it is charged", w.order(id).Status, subscription.OrderOpen) //nolint:contextcheck // the world runs under the context of its test
			check(w.t, "in the document too", w.stored().Orders[0].Attempt, subscription.AttemptID(c.Key))        //nolint:contextcheck // the world runs under the context of its test
			_, err = w.Do(ctx, app, subscription.Accept{Agreement: agreement}, "within")
			w.ok(err)
			// The charge's webhook arrives before its answer.
			r, err := behind.Charge(ctx, c)
			w.ok(err)
			w.settle(r) //nolint:contextcheck // the world runs under the context of its test
			return r, nil
		}}
	}})
	finished := make(chan error, 1)
	go func() {
		_, err := w.do(buy("call", "one-to-one"))
		finished <- err
	}()
	select {
	case err := <-finished:
		w.ok(err)
	case <-time.After(10 * time.Second):
		t.Fatal("deadlock")
	}
	check(t, "called", called, true)
	check(t, "minutes", w.application().Minutes("call", w.now).String(), "100000")
}

// The eligibility hook may call the service.
func TestHookMayCallTheService(t *testing.T) {
	var w *world
	w = newWorld(t, setup{options: subscription.Options{Eligible: func(ctx context.Context, e subscription.Eligibility) error {
		a, err := w.Application(ctx, e.Application)
		check(t, "account", a.Account, e.Account)
		e.Order.Lines[0].Item = "what it does with its copy is its own affair"
		return err
	}}})
	check(t, "line", w.must(buy("call", "one-to-one")).Order.Lines[0].Item, "call/one-to-one")
}
