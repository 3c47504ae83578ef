package faults

import (
	"context"
	"fmt"
	"math/rand/v2"
	"time"
)

// strike injects the faults: it kills processes at random moments, sometimes all of them at once, kills the server, has its
// standby take over, cuts connections and fills the disk, until it has done everything that the options ask for, a caller has been
// affected, and enough time has passed. Kills beyond those asked for wait for an undisturbed round, so that enough time
// does pass on a machine on which a round takes longer than the pause between two kills.
func (r *run) strike(ctx context.Context) error {
	rng := rand.New(rand.NewPCG(r.options.Seed, 1<<41))
	ended := make(chan struct{})
	defer close(ended)
	restarts, failovers, fulls := 0, 0, 0
	if r.options.Store == Postgres {
		restarts, failovers = r.options.Restarts, r.options.Failovers
		r.site.proxy.set(r.options.Cuts)
		go r.cut(ended)
	} else {
		fulls = r.options.Full
	}
	for r.kills() < r.options.Kills || r.clock.read().Sub(r.start) < time.Duration(r.options.Days)*24*time.Hour || !r.felt() {
		if err := r.crew.serving(ctx, r.moment(r.clock.read())); err != nil {
			return err
		}
		if err := r.pause(ctx, time.Duration(40+rng.IntN(r.options.Gap))*time.Millisecond); err != nil {
			return err
		}
		for ticked := r.ticked.Load(); r.kills() >= r.options.Kills && r.ticked.Load() == ticked; {
			if err := r.pause(ctx, time.Millisecond); err != nil {
				return err
			}
		}
		if rng.IntN(12) == 0 {
			r.crew.killAll(r.crew.current())
			r.killed(len(r.crew.places))
		} else {
			r.crew.places[rng.IntN(len(r.crew.places))].kill()
			r.killed(1)
		}
		share := func(of int) int { return of * min(r.kills(), r.options.Kills) / max(r.options.Kills, 1) }
		for r.figures.Restarts < min(share(restarts), restarts) {
			if err := r.site.restart(rng); err != nil { //nolint:contextcheck // a server outlives its start
				return err
			}
			r.count(&r.figures.Restarts)
			r.sayf("%d kills, %d restarts", r.kills(), r.figures.Restarts)
		}
		for r.figures.Failovers < min(share(failovers), failovers) {
			if err := r.site.failover(ctx, rng); err != nil {
				return err
			}
			r.count(&r.figures.Failovers)
			r.sayf("%d kills, %d failovers", r.kills(), r.figures.Failovers)
		}
		for r.figures.Full < min(share(fulls), fulls) {
			if err := r.fill(ctx); err != nil {
				return err
			}
			r.sayf("%d kills, %d times full", r.kills(), r.figures.Full)
		}
	}
	// The remaining processes run for a while without being killed.
	return r.pause(ctx, 300*time.Millisecond)
}

// felt reports whether the intended faults have had an effect: a request was lost with its process, and a commit with
// its connection, both before and after it.
func (r *run) felt() bool {
	if p := r.site.proxy; p != nil && r.options.Cuts > 0 {
		p.mu.Lock()
		defer p.mu.Unlock()
		if p.cuts.before == 0 || p.cuts.after == 0 {
			return false
		}
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.figures.Lost > 0 || r.options.Kills == 0
}

func (r *run) killed(n int) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.figures.Kills += n
}

func (r *run) kills() int {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.figures.Kills
}

func (r *run) count(n *int) {
	r.mu.Lock()
	defer r.mu.Unlock()
	*n++
}

func (r *run) pause(ctx context.Context, d time.Duration) error {
	select {
	case <-ctx.Done():
		return fmt.Errorf("faults: after %d kills: %w", r.kills(), ctx.Err())
	case <-time.After(d):
		return nil
	}
}

// fill stops the file from growing until a caller has been affected, and a moment longer; then there is room again.
func (r *run) fill(ctx context.Context) error {
	roomy := r.crew.current()
	tight := roomy
	tight.Limit = 1 // SQLite keeps at least the file's current size
	before := r.full.Load()
	r.crew.killAll(tight)
	for i := 0; i < 6000 && r.full.Load() < before+5; i++ {
		if err := r.pause(ctx, 20*time.Millisecond); err != nil {
			return err
		}
	}
	if r.full.Load() == before {
		return fmt.Errorf("faults: the file grows despite its limit: %d errors", r.full.Load())
	}
	if err := r.pause(ctx, 200*time.Millisecond); err != nil {
		return err
	}
	r.crew.killAll(roomy)
	r.killed(2 * len(r.crew.places))
	r.count(&r.figures.Full)
	return nil
}

// cut cuts connections now and then, whatever they are doing.
func (r *run) cut(ended chan struct{}) {
	for {
		select {
		case <-ended:
			return
		case <-time.After(time.Duration(50+rand.IntN(200)) * time.Millisecond):
			r.site.proxy.cut()
		}
	}
}
