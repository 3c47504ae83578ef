package renewal

import (
	"context"
	"errors"
	"slices"
	"sync"
	"time"

	"github.com/prepaidkit/prepaid/pricing"
	"github.com/prepaidkit/prepaid/subscription"
)

// pool is one call of [Worker.Once]. It starts with one loop that processes batch after batch, and adds loops while
// there is more than one batch to process. Applications claimed by one loop are not visible to the others.
type pool struct {
	*Worker
	cat    *pricing.Catalog
	cancel context.CancelFunc // when one loop fails, the others stop after their batch

	wait  sync.WaitGroup
	mu    sync.Mutex
	open  int
	stats Stats
	err   error // the first error
	noted error // see [loop.noted]
}

// loop processes batches sequentially.
type loop struct {
	*pool
	concurrency int // its share of the limit
	stats       Stats
	// stuck counts how often an application was claimed without progress: it was unreadable, nothing was due, or
	// another writer changed it first. Without a limit, an application that is changed all the time or whose leases are
	// too short could be claimed forever and keep the run from ending.
	stuck map[subscription.ApplicationID]int
	left  []subscription.ApplicationID // see [loop.leave]
	again bool                         // the current applications were left by the last round
	// noted collects errors of single applications. They are returned at the end and do not block other applications.
	noted error
	// Buffers reused by the next batch.
	jobs    []job
	changes []subscription.Change
}

// maxStuck is how often an application may be claimed without progress before the run leaves it to the next one.
const maxStuck = 3

// enter starts another loop if the limit allows it.
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

// leave leaves an application to the worker's next round, because its change could not be written: the store failed or
// another writer holds the application, and its lease keeps others from it. It is left only once; if it fails again, it
// waits for its lease to end.
func (r *loop) leave(app subscription.ApplicationID) {
	if !r.again {
		r.left = append(r.left, app)
	}
}

// remember passes the applications that the run has left to the worker, each once.
func (r *loop) remember() {
	r.Worker.mu.Lock()
	defer r.Worker.mu.Unlock()
	r.Worker.left = append(r.Worker.left, r.left...)
	slices.Sort(r.Worker.left)
	r.Worker.left = slices.Compact(r.Worker.left)
}

// recall takes the applications that the last round left. Only one of several loops gets them.
func (r *loop) recall() []subscription.ApplicationID {
	r.Worker.mu.Lock()
	defer r.Worker.mu.Unlock()
	left := r.Worker.left
	r.Worker.left = nil
	return left
}

// finish processes the applications that the last round left, in their current state, after everything else, so
// whatever still blocks them delays no others.
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

// load loads applications, except those that can't be read; they can be claimed again when their leases end.
func (r *loop) load(ctx context.Context, apps []subscription.ApplicationID) []Claimed {
	reads := make([]subscription.Read, len(apps))
	for i, app := range apps {
		reads[i].Application = app
	}
	began := r.collector.Began()
	snapshots, err := r.store.Load(ctx, reads...)
	r.collector.Observe(ctx, began, subscription.Observation{Op: subscription.OpLoad, Err: err, Size: len(reads)})
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

// work processes batches until nothing is due or no progress is made, and then the applications that the last round
// left.
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
		claimed, err := r.claim(ctx, now)
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

// claim claims the next batch.
func (r *loop) claim(ctx context.Context, now time.Time) ([]Claimed, error) {
	began := r.collector.Began()
	claimed, err := r.store.Claim(ctx, now, r.opts.Lease, r.opts.Batch)
	if began.IsZero() {
		return claimed, err
	}
	o := subscription.Observation{Op: subscription.OpClaim, Err: err, Size: len(claimed), Limit: r.opts.Batch}
	for i := range claimed {
		o.Late = max(o.Late, claimed[i].late(now))
	}
	r.collector.Observe(ctx, began, o)
	return claimed, err
}

// late returns for how long an application has been due; 0 if that isn't known.
func (c *Claimed) late(now time.Time) time.Duration {
	if due := c.Snapshot.Application.Due; c.Err == nil && !due.IsZero() {
		return now.Sub(due)
	}
	return 0
}
