package renewal

import (
	"context"
	"errors"

	"github.com/prepaidkit/prepaid/subscription"
)

// ask asks the gateway about all orders of the batch. It asks about the orders of one application sequentially, in
// document order, so scheduling does not decide which of them the balance pays for. No locks are held and no
// transaction is open.
func (l *loop) ask(ctx context.Context, jobs []job) {
	each(len(jobs), l.concurrency, func(i int) {
		for k := range jobs[i].asked {
			q := &jobs[i].asked[k]
			switch {
			case q.refund != nil:
				q.answer, q.err = l.collector.AskRefund(ctx, *q.refund)
			case q.look:
				q.answer, q.err = l.collector.LookUp(ctx, *q.order)
			default:
				q.answer, q.err = l.collector.Ask(ctx, *q.order, q.fresh)
			}
		}
	})
}

// settle makes the second change of an application, which applies the effects of the time that has passed and the
// gateway's answers. If the change can't be made, each answer is applied separately, so none is lost.
func (l *loop) settle(ctx context.Context, j *job) {
	if len(j.asked) == 0 || j.alone {
		return
	}
	base := j.state.Application
	now, err := l.collector.Now(ctx, base)
	if err != nil {
		j.alone = true
		return
	}
	draft := subscription.Begin(*j.state, now)
	err, settled := draft.Advance(l.cat), false
	for k := range j.asked {
		if q := &j.asked[k]; q.err == nil && err == nil {
			var changed bool
			changed, err = draft.Settle(q.id, q.answer, l.cat.ZoneOf)
			settled = settled || changed
		}
	}
	if err == nil && settled {
		j.change = draft.Change()
		j.change.Next.Due = Due(j.change.Next, l.opts.Policy, l.cat, now)
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
func (l *loop) commitSettled(ctx context.Context, jobs []job) error {
	lost, refused, err := l.write(ctx, jobs)
	if err != nil {
		for i := range jobs {
			if len(jobs[i].asked) > 0 {
				l.leave(jobs[i].state.Application.ID)
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
			l.leave(app)
			continue
		}
		why, fault := l.settleApart(ctx, j, refused[app] != nil)
		if why != nil {
			aside[app] = why
		}
		err = errors.Join(err, fault)
	}
	l.aside(ctx, aside)
	return err
}

// settleApart applies each answer for an application by itself, to its current state. It returns why the application is to
// be set aside, or nil, and faults of the store. refused means that the store has refused the change with all answers.
func (l *loop) settleApart(ctx context.Context, j *job, refused bool) (aside, fault error) {
	app := j.state.Application.ID
	for k := range j.asked {
		q := &j.asked[k]
		if q.err != nil {
			continue
		}
		o, err := l.collector.Settle(ctx, app, q.id, q.answer)
		switch {
		case err == nil:
			j.change.Orders = append(j.change.Orders, o) // for the statistics
		case refused || errors.As(err, new(*subscription.RefusedError)):
			aside = err // the order is still open
			l.stats.Unrecorded++
			l.failed(ctx, app, "unrecorded", err)
		case errors.Is(err, subscription.ErrClock): // another process, whose clock is ahead, has changed it
			l.stats.Skewed++
			l.failed(ctx, app, "clock", err)
			l.leave(app)
		case decided(err):
			aside = err
		default:
			fault = errors.Join(fault, err)
		}
	}
	return aside, fault
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
