package faults

import (
	"context"
	"regexp"
	"time"

	"github.com/prepaidkit/prepaid/payment"
	"github.com/prepaidkit/prepaid/subscription"
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

// twoGateways charges some accounts in the database itself, and the others through the gateway.
type twoGateways struct {
	payment.Gateway
	accounts accounts
}

// applications matches the application in a key.
var applications = regexp.MustCompile(`/(app-\d+)/`)

// of returns the gateway that a key belongs to.
func (g *twoGateways) of(key string) payment.Gateway {
	if m := applications.FindStringSubmatch(key); len(m) == 2 && inAccounts(accountOf(subscription.ApplicationID(m[1]))) {
		return g.accounts
	}
	return g.Gateway
}

// Charge implements payment.Gateway.
func (g *twoGateways) Charge(ctx context.Context, c payment.Charge) (payment.Result, error) {
	return g.of(c.Key).Charge(ctx, c)
}

// Lookup implements payment.Gateway.
func (g *twoGateways) Lookup(ctx context.Context, key string) (payment.Result, error) {
	return g.of(key).Lookup(ctx, key)
}

// Refund implements payment.Gateway.
func (g *twoGateways) Refund(ctx context.Context, r payment.Refund) (payment.Result, error) {
	return g.of(r.Charge).Refund(ctx, r)
}
