package subscription

import (
	"context"
	"sync"
)

// lanes put concurrent consumption of one application together: while one change is being committed, what
// arrives meanwhile waits and becomes the next one. The order of arrival is kept.
type lanes struct {
	mu   sync.Mutex
	open map[ApplicationID]*lane
}

// lane is the queue of one application; it exists while somebody is working on it.
type lane struct{ waiting []*ride }

// ride is one call that waits for its results.
type ride struct {
	ctx     context.Context
	records []Usage
	results []UsageResult
	err     error
	done    chan struct{}
}

// consume is what counts records in one change.
type consume func(ctx context.Context, app ApplicationID, records []Usage) ([]UsageResult, error)

// do counts records with those of others. The first caller for an application works until its own records
// are counted, and then hands over to one that waits.
func (l *lanes) do(ctx context.Context, app ApplicationID, records []Usage, work consume) ([]UsageResult, error) {
	r := &ride{ctx: ctx, records: records, done: make(chan struct{})}
	l.mu.Lock()
	if l.open == nil {
		l.open = map[ApplicationID]*lane{}
	}
	q, busy := l.open[app]
	if busy {
		q.waiting = append(q.waiting, r)
		l.mu.Unlock()
		select {
		case <-r.done:
			return r.results, r.err
		case <-ctx.Done():
			// It may be counted all the same; its IDs make a repetition harmless.
			return nil, ctx.Err()
		}
	}
	q = &lane{}
	l.open[app] = q
	l.mu.Unlock()
	r.results, r.err = work(ctx, app, records)
	l.drain(app, q, work)
	return r.results, r.err
}

// drain starts the work on what has come meanwhile, or closes the lane.
func (l *lanes) drain(app ApplicationID, q *lane, work consume) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if len(q.waiting) == 0 {
		delete(l.open, app)
		return
	}
	batch := q.next()
	go func() {
		share(app, batch, work)
		l.drain(app, q, work)
	}()
}

// next takes the calls that make up the next change, at least one.
func (q *lane) next() []*ride {
	n, total := 0, 0
	for n < len(q.waiting) {
		total += len(q.waiting[n].records)
		if n > 0 && total > MaxUsageBatch {
			break
		}
		n++
	}
	batch := q.waiting[:n:n]
	q.waiting = q.waiting[n:]
	return batch
}

// share counts the records of several calls in one change, and gives each its results. A caller that goes
// away doesn't take the others with it.
func share(app ApplicationID, batch []*ride, work consume) {
	var records []Usage
	for _, r := range batch {
		records = append(records, r.records...)
	}
	results, err := work(context.WithoutCancel(batch[0].ctx), app, records)
	for _, r := range batch {
		if r.err = err; err == nil {
			r.results, results = results[:len(r.records):len(r.records)], results[len(r.records):]
		}
		close(r.done)
	}
}
