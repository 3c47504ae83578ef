package simulation

import (
	"context"
	"time"

	"github.com/prepaidkit/prepaid/payment"
	"github.com/prepaidkit/prepaid/payment/paymenttest"
)

// processGateway is the gateway as a process reaches it.
type processGateway struct{ process *process }

// Charge implements payment.Gateway.
func (g *processGateway) Charge(ctx context.Context, c payment.Charge) (payment.Result, error) {
	return g.ask("charge "+c.Key, func() (payment.Result, error) { return g.process.world.gateway.Charge(ctx, c) })
}

// Lookup implements payment.Gateway.
func (g *processGateway) Lookup(ctx context.Context, key string) (payment.Result, error) {
	return g.ask("lookup "+key, func() (payment.Result, error) { return g.process.world.gateway.Lookup(ctx, key) })
}

// Refund implements payment.Gateway.
func (g *processGateway) Refund(ctx context.Context, r payment.Refund) (payment.Result, error) {
	return g.ask("refund "+r.Key, func() (payment.Result, error) { return g.process.world.gateway.Refund(ctx, r) })
}

// Retention implements payment.Gateway.
func (g *processGateway) Retention() time.Duration { return g.process.world.gateway.Retention() }

func (g *processGateway) ask(what string, do func() (payment.Result, error)) (result payment.Result, err error) {
	err = g.process.call(what, true, func() error {
		var err error
		result, err = do()
		g.process.world.tracef("  %s: %s %s %v", what, result.Status, result.Amount, err)
		return err
	}, nil)
	if err != nil {
		return payment.Result{}, err
	}
	return result, nil
}

// hostility makes the gateway's faults follow from the action that calls it and the key that it asks about,
// until the world comes to rest.
func (w *world) hostility(clock func() time.Time) *paymenttest.HostileOptions {
	fault := func(call, key string) paymenttest.Fault {
		if w.healthy {
			return paymenttest.None
		}
		n := int(mix(w.current.seed, 0, call+key) % 1000)
		for _, f := range paymenttest.Faults() {
			if n -= w.odds[f]; n < 0 {
				return f
			}
		}
		return paymenttest.None
	}
	return &paymenttest.HostileOptions{
		Plan:       func(_ int, c payment.Charge) paymenttest.Fault { return fault("charge", c.Key) },
		Refunds:    func(_ int, r payment.Refund) paymenttest.Fault { return fault("refund", r.Key) },
		Lookups:    func(_ int, key string) paymenttest.Fault { return fault("lookup", key) },
		Seed:       w.seed,
		PendingFor: w.pending, PendingAsks: 6, Retention: w.retained, Disorder: true, Now: clock,
	}
}
