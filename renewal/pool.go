package renewal

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"

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

// enter starts another loop if the limit allows it.
func (p *pool) enter(ctx context.Context) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.open == p.opts.Parallel {
		return
	}
	p.open++
	p.wait.Go(func() {
		l := &loop{
			pool: p, stuck: map[subscription.ApplicationID]int{},
			concurrency: max(1, p.opts.Concurrency/p.opts.Parallel),
		}
		err := l.work(ctx)
		l.remember()
		p.mu.Lock()
		defer p.mu.Unlock()
		p.stats.Add(l.stats)
		p.noted = errors.Join(p.noted, l.noted)
		if err != nil && p.err == nil {
			p.err = err
			p.cancel()
		}
	})
}

// each calls do for 0 to n-1, with at most limit calls running at a time.
func each(n, limit int, do func(i int)) {
	if limit = min(limit, n); limit <= 1 {
		for i := range n {
			do(i)
		}
		return
	}
	var next atomic.Int64
	var wait sync.WaitGroup
	for range limit {
		wait.Go(func() {
			for i := int(next.Add(1)) - 1; i < n; i = int(next.Add(1)) - 1 {
				do(i)
			}
		})
	}
	wait.Wait()
}
