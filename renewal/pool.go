package renewal

import (
	"context"
	"errors"
	"slices"
	"sync"

	"github.com/prepaidkit/prepaid/pricing"
	"github.com/prepaidkit/prepaid/subscription"
)

// pool is one call of [Worker.Once]: one loop that does batch after batch, and, as long as there is more than one
// batch to do, others beside it. What one of them has claimed the others don't see.
type pool struct {
	*Worker
	cat    *pricing.Catalog
	cancel context.CancelFunc // when one has failed the others end after their batch

	wait  sync.WaitGroup
	mu    sync.Mutex
	open  int
	stats Stats
	err   error // the first one
	noted error // see [loop.noted]
}

// loop is one of those that do the batches.
type loop struct {
	*pool
	concurrency int // its share
	stats       Stats
	// stuck counts how often an application was claimed without progress: it was unreadable, there was nothing to
	// do, or somebody else changed it first. One that comes again and again, since it is changed all the
	// time or a lease doesn't last, must not keep the run from ending.
	stuck map[subscription.ApplicationID]int
	left  []subscription.ApplicationID // see [loop.leave]
	again bool                         // what is done now was left by the last round
	// noted is what went wrong with single applications: it is told of at the end, and keeps nobody else waiting.
	noted error
	// The memory of a batch, for the next one.
	jobs    []job
	changes []subscription.Change
}

// maxStuck is how often an application may be claimed without progress before a run leaves it to the next one.
const maxStuck = 3

// enter opens another loop, if there may be one more.
func (l *pool) enter(ctx context.Context) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.open == l.opts.Parallel {
		return
	}
	l.open++
	l.wait.Go(func() {
		r := &loop{
			pool: l, stuck: map[subscription.ApplicationID]int{},
			concurrency: max(1, l.opts.Concurrency/l.opts.Parallel),
		}
		err := r.work(ctx)
		r.remember()
		l.mu.Lock()
		defer l.mu.Unlock()
		l.stats.Add(r.stats)
		l.noted = errors.Join(l.noted, r.noted)
		if err != nil && l.err == nil {
			l.err = err
			l.cancel()
		}
	})
}

// leave leaves an application to the worker's next round: its change could not be written, since the store was at fault
// or somebody else held it, and its lease keeps others from it. It is left once: what then fails waits for its lease.
func (r *loop) leave(app subscription.ApplicationID) {
	if !r.again {
		r.left = append(r.left, app)
	}
}

// remember gives the worker what the run has left.
func (r *loop) remember() {
	r.Worker.mu.Lock()
	defer r.Worker.mu.Unlock()
	r.Worker.left = append(r.Worker.left, r.left...)
}

// recall takes what the last round has left; of several loops one gets it.
func (r *loop) recall() []subscription.ApplicationID {
	r.Worker.mu.Lock()
	defer r.Worker.mu.Unlock()
	left := r.Worker.left
	r.Worker.left = nil
	slices.Sort(left)
	return slices.Compact(left)
}

// finish does what the last round has left, as it is now, once all else is done: whatever still holds it up keeps nobody
// waiting.
func (r *loop) finish(ctx context.Context, left []subscription.ApplicationID) {
	r.again = true
	for part := range slices.Chunk(left, r.opts.Batch) {
		now, err := r.collector.Now(ctx, subscription.Application{})
		if err == nil {
			claimed := r.load(ctx, part)
			_, err = r.batch(context.WithoutCancel(ctx), now, claimed)
		}
		r.noted = errors.Join(r.noted, err)
	}
}

// load loads applications, but for those that can't be read; they come when their leases have ended.
func (r *loop) load(ctx context.Context, apps []subscription.ApplicationID) []Claimed {
	reads := make([]subscription.Read, len(apps))
	for i, app := range apps {
		reads[i].Application = app
	}
	snapshots, err := r.store.Load(ctx, reads...)
	if err != nil {
		if len(apps) == 1 || ctx.Err() != nil {
			return nil
		}
		half := len(apps) / 2
		return append(r.load(ctx, apps[:half]), r.load(ctx, apps[half:])...)
	}
	claimed := make([]Claimed, 0, len(apps))
	for i := range snapshots {
		if s := &snapshots[i]; s.Application.Revision > 0 {
			claimed = append(claimed, Claimed{Application: s.Application.ID, Snapshot: *s})
		}
	}
	return claimed
}

// work does batches until nothing is due, or nothing gets on, and then what the last round has left.
func (r *loop) work(ctx context.Context) error {
	left := r.recall()
	if err := r.claims(ctx); err != nil {
		r.left = append(r.left, left...)
		return err
	}
	r.finish(ctx, left)
	return nil
}

func (r *loop) claims(ctx context.Context) error {
	for {
		if err := ctx.Err(); err != nil {
			return err
		}
		now, err := r.collector.Now(ctx, subscription.Application{})
		if err != nil {
			return err
		}
		claimed, err := r.store.Claim(ctx, now, r.opts.Lease, r.opts.Batch)
		if err != nil || len(claimed) == 0 {
			return err
		}
		if len(claimed) == r.opts.Batch {
			r.enter(ctx)
		}
		progress, err := r.batch(context.WithoutCancel(ctx), now, claimed)
		if err != nil || !progress {
			return err
		}
	}
}
