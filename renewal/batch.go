package renewal

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	"github.com/prepaidkit/prepaid/payment"
	"github.com/prepaidkit/prepaid/subscription"
)

// job is one claimed application on its way through a batch.
type job struct {
	state  subscription.Application // as of the last commit
	change subscription.Change      // to be committed next
	asked  []question
}

// question is an order to ask the gateway about.
type question struct {
	order  subscription.Order
	fresh  bool // placed in this batch, so that nobody can have asked before
	answer payment.Result
	err    error
}

// batch brings the claimed applications as far as they come at this instant: decide all, commit all, ask the
// gateway, settle all, commit all. It reports whether any of them may not come back at once.
func (r *run) batch(ctx context.Context, claimed []Claimed) (bool, error) {
	r.stats.Claimed += len(claimed)
	jobs := make([]job, len(claimed))
	each(len(claimed), r.concurrency, func(i int) { jobs[i] = r.decide(claimed[i]) })
	progress := false
	for i := range claimed {
		r.count(&claimed[i], &jobs[i])
		progress = progress || r.stuck[claimed[i].Application] <= maxStuck
	}
	if err := r.commit(ctx, jobs); err != nil {
		return false, err
	}
	r.ask(ctx, jobs)
	r.tick() // asking takes its time
	each(len(jobs), r.concurrency, func(i int) { r.settle(&jobs[i]) })
	r.countOrders(jobs)
	return progress, r.commitSettled(ctx, jobs)
}

// tick moves now on, to the microsecond, which every store keeps.
func (r *run) tick() { r.now = r.clock().UTC().Truncate(time.Microsecond) }

// decide makes the first change of an application, and finds the orders to ask about.
func (r *run) decide(c Claimed) job {
	if c.Err != nil {
		return job{}
	}
	j := job{state: c.Snapshot.Application}
	change, err := decide(j.state, r.opts.Policy, r.cat, r.now)
	if err == nil && !change.IsZero() {
		err = change.Check(j.state)
	}
	if err != nil {
		change = r.setAside(j.state, err)
	}
	j.change = change
	after := &j.state
	if !change.IsZero() {
		after = &j.change.Next
	}
	for i := range after.Orders {
		o := after.Orders[i]
		if o.Status.Asked() {
			_, known := j.state.OrderByID(o.ID)
			j.asked = append(j.asked, question{order: o, fresh: !known})
		}
	}
	return j
}

// setAside notes that the decision failed, and lets the application wait.
func (r *run) setAside(app subscription.Application, why error) subscription.Change {
	d := subscription.Begin(subscription.Snapshot{Application: app}, r.now)
	d.Note(subscription.Event{Type: subscription.EventSetAside, Note: why.Error()})
	c := d.Change()
	c.Next.Due = r.now.Add(r.opts.Policy.SetAside)
	return c
}

// commit writes the first changes of a batch. Applications whose change did not hold drop out; somebody
// else has changed them, and they are due again. So do those whose change the store can't keep.
func (r *run) commit(ctx context.Context, jobs []job) error {
	changes := make([]subscription.Change, 0, len(jobs))
	for i := range jobs {
		if !jobs[i].change.IsZero() {
			changes = append(changes, jobs[i].change)
		}
	}
	lost, err := r.write(ctx, changes)
	if err != nil {
		return err
	}
	for i := range jobs {
		j := &jobs[i]
		switch {
		case lost[j.state.ID]:
			*j = job{}
		case !j.change.IsZero():
			r.countChange(&j.change)
			j.state, j.change = j.change.Next, subscription.Change{}
		}
	}
	return nil
}

// write commits changes and returns the applications whose changes were not written.
func (r *run) write(ctx context.Context, changes []subscription.Change) (map[subscription.ApplicationID]bool, error) {
	lost := map[subscription.ApplicationID]bool{}
	if len(changes) == 0 {
		return lost, nil
	}
	err := r.store.Commit(ctx, changes...)
	var conflict *subscription.ConflictError
	var refused *subscription.RefusedError
	if errors.As(err, &conflict) {
		for _, id := range conflict.Applications {
			lost[id] = true
			r.stuck[id]++
		}
		r.stats.Conflicts += len(conflict.Applications)
	}
	if errors.As(err, &refused) {
		if failed := r.refused(ctx, refused, lost); failed != nil {
			return lost, failed
		}
	}
	if err != nil && conflict == nil && refused == nil {
		return lost, fmt.Errorf("renewal: commit: %w", err)
	}
	return lost, nil
}

