package subscription_test

import (
	"context"
	"sync/atomic"
	"testing"

	"github.com/prepaidkit/prepaid/payment"
	"github.com/prepaidkit/prepaid/payment/balance"
	"github.com/prepaidkit/prepaid/subscription"
)

// A bound service never calls the gateway: its orders are collected after the caller's commit.
// Rule: callers-transaction.
func TestBoundServiceLeavesTheChargeToItsCaller(t *testing.T) {
	var calls atomic.Int64
	w := newWorld(t, setup{gateway: func(_ *world, behind *balance.Accounts) payment.Gateway {
		count := func() { calls.Add(1) }
		return &gatewayFuncs{
			Gateway: behind,
			OnCharge: func(ctx context.Context, c payment.Charge) (payment.Result, error) {
				count()
				return behind.Charge(ctx, c)
			},
			OnLookup: func(ctx context.Context, key string) (payment.Result, error) {
				count()
				return behind.Lookup(ctx, key)
			},
			OnRefund: func(ctx context.Context, r payment.Refund) (payment.Result, error) {
				count()
				return behind.Refund(ctx, r)
			},
		}
	}})
	commits := 0
	bound := w.Bind(&storeFuncs{Store: w.store, commit: func(ctx context.Context, changes ...subscription.Change) error {
		commits++
		return w.store.Commit(ctx, changes...)
	}})
	ctx := t.Context()
	cmd := buy("call", "one-to-one")
	q, err := bound.Quote(ctx, app, cmd)
	w.ok(err)
	r, err := bound.Confirm(ctx, app, cmd, q, "k")
	fails(t, err, subscription.ErrPaymentPending)
	_, err = bound.Do(ctx, app, cmd, "k")
	fails(t, err, subscription.ErrPaymentPending)
	_, err = bound.Collect(ctx, app, r.Receipt.OrderID)
	fails(t, err, subscription.ErrPaymentPending)
	check(t, "calls", calls.Load(), 0)
	check(t, "commits went through the bound store", commits, 1)

	// Not even when a refund falls due.
	_, err = bound.Do(ctx, app, subscription.Cancel{Order: r.Receipt.OrderID}, "cancel")
	w.ok(err)
	settled, err := bound.Settle(ctx, r.Order.Attempt, paid(r.Order))
	w.ok(err)
	check(t, "status", settled.Status, subscription.OrderCanceled)
	check(t, "refunds", settled.Refunds, 1)
	check(t, "calls", calls.Load(), 0)

	// The unbound service works on its own store and calls the gateway.
	r, err = bound.Do(ctx, app, buy("live", "lite"), "k2")
	fails(t, err, subscription.ErrPaymentPending)
	o, err := w.Collect(ctx, app, r.Receipt.OrderID)
	w.ok(err)
	check(t, "order", o.Status, subscription.OrderPaid)
	check(t, "calls", calls.Load(), 2) // lookup and charge

	// A bound service decides only once, since only the caller can restart the transaction.
	tries := 0
	conflicting := w.Bind(&storeFuncs{Store: w.store, commit: func(context.Context, ...subscription.Change) error {
		tries++
		return &subscription.ConflictError{Applications: []subscription.ApplicationID{app}}
	}})
	_, err = conflicting.Do(ctx, app, subscription.AutoRenew{Product: "live"}, "k3")
	fails(t, err, subscription.ErrConflict)
	check(t, "tries", tries, 1)
}
