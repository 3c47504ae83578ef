package simulation

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/prepaidkit/prepaid/internal/sure"
	"github.com/prepaidkit/prepaid/payment"
	"github.com/prepaidkit/prepaid/pricing"
	"github.com/prepaidkit/prepaid/renewal"
	"github.com/prepaidkit/prepaid/store"
	"github.com/prepaidkit/prepaid/subscription"
)

// The errors that a world injects. Both leave the outcome of the call unknown to the caller.
var (
	errCrashed = errors.New("simulation: the process has crashed")
	errFailed  = errors.New("simulation: the store gave no answer")
)

// process runs customers' requests and workers: a service and a worker on the shared store and gateway, with its own
// clock.
type process struct {
	world *world
	name  string
	dead  bool // every call fails
	busy  bool

	skew    time.Duration     // of its clock, permanent
	step    time.Duration     // of its clock, temporary
	steps   int               // how often its clock was set
	wrong   bool              // when it was last compared with the store's clock
	stopped time.Time         // for a mutant: the time at which the clock stands still
	catalog int               // the index of the one that it sees
	answers map[string]answer // of the gateway, by key

	service *subscription.Service
	worker  *renewal.Worker
	report  func(renewal.Stats, error) // of the worker's round
}

func (w *world) newProcess(name string, i int) *process {
	skew := w.skew
	if i%2 == 1 {
		skew = -skew
	}
	if i == 0 {
		skew /= 3
	}
	return &process{world: w, name: name, skew: skew}
}

// restart forgets everything and starts afresh.
func (p *process) restart() error {
	w := p.world
	p.dead, p.stopped, p.answers = false, time.Time{}, map[string]answer{}
	var shared store.Store = w.store
	if w.mutant.below != nil {
		shared = w.mutant.below(w, shared)
	}
	own := &processStore{Store: shared, process: p}
	var st store.Store = own
	var gw payment.Gateway = &processGateway{process: p}
	if w.cancels {
		gw = cancelingGateway{&processGateway{process: p}}
	}
	if w.mutant.wrap != nil {
		st, gw = w.mutant.wrap(w, st, gw)
	}
	if _, can := st.(subscription.Eraser); !can {
		st = eraser{st, own}
	}
	p.service = sure.Of(subscription.NewService(st, gw, p.inForce, &subscription.Options{Now: p.now}))
	var err error
	p.worker, err = renewal.NewWorker(p.service, st, &renewal.Options{
		Policy: w.policy, Concurrency: 1, Batch: 10_000, Lease: w.lease,
		Report: func(stats renewal.Stats, err error) { p.report(stats, err) },
	})
	return err
}

// inForce returns the catalog that the process sees.
func (p *process) inForce() *pricing.Catalog { return p.world.catalogs[p.catalog] }

// round runs the worker for one round: a single one, or the first of many.
func (p *process) round(atOnce bool) (stats renewal.Stats, err error) {
	if p.world.mutant.stops {
		p.stopped = p.now()
		defer func() { p.stopped = time.Time{} }()
	}
	if atOnce {
		return p.worker.Once(context.Background())
	}
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	p.report = func(s renewal.Stats, failed error) {
		stats, err = s, failed
		cancel() // after the first round
	}
	if failed := p.worker.Run(ctx); failed != nil {
		return stats, failed
	}
	return stats, err
}

// run runs do in the process, which accepts no other request meanwhile.
func (p *process) run(do func()) {
	p.busy = true
	do()
	p.busy = false
}

// free returns the ith process, or another one if it is busy, or nil if all are.
func free(all []*process, i int) *process {
	for n := range all {
		if p := all[(i+n)%len(all)]; !p.busy {
			return p
		}
	}
	return nil
}

// endless is the number of calls that are too many for one action.
const endless = 20_000

// mishap is a fault of a call.
type mishap int

const (
	noMishap mishap = iota
	crashBefore
	crashAfter
	failBefore
	failAfter
	failPartly
)

// call makes one call to the store or the gateway, with a fault if one is drawn. partly is the part of the call that
// takes effect if not all of it does; nil means nothing.
func (p *process) call(what string, atGateway bool, do func() error, partly func()) error {
	w := p.world
	if p.dead {
		return fmt.Errorf("%w: %s", errCrashed, what)
	}
	if err := p.refused(what); err != nil {
		return err
	}
	w.meanwhile(atGateway)
	w.calls++
	w.lately++
	if w.lately > endless {
		if p.dead = true; w.lately == endless+1 {
			w.violatef("endless", "", "%s makes %d calls for one action, the last one is %s", p.name, w.lately, what)
		}
		return fmt.Errorf("%w: %s", errCrashed, what)
	}
	befallen := w.mishap(atGateway)
	switch befallen {
	case noMishap:
		return do()
	case crashBefore, crashAfter:
		w.tracef("  %s: CRASH of %s, after it: %t", what, p.name, befallen == crashAfter)
		w.figures.Crashes++
		p.dead = true
		if befallen == crashAfter {
			_ = do()
		}
		return fmt.Errorf("%w: %s", errCrashed, what)
	case failBefore:
		w.figures.StoreBefore++
	case failAfter:
		w.figures.StoreAfter++
		_ = do()
	case failPartly:
		w.figures.StorePartly++
		if partly != nil {
			partly()
		}
	}
	w.tracef("  %s of %s fails, mishap %d", what, p.name, befallen)
	return fmt.Errorf("%w: %s", errFailed, what)
}

// mishap draws the fault of the next call.
func (w *world) mishap(atGateway bool) mishap {
	switch {
	case w.crashAt > 0 && w.calls == w.crashAt && w.crashAfter:
		return crashAfter
	case w.crashAt > 0 && w.calls == w.crashAt:
		return crashBefore
	case w.healthy:
		return noMishap
	case w.doomed.armed && w.doomed.after == 0:
		w.doomed.armed = false
		if w.doomed.late {
			return crashAfter
		}
		return crashBefore
	}
	w.doomed.after--
	if !atGateway && w.failures > 0 && w.chance("store", w.failures) { // the gateway injects its own faults
		return []mishap{failBefore, failAfter, failPartly}[w.draw("how")%3]
	}
	return noMishap
}
