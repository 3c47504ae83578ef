package storetest_test

import (
	"context"
	"errors"
	"slices"
	"sync"
	"time"

	"github.com/prepaidkit/prepaid/renewal"
	"github.com/prepaidkit/prepaid/subscription"
)

// leaser claims as simply as can be: it goes through all applications, and keeps the ends of their leases.
// Its parts can be replaced by what somebody gets wrong.
type leaser struct {
	b    *broken
	mu   sync.Mutex
	apps map[subscription.ApplicationID]bool
	ends map[subscription.ApplicationID]time.Time

	dueOf func(app *subscription.Application) time.Time
	due   func(due, asOf time.Time) bool
	held  func(end, asOf time.Time) bool
	order func(a, b *subscription.Application) int
	end   func(asOf time.Time, lease time.Duration) time.Time
	// ended is called for the changes that a commit tried, with its error.
	ended func(changes []subscription.Change, err error)
	// between, if there is one, is called between looking and leasing, without the lock.
	between func()
}

func newLeaser(b *broken) *leaser {
	l := &leaser{
		b: b, apps: map[subscription.ApplicationID]bool{}, ends: map[subscription.ApplicationID]time.Time{},
		dueOf: func(app *subscription.Application) time.Time { return app.Due },
		due:   func(due, asOf time.Time) bool { return !due.IsZero() && !due.After(asOf) },
		held:  func(end, asOf time.Time) bool { return end.After(asOf) },
		order: func(a, b *subscription.Application) int { return a.Due.Compare(b.Due) },
		end:   func(asOf time.Time, lease time.Duration) time.Time { return asOf.Add(lease) },
	}
	l.ended = l.applied
	b.claim, b.commit = l.claim, l.commit
	return l
}

// known makes an application one that is looked at.
func (l *leaser) known(id subscription.ApplicationID) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.apps[id] = true
}

func (l *leaser) commit(ctx context.Context, changes ...subscription.Change) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	err := l.b.Store.Commit(ctx, changes...)
	for _, c := range changes {
		l.apps[c.Application] = true
	}
	l.ended(changes, err)
	return err
}

// applied ends the leases of the changes that were applied.
func (l *leaser) applied(changes []subscription.Change, err error) {
	var conflict *subscription.ConflictError
	if err != nil && !errors.As(err, &conflict) {
		return
	}
	for _, c := range changes {
		if conflict == nil || !slices.Contains(conflict.Applications, c.Application) {
			delete(l.ends, c.Application)
		}
	}
}

func (l *leaser) claim(ctx context.Context, asOf time.Time, lease time.Duration, limit int) ([]renewal.Claimed, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	reads := make([]subscription.Read, 0, len(l.apps))
	for id := range l.apps {
		reads = append(reads, subscription.Read{Application: id})
	}
	snapshots, err := l.b.Store.Load(ctx, reads...)
	if err != nil {
		return nil, err
	}
	slices.SortFunc(snapshots, func(a, b subscription.Snapshot) int { return l.order(&a.Application, &b.Application) })
	var batch []renewal.Claimed
	for _, s := range snapshots {
		app := &s.Application
		if len(batch) < limit && l.due(l.dueOf(app), asOf) && !l.held(l.ends[app.ID], asOf) {
			batch = append(batch, renewal.Claimed{Application: app.ID, Snapshot: s})
		}
	}
	if l.between != nil {
		l.mu.Unlock()
		l.between()
		l.mu.Lock()
	}
	for _, c := range batch {
		l.ends[c.Application] = l.end(asOf, lease)
	}
	return batch, nil
}
