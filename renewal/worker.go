package renewal

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/prepaidkit/prepaid/internal/absent"
	"github.com/prepaidkit/prepaid/subscription"
)

// Options configures a [Worker]. A nil *Options, or a zero field, means the defaults.
type Options struct {
	// Policy determines when renewals are collected. The zero value is the default policy.
	Policy Policy
	// Batch is the number of applications that are claimed, decided and committed together. The default is 1000.
	Batch int
	// Parallel is the number of batches in progress at a time, which keeps the store busy while other batches are
	// decided or wait for the gateway. The default is 2. If a batch isn't full, no other batch is started alongside it.
	Parallel int
	// Concurrency is the number of concurrent gateway calls across all batches. The default is 16. It bounds what a worker
	// renews: 16 calls at a time of a gateway that answers in 100 ms are 160 renewals a second. Raise it as far as your
	// provider allows.
	//
	// Keep Batch × Parallel × latency / Concurrency below [Policy.Poll]: with the defaults, a latency below 480 ms. With a
	// slower gateway, orders that wait for their turn are due again meanwhile, and another batch or worker asks about them
	// too. Nothing is collected twice, but changes conflict and are decided again ([Stats.Conflicts]). A smaller Batch or a
	// longer Poll ends that; docs/scale.md has figures.
	Concurrency int
	// Lease is how long a claimed application is reserved for this worker. The default is 5 minutes. It is only an
	// optimization: a lease that is too short wastes work but does nothing twice.
	Lease time.Duration
	// Interval is the pause between two rounds of [Worker.Run]. The default is 1 minute. After a store fault it
	// doubles, up to 16 times the interval.
	Interval time.Duration
	// Report is called by [Worker.Run] after every round. The default does nothing.
	Report func(Stats, error)
}

// Worker processes what is due: it renews, reminds, interrupts and expires subscriptions, and resolves every open
// order. Any number of workers, in any number of processes, can share one store. Everything that it does can also be
// done manually, with [Decide] and a subscription.Service.
type Worker struct {
	service   *subscription.Service
	collector subscription.Collector
	store     Store
	opts      Options

	mu     sync.Mutex
	left   []subscription.ApplicationID // left undone by the last round, see [loop.leave]
	health Health
}

// NewWorker returns a worker that claims due applications from a store and processes them through a service on the same
// store, using the service's catalog, gateway and clock. It returns [ErrPolicy], or subscription.ErrInvalid if the
// service or the store is nil. It can't tell whether the gateway is fast enough for the options; see
// [Options.Concurrency] and [Worker.Health].
func NewWorker(service *subscription.Service, st Store, opts *Options) (*Worker, error) {
	if service == nil || absent.Is(st) {
		return nil, fmt.Errorf("%w: a worker needs a service and a store", subscription.ErrInvalid)
	}
	w := &Worker{service: service, collector: service.Collector(), store: st}
	if opts != nil {
		w.opts = *opts
	}
	if err := w.opts.Policy.Validate(); err != nil {
		return nil, err
	}
	o := &w.opts
	o.Policy = o.Policy.filled()
	positive(&o.Batch, 1000)
	positive(&o.Parallel, 2)
	positive(&o.Concurrency, 16)
	positive(&o.Lease, 5*time.Minute)
	positive(&o.Interval, time.Minute)
	if o.Report == nil {
		o.Report = func(Stats, error) {}
	}
	return w, nil
}

// positive sets v to the default unless it is positive.
func positive[T int | time.Duration](v *T, otherwise T) {
	if *v <= 0 {
		*v = otherwise
	}
}

// Once processes everything that is due now, batch by batch, and returns what it did. It reads the service's clock for
// each decision and each settlement, because gateway calls take time. It returns early with an error on a store fault,
// on a wrong clock (subscription.ErrClock), or if ctx is done; it completes a batch that has begun first, so no answer
// of the gateway is lost. Applications left undone because of an error or another writer's lock are processed last in
// this worker's next round; other workers can claim them when their leases end.
func (w *Worker) Once(ctx context.Context) (Stats, error) {
	began := w.collector.Began()
	w.begins()
	stats, err := w.round(ctx)
	w.ends(stats, err)
	w.collector.Observe(ctx, began, subscription.Observation{
		Op: subscription.OpRound, Err: err, Size: stats.Claimed, Conflicts: stats.Conflicts, Late: stats.Late,
	})
	return stats, err
}

func (w *Worker) round(ctx context.Context) (Stats, error) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	cat, err := w.service.Catalog()
	if err != nil {
		return Stats{}, err
	}
	p := &pool{Worker: w, cat: cat, cancel: cancel}
	p.enter(ctx)
	p.wait.Wait()
	return p.stats, errors.Join(p.err, p.noted)
}

// Run calls [Worker.Once] repeatedly until ctx is done. It completes the batch that has begun and then returns nil.
func (w *Worker) Run(ctx context.Context) error {
	pause := w.opts.Interval
	for {
		stats, err := w.Once(ctx)
		if ctx.Err() != nil {
			err = nil
		}
		w.opts.Report(stats, err)
		if err != nil {
			pause = min(2*pause, 16*w.opts.Interval)
		} else {
			pause = w.opts.Interval
		}
		select {
		case <-ctx.Done():
			return nil
		case <-time.After(pause):
		}
	}
}