// refused sets applications aside whose changes the store can't keep. One that can't even be set aside waits
// for the end of its lease.
func (r *run) refused(
	ctx context.Context, refused *subscription.RefusedError, lost map[subscription.ApplicationID]bool,
) error {
	why := map[subscription.ApplicationID]error{}
	reads := make([]subscription.Read, 0, len(refused.Changes))
	for _, c := range refused.Changes {
		lost[c.Application] = true
		r.stuck[c.Application] = maxStuck + 1
		why[c.Application] = c.Err
		reads = append(reads, subscription.Read{Application: c.Application})
	}
	snapshots, err := r.store.Load(ctx, reads...)
	if err != nil {
		return fmt.Errorf("renewal: load: %w", err)
	}
	aside := make([]subscription.Change, 0, len(snapshots))
	for i := range snapshots {
		aside = append(aside, r.setAside(snapshots[i].Application, why[snapshots[i].Application.ID]))
	}
	r.stats.SetAside += len(aside)
	var conflict *subscription.ConflictError
	var again *subscription.RefusedError
	err = r.store.Commit(ctx, aside...)
	if err != nil && !errors.As(err, &conflict) && !errors.As(err, &again) {
		return fmt.Errorf("renewal: commit: %w", err)
	}
	return nil
}

// ask asks the gateway about all orders of the batch. Nothing is locked, and no transaction is open.
func (r *run) ask(ctx context.Context, jobs []job) {
	var all []*question
	for i := range jobs {
		for k := range jobs[i].asked {
			all = append(all, &jobs[i].asked[k])
		}
	}
	each(len(all), r.concurrency, func(i int) {
		q := all[i]
		q.answer, q.err = r.service.Ask(ctx, q.order, q.fresh)
	})
}

// settle makes the second change of an application, of what time has done meanwhile and the gateway's answers.
func (r *run) settle(j *job) {
	if len(j.asked) == 0 {
		return
	}
	advanced, err := subscription.Advance(j.state, r.cat, r.now)
	if err != nil {
		return // it is tried again with the next batch
	}
	next := advanced
	for k := range j.asked {
		q := &j.asked[k]
		if q.err != nil {
			continue
		}
		base := next.After(j.state)
		var change subscription.Change
		change, q.err = subscription.Resolve(subscription.Snapshot{Application: base}, q.order.ID, q.answer, r.cat.ZoneOf, r.now)
		if q.err == nil && !change.IsZero() {
			next = next.Then(change)
			j.change = next
		}
	}
	if j.change.IsZero() {
		return
	}
	j.change.Next.Due = Due(j.change.Next, r.opts.Policy, r.cat, r.now)
	if err := j.change.Check(j.state); err != nil {
		j.change = r.setAside(j.state, err)
	}
}

// commitSettled writes the second changes. Where somebody else was faster, each answer is applied on what
// is there now.
func (r *run) commitSettled(ctx context.Context, jobs []job) error {
	changes := make([]subscription.Change, 0, len(jobs))
	for i := range jobs {
		if !jobs[i].change.IsZero() {
			changes = append(changes, jobs[i].change)
		}
	}
	lost, err := r.write(ctx, changes)
	if err != nil || len(lost) == 0 {
		return err
	}
	for i := range jobs {
		if !lost[jobs[i].state.ID] {
			continue
		}
		for _, q := range jobs[i].asked {
			if q.err == nil {
				_, failed := r.service.Resolve(ctx, q.order.Application, q.order.ID, q.answer)
				if refused := new(subscription.RefusedError); errors.As(failed, &refused) {
					continue // it was set aside, and the order is still open
				}
				err = errors.Join(err, failed)
			}
		}
	}
	return err
}

// count adds a claimed application to the statistics.
func (r *run) count(c *Claimed, j *job) {
	if j.change.IsZero() {
		r.stuck[c.Application]++
	}
	if c.Err != nil {
		r.stats.Unreadable++
		return
	}
	if due := c.Snapshot.Application.Due; !due.IsZero() {
		r.stats.Late = max(r.stats.Late, r.now.Sub(due))
	}
	if j.change.IsZero() {
		r.stats.Rescheduled++
	}
}

// countChange adds the first change of an application to the statistics, once it is committed.
func (r *run) countChange(c *subscription.Change) {
	if len(c.Events) == 0 {
		r.stats.Rescheduled++
	}
	for i := range c.Events {
		switch c.Events[i].Type { //nolint:exhaustive // the others are not counted
		case subscription.EventSetAside:
			r.stats.SetAside++
		case subscription.EventOrderPlaced:
			r.stats.Placed++
		case subscription.EventOrderPaid: // it costs nothing
			r.stats.Paid++
		}
	}
}

// countOrders adds the outcomes of the batch's orders to the statistics.
func (r *run) countOrders(jobs []job) {
	for i := range jobs {
		for k := range jobs[i].asked {
			status := jobs[i].asked[k].order.Status
			for _, o := range jobs[i].change.Orders {
				if o.ID == jobs[i].asked[k].order.ID {
					status = o.Status
				}
			}
			r.stats.resolved(status)
		}
	}
}

// each calls do for 0 to n-1, up to limit of them at a time.
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
