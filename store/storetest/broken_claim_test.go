package storetest_test

import (
	"cmp"
	"context"
	"errors"
	"math"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/prepaidkit/prepaid/renewal"
	"github.com/prepaidkit/prepaid/store/storetest"
	"github.com/prepaidkit/prepaid/subscription"
)

var claimFlaws = []flaw{
	{"due is what is past", asks(func(q *query) { q.asOf = q.asOf.Add(-time.Microsecond) }), "claim/it is due exactly"},
	{"due is what soon will be", asks(func(q *query) { q.asOf = q.asOf.Add(time.Microsecond) }), "claim/it is due exactly"},
	{"due by the second", asks(func(q *query) { q.asOf = q.asOf.Truncate(time.Second) }), "claim/parts of a second"},
	{"times are compared as texts", leases(func(l *leaser) {
		l.due = func(due, asOf time.Time) bool {
			return !due.IsZero() && due.Format(time.RFC3339Nano) <= asOf.Format(time.RFC3339Nano)
		}
	}), "claim/parts of a second"},
	{"times are nanoseconds of an int64", leases(func(l *leaser) {
		l.due = func(due, asOf time.Time) bool { return !due.IsZero() && due.UnixNano() <= asOf.UnixNano() }
	}), "claim/Due in any year"},
	{"times begin with 1970", leases(func(l *leaser) {
		l.due = func(due, asOf time.Time) bool { return due.Unix() >= 0 && !due.After(asOf) }
	}), "claim/Due in any year"},
	{"never was long ago", leases(func(l *leaser) {
		l.due = func(due, asOf time.Time) bool { return !due.After(asOf) }
	}), "claim/a Due of zero"},
	{"everything is due", leases(func(l *leaser) {
		l.due = func(due, _ time.Time) bool { return !due.IsZero() }
	}), "claim/what is due is claimed"},
	{"when it is due is written once", leases(func(l *leaser) {
		first := map[subscription.ApplicationID]time.Time{}
		l.ended = func(changes []subscription.Change, err error) {
			for _, c := range changes {
				if _, ok := first[c.Application]; !ok {
					first[c.Application] = c.Next.Due
				}
			}
			l.applied(changes, err)
		}
		l.dueOf = func(app *subscription.Application) time.Time { return first[app.ID] }
	}), "claim/a commit moves Due into the future"},
	{"when it is due is only put off", leases(func(l *leaser) {
		latest := map[subscription.ApplicationID]time.Time{}
		l.dueOf = func(app *subscription.Application) time.Time {
			if app.Due.After(latest[app.ID]) {
				latest[app.ID] = app.Due
			}
			return latest[app.ID]
		}
	}), "claim/a commit moves Due into the past"},
	{"the newest first", leases(func(l *leaser) {
		l.order = func(a, b *subscription.Application) int { return b.Due.Compare(a.Due) }
	}), "claim/the longest due come first"},
	{"in the order of their IDs", leases(func(l *leaser) {
		l.order = func(a, b *subscription.Application) int { return strings.Compare(string(a.ID), string(b.ID)) }
	}), "claim/the longest due come first"},
	{"what was changed last comes first", leases(func(l *leaser) {
		l.order = func(a, b *subscription.Application) int {
			return cmp.Or(cmp.Compare(b.Revision, a.Revision), b.Due.Compare(a.Due))
		}
	}), "claim/what is due longest"},
	{"no limit", asks(func(q *query) { q.limit = math.MaxInt }), "claim/a limit below"},
	{"one more than the limit", asks(func(q *query) { q.limit++ }), "claim/a limit below"},
	{"more are leased than returned", func(b *broken) {
		b.claim = func(ctx context.Context, asOf time.Time, lease time.Duration, limit int) ([]renewal.Claimed, error) {
			batch, err := b.Store.Claim(ctx, asOf, lease, 2*limit)
			return batch[:max(0, min(limit, len(batch)))], err
		}
	}, "claim/a limit below"},
	{"a hundred at most", asks(func(q *query) { q.limit = min(q.limit, 100) }), "claim/many in several batches"},
	{"the limit has 16 bits", asks(func(q *query) { q.limit = int(int16(q.limit)) }), "claim/a limit of just"},
	{"the limit has 32 bits", asks(func(q *query) { q.limit = int(int32(q.limit)) }), "claim/the greatest limit"},
	{"a negative limit is none", asks(func(q *query) {
		if q.limit < 0 {
			q.limit = math.MaxInt
		}
	}), "claim/a limit of zero or less"},
	{"a limit of zero is a default", asks(func(q *query) {
		if q.limit == 0 {
			q.limit = 10
		}
	}), "claim/a limit of zero or less"},
	{"a negative limit is an error", func(b *broken) {
		b.claim = func(ctx context.Context, asOf time.Time, lease time.Duration, limit int) ([]renewal.Claimed, error) {
			if limit < 0 {
				return nil, errors.New("LIMIT must not be negative (2201W)")
			}
			return b.Store.Claim(ctx, asOf, lease, limit)
		}
	}, "claim/a limit of zero or less"},
	{"nothing due is an error", func(b *broken) {
		b.claim = func(ctx context.Context, asOf time.Time, lease time.Duration, limit int) ([]renewal.Claimed, error) {
			batch, err := b.Store.Claim(ctx, asOf, lease, limit)
			if err == nil && len(batch) == 0 {
				err = errors.New("no rows in result set")
			}
			return batch, err
		}
	}, "claim/an empty store"},
	{"an application that was only looked for", func(b *broken) {
		l := newLeaser(b)
		b.load = func(ctx context.Context, reads ...subscription.Read) ([]subscription.Snapshot, error) {
			for _, r := range reads {
				l.known(r.Application)
			}
			return b.Store.Load(ctx, reads...)
		}
		l.dueOf = func(app *subscription.Application) time.Time {
			if app.Revision == 0 {
				return time.Unix(0, 0)
			}
			return app.Due
		}
	}, "claim/an application that was never"},
	{"the applications are another's", answers(func(batch []renewal.Claimed) []renewal.Claimed {
		for i := range batch {
			batch[i].Application = batch[(i+1)%len(batch)].Snapshot.Application.ID
		}
		return batch
	}), "claim/what is due is claimed"},
	{"the applications aren't named", answers(func(batch []renewal.Claimed) []renewal.Claimed {
		for i := range batch {
			batch[i].Application = ""
		}
		return batch
	}), "claim/what is due is claimed"},
	{"the snapshots are left to Load", answers(func(batch []renewal.Claimed) []renewal.Claimed {
		for i := range batch {
			batch[i].Snapshot = subscription.Snapshot{Application: subscription.Application{ID: batch[i].Application}}
		}
		return batch
	}), "claim/what is due is claimed"},
	{"what can be read is an error", answers(func(batch []renewal.Claimed) []renewal.Claimed {
		for i := range batch {
			batch[i].Err = errors.New("unexpected end of JSON input")
		}
		return batch
	}), "claim/what is due is claimed"},
	{"a join makes two of one", answers(func(batch []renewal.Claimed) []renewal.Claimed {
		return slices.Concat(batch, batch)
	}), "claim/it is due exactly"},
	{"claimed documents have no lots", answers(func(batch []renewal.Claimed) []renewal.Claimed {
		for i := range batch {
			batch[i].Snapshot.Application.Lots = nil
		}
		return batch
	}), "claim/every field"},
	{"a claim is a revision", func(b *broken) {
		b.claim = func(ctx context.Context, asOf time.Time, lease time.Duration, limit int) ([]renewal.Claimed, error) {
			batch, err := b.Store.Claim(ctx, asOf, lease, limit)
			for _, c := range batch {
				next := c.Snapshot.Application.Clone()
				next.Revision++
				change := subscription.Change{Application: next.ID, Base: next.Revision - 1, Next: next}
				if err := b.Store.Commit(ctx, change); err != nil {
					return nil, err
				}
			}
			return batch, err
		}
	}, "claim/a claim changes nothing"},
	{"documents come from a cache", func(b *broken) {
		cache := map[subscription.ApplicationID]subscription.Snapshot{}
		answers(func(batch []renewal.Claimed) []renewal.Claimed {
			for i, c := range batch {
				if _, ok := cache[c.Application]; !ok {
					cache[c.Application] = subscription.Snapshot{Application: c.Snapshot.Application.Clone()}
				}
				batch[i].Snapshot.Application = cache[c.Application].Application.Clone()
			}
			return batch
		})(b)
	}, "claim/a document is claimed as it was committed last"},
	{"claimed snapshots are the store's own", func(b *broken) {
		kept := map[subscription.ApplicationID]subscription.Application{}
		answers(func(batch []renewal.Claimed) []renewal.Claimed {
			for i, c := range batch {
				if was, ok := kept[c.Application]; ok && was.Revision == c.Snapshot.Application.Revision {
					batch[i].Snapshot.Application = was
				}
				kept[c.Application] = batch[i].Snapshot.Application
			}
			return batch
		})(b)
	}, "claim/a claimed snapshot that is spoilt"},
	{"commits write into what was claimed", func(b *broken) {
		lots := map[subscription.ApplicationID][]subscription.Lot{}
		answers(func(batch []renewal.Claimed) []renewal.Claimed {
			for _, c := range batch {
				lots[c.Application] = c.Snapshot.Application.Lots
			}
			return batch
		})(b)
		b.edits(func(c *subscription.Change) { copy(lots[c.Application], c.Next.Lots) })
	}, "claim/a claimed snapshot stays"},
}

