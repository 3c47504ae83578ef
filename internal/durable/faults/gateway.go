package faults

import (
	"context"
	"time"

	"github.com/prepaidkit/prepaid/payment"
)

// remoteGateway is the parent's gateway as seen by a child.
type remoteGateway struct{ child *child }

// Charge implements payment.Gateway.
func (g *remoteGateway) Charge(ctx context.Context, c payment.Charge) (payment.Result, error) {
	return g.ask(ctx, "charge", c)
}

// Lookup implements payment.Gateway.
func (g *remoteGateway) Lookup(ctx context.Context, key string) (payment.Result, error) {
	return g.ask(ctx, "lookup", key)
}

// Refund implements payment.Gateway.
func (g *remoteGateway) Refund(ctx context.Context, r payment.Refund) (payment.Result, error) {
	return g.ask(ctx, "refund", r)
}

// Retention implements payment.Gateway: the parent never forgets.
func (g *remoteGateway) Retention() time.Duration { return 0 }

func (g *remoteGateway) ask(ctx context.Context, call string, body any) (r payment.Result, err error) {
	if err := ctx.Err(); err != nil {
		return r, err
	}
	err = g.child.wire.ask(call, moment{}, body, &r)
	if err != nil {
		return payment.Result{}, err
	}
	return r, nil
}
