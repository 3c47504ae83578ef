package subscription_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/prepaidkit/prepaid/payment"
	"github.com/prepaidkit/prepaid/payment/balance"
	"github.com/prepaidkit/prepaid/payment/paymenttest"
	"github.com/prepaidkit/prepaid/subscription"
)

// After an unknown outcome nothing new is tried: the key is looked up and tried again.
// Rule: unknown-outcome-repeats-the-key.
func TestUnknownOutcomeRepeatsTheKey(t *testing.T) {
	cmd := buy("call", "one-to-one")
	for _, tt := range []struct {
		name    string
		fault   paymenttest.Fault
		asks    int // how many repetitions stay pending
		outcome subscription.OrderStatus
	}{
		{"a crash between commit and charge", paymenttest.TimeoutBefore, 0, subscription.OrderPaid},
		{"no answer, but the money has moved", paymenttest.TimeoutAfter, 0, subscription.OrderPaid},
		{"no answer, ever", paymenttest.Silent, 0, subscription.OrderPaid},
		{"in flight, and nowhere to be found", paymenttest.InFlight, 0, subscription.OrderPaid},
		{"pending for a while, then paid", paymenttest.PendingThenPaid, 2, subscription.OrderPaid},
		{"pending for a while, then declined", paymenttest.PendingThenDeclined, 2, subscription.OrderDeclined},
	} {
		t.Run(tt.name, func(t *testing.T) {
			w := newWorld(t, setup{gateway: hostile(paymenttest.HostileOptions{}, tt.fault)})
			r, err := w.Do(t.Context(), app, cmd, "k")
			fails(t, err, subscription.ErrPaymentPending)
			check(t, "the receipt is valid", r.Receipt.Key, "k")
			check(t, "order", r.Order.Status, subscription.OrderOpen)
			check(t, "nothing is delivered", len(w.application().Subscriptions), 0)
			// Nothing untrue is announced.
			check(t, "announced", w.count(subscription.EventOrderPaid)+w.count(subscription.EventPeriodPaid), 0)
			for range tt.asks {
				_, err = w.Do(t.Context(), app, cmd, "k")
				fails(t, err, subscription.ErrPaymentPending)
			}
			r, err = w.Do(t.Context(), app, cmd, "k")
			check(t, "order", r.Order.Status, tt.outcome)
			check(t, "error", err == nil, tt.outcome == subscription.OrderPaid)
			charges, refunds, _ := w.charged()
			want := 0
			if tt.outcome == subscription.OrderPaid {
				want = 1
			}
			check(t, "charges", charges, want)
			check(t, "refunds", refunds, 0)
			check(t, "subscriptions", len(w.application().Subscriptions), want)
		})
	}
	t.Run("Collect does what the repeated key does", func(t *testing.T) {
		w := newWorld(t, setup{gateway: hostile(paymenttest.HostileOptions{}, paymenttest.TimeoutBefore)})
		r, _ := w.Do(t.Context(), app, cmd, "k")
		o, err := w.Collect(t.Context(), app, r.Receipt.OrderID)
		w.ok(err)
		check(t, "order", o.Status, subscription.OrderPaid)
		o, err = w.Collect(t.Context(), app, r.Receipt.OrderID)
		w.ok(err)
		check(t, "again", o.Status, subscription.OrderPaid)
	})
	t.Run("the same key is asked for, with the same content", func(t *testing.T) {
		var asked []payment.Charge
		var found []string
		w := newWorld(t, setup{gateway: func(_ *world, behind *balance.Accounts) payment.Gateway {
			return &gatewayFuncs{
				Gateway: behind,
				OnCharge: func(_ context.Context, c payment.Charge) (payment.Result, error) {
					asked = append(asked, c)
					return payment.Result{}, errors.New("gateway is down")
				},
				OnLookup: func(_ context.Context, key string) (payment.Result, error) {
					found = append(found, key)
					return payment.Result{Key: key, Status: payment.NotFound}, nil
				},
			}
		}})
		for range 3 {
			_, err := w.Do(t.Context(), app, cmd, "k")
			fails(t, err, subscription.ErrPaymentPending)
			check(t, "the reason is told", strings.Contains(err.Error(), "gateway is down"), true)
			w.now = w.now.Add(time.Hour)
		}
		o := w.orders()[0]
		want := payment.Charge{
			Key: w.load().Store + "/" + string(app) + "/" + string(o.ID), Account: string(acme), Amount: money(t, "199.00 USD"),
			Order: string(o.ID), Application: string(app), Description: "call/one-to-one", Present: true,
		}
		if diff := cmp.Diff([]payment.Charge{want, want, want}, asked, exactly); diff != "" {
			t.Errorf("charges (-want +got):\n%s", diff)
		}
		if diff := cmp.Diff([]string{want.Key, want.Key}, found); diff != "" {
			t.Errorf("lookups (-want +got):\n%s", diff)
		}
	})
}

// After a commit that succeeded without an answer, the same key finds what happened.
// Rule: unknown-outcome-repeats-the-key.
func TestUnknownCommitIsFoundByItsKey(t *testing.T) {
	lost := errors.New("connection lost")
	for _, tt := range []struct {
		name  string
		fails int // the commit whose answer is lost
		done  bool
	}{
		{"the order's, which was committed", 1, true},
		{"the order's, which wasn't", 1, false},
		{"the settlement's, which was committed", 2, true},
		{"the settlement's, which wasn't", 2, false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			commits := 0
			w := newWorld(t, setup{wrap: func(_ *world, st subscription.Store) subscription.Store {
				return &storeFuncs{Store: st, commit: func(ctx context.Context, changes ...subscription.Change) error {
					commits++
					if commits != tt.fails {
						return st.Commit(ctx, changes...)
					}
					if tt.done {
						if err := st.Commit(ctx, changes...); err != nil {
							return err
						}
					}
					return lost
				}}
			}})
			_, err := w.Do(t.Context(), app, buy("call", "one-to-one"), "k")
			fails(t, err, lost)
			check(t, "as pending, once there is an order", errors.Is(err, subscription.ErrPaymentPending), tt.fails == 2)
			r, err := w.Do(t.Context(), app, buy("call", "one-to-one"), "k")
			w.ok(err)
			check(t, "order", r.Order.Status, subscription.OrderPaid)
			check(t, "orders", len(w.orders()), 1)
			check(t, "deliveries", w.count(subscription.EventOpened), 1)
			charges, _, _ := w.charged()
			check(t, "charges", charges, 1)
		})
	}
}
