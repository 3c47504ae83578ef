package storetest_test

import (
	"context"
	"time"

	"github.com/prepaidkit/prepaid/renewal"
	"github.com/prepaidkit/prepaid/subscription"
)

var timeFlaws = []flaw{
	{"times are nanoseconds", edits(func(c *subscription.Change) {
		c.Entries[0].At = time.Unix(0, c.Entries[0].At.UnixNano()).UTC()
	}), "times/times of all ages"},
	{"times are floats of seconds", edits(func(c *subscription.Change) {
		for i := range c.Events {
			at := c.Events[i].At
			seconds := float64(at.Unix()) + float64(at.Nanosecond())/1e9
			whole := int64(seconds)
			c.Events[i].At = time.Unix(whole, int64((seconds-float64(whole))*1e9)).UTC()
		}
	}), "times/microseconds"},
	{"before 1970 parts of a second count backwards", edits(func(c *subscription.Change) {
		for i := range c.Events {
			if at := c.Events[i].At; at.Unix() < 0 {
				c.Events[i].At = at.Add(-2 * time.Duration(at.Nanosecond()))
			}
		}
	}), "times/microseconds"},
	{"times in the zone of the server", func(b *broken) {
		b.shows(func(s *subscription.Snapshot) {
			s.Application.CreatedAt = s.Application.CreatedAt.In(time.FixedZone("CST", 8*3600))
		})
	}, "times/times of all ages"},
	{"never is the year 1970", func(b *broken) {
		b.shows(func(s *subscription.Snapshot) {
			for i := range s.Orders {
				if s.Orders[i].ClosedAt.IsZero() {
					s.Orders[i].ClosedAt = time.Unix(0, 0).UTC()
				}
			}
		})
	}, "times/the zero time is never"},
	{"never is the first to be due", leases(func(l *leaser) {
		l.due = func(due, asOf time.Time) bool { return !due.After(asOf) }
	}), "times/the zero time is never"},
	{"the first microseconds are never", leases(func(l *leaser) {
		l.due = func(due, asOf time.Time) bool { return due.Year() > 1 && !due.After(asOf) }
	}), "times/due in the far past, before 1970"},
	{"what is due before 1970 is due last", leases(func(l *leaser) {
		l.order = func(a, b *subscription.Application) int {
			return int(uint64(a.Due.Unix())>>1) - int(uint64(b.Due.Unix())>>1)
		}
		l.due = func(due, asOf time.Time) bool { return due.Year() > 1900 && !due.After(asOf) }
	}), "times/due in the far past comes before"},
	{"a claim's clock is rounded up", asks(func(q *query) { q.asOf = q.asOf.Add(999 * time.Nanosecond) }), "times/a claim's clock"},
	{"a claim's clock is read as UTC", asks(func(q *query) {
		t := q.asOf
		q.asOf = time.Date(t.Year(), t.Month(), t.Day(), t.Hour(), t.Minute(), t.Second(), t.Nanosecond(), time.UTC)
	}), "times/a claim's clock"},
	{"leases end when anybody claims", leases(func(l *leaser) {
		n := 0
		l.held = func(end, asOf time.Time) bool {
			n++
			return end.After(asOf) && n%50 != 0
		}
	}), "claim/claims as leases end"},
	{"what was leased twice is lost", leases(func(l *leaser) {
		times := map[time.Time]int{}
		l.held = func(end, asOf time.Time) bool { return end.After(asOf) || times[end] > 100 }
		l.end = func(asOf time.Time, lease time.Duration) time.Time {
			end := asOf.Add(lease)
			times[end] += 101
			return end
		}
	}), "claim/claims as leases end"},
	{"two thousand rows at most", func(b *broken) {
		b.events = listed(b.Store.Events, func(rows []subscription.Event) []subscription.Event { return rows[:min(2000, len(rows))] })
	}, "many/"},
	{"a loop that is left skips to the next page", func(b *broken) {
		b.orders = listed(b.Store.Orders, func(rows []subscription.Order) []subscription.Order {
			if len(rows) > 1500 {
				rows[1000], rows[1001] = rows[1001], rows[1000]
			}
			return rows
		})
	}, "many/"},
}

var simulationFlaws = []flaw{
	{"what was claimed once isn't claimed again", func(b *broken) {
		leased := map[subscription.ApplicationID]int64{}
		b.claim = func(ctx context.Context, asOf time.Time, lease time.Duration, limit int) ([]renewal.Claimed, error) {
			batch, err := b.Store.Claim(ctx, asOf, lease, limit)
			kept := batch[:0]
			for _, c := range batch {
				if leased[c.Application] != c.Snapshot.Application.Revision {
					leased[c.Application] = c.Snapshot.Application.Revision
					kept = append(kept, c)
				}
			}
			return kept, err
		}
	}, "simulation/"},
	{"receipts are lost", edits(func(c *subscription.Change) { c.Receipts = nil }), "simulation/months"},
	{"an event in a hundred is lost", func(b *broken) {
		n := 0
		b.edits(func(c *subscription.Change) {
			if n++; n >= 100 && len(c.Events) > 1 {
				c.Events, n = c.Events[:len(c.Events)-1], 0
			}
		})
	}, "simulation/a crash"},
}
