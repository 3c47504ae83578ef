package renewal

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/prepaidkit/prepaid/payment"
	"github.com/prepaidkit/prepaid/subscription"
)

// job is a claimed application being processed in a batch.
type job struct {
	state  *subscription.Snapshot // as of the last commit; nil: dropped from the batch
	change subscription.Change    // to be committed next
	asked  []question
	alone  bool // apply its answers one by one, because together they can't be applied
	skewed bool // its last change is far ahead of the clock, so nothing is decided
}

// question is an order whose outcome the gateway is asked for, or a refund that it is asked to make.
type question struct {
	id     subscription.OrderID
	order  *subscription.Order
	refund *subscription.Refund
	fresh  bool // placed in this batch, so nobody can have asked before
	look   bool // only look up: whether it could be settled isn't known
	answer payment.Result
	err    error
}

// batch advances the claimed applications as far as possible now: decide all, commit all, ask the gateway, settle all,
// commit all. It reports progress: whether at least one of the applications is not stuck.
func (r *loop) batch(ctx context.Context, now time.Time, claimed []Claimed) (bool, error) {
	r.stats.Claimed += len(claimed)
	r.jobs = slices.Grow(r.jobs[:0], len(claimed))[:len(claimed)]
	jobs := r.jobs
	defer clear(jobs)
	each(len(claimed), r.concurrency, func(i int) { jobs[i] = r.decide(ctx, &claimed[i]) })
	progress := false
	for i := range claimed {
		r.count(ctx, &claimed[i], &jobs[i], now)
		progress = progress || r.stuck[claimed[i].Application] <= maxStuck
	}
	if err := r.commit(ctx, jobs); err != nil {
		for i := range claimed {
			if claimed[i].Err == nil {
				r.leave(claimed[i].Application)
			}
		}
		return false, err
	}
	r.ask(ctx, jobs)
	each(len(jobs), r.concurrency, func(i int) { r.settle(ctx, &jobs[i]) })
	err := r.commitSettled(ctx, jobs)
	r.countOrders(jobs)
	return progress, err
}

// decide makes the first change of an application and finds the orders to ask about.
func (r *loop) decide(ctx context.Context, c *Claimed) job {
	if c.Err != nil {
		return job{}
	}
	now, err := r.collector.Now(ctx, c.Snapshot.Application)
	if err != nil {
		return job{skewed: true}
	}
	j := job{state: &c.Snapshot}
	change, err := decide(*j.state, r.opts.Policy, r.cat, now)
	if err == nil && !change.IsZero() {
		err = change.CheckAt(j.state.Application, now)
	}
	failed := err != nil
	if failed {
		change = r.setAside(*j.state, err, now)
	}
	j.change = change
	orders := j.state.Application.Orders
	if !change.IsZero() {
		orders = change.Next.Orders
	}
	for i := range orders {
		o := &orders[i]
		if o.Status.AwaitsGateway() {
			_, known := j.state.Application.OpenOrder(o.ID)
			j.asked = append(j.asked, question{id: o.ID, order: o, fresh: !known, look: failed && o.Status == subscription.OrderOpen})
		}
	}
	refunds := j.state.Application.Refunds
	if !change.IsZero() {
		refunds = change.Next.Refunds
	}
	for i := range refunds {
		j.asked = append(j.asked, question{id: refunds[i].Order, refund: &refunds[i]})
		j.alone = true // its order may be closed, and isn't loaded
	}
	return j
}

// setAside records that the decision failed, and delays the application.
func (r *loop) setAside(s subscription.Snapshot, why error, now time.Time) subscription.Change {
	d := subscription.Begin(s, now)
	d.AddEvent(subscription.Event{Type: subscription.EventDecisionFailed, Note: why.Error()})
	c := d.Change()
	c.Next.Due = d.Now.Add(r.opts.Policy.FailureBackoff)
	return c
}

// commit writes the first changes of a batch. It drops an application if its change conflicts with another writer's,
// which makes it due again, or if the store can't keep the change.
func (r *loop) commit(ctx context.Context, jobs []job) error {
	lost, refused, err := r.write(ctx, jobs)
	if err != nil {
		return err
	}
	for i := range jobs {
		j := &jobs[i]
		if j.change.IsZero() {
			continue
		}
		app := j.state.Application.ID
		held, gone := lost[app]
		if held {
			r.leave(app)
		}
		if gone || refused[app] != nil {
			*j = job{}
			continue
		}
		r.countChange(&j.change)
		j.state.Application, j.change = j.change.Next, subscription.Change{}
	}
	r.aside(ctx, refused)
	return nil
}

