package renewal

import (
	"context"
	"errors"
	"slices"
	"time"

	"github.com/prepaidkit/prepaid/subscription"
)

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

// work processes batches until nothing is due or no progress is made, and then the applications that the last round
// left.
func (l *loop) work(ctx context.Context) error {
	left := l.recall()
	if err := l.claims(ctx); err != nil {
		l.left = append(l.left, left...)
		return err
	}
	l.finish(ctx, left)
	return nil
}

// claims processes what it can claim, batch after batch, until nothing is due or no progress is made.
func (l *loop) claims(ctx context.Context) error {
	for {
		if err := ctx.Err(); err != nil {
			return err
		}
		now, err := l.collector.Now(ctx, subscription.Application{})
		if err != nil {
			return err
		}
		claimed, err := l.claim(ctx, now)
		if err != nil || len(claimed) == 0 {
			return err
		}
		if len(claimed) == l.opts.Batch {
			l.enter(ctx)
		}
		progress, err := l.batch(context.WithoutCancel(ctx), now, claimed)
		if err != nil || !progress {
			return err
		}
	}
}

// claim claims the next batch.
func (l *loop) claim(ctx context.Context, now time.Time) ([]Claimed, error) {
	began := l.collector.Began()
	claimed, err := l.store.Claim(ctx, now, l.opts.Lease, l.opts.Batch)
	if began.IsZero() {
		return claimed, err
	}
	o := subscription.Observation{Op: subscription.OpClaim, Err: err, Size: len(claimed), Limit: l.opts.Batch}
	for i := range claimed {
		o.Late = max(o.Late, claimed[i].late(now))
	}
	l.collector.Observe(ctx, began, o)
	return claimed, err
}

// late returns for how long an application has been due; 0 if that isn't known.
func (c *Claimed) late(now time.Time) time.Duration {
	if due := c.Snapshot.Application.Due; c.Err == nil && !due.IsZero() {
		return now.Sub(due)
	}
	return 0
}

// load loads applications, except those that can't be read; they can be claimed again when their leases end.
func (l *loop) load(ctx context.Context, apps []subscription.ApplicationID) []Claimed {
	reads := make([]subscription.Read, len(apps))
	for i, app := range apps {
		reads[i].Application = app
	}
	began := l.collector.Began()
	snapshots, err := l.store.Load(ctx, reads...)
	l.collector.Observe(ctx, began, subscription.Observation{Op: subscription.OpLoad, Err: err, Size: len(reads)})
	if err != nil {
		if len(apps) == 1 || ctx.Err() != nil {
			return nil
		}
		half := len(apps) / 2
		return append(l.load(ctx, apps[:half]), l.load(ctx, apps[half:])...)
	}
	claimed := make([]Claimed, 0, len(apps))
	for i := range snapshots {
		if s := &snapshots[i]; s.Application.Revision > 0 {
			claimed = append(claimed, Claimed{Application: s.Application.ID, Snapshot: *s})
		}
	}
	return claimed
}

// leave leaves an application to the worker's next round, because its change could not be written: the store failed or
// another writer holds the application, and its lease keeps others from it. It is left only once; if it fails again, it
// waits for its lease to end.
func (l *loop) leave(app subscription.ApplicationID) {
	if !l.again {
		l.left = append(l.left, app)
	}
}

// remember passes the applications that the run has left to the worker, each once.
func (l *loop) remember() {
	l.Worker.mu.Lock()
	defer l.Worker.mu.Unlock()
	l.Worker.left = append(l.Worker.left, l.left...)
	slices.Sort(l.Worker.left)
	l.Worker.left = slices.Compact(l.Worker.left)
}

// recall takes the applications that the last round left. Only one of several loops gets them.
func (l *loop) recall() []subscription.ApplicationID {
	l.Worker.mu.Lock()
	defer l.Worker.mu.Unlock()
	left := l.Worker.left
	l.Worker.left = nil
	return left
}

// finish processes the applications that the last round left, in their current state, after everything else, so
// whatever still blocks them delays no others.
func (l *loop) finish(ctx context.Context, left []subscription.ApplicationID) {
	l.again = true
	for part := range slices.Chunk(left, l.opts.Batch) {
		now, err := l.collector.Now(ctx, subscription.Application{})
		if err == nil {
			claimed := l.load(ctx, part)
			_, err = l.batch(context.WithoutCancel(ctx), now, claimed)
		}
		l.noted = errors.Join(l.noted, err)
	}
}
