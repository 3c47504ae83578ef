package renewal

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"

	"github.com/prepaidkit/prepaid/subscription"
)

// commit writes the first changes of a batch. It drops an application if its change conflicts with another writer's,
// which makes it due again, or if the store can't keep the change.
func (l *loop) commit(ctx context.Context, jobs []job) error {
	lost, refused, err := l.write(ctx, jobs)
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
			l.leave(app)
		}
		if gone || refused[app] != nil {
			*j = job{}
			continue
		}
		l.countChange(&j.change)
		j.state.Application, j.change = j.change.Next, subscription.Change{}
	}
	l.aside(ctx, refused)
	return nil
}

// write commits the jobs' changes. It returns the applications whose changes were not written: those that another
// writer changed or, if the value is true, holds; and those that the store refused, with the reason.
func (l *loop) write(ctx context.Context, jobs []job) (
	lost map[subscription.ApplicationID]bool, refused map[subscription.ApplicationID]error, err error,
) {
	l.changes = slices.Grow(l.changes[:0], len(jobs))
	for i := range jobs {
		if !jobs[i].change.IsZero() {
			l.changes = append(l.changes, jobs[i].change)
		}
	}
	defer clear(l.changes)
	lost, refused = map[subscription.ApplicationID]bool{}, map[subscription.ApplicationID]error{}
	if len(l.changes) == 0 {
		return lost, refused, nil
	}
	conflict, refusal, err := notWritten(l.keep(ctx, l.changes))
	for _, id := range conflict.Applications {
		lost[id] = false
		l.stuck[id]++
	}
	for _, id := range conflict.Held {
		lost[id] = true
	}
	l.stats.Conflicts += len(conflict.Applications)
	for _, c := range refusal.Changes {
		refused[c.Application] = c.Err
	}
	return lost, refused, err
}

// keep has the store commit changes.
func (l *loop) keep(ctx context.Context, changes []subscription.Change) error {
	began := l.collector.Began()
	err := l.store.Commit(ctx, changes...)
	l.collector.ObserveCommit(ctx, began, err, changes...)
	return err
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
func (l *loop) aside(ctx context.Context, why map[subscription.ApplicationID]error) {
	if len(why) == 0 {
		return
	}
	for id := range why {
		l.stuck[id] = maxStuck + 1
	}
	var changes []subscription.Change
	for _, c := range l.load(ctx, slices.Sorted(maps.Keys(why))) {
		if now, err := l.collector.Now(ctx, c.Snapshot.Application); err == nil {
			changes = append(changes, l.setAside(c.Snapshot, why[c.Application], now))
		}
	}
	conflict, refused, err := notWritten(l.keep(ctx, changes))
	if err != nil {
		l.noted = errors.Join(l.noted, fmt.Errorf("renewal: set aside: %w", err))
		return
	}
	l.stats.Failed += len(changes) - len(conflict.Applications) - len(refused.Changes)
}
