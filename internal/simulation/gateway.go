package simulation

import (
	"context"
	"errors"
	"strings"
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

// conflicting is the status of a key that the gateway knows with other content.
const conflicting payment.Status = "conflict"

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

// cancelingGateway is the gateway in a world whose gateway can cancel.
type cancelingGateway struct{ *processGateway }

// Cancel implements payment.Canceler.
func (g cancelingGateway) Cancel(ctx context.Context, key string) (payment.Result, error) {
	return g.ask("cancel", key, func() (payment.Result, error) {
		r, err := g.process.world.gateway.Cancel(ctx, key)
		if r.Reason == payment.Canceled {
			g.process.world.figures.Canceled++
		}
		return r, err
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
		w.tracef("  %s %s: %s %s %s %v", call, key, result.Status, result.Amount, result.Reason, err)
		switch {
		case err == nil:
			w.verdicts[key] = verdict{result.Status, w.now}
		case errors.Is(err, payment.ErrKeyConflict):
			w.verdicts[key] = verdict{conflicting, w.now}
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
		switch {
		case strings.HasSuffix(key, byHand):
			return paymenttest.None // a person waits for the result
		case call == "refund":
			n /= 3 // there are few
		}
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
