package subscription

import (
	"context"
	"errors"
	"slices"
	"sync"
	"sync/atomic"
)

// queues batch concurrent consumption for the same application: calls that arrive while a change is being committed
// wait and form the next change. Calls are processed in order of arrival.
type queues struct {
	mu   sync.Mutex
	open map[ApplicationID]*queue
}

// queue is the queue of one application; it exists while a call is being processed.
type queue struct{ waiting []*call }

// call is one call waiting for its results.
type call struct {
	ctx     context.Context //nolint:containedctx // each caller has its own, and all of them wait together
	records []Usage
	results []UsageResult
	err     error
	done    chan struct{}

	panicked any // the value that the store panicked with
}

// consumer counts the records of a number of calls in one change.
type consumer func(ctx context.Context, app ApplicationID, records []Usage, calls int) ([]UsageResult, error)

// do counts records together with those of other calls. The first caller for an application works until its own
// records are counted, then hands over to those waiting. If a caller gives up while waiting, its records aren't
// counted; if it gives up while its change is being committed, they may be, and their IDs make it safe to repeat the
// call.
func (l *queues) do(ctx context.Context, app ApplicationID, records []Usage, work consumer) ([]UsageResult, error) {
	r := &call{ctx: ctx, records: records, done: make(chan struct{})}
	q, first := l.enter(app, r)
	if first {
		defer l.drain(app, q, work) //nolint:contextcheck // those who wait go on, each with its own context
		return work(ctx, app, records, 1)
	}
	select {
	case <-r.done:
		if r.panicked != nil {
			panic(r.panicked) //nolint:forbidigo // it is the store's own, and belongs to the caller
		}
		return r.results, r.err
	case <-ctx.Done():
		l.leave(q, r)
		return nil, ctx.Err()
	}
}

// enter adds a call to the queue, or opens the queue if no call is being processed.
func (l *queues) enter(app ApplicationID, r *call) (q *queue, first bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.open == nil {
		l.open = map[ApplicationID]*queue{}
	}
	q, busy := l.open[app]
	if busy {
		r.records = slices.Clone(r.records) // the caller may give up and reuse the slice
		q.waiting = append(q.waiting, r)
		return q, false
	}
	q = &queue{}
	l.open[app] = q
	return q, true
}

// leave removes a call from the queue if it is still waiting.
func (l *queues) leave(q *queue, r *call) {
	l.mu.Lock()
	defer l.mu.Unlock()
	q.waiting = slices.DeleteFunc(q.waiting, func(x *call) bool { return x == r })
}

// drain starts processing the calls that arrived in the meantime, or closes the queue.
func (l *queues) drain(app ApplicationID, q *queue, work consumer) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if len(q.waiting) == 0 {
		delete(l.open, app)
		return
	}
	batch := q.next()
	go func() {
		defer l.drain(app, q, work)
		share(app, batch, work)
	}()
}

// next removes and returns the calls that form the next change, at least one.
func (q *queue) next() []*call {
	n, total := 0, 0
	for n < len(q.waiting) {
		total += len(q.waiting[n].records)
		if n > 0 && total > MaxUsageBatch {
			break
		}
		n++
	}
	batch := slices.Clone(q.waiting[:n])
	q.waiting = slices.Delete(q.waiting, 0, n)
	return batch
}

// share counts the records of several calls in one change and gives each call its results. A caller that gives up
// doesn't cancel the others; when all have given up, the work is canceled. If the store panics, every caller panics.
func share(app ApplicationID, batch []*call, work consumer) {
	ctx, cancel := context.WithCancel(context.WithoutCancel(batch[0].ctx))
	defer cancel()
	var gone atomic.Int64
	var records []Usage
	stops := make([]func() bool, len(batch))
	for i, r := range batch {
		records = append(records, r.records...)
		stops[i] = context.AfterFunc(r.ctx, func() {
			if gone.Add(1) == int64(len(batch)) {
				cancel()
			}
		})
	}
	results, err := []UsageResult(nil), errBatch
	defer func() {
		panicked := recover()
		for i, r := range batch {
			stops[i]()
			r.panicked = panicked
			if r.err = err; err == nil {
				r.results, results = results[:len(r.records):len(r.records)], results[len(r.records):]
			}
			close(r.done)
		}
	}()
	results, err = work(ctx, app, records, len(batch))
}

// errBatch is returned to the callers of a batch that ended without a result.
var errBatch = errors.New("subscription: the batch ended without a result, repeat the call")
