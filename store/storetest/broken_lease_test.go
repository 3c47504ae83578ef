package storetest_test

import (
	"context"
	"errors"
	"slices"
	"sync/atomic"
	"time"

	"github.com/prepaidkit/prepaid/renewal"
	"github.com/prepaidkit/prepaid/subscription"
)

// noLongerDue is the end of a lease that nobody lives to see.
var noLongerDue = time.Date(9000, time.January, 1, 0, 0, 0, 0, time.UTC)

var leaseFlaws = []flaw{
	{"nothing is leased", asks(func(q *query) { q.lease = 0 }), "claim/a lease hides"},
	{"a lease of its own length", asks(func(q *query) { q.lease = 5 * time.Minute }), "claim/a lease hides"},
	{"leases are whole seconds", asks(func(q *query) { q.lease = q.lease.Truncate(time.Second) }), "claim/a lease hides"},
	{"a lease lasts a moment longer", asks(func(q *query) { q.lease += time.Microsecond }), "claim/a lease hides"},
	{"a lease includes its end", leases(func(l *leaser) {
		l.held = func(end, asOf time.Time) bool { return !end.IsZero() && !end.Before(asOf) }
	}), "claim/a lease hides"},
	{"what is leased is gone", leases(func(l *leaser) {
		l.held = func(end, _ time.Time) bool { return !end.IsZero() }
	}), "claim/a lease hides"},
	{"a lease by the store's own clock", leases(func(l *leaser) {
		l.end = func(_ time.Time, lease time.Duration) time.Time { return time.Now().Add(lease) }
	}), "claim/a lease lasts from asOf"},
	{"a lease counts from Due", func(b *broken) {
		b.claim = func(ctx context.Context, asOf time.Time, lease time.Duration, limit int) ([]renewal.Claimed, error) {
			batch, err := b.Store.Claim(ctx, asOf, 0, limit)
			if err != nil || len(batch) == 0 {
				return batch, err
			}
			return b.Store.Claim(ctx, asOf, batch[0].Snapshot.Application.Due.Add(lease).Sub(asOf), limit)
		}
	}, "claim/a lease lasts from asOf"},
	{"a lease begins when it was taken", leases(func(l *leaser) {
		l.held = func(end, asOf time.Time) bool { return end.After(asOf) && end.Sub(asOf) <= time.Minute }
	}), "claim/a clock that is behind"},
	{"the longest lease counts", leases(func(l *leaser) {
		var longest time.Duration
		l.end = func(asOf time.Time, lease time.Duration) time.Time {
			longest = max(longest, lease)
			return asOf.Add(longest)
		}
	}), "claim/the next lease"},
	{"the last lease is everybody's", leases(func(l *leaser) {
		var last time.Time
		l.end = func(asOf time.Time, lease time.Duration) time.Time {
			last = asOf.Add(lease)
			for id := range l.ends {
				l.ends[id] = last
			}
			return last
		}
	}), "claim/leases are each"},
	{"a lease of zero is a default", asks(func(q *query) {
		if q.lease <= 0 {
			q.lease = time.Minute
		}
	}), "claim/a lease of zero"},
	{"a negative lease makes it due earlier", leases(func(l *leaser) {
		l.due = func(due, asOf time.Time) bool { return !due.IsZero() && !due.After(asOf.Add(time.Microsecond)) }
	}), "claim/a lease of zero"},
	{"who reads ends the lease", func(b *broken) {
		l := newLeaser(b)
		b.load = func(ctx context.Context, reads ...subscription.Read) ([]subscription.Snapshot, error) {
			l.mu.Lock()
			defer l.mu.Unlock()
			for _, r := range reads {
				delete(l.ends, r.Application)
			}
			return b.Store.Load(ctx, reads...)
		}
	}, "claim/Load and the iterators"},
	{"a commit leaves the lease", leases(func(l *leaser) {
		l.ended = func([]subscription.Change, error) {}
	}), "claim/a commit ends the lease"},
	{"a commit leaves the lease, where it is due later", leases(func(l *leaser) {
		l.ended = func([]subscription.Change, error) {}
	}), "claim/a commit that leaves it due within"},
	{"a lease outlives the Due that it was for", leases(func(l *leaser) {
		dues := map[subscription.ApplicationID]time.Time{}
		l.ended = func(changes []subscription.Change, err error) {
			for _, c := range changes {
				if end, ok := l.ends[c.Application]; ok && err == nil {
					dues[c.Application] = end
				}
			}
			l.applied(changes, err)
		}
		l.dueOf = func(app *subscription.Application) time.Time {
			if due, ok := dues[app.ID]; ok {
				return due
			}
			return app.Due
		}
	}), "claim/a commit that leaves it due after"},
	{"what was leased is due when the lease ends, whatever is committed", leases(func(l *leaser) {
		leased := map[subscription.ApplicationID]time.Time{}
		l.ended = func(changes []subscription.Change, err error) {
			for _, c := range changes {
				leased[c.Application] = l.ends[c.Application]
			}
			l.applied(changes, err)
		}
		l.dueOf = func(app *subscription.Application) time.Time {
			if app.Due.IsZero() {
				return leased[app.ID]
			}
			return app.Due
		}
	}), "claim/a commit that leaves it never due"},
	{"whoever tries to commit ends the lease", leases(func(l *leaser) {
		l.ended = func(changes []subscription.Change, _ error) { l.applied(changes, nil) }
	}), "claim/a commit that is refused"},
	{"a conflict in the batch leaves all leases", leases(func(l *leaser) {
		l.ended = func(changes []subscription.Change, err error) {
			if err == nil {
				l.applied(changes, nil)
			}
		}
	}), "claim/a commit that is refused"},
	{"whoever gives up ends the lease", leases(func(l *leaser) {
		l.ended = func(changes []subscription.Change, err error) {
			if !errors.Is(err, subscription.ErrConflict) {
				err = nil
			}
			l.applied(changes, err)
		}
	}), "claim/a commit whose context"},
	{"Claim ignores its context", func(b *broken) {
		b.claim = func(ctx context.Context, asOf time.Time, lease time.Duration, limit int) ([]renewal.Claimed, error) {
			return b.Store.Claim(context.WithoutCancel(ctx), asOf, lease, limit)
		}
	}, "claim/Claim, its context canceled"},
	{"Claim looks at its context afterward", func(b *broken) {
		b.claim = func(ctx context.Context, asOf time.Time, lease time.Duration, limit int) ([]renewal.Claimed, error) {
			batch, err := b.Store.Claim(context.WithoutCancel(ctx), asOf, lease, limit)
			if ctx.Err() != nil {
				return nil, ctx.Err()
			}
			return batch, err
		}
	}, "claim/Claim, its context past"},
	{"Claim returns a batch beside its error", func(b *broken) {
		b.claim = func(ctx context.Context, asOf time.Time, lease time.Duration, limit int) ([]renewal.Claimed, error) {
			batch, _ := b.Store.Claim(context.WithoutCancel(ctx), asOf, lease, limit)
			return batch, ctx.Err()
		}
	}, "claim/Claim, its context past"},
	{"look, then lease", leases(func(l *leaser) {
		l.between = func() { time.Sleep(time.Millisecond) }
	}), "claim/racing claimers"},
	{"a claim is refused while another goes on", func(b *broken) {
		var busy atomic.Int64
		b.claim = func(ctx context.Context, asOf time.Time, lease time.Duration, limit int) ([]renewal.Claimed, error) {
			defer busy.Add(-1)
			if busy.Add(1) > 1 {
				return nil, errors.New("database is locked (5)")
			}
			time.Sleep(time.Millisecond)
			return b.Store.Claim(ctx, asOf, lease, limit)
		}
	}, "claim/racing claimers"},
	{"who loses a race leases all the same", func(b *broken) {
		var busy atomic.Int64
		b.claim = func(ctx context.Context, asOf time.Time, lease time.Duration, limit int) ([]renewal.Claimed, error) {
			defer busy.Add(-1)
			lost := busy.Add(1) > 1
			time.Sleep(time.Millisecond)
			batch, err := b.Store.Claim(ctx, asOf, lease, limit)
			if lost {
				batch = nil
			}
			return batch, err
		}
	}, "claim/racing claimers"},
	{"documents are read before they are leased", func(b *broken) {
		b.claim = func(ctx context.Context, asOf time.Time, lease time.Duration, limit int) ([]renewal.Claimed, error) {
			batch, err := b.Store.Claim(ctx, asOf, 0, limit)
			if err != nil {
				return nil, err
			}
			time.Sleep(time.Millisecond)
			leased, err := b.Store.Claim(ctx, asOf, lease, limit)
			for i, c := range leased {
				was := slices.IndexFunc(batch, func(b renewal.Claimed) bool { return b.Application == c.Application })
				if was >= 0 {
					leased[i] = batch[was]
				}
			}
			return leased, err
		}
		b.commit = slowly(b)
	}, "claim/claims beside commits"},
	{"a lease is written over the commit that ended it", func(b *broken) {
		l := newLeaser(b)
		l.between = func() { time.Sleep(time.Millisecond) }
		b.commit = func(ctx context.Context, changes ...subscription.Change) error {
			time.Sleep(50 * time.Microsecond)
			return l.commit(ctx, changes...)
		}
	}, "claim/a claim that meets commits"},
	{"a conflict is a lease for good", leases(func(l *leaser) {
		newest := map[subscription.ApplicationID]int64{}
		l.ended = func(changes []subscription.Change, err error) {
			for _, c := range changes {
				if c.Base < newest[c.Application] {
					l.ends[c.Application] = noLongerDue
					continue
				}
				newest[c.Application] = c.Next.Revision
				l.applied([]subscription.Change{c}, err)
			}
		}
	}), "claim/a commit that is refused"},
	{"a claim that is canceled is held for good", func(b *broken) {
		b.claim = func(ctx context.Context, asOf time.Time, lease time.Duration, limit int) ([]renewal.Claimed, error) {
			time.Sleep(400 * time.Microsecond)
			if ctx.Err() == nil {
				return b.Store.Claim(ctx, asOf, lease, limit)
			}
			if _, err := b.Store.Claim(context.WithoutCancel(ctx), asOf, 1000*time.Hour, limit); err != nil {
				return nil, err
			}
			return nil, ctx.Err()
		}
	}, "claim/claims canceled on their way"},
}