// query is what Claim is asked.
type query struct {
	asOf  time.Time
	lease time.Duration
	limit int
}

// asks makes the store claim something else than it is asked for.
func asks(edit func(q *query)) func(b *broken) {
	return func(b *broken) {
		b.claim = func(ctx context.Context, asOf time.Time, lease time.Duration, limit int) ([]renewal.Claimed, error) {
			q := query{asOf, lease, limit}
			edit(&q)
			return b.Store.Claim(ctx, q.asOf, q.lease, q.limit)
		}
	}
}

// answers makes the store return something else than it claimed.
func answers(edit func(batch []renewal.Claimed) []renewal.Claimed) func(b *broken) {
	return func(b *broken) {
		b.claim = func(ctx context.Context, asOf time.Time, lease time.Duration, limit int) ([]renewal.Claimed, error) {
			batch, err := b.Store.Claim(ctx, asOf, lease, limit)
			return edit(batch), err
		}
	}
}

// leases makes the store claim by a [leaser] that something is wrong with.
func leases(damage func(l *leaser)) func(b *broken) {
	return func(b *broken) { damage(newLeaser(b)) }
}

// Flaws are made of the leaser: it must have no others.
func TestSuitePassesLeaser(t *testing.T) {
	for _, name := range storetest.Cases() {
		if !strings.HasPrefix(name, "claim/") && !strings.HasPrefix(name, "times/") && !strings.Contains(name, "lease") {
			continue
		}
		if failed := storetest.Verdict(t.Context(), name, opens(leases(func(*leaser) {})), 30*time.Second); failed != "" {
			t.Errorf("%s: %s", name, failed)
		}
	}
}
