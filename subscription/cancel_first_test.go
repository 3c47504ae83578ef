package subscription_test

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/prepaidkit/prepaid/internal/sure"
	"github.com/prepaidkit/prepaid/internal/testworld"
	"github.com/prepaidkit/prepaid/payment"
	"github.com/prepaidkit/prepaid/payment/balance"
	"github.com/prepaidkit/prepaid/subscription"
)

// constant is a lookup that always gives this answer.
func constant(r *payment.Result) func(context.Context, string) (payment.Result, error) {
	return func(context.Context, string) (payment.Result, error) { return *r, nil }
}

// recording passes each charge to record, and then on.
func recording(
	record func(payment.Charge), then func(context.Context, payment.Charge) (payment.Result, error),
) func(context.Context, payment.Charge) (payment.Result, error) {
	return func(ctx context.Context, c payment.Charge) (payment.Result, error) {
		record(c)
		return then(ctx, c)
	}
}

// A canceled order is canceled at the gateway at once, if that can do it, and is then known not to be collected.
// Rule: cancel-first.
func TestCancelAsksTheGatewayAtOnce(t *testing.T) {
	for _, tt := range []struct {
		name    string
		prepare func(w *world, card *testworld.Card, o subscription.Order)
		want    string
		balance string
	}{
		{"before the payment", func(*world, *testworld.Card, subscription.Order) {}, "canceled", "100000.00 USD"},
		{"after it, which goes back", func(w *world, card *testworld.Card, o subscription.Order) {
			w.ok(card.Confirm(w.t.Context(), string(o.Attempt), true))
		}, "canceled; late 199.00 USD made", "100000.00 USD"},
		{"after a decline", func(w *world, card *testworld.Card, o subscription.Order) {
			w.ok(card.Confirm(w.t.Context(), string(o.Attempt), false))
		}, "canceled", "100000.00 USD"},
		{"without an answer", func(_ *world, card *testworld.Card, _ subscription.Order) { card.Down = errLost }, "canceling", "100000.00 USD"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			w, card := newCard(t, setup{})
			o := w.place(buy("call", "one-to-one"))
			tt.prepare(w, card, o)
			card.Calls()
			w.must(subscription.Cancel{Order: o.ID})
			check(t, "order", w.outcome(o.ID), tt.want)
			check(t, "calls", strings.Join(card.Calls(), ", "), "cancel "+string(o.Attempt))
			check(t, "balance", w.balance(), tt.balance)
			// Whatever the gateway said, another order can be placed and paid.
			card.Asks = nil
			w.must(buy("call", "one-to-one"))
			// What is still unknown, the worker asks again.
			card.Down = nil
			w.work(card, "2025-07-10T05:00:00Z", 10*time.Minute)
			check(t, "in the end", w.outcome(o.ID), strings.Replace(tt.want, "canceling", "canceled", 1))
			check(t, "paid once", w.balance(), "99801.00 USD")
		})
	}
}

// The worker asks a gateway that can cancel to do so instead of looking up what was given up, and doesn't wait for an hour.
// Rule: cancel-first.
func TestWorkerCancelsWhatWasGivenUp(t *testing.T) {
	w, card := newCard(t, setup{})
	o := w.place(buy("call", "one-to-one"))
	card.Down = errLost
	w.must(subscription.Cancel{Order: o.ID})
	card.Down = nil
	card.Calls()
	w.work(card, "2025-07-10T02:31:00Z", time.Minute)
	check(t, "calls", card.Calls()[0], "cancel "+string(o.Attempt))
	check(t, "order", w.order(o.ID).Status, subscription.OrderCanceled)
	// A gateway that can't cancel is asked what has become of it, as before.
	w, card = newCard(t, setup{})
	o = w.place(buy("call", "one-to-one"))
	card.Down = errLost
	w.must(subscription.Cancel{Order: o.ID})
	card.Calls()
	w.work(card.Plain(), "2025-07-10T12:00:00Z", time.Hour)
	check(t, "calls", len(card.Calls()), 0)
	check(t, "the gateway still says pending", w.order(o.ID).Status, subscription.OrderCanceling)
	w.ok(card.Confirm(t.Context(), string(o.Attempt), false))
	w.work(card.Plain(), "2025-07-10T19:00:00Z", time.Hour)
	check(t, "order", w.order(o.ID).Status, subscription.OrderCanceled)
}

