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

// tick advances the time by hours whenever the workers have made a round, so that months pass during a run. After a
// round that was disturbed it advances by little more than a lease, and another round follows. On a busy machine most
// rounds may be disturbed: the time waits then, lest it be the machine that interrupts a subscription.
func (r *run) tick() {
	rng := rand.New(rand.NewPCG(r.options.Seed, 1<<40))
	for i := 0; !r.resting(); i++ {
		now := r.clock.advance(2*time.Hour + time.Duration(rng.IntN(540))*time.Minute)
		r.reprice(now)
		for disturbed := 0; !r.resting(); {
			clean, claimed := r.rounds(now, disturbed < patient)
			if clean {
				break
			}
			<-time.After(20 * time.Millisecond)
			if claimed && disturbed < patient {
				disturbed++
				now = r.clock.advance(lease + time.Minute)
			}
		}
		r.ticked.Add(1)
		<-time.After(25 * time.Millisecond) // so that enough happens in between
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

// patient is how many disturbed rounds the time advances for until one is undisturbed.
const patient = 40

// rounds makes every worker do a round at an instant. It reports whether the round was undisturbed: at least one worker
// completed it, and none failed or was killed; and, if not, whether a worker may have claimed something. The customers can
// rely on an undisturbed round if what workers claimed before is free again.
func (r *run) rounds(now time.Time, free bool) (clean, claimed bool) {
	var ended, conflicts atomic.Int64
	var holds atomic.Bool // a worker may have claimed something and not finished
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
				conflicts.Add(int64(got.Stats.Conflicts + got.Stats.Failed + got.Stats.Unrecorded + got.Stats.Unreadable))
				return
			case errors.Is(err, errGone):
			default:
				r.failure(err.Error())
			}
			r.figures.Broken++
			if !strings.Contains(err.Error(), errNotOpen.Error()) { // in that case it has claimed nothing
				holds.Store(true)
			}
		})
	}
	wait.Wait()
	clean = ended.Load() > 0 && !holds.Load()
	if clean && free && conflicts.Load() == 0 {
		r.attended = append(r.attended, now)
	}
	return clean, holds.Load()
}

// postman delivers notifications until the run comes to rest.
func (r *run) postman() {
	rng := rand.New(rand.NewPCG(r.options.Seed, 1<<43))
	for !r.resting() {
		r.deliver(context.Background(), rng)
		<-time.After(50 * time.Millisecond)
	}
}

// deliver delivers the gateway's notifications to processes, several concurrently; those that weren't accepted are
// delivered again.
func (r *run) deliver(ctx context.Context, rng *rand.Rand) {
	results, err := r.bank.hostile.Drain(ctx)
	if err != nil {
		r.violatef("faults", "", "%v", err)
	}
	r.post = append(r.post, results...)
	r.notices = append(r.notices, r.bank.hostile.Notices()...)
	r.notices = slices.DeleteFunc(r.notices, func(n payment.Reversal) bool { return r.tellReversal(rng, n) })
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

// notify delivers one notification, and reports whether it was accepted.
func (r *run) notify(rng *rand.Rand, result payment.Result) bool {
	charge, _, _ := strings.Cut(result.Key, "/refund")
	app, _, err := subscription.AttemptID(charge).Parse()
	if err != nil {
		return true // of a mutant's own key
	}
	got := r.ask(rng, "settle", app, notice{result})
	if got.Outcome == broken || got.Outcome == refused {
		r.violatef("error", app, "notification of %s: %s", result.Key, got.Text)
	}
	return got.Outcome != unknown && got.Outcome != pending
}