// write commits the jobs' changes. It returns the applications whose changes were not written: those that another
// writer changed or, if the value is true, holds; and those that the store refused, with the reason.
func (r *loop) write(ctx context.Context, jobs []job) (
	lost map[subscription.ApplicationID]bool, refused map[subscription.ApplicationID]error, err error,
) {
	r.changes = slices.Grow(r.changes[:0], len(jobs))
	for i := range jobs {
		if !jobs[i].change.IsZero() {
			r.changes = append(r.changes, jobs[i].change)
		}
	}
	defer clear(r.changes)
	lost, refused = map[subscription.ApplicationID]bool{}, map[subscription.ApplicationID]error{}
	if len(r.changes) == 0 {
		return lost, refused, nil
	}
	conflict, refusal, err := notWritten(r.keep(ctx, r.changes))
	for _, id := range conflict.Applications {
		lost[id] = false
		r.stuck[id]++
	}
	for _, id := range conflict.Held {
		lost[id] = true
	}
	r.stats.Conflicts += len(conflict.Applications)
	for _, c := range refusal.Changes {
		refused[c.Application] = c.Err
	}
	return lost, refused, err
}

// keep has the store commit changes.
func (r *loop) keep(ctx context.Context, changes []subscription.Change) error {
	began := r.collector.Began()
	err := r.store.Commit(ctx, changes...)
	r.collector.ObserveCommit(ctx, began, err, changes...)
	return err
}

// failed tells an observer of an application with which the worker can't go on.
func (r *loop) failed(ctx context.Context, app subscription.ApplicationID, how string, why error) {
	r.collector.Observe(ctx, time.Time{}, subscription.Observation{
		Op: subscription.OpSetAside, Outcome: how, Err: why, Application: app,
	})
}

// notWritten returns the changes that a commit didn't write. For any other failure it returns the error.
func notWritten(err error) (subscription.ConflictError, subscription.RefusedError, error) {
	conflict, refused := new(subscription.ConflictError), new(subscription.RefusedError)
	lost, turned := errors.As(err, &conflict), errors.As(err, &refused)
	if err != nil && !lost && !turned {
		return *conflict, *refused, fmt.Errorf("renewal: commit: %w", err)
	}
	return *conflict, *refused, nil
}

// aside sets aside the applications whose changes the store can't keep, with the reason. If that fails too, the
// application waits for its lease to end, and the error is recorded.
func (r *loop) aside(ctx context.Context, why map[subscription.ApplicationID]error) {
	if len(why) == 0 {
		return
	}
	for id := range why {
		r.stuck[id] = maxStuck + 1
	}
	var changes []subscription.Change
	for _, c := range r.load(ctx, slices.Sorted(maps.Keys(why))) {
		if now, err := r.collector.Now(ctx, c.Snapshot.Application); err == nil {
			changes = append(changes, r.setAside(c.Snapshot, why[c.Application], now))
		}
	}
	conflict, refused, err := notWritten(r.keep(ctx, changes))
	if err != nil {
		r.noted = errors.Join(r.noted, fmt.Errorf("renewal: set aside: %w", err))
		return
	}
	r.stats.Failed += len(changes) - len(conflict.Applications) - len(refused.Changes)
}

// ask asks the gateway about all orders of the batch. It asks about the orders of one application sequentially, in
// document order, so scheduling does not decide which of them the balance pays for. No locks are held and no
// transaction is open.
func (r *loop) ask(ctx context.Context, jobs []job) {
	each(len(jobs), r.concurrency, func(i int) {
		for k := range jobs[i].asked {
			q := &jobs[i].asked[k]
			switch {
			case q.refund != nil:
				q.answer, q.err = r.collector.AskRefund(ctx, *q.refund)
			case q.look:
				q.answer, q.err = r.collector.LookUp(ctx, *q.order)
			default:
				q.answer, q.err = r.collector.Ask(ctx, *q.order, q.fresh)
			}
		}
	})
}

