package renewal

import (
	"context"
	"sync"

	"github.com/prepaidkit/prepaid/pricing"
	"github.com/prepaidkit/prepaid/subscription"
)

// lanes is one call of [Worker.Once]: one lane that does batch after batch, and, as long as there is more than one
// batch to do, others beside it. What one of them has claimed the others don't see.
type lanes struct {
	*Worker
	cat    *pricing.Catalog
	cancel context.CancelFunc // when one has failed the others end after their batch

	wait  sync.WaitGroup
	mu    sync.Mutex
	open  int
	stats Stats
	err   error // the first one
}

// run is one lane.
type run struct {
	*lanes
	concurrency int // its share
	stats       Stats
	// stuck counts how often an application came without getting on: it was unreadable, there was nothing to
	// do, or somebody else forestalled its change. One that comes again and again, since it is changed all the
	// time or a lease doesn't last, must not keep the run from ending.
	stuck map[subscription.ApplicationID]int
	// The memory of a batch, for the next one.
	jobs    []job
	changes []subscription.Change
}

// maxStuck is how often an application may come in vain before a run leaves it to the next one.
const maxStuck = 3

// enter opens another lane, if there may be one more.
func (l *lanes) enter(ctx context.Context) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.open == l.opts.Parallel {
		return
	}
	l.open++
	l.wait.Go(func() {
		r := &run{
			lanes: l, stuck: map[subscription.ApplicationID]int{},
			concurrency: max(1, l.opts.Concurrency/l.opts.Parallel),
		}
		err := r.work(ctx)
		l.mu.Lock()
		defer l.mu.Unlock()
		l.stats.Add(r.stats)
		if err != nil && l.err == nil {
			l.err = err
			l.cancel()
		}
	})
}

// work does batches until nothing is due, or nothing gets on.
func (r *run) work(ctx context.Context) error {
	for {
		if err := ctx.Err(); err != nil {
			return err
		}
		now, err := r.service.At(ctx, subscription.Application{})
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
