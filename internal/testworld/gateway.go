package testworld

import (
	"context"
	"time"

	"github.com/prepaidkit/prepaid/payment"
	"github.com/prepaidkit/prepaid/subscription"
)

// Gateway is a gateway whose functions a test can set. Those that are nil are the embedded gateway's.
type Gateway struct {
	payment.Gateway

	OnCharge func(context.Context, payment.Charge) (payment.Result, error)
	OnLookup func(context.Context, string) (payment.Result, error)
	OnRefund func(context.Context, payment.Refund) (payment.Result, error)
	Keeps    time.Duration // how long keys are remembered; 0 means forever
}

// Charge implements [payment.Gateway].
func (g *Gateway) Charge(ctx context.Context, c payment.Charge) (payment.Result, error) {
	if g.OnCharge == nil {
		return g.Gateway.Charge(ctx, c)
	}
	return g.OnCharge(ctx, c)
}

// Lookup implements [payment.Gateway].
func (g *Gateway) Lookup(ctx context.Context, key string) (payment.Result, error) {
	if g.OnLookup == nil {
		return g.Gateway.Lookup(ctx, key)
	}
	return g.OnLookup(ctx, key)
}

// Refund implements [payment.Gateway].
func (g *Gateway) Refund(ctx context.Context, r payment.Refund) (payment.Result, error) {
	if g.OnRefund == nil {
		return g.Gateway.Refund(ctx, r)
	}
	return g.OnRefund(ctx, r)
}

// Retention implements [payment.Gateway].
func (g *Gateway) Retention() time.Duration { return g.Keeps }

// Paid returns the gateway's result for a collected order.
func Paid(o subscription.Order) payment.Result {
	return payment.Result{Key: string(o.Attempt), Status: payment.Succeeded, Amount: o.Amount}
}