// settle makes the second change of an application, which applies the effects of the time that has passed and the
// gateway's answers. If the change can't be made, each answer is applied separately, so none is lost.
func (r *loop) settle(ctx context.Context, j *job) {
	if len(j.asked) == 0 || j.alone {
		return
	}
	base := j.state.Application
	now, err := r.collector.Now(ctx, base)
	if err != nil {
		j.alone = true
		return
	}
	draft := subscription.Begin(*j.state, now)
	err, settled := draft.Advance(r.cat), false
	for k := range j.asked {
		if q := &j.asked[k]; q.err == nil && err == nil {
			var changed bool
			changed, err = draft.Settle(q.id, q.answer, r.cat.ZoneOf)
			settled = settled || changed
		}
	}
	if err == nil && settled {
		j.change = draft.Change()
		j.change.Next.Due = Due(j.change.Next, r.opts.Policy, r.cat, now)
		err = j.change.CheckAt(base, now)
	}
	if err != nil {
		j.change, j.alone = subscription.Change{}, true
	}
}

// commitSettled writes the second changes. If another writer changed an application first, or its change can't be
// written, each answer is applied separately to the current state. If an answer can't be applied at all, its order is
// put under review. If the store refuses to record an answer, the failure is reported and retried. If the store reports
// that another writer holds the application, or one whose clock is far ahead has changed it, it is left to the next
// round, which asks the gateway again.
func (r *loop) commitSettled(ctx context.Context, jobs []job) error {
	lost, refused, err := r.write(ctx, jobs)
	if err != nil {
		for i := range jobs {
			if len(jobs[i].asked) > 0 {
				r.leave(jobs[i].state.Application.ID)
			}
		}
		return err
	}
	aside := map[subscription.ApplicationID]error{}
	for i := range jobs {
		j := &jobs[i]
		if len(j.asked) == 0 {
			continue
		}
		app := j.state.Application.ID
		held, gone := lost[app]
		if !gone && refused[app] == nil && !j.alone {
			continue
		}
		j.change = subscription.Change{}
		if held {
			r.leave(app)
			continue
		}
		for k := range j.asked {
			q := &j.asked[k]
			if q.err != nil {
				continue
			}
			o, failed := r.collector.Settle(ctx, app, q.id, q.answer)
			switch {
			case failed == nil:
				j.change.Orders = append(j.change.Orders, o) // for the statistics
			case refused[app] != nil || errors.As(failed, new(*subscription.RefusedError)):
				aside[app] = failed // the order is still open
				r.stats.Unrecorded++
				r.failed(ctx, app, "unrecorded", failed)
			case errors.Is(failed, subscription.ErrClock): // another process, whose clock is ahead, has changed it
				r.stats.Skewed++
				r.failed(ctx, app, "clock", failed)
				r.leave(app)
			case decided(failed):
				aside[app] = failed
			default:
				err = errors.Join(err, failed)
			}
		}
	}
	r.aside(ctx, aside)
	return err
}

// decided reports whether an error means that the same decision would fail again, or that the store can't keep it, as
// opposed to a fault of the store.
func decided(err error) bool {
	var undecided interface {
		error
		Undecided() bool
	}
	var refused *subscription.RefusedError
	return errors.As(err, &undecided) || errors.As(err, &refused)
}

// count adds a claimed application to the statistics.
func (r *loop) count(ctx context.Context, c *Claimed, j *job, now time.Time) {
	if j.change.IsZero() {
		r.stuck[c.Application]++
	}
	if c.Err != nil {
		r.stats.Unreadable++
		r.failed(ctx, c.Application, "unreadable", c.Err)
		return
	}
	r.stats.Late = max(r.stats.Late, c.late(now))
	switch {
	case j.skewed:
		r.stats.Skewed++
		r.failed(ctx, c.Application, "clock", subscription.ErrClock)
	case j.change.IsZero():
		r.stats.Rescheduled++
	}
}

// countChange adds the first change of an application to the statistics, after it was committed.
func (r *loop) countChange(c *subscription.Change) {
	if len(c.Events) == 0 {
		r.stats.Rescheduled++
	}
	for i := range c.Events {
		switch c.Events[i].Type { //nolint:exhaustive // the others are not counted
		case subscription.EventDecisionFailed:
			r.stats.Failed++
		case subscription.EventOrderPlaced:
			r.stats.Placed++
		case subscription.EventOrderPaid: // an order that costs nothing
			r.stats.Paid++
		}
	}
}

// countOrders adds the outcomes of the batch's orders to the statistics.
func (r *loop) countOrders(jobs []job) {
	for i := range jobs {
		for k := range jobs[i].asked {
			q := &jobs[i].asked[k]
			if q.refund != nil {
				r.stats.asked(q.answer.Status)
				continue
			}
			status := q.order.Status
			for _, o := range jobs[i].change.Orders {
				if o.ID == q.id {
					status = o.Status
				}
			}
			r.stats.resolved(status)
		}
	}
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
