package renewal

import (
	"context"
	"sync"
	"time"

	"github.com/prepaidkit/prepaid/pricing"
	"github.com/prepaidkit/prepaid/subscription"
)

// lanes is one call of [Worker.Once]: one lane that does batch after batch, and, as long as there is more than one
// batch to do, others beside it. What one of them has claimed the others don't see.
type lanes struct {
	*Worker
	cat     *pricing.Catalog
	clock   func() time.Time
	service *subscription.Service
	cancel  context.CancelFunc // when one has failed the others end after their batch

	wait  sync.WaitGroup
	mu    sync.Mutex
	open  int
	stats Stats
	err   error // the first one
}

// run is one lane.
type run struct {
	*lanes
	concurrency int       // its share
	now         time.Time // of the step that is being done
	stats       Stats
	// stuck counts how often an application came without getting on: it was unreadable, there was nothing to
	// do, or somebody else forestalled its change. One that comes again and again, since it is changed all the
	// time or a lease doesn't last, must not keep the run from ending.
	stuck map[subscription.ApplicationID]int
}

// maxStuck is how often an application may come in vain before a run leaves it to the next one.
const maxStuck = 3

// round does all that is due, by a clock that may go on meanwhile.
func (w *Worker) round(ctx context.Context, clock func() time.Time) (Stats, error) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	l := &lanes{Worker: w, cat: w.catalog(), clock: clock, cancel: cancel}
	l.service = subscription.NewService(w.store, w.gateway, w.catalog, &subscription.Options{
		Now: clock, ChargeTimeout: w.opts.ChargeTimeout,
	})
	l.enter(ctx)
	l.wait.Wait()
	return l.stats, l.err
}

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
		r.tick()
		claimed, err := r.store.Claim(ctx, r.now, r.opts.Lease, r.opts.Batch)
		if err != nil || len(claimed) == 0 {
			return err
		}
		if len(claimed) == r.opts.Batch {
			r.enter(ctx)
		}
		progress, err := r.batch(context.WithoutCancel(ctx), claimed)
		if err != nil || !progress {
			return err
		}
	}
}
