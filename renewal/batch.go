package renewal

import (
	"context"
	"slices"
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
func (l *loop) batch(ctx context.Context, now time.Time, claimed []Claimed) (bool, error) {
	l.stats.Claimed += len(claimed)
	l.jobs = slices.Grow(l.jobs[:0], len(claimed))[:len(claimed)]
	jobs := l.jobs
	defer clear(jobs)
	each(len(claimed), l.concurrency, func(i int) { jobs[i] = l.decide(ctx, &claimed[i]) })
	progress := false
	for i := range claimed {
		l.count(ctx, &claimed[i], &jobs[i], now)
		progress = progress || l.stuck[claimed[i].Application] <= maxStuck
	}
	if err := l.commit(ctx, jobs); err != nil {
		for i := range claimed {
			if claimed[i].Err == nil {
				l.leave(claimed[i].Application)
			}
		}
		return false, err
	}
	l.ask(ctx, jobs)
	each(len(jobs), l.concurrency, func(i int) { l.settle(ctx, &jobs[i]) })
	err := l.commitSettled(ctx, jobs)
	l.countOrders(jobs)
	return progress, err
}

// decide makes the first change of an application and finds the orders to ask about.
func (l *loop) decide(ctx context.Context, c *Claimed) job {
	if c.Err != nil {
		return job{}
	}
	now, err := l.collector.Now(ctx, c.Snapshot.Application)
	if err != nil {
		return job{skewed: true}
	}
	j := job{state: &c.Snapshot}
	change, err := decide(*j.state, l.opts.Policy, l.cat, now)
	if err == nil && !change.IsZero() {
		err = change.CheckAt(j.state.Application, now)
	}
	failed := err != nil
	if failed {
		change = l.setAside(*j.state, err, now)
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
func (l *loop) setAside(s subscription.Snapshot, why error, now time.Time) subscription.Change {
	d := subscription.Begin(s, now)
	d.AddEvent(subscription.Event{Type: subscription.EventDecisionFailed, Note: why.Error()})
	c := d.Change()
	c.Next.Due = d.Now.Add(l.opts.Policy.FailureBackoff)
	return c
}
