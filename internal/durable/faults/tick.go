package faults

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/prepaidkit/prepaid/payment"
	"github.com/prepaidkit/prepaid/subscription"
)

// tick moves time on, hours at a time, as soon as the workers have made a round, so that months pass meanwhile.
// After a round that was kept from something it moves on by little more than a lease, and another round follows.
func (r *run) tick() {
	rng := rand.New(rand.NewPCG(r.options.Seed, 1<<40))
	for i := 0; !r.resting(); i++ {
		now := r.clock.advance(2*time.Hour + time.Duration(rng.IntN(540))*time.Minute)
		r.reprice(now)
		for !r.rounds(now) && !r.resting() {
			<-time.After(20 * time.Millisecond)
			now = r.clock.advance(lease + time.Minute)
		}
		<-time.After(25 * time.Millisecond) // so that enough happens meanwhile
		if i%60 > 0 {
			continue
		}
		for _, c := range r.customers {
			if c.rich {
				continue
			}
			r.pays(context.Background(), c, fmt.Sprint("tick ", i), 15_000)
		}
	}
}

// rounds lets every worker make a round at an instant, and reports whether nothing kept them from what was due: at
// least one is complete, and none has failed or was killed.
func (r *run) rounds(now time.Time) bool {
	var ended, conflicts atomic.Int64
	var kept atomic.Bool
	var wait sync.WaitGroup
	for _, p := range r.crew.members(true) {
		wait.Go(func() {
			var got round
			err := p.ask("round", r.moment(now), struct{}{}, &got)
			if err == nil && got.Text != "" {
				err = errors.New(got.Text)
			}
			r.mu.Lock()
			defer r.mu.Unlock()
			r.figures.Rounds++
			switch {
			case err == nil:
				ended.Add(1)
				kept := got.Stats.Conflicts + got.Stats.Failed + got.Stats.Unrecorded + got.Stats.Unreadable
				conflicts.Add(int64(kept))
				return
			case errors.Is(err, errGone):
			default:
				r.failure(err.Error())
			}
			r.figures.Broken++
			if !strings.Contains(err.Error(), errNotOpen.Error()) { // then it has claimed nothing
				kept.Store(true)
			}
		})
	}
	wait.Wait()
	clean := ended.Load() > 0 && !kept.Load()
	if clean && conflicts.Load() == 0 {
		r.attended = append(r.attended, now)
	}
	return clean
}

// postman delivers notifications until the run comes to rest.
func (r *run) postman() {
	rng := rand.New(rand.NewPCG(r.options.Seed, 1<<43))
	for !r.resting() {
		r.deliver(context.Background(), rng)
		<-time.After(50 * time.Millisecond)
	}
}

// deliver brings the gateway's notifications to some processes, several at a time; those that weren't taken in are
// brought again.
func (r *run) deliver(ctx context.Context, rng *rand.Rand) {
	results, err := r.bank.hostile.Drain(ctx)
	if err != nil {
		r.violatef("faults", "", "%v", err)
	}
	r.post = append(r.post, results...)
	taken := make([]bool, len(r.post))
	var wait sync.WaitGroup
	hands := make(chan struct{}, 8)
	for i, result := range r.post {
		hands <- struct{}{}
		own := rand.New(rand.NewPCG(rng.Uint64(), uint64(i)))
		wait.Go(func() {
			taken[i] = r.notify(own, result)
			<-hands
		})
	}
	wait.Wait()
	i := -1
	r.post = slices.DeleteFunc(r.post, func(payment.Result) bool { i++; return taken[i] })
}

// notify brings one notification, and reports whether it was taken in.
func (r *run) notify(rng *rand.Rand, result payment.Result) bool {
	app, _, err := subscription.AttemptID(result.Key).Parse()
	if err != nil {
		return true // of a mutant's own key
	}
	got := r.ask(rng, "settle", app, notice{result})
	if got.Outcome == broken || got.Outcome == refused {
		r.violatef("error", app, "notification of %s: %s", result.Key, got.Text)
	}
	return got.Outcome != unknown && got.Outcome != pending
}