// A gateway that doesn't know the charge hasn't canceled it: it may be on its way for an hour.
// Rule: cancel-first, canceled-order-is-watched.
func TestCancelingTheUnknownIsNoEnd(t *testing.T) {
	w, card := newCard(t, setup{})
	g := &gatewayFuncs{Gateway: card, OnCharge: func(context.Context, payment.Charge) (payment.Result, error) {
		return payment.Result{}, errLost
	}}
	losing := sure.Of(subscription.NewService(w.store, g, subscription.StaticCatalog(w.catalog),
		&subscription.Options{Now: func() time.Time { return w.now }}))
	r, err := losing.Do(t.Context(), app, buy("call", "one-to-one"), "k")
	fails(t, err, subscription.ErrPaymentPending)
	w.must(subscription.Cancel{Order: r.Order.ID})
	check(t, "order", w.order(r.Order.ID).Status, subscription.OrderCanceling)
	w.work(card, "2025-07-10T03:29:59Z", time.Minute)
	check(t, "within the hour", w.order(r.Order.ID).Status, subscription.OrderCanceling)
	w.work(card, "2025-07-10T05:00:00Z", time.Minute)
	check(t, "after it", w.order(r.Order.ID).Status, subscription.OrderCanceled)
}

// Within the caller's transaction, nobody is asked. Once it is committed, what takes the place of a canceled order is
// charged only after the gateway was told.
// Rule: cancel-first.
func TestBoundServiceNeverCancels(t *testing.T) {
	w, card := newCard(t, setup{})
	old := w.place(buy("call", "one-to-one"))
	card.Calls()
	bound := w.Bind(w.store)
	_, err := bound.Do(t.Context(), app, subscription.Cancel{Order: old.ID}, "cancel")
	w.ok(err)
	r, err := bound.Do(t.Context(), app, buy("call", "one-to-one"), "buy")
	fails(t, err, subscription.ErrPaymentPending)
	check(t, "calls", len(card.Calls()), 0)
	card.Asks = nil
	_, err = w.Do(t.Context(), app, buy("call", "one-to-one"), "buy")
	w.ok(err)
	want := []string{"cancel " + string(old.Attempt), "charge " + string(r.Order.Attempt)}
	if got := card.Calls(); !slices.Equal(got, want) {
		t.Errorf("calls %q, want %q", got, want)
	}
	check(t, "old", w.order(old.ID).Status, subscription.OrderCanceled)
}

// A gateway whose Cancel gives an impossible answer, or refuses, keeps nothing from being paid.
// Rule: cancel-first.
func TestImpossibleCancelBlocksNothing(t *testing.T) {
	for name, answer := range map[string]payment.Result{
		"another key":       {Key: "other", Status: payment.Declined, Reason: payment.Canceled},
		"nothing":           {},
		"a declined amount": {Key: "x", Status: payment.Declined},
	} {
		t.Run(name, func(t *testing.T) {
			card := &testworld.Card{Asks: func(payment.Charge) bool { return true }}
			w := newWorld(t, setup{gateway: func(_ *world, behind *balance.Accounts) payment.Gateway {
				card.Gateway = behind
				return &oddCanceler{card, answer}
			}})
			o := w.place(buy("call", "one-to-one"))
			w.must(subscription.Cancel{Order: o.ID})
			check(t, "order", w.order(o.ID).Status, subscription.OrderCanceling)
			card.Asks = nil
			w.must(buy("call", "one-to-one"))
			w.pays(1, 0, "199.00")
		})
	}
}

type oddCanceler struct {
	*testworld.Card
	answer payment.Result
}

func (g *oddCanceler) Cancel(context.Context, string) (payment.Result, error) { return g.answer, nil }

// Draft.Replace makes way only for what waits for the customer.
// Rule: pay-by-hand.
func TestReplaceOnlyWhatWaits(t *testing.T) {
	w, _ := newCard(t, setup{})
	o := w.place(buy("call", "one-to-one"))
	d := subscription.Begin(w.load(), w.now)
	if err := d.Replace(o.Subscription); !errors.Is(err, subscription.ErrOrderOpen) {
		t.Errorf("the customer's own order: %v", err)
	}
	w.ok(d.Replace("call-2"))
	check(t, "nothing changes", d.Change().IsZero(), true)
}
