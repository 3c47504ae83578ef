package subscription_test

import (
	"context"
	"testing"
	"time"

	"github.com/prepaidkit/prepaid/payment"
	"github.com/prepaidkit/prepaid/payment/balance"
	"github.com/prepaidkit/prepaid/payment/paymenttest"
	"github.com/prepaidkit/prepaid/subscription"
)

// The customer cancels the order and orders again while the gateway is collecting: one of the two payments goes back.
// Rule: late-payment-goes-back.
func TestLatePaymentGoesBack(t *testing.T) {
	canceled := false
	w := newWorld(t, setup{gateway: func(w *world, behind *balance.Accounts) payment.Gateway {
		return &gatewayFuncs{Gateway: behind, OnCharge: func(ctx context.Context, c payment.Charge) (payment.Result, error) {
			if !canceled {
				canceled = true
				w.must(subscription.Cancel{Order: subscription.OrderID(c.Order)}) //nolint:contextcheck // the world runs under the context of its test
				w.must(buy("call", "group-call"))                                 //nolint:contextcheck // the world runs under the context of its test
			}
			return behind.Charge(ctx, c)
		}}
	}})
	r, err := w.do(buy("call", "one-to-one"))
	fails(t, err, subscription.ErrCanceled)
	check(t, "order", r.Order.Status, subscription.OrderCanceled)
	check(t, "returned", r.Order.RefundedAmount, money(t, "199.00 USD"))
	w.back(r.Order.ID, "1 late 199.00 USD made")
	check(t, "version", w.latest("call").Version(), "group-call")
	check(t, "balance", w.balance(), "99403.00 USD")
}

// A charge whose answer was lost moved the money. The customer cancels, and the next lookup of the order, by its key or
// by Collect, returns the money. Nothing else is charged.
func TestSilentPaymentGoesBackWhenItIsAskedAbout(t *testing.T) {
	cmd := buy("call", "one-to-one")
	for name, ask := range map[string]func(w *world, id subscription.OrderID) (subscription.Order, error){
		"Collect": func(w *world, id subscription.OrderID) (subscription.Order, error) {
			return w.Collect(w.t.Context(), app, id)
		},
		"the repeated key": func(w *world, _ subscription.OrderID) (subscription.Order, error) {
			r, err := w.Do(w.t.Context(), app, cmd, "k")
			return r.Order, err
		},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t, setup{gateway: hostile(paymenttest.HostileOptions{}, paymenttest.Silent)})
			r, err := w.Do(t.Context(), app, cmd, "k")
			fails(t, err, subscription.ErrPaymentPending)
			check(t, "collected", w.balance(), "99801.00 USD")
			w.must(subscription.Cancel{Order: r.Receipt.OrderID})
			o, err := ask(w, r.Receipt.OrderID)
			fails(t, err, subscription.ErrCanceled)
			check(t, "order", o.Status, subscription.OrderCanceled)
			check(t, "returned", o.RefundedAmount, money(t, "199.00 USD"))
			w.back(o.ID, "1 late 199.00 USD made")
			check(t, "balance", w.balance(), "100000.00 USD")

			// A charge that never arrived stays canceled, and isn't made.
			w = newWorld(t, setup{gateway: hostile(paymenttest.HostileOptions{}, paymenttest.TimeoutBefore)})
			r, _ = w.Do(t.Context(), app, cmd, "k")
			w.must(subscription.Cancel{Order: r.Receipt.OrderID})
			o, err = ask(w, r.Receipt.OrderID)
			fails(t, err, subscription.ErrCanceled)
			check(t, "order, which may be in flight", o.Status, subscription.OrderCanceling)
			w.now = w.now.Add(time.Hour - time.Microsecond)
			o, err = ask(w, r.Receipt.OrderID)
			fails(t, err, subscription.ErrCanceled)
			check(t, "order, not yet an hour later", o.Status, subscription.OrderCanceling)
			w.now = w.now.Add(time.Microsecond)
			o, err = ask(w, r.Receipt.OrderID)
			fails(t, err, subscription.ErrCanceled)
			check(t, "order, an hour later", o.Status, subscription.OrderCanceled)
			check(t, "balance", w.balance(), "100000.00 USD")
		})
	}
}
