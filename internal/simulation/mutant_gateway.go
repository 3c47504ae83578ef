package simulation

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/prepaidkit/prepaid/payment"
	"github.com/prepaidkit/prepaid/store"
	"github.com/prepaidkit/prepaid/subscription"
)

// gatewayMutants are defects between a process and the gateway.
func gatewayMutants() []mutant {
	return []mutant{
		{
			name: "fresh-key", what: "the gateway's key isn't derived from the order: each charge has one of its own",
			wrap: onGateway(freshKey),
		},
		{
			name: "decline-as-success", what: "a declined charge is taken for a successful one",
			wrap: onGateway(declineAsSuccess),
		},
		{
			name: "unknown-as-decline", what: "a charge of unknown outcome is given up, and another order takes its place",
			wrap: unknownAsDecline,
		},
		{
			name: "late-delivers", what: "likewise, and a late success delivers the order that was given up",
			wrap: lateDelivers,
		},
		{
			name: "retention-ignored", what: "keys are believed to be remembered forever",
			wrap: onGateway(retentionIgnored),
		},
		{
			name: "amount-ignored", what: "whatever was collected is taken for what was asked",
			wrap: onGateway(amountIgnored),
		},
		{
			name: "content-ignored", what: "a key that stands for something else is taken for paid",
			wrap: onGateway(contentIgnored),
		},
		{
			name: "refund-given-up", what: "a refund whose charge isn't found is taken for declined",
			wrap: onGateway(refundGivenUp),
		},
		{
			name: "forgery-believed", what: "a notification that anybody sent is taken for the gateway's own",
			trusts: true,
		},
	}
}

// onGateway makes a mutant that only changes the gateway.
func onGateway(mutate func(w *world, g *mutantGateway)) wrapper {
	return func(w *world, st store.Store, gw payment.Gateway) (store.Store, payment.Gateway) {
		g := newMutantGateway(gw)
		mutate(w, g)
		return st, g
	}
}

// mutantGateway is a gateway with some of its answers replaced.
type mutantGateway struct {
	payment.Gateway
	charge    func(ctx context.Context, c payment.Charge) (payment.Result, error)
	lookup    func(ctx context.Context, key string) (payment.Result, error)
	refund    func(ctx context.Context, r payment.Refund) (payment.Result, error)
	retention func() time.Duration
}

func newMutantGateway(gw payment.Gateway) *mutantGateway {
	return &mutantGateway{Gateway: gw, charge: gw.Charge, lookup: gw.Lookup, refund: gw.Refund, retention: gw.Retention}
}

// Charge implements payment.Gateway.
func (g *mutantGateway) Charge(ctx context.Context, c payment.Charge) (payment.Result, error) {
	return g.charge(ctx, c)
}

// Lookup implements payment.Gateway.
func (g *mutantGateway) Lookup(ctx context.Context, key string) (payment.Result, error) {
	return g.lookup(ctx, key)
}

// Refund implements payment.Gateway.
func (g *mutantGateway) Refund(ctx context.Context, r payment.Refund) (payment.Result, error) {
	return g.refund(ctx, r)
}

// Retention implements payment.Gateway.
func (g *mutantGateway) Retention() time.Duration { return g.retention() }

func freshKey(w *world, g *mutantGateway) {
	g.charge = func(ctx context.Context, c payment.Charge) (payment.Result, error) {
		key := c.Key
		c.Key = fmt.Sprintf("%s#%d", key, w.calls)
		r, err := g.Gateway.Charge(ctx, c)
		if err == nil {
			r.Key = key
		}
		return r, err
	}
}

func declineAsSuccess(_ *world, g *mutantGateway) {
	g.charge = func(ctx context.Context, c payment.Charge) (payment.Result, error) {
		r, err := g.Gateway.Charge(ctx, c)
		if r.Status == payment.Declined {
			r = payment.Result{Key: c.Key, Status: payment.Succeeded, Amount: c.Amount, At: r.At}
		}
		return r, err
	}
}

func amountIgnored(_ *world, g *mutantGateway) {
	g.charge = func(ctx context.Context, c payment.Charge) (payment.Result, error) {
		r, err := g.Gateway.Charge(ctx, c)
		if r.Status == payment.Succeeded {
			r.Amount = c.Amount
		}
		return r, err
	}
}

// contentIgnored accepts whatever the gateway knows under a key as the answer to the request.
func contentIgnored(w *world, g *mutantGateway) {
	amountIgnored(w, g)
	charge := g.charge
	g.lookup = func(ctx context.Context, key string) (payment.Result, error) {
		r, err := g.Gateway.Lookup(ctx, key)
		if app, id, bad := subscription.AttemptID(key).Parse(); bad == nil && r.Status == payment.Succeeded {
			base := w.store.states[app]
			if o, open := base.OpenOrder(id); open {
				r.Amount = o.Amount
			}
		}
		return r, err
	}
	g.charge = func(ctx context.Context, c payment.Charge) (payment.Result, error) {
		r, err := charge(ctx, c)
		if errors.Is(err, payment.ErrKeyConflict) {
			return payment.Result{Key: c.Key, Status: payment.Succeeded, Amount: c.Amount}, nil
		}
		return r, err
	}
}

func refundGivenUp(_ *world, g *mutantGateway) {
	g.refund = func(ctx context.Context, r payment.Refund) (payment.Result, error) {
		answer, err := g.Gateway.Refund(ctx, r)
		if answer.Status == payment.NotFound {
			answer = payment.Result{Key: r.Key, Status: payment.Declined, Reason: payment.Other}
		}
		return answer, err
	}
}

func retentionIgnored(_ *world, g *mutantGateway) {
	g.retention = func() time.Duration { return 0 }
}

// giveUp answers that a charge of unknown outcome was declined. What was never charged is still not found.
func giveUp(w *world, g *mutantGateway) {
	gaveUp := func(key string, r payment.Result, err error) (payment.Result, error) {
		unknown := err != nil && !isInjected(err) || r.Status == payment.Pending || r.Status == payment.NotFound
		if unknown && w.charged[key] {
			return payment.Result{Key: key, Status: payment.Declined, Reason: payment.Other}, nil
		}
		return r, err
	}
	g.charge = func(ctx context.Context, c payment.Charge) (payment.Result, error) {
		if w.charged == nil {
			w.charged = map[string]bool{}
		}
		w.charged[c.Key] = true
		r, err := g.Gateway.Charge(ctx, c)
		return gaveUp(c.Key, r, err)
	}
	g.lookup = func(ctx context.Context, key string) (payment.Result, error) {
		r, err := g.Gateway.Lookup(ctx, key)
		return gaveUp(key, r, err)
	}
}

func unknownAsDecline(w *world, st store.Store, gw payment.Gateway) (store.Store, payment.Gateway) {
	_, g := onGateway(giveUp)(w, st, gw)
	return &closedHidden{st}, g
}

func lateDelivers(w *world, st store.Store, gw payment.Gateway) (store.Store, payment.Gateway) {
	_, g := onGateway(giveUp)(w, st, gw)
	return &closedReopened{st}, g
}
