package subscription_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/prepaidkit/prepaid/payment"
	"github.com/prepaidkit/prepaid/payment/balance"
	"github.com/prepaidkit/prepaid/subscription"
)

// The gateway's answer isn't lost if the caller's context is canceled meanwhile.
func TestAnswerIsKeptThoughTheCallerIsGone(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	w := newWorld(t, setup{gateway: func(_ *world, behind *balance.Accounts) payment.Gateway {
		return &gatewayFuncs{Gateway: behind, OnCharge: func(ctx context.Context, c payment.Charge) (payment.Result, error) {
			defer cancel()
			return behind.Charge(ctx, c)
		}}
	}})
	r, err := w.Do(ctx, app, buy("call", "one-to-one"), "k")
	w.ok(err)
	check(t, "order", r.Order.Status, subscription.OrderPaid)
	check(t, "stored", w.order(r.Receipt.OrderID).Status, subscription.OrderPaid)

	// If it was canceled before, nothing is done at all.
	_, err = w.Do(ctx, app, buy("live", "lite"), "k2")
	fails(t, err, context.Canceled)
	check(t, "orders", len(w.orders()), 1)
}

// A gateway call that hangs is abandoned after the time-out, and the outcome is unknown.
func TestHangingGatewayIsLeftAtTheTimeout(t *testing.T) {
	w := newWorld(t, setup{
		options: subscription.Options{ChargeTimeout: time.Millisecond},
		gateway: func(_ *world, behind *balance.Accounts) payment.Gateway {
			return &gatewayFuncs{Gateway: behind, OnCharge: func(ctx context.Context, _ payment.Charge) (payment.Result, error) {
				<-ctx.Done()
				return payment.Result{}, ctx.Err()
			}}
		},
	})
	_, err := w.do(buy("call", "one-to-one"))
	check(t, "pending", errors.Is(err, subscription.ErrPaymentPending) && errors.Is(err, context.DeadlineExceeded), true)
}
