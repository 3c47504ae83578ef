package simulation

import (
	"context"
	"time"

	"github.com/prepaidkit/prepaid/payment"
	"github.com/prepaidkit/prepaid/payment/paymenttest"
)

// processGateway is the gateway as seen by a process.
type processGateway struct{ process *process }

// answer is when a process got an answer about a key, by its own clock.
type answer struct {
	at    time.Time
	steps int // how often its clock had been set by then
}

// verdict is the gateway's last answer about a key, and its time.
type verdict struct {
	status payment.Status
	at     time.Time
}

// Charge implements payment.Gateway.
func (g *processGateway) Charge(ctx context.Context, c payment.Charge) (payment.Result, error) {
	return g.ask("charge", c.Key, func() (payment.Result, error) { return g.process.world.gateway.Charge(ctx, c) })
}

// Lookup implements payment.Gateway.
func (g *processGateway) Lookup(ctx context.Context, key string) (payment.Result, error) {
	return g.ask("lookup", key, func() (payment.Result, error) { return g.process.world.gateway.Lookup(ctx, key) })
}

// Refund implements payment.Gateway.
func (g *processGateway) Refund(ctx context.Context, r payment.Refund) (payment.Result, error) {
	return g.ask("refund", r.Key, func() (payment.Result, error) {
		if g.process.world.lags(r.Key) {
			return payment.Result{Key: r.Key, Status: payment.NotFound}, nil
		}
		return g.process.world.gateway.Refund(ctx, r)
	})
}

// Retention implements payment.Gateway.
func (g *processGateway) Retention() time.Duration { return g.process.world.gateway.Retention() }

// ask makes a call, which takes some time before or after the money moves, and records its answer.
func (g *processGateway) ask(call, key string, do func() (payment.Result, error)) (result payment.Result, err error) {
	p, w := g.process, g.process.world
	err = p.call(call, true, func() error {
		before := w.draw("slow before")%2 == 0
		if before {
			w.slow()
		}
		var err error
		result, err = do()
		w.tracef("  %s %s: %s %s %v", call, key, result.Status, result.Amount, err)
		if err == nil {
			w.verdicts[key] = verdict{result.Status, w.now}
		}
		if !before {
			w.slow()
		}
		return err
	}, nil)
	if err != nil {
		return payment.Result{}, err
	}
	p.answers[key] = answer{p.world.now.Add(p.skew + p.step), p.steps}
	return result, nil
}

// hostility derives the gateway's faults from the current action and the key, until the world comes to rest.
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
