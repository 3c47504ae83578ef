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

// Options are the settings of a [Worker] that have defaults. A nil *Options has them all.
type Options struct {
	// Policy says when renewals are collected; the zero value is the default policy.
	Policy Policy
	// Batch is how many applications are claimed, decided and committed at a time; the default is 1000.
	Batch int
	// Parallel is how many batches are under way at a time, so that the store is busy while others are decided and
	// the gateway is asked; the default is 2. No other batch is started beside one that isn't full.
	Parallel int
	// Concurrency is how many calls of the gateway run at a time, of all batches together; the default is 16.
	Concurrency int
	// Lease is for how long a claimed application is left to this worker; the default is 5 minutes. It is
	// an efficiency hint: too short a lease wastes work, and does nothing twice.
	Lease time.Duration
	// Interval is the pause between two rounds of [Worker.Run]; the default is 1 minute. After a fault of
	// the store it doubles, up to 16 times itself.
	Interval time.Duration
	// Report is called by [Worker.Run] after every round; the default does nothing.
	Report func(Stats, error)
}

// Worker does what is due: it renews, reminds, interrupts and expires, and brings every open order to its
// end. Any number of workers, in any number of processes, can work on one store. Everything it does can
// also be done by hand, with [Decide] and a subscription.Service.
type Worker struct {
	service   *subscription.Service
	collector subscription.Collector
	store     Store
	opts      Options

	mu   sync.Mutex
	left []subscription.ApplicationID // what the last round left undone, see [loop.leave]
}

// NewWorker returns a worker that claims from a store what is due, and does it by a service on the same store: by its
// catalog, its gateway and its clock. It fails with [ErrPolicy], and with subscription.ErrInvalid if the service or the
// store is nil.
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

// positive sets v to its default unless it is positive.
func positive[T int | time.Duration](v *T, otherwise T) {
	if *v <= 0 {
		*v = otherwise
	}
}

// Once does all that is due now, batch by batch, and says what it did. It reads the service's clock for each decision
// and each settlement, since a gateway takes its time. It returns early, with an error, on a fault of the store, a wrong
// clock (subscription.ErrClock) or when ctx is done; a batch that has begun is finished first, so that
// no answer of the gateway is lost. What an error or another's lock leaves undone the next round of this worker does
// last; others find it when the leases run out.
func (w *Worker) Once(ctx context.Context) (Stats, error) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	cat, err := w.service.Catalog()
	if err != nil {
		return Stats{}, err
	}
	l := &pool{Worker: w, cat: cat, cancel: cancel}
	l.enter(ctx)
	l.wait.Wait()
	return l.stats, errors.Join(l.err, l.noted)
}

// Run does what [Worker.Once] does again and again until ctx is done, and then returns nil, once the batch that has
// begun is finished.
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
