package faults

import (
	"context"
	"fmt"
	"math/rand/v2"
	"sync"
	"sync/atomic"
	"time"

	"github.com/prepaidkit/prepaid/payment"
	"github.com/prepaidkit/prepaid/store"
	"github.com/prepaidkit/prepaid/subscription"
)

// rest brings the run to rest: faults stop, the gateway decides what it deferred, workers run, notifications arrive,
// customers repeat requests without an answer, and people compare the gateway's statement with canceled orders.
func (r *run) rest(ctx context.Context, st *database) error {
	if err := st.host.exec(ctx, st.host.accept); err != nil {
		return err
	}
	if r.site.proxy != nil {
		r.site.proxy.set(0)
	}
	if err := r.bank.rest(ctx); err != nil {
		return err
	}
	if err := r.crew.ready(ctx, r.moment(r.clock.read())); err != nil {
		return err
	}
	rng := rand.New(rand.NewPCG(r.options.Seed, 1<<42))
	const hour = time.Hour
	left := 0
	for i, passes := range []time.Duration{
		10 * time.Minute, hour, 6 * hour, 7 * hour, 11 * hour, 6 * hour, hour, 12 * hour, 24 * hour, 3 * hour, 24 * hour,
		10 * time.Minute, 10 * time.Minute, 10 * time.Minute,
	} {
		now := r.clock.advance(passes)
		r.deliver(ctx, rng)
		if err := r.settled(ctx, now); err != nil {
			return err
		}
		if i < 11 {
			left = r.unanswered()
		}
		if i%3 == 2 {
			if err := r.reconcile(ctx, st, rng); err != nil {
				return err
			}
		}
	}
	if left > 0 {
		r.violatef("answer", "", "%d requests have no answer, though nothing fails any more", left)
	}
	return r.caughtUp(ctx)
}

// settled runs the workers' rounds until one is complete: processes may still be starting.
func (r *run) settled(ctx context.Context, now time.Time) error {
	for range 3000 {
		if clean, _ := r.rounds(now, true); clean {
			return nil
		}
		if err := r.pause(ctx, 20*time.Millisecond); err != nil {
			return err
		}
	}
	return fmt.Errorf("faults: no worker completes a round although faults have stopped: %v", r.figures.Errors)
}

// unanswered makes all customers repeat what got no answer, and returns how much is still unanswered.
func (r *run) unanswered() int {
	var left atomic.Int64
	var wait sync.WaitGroup
	for _, c := range r.customers {
		wait.Go(func() { left.Add(int64(c.unanswered())) })
	}
	wait.Wait()
	return int(left.Load())
}

// reconcile finds canceled orders that were collected anyway, and reports them.
func (r *run) reconcile(ctx context.Context, st store.Store, rng *rand.Rand) error {
	statement := map[string]payment.Result{}
	for _, c := range r.bank.hostile.Collected() {
		statement[c.Charge.Key] = payment.Result{Key: c.Charge.Key, Status: payment.Succeeded, Amount: c.Amount, At: c.At}
	}
	for _, c := range r.customers {
		for o, err := range st.Orders(ctx, c.id) {
			if err != nil {
				return err
			}
			if err := r.refundAgain(ctx, st, rng, &o); err != nil {
				return err
			}
			if err := r.review(rng, &o); err != nil {
				return err
			}
			if told, ok := statement[string(o.Attempt)]; ok && o.Status == subscription.OrderCanceled {
				r.notify(rng, told)
			}
		}
	}
	return nil
}
