package renewal

import (
	"context"
	"slices"
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
	left  []subscription.ApplicationID // see [run.leave]
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
		r.remember()
		l.mu.Lock()
		defer l.mu.Unlock()
		l.stats.Add(r.stats)
		if err != nil && l.err == nil {
			l.err = err
			l.cancel()
		}
	})
}

// leave leaves an application to the worker's next round: its change could not be written, since the store was at fault
// or somebody else held it, and its lease keeps others from it.
func (r *run) leave(app subscription.ApplicationID) { r.left = append(r.left, app) }

// remember gives the worker what the run has left.
func (r *run) remember() {
	r.Worker.mu.Lock()
	defer r.Worker.mu.Unlock()
	r.Worker.left = append(r.Worker.left, r.left...)
}

// recall takes what the last round has left; of several lanes one gets it.
func (r *run) recall() []subscription.ApplicationID {
	r.Worker.mu.Lock()
	defer r.Worker.mu.Unlock()
	left := r.Worker.left
	r.Worker.left = nil
	slices.Sort(left)
	return slices.Compact(left)
}

// again does what the last round has left, as it is now. What can't be read comes when its lease has ended.
func (r *run) again(ctx context.Context) error {
	for part := range slices.Chunk(r.recall(), r.opts.Batch) {
		now, err := r.service.At(ctx, subscription.Application{})
		if err != nil {
			return err
		}
		reads := make([]subscription.Read, len(part))
		for i, app := range part {
			reads[i].Application = app
		}
		snapshots, err := r.store.Load(ctx, reads...)
		if err != nil {
			continue
		}
		claimed := make([]Claimed, 0, len(part))
		for i := range snapshots {
			if s := &snapshots[i]; s.Application.Revision > 0 {
				claimed = append(claimed, Claimed{Application: s.Application.ID, Snapshot: *s})
			}
		}
		if _, err := r.batch(context.WithoutCancel(ctx), now, claimed); err != nil {
			return err
		}
	}
	return nil
}

// work does batches until nothing is due, or nothing gets on.
func (r *run) work(ctx context.Context) error {
	if err := r.again(ctx); err != nil {
		return err
	}
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
