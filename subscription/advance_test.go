package subscription_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/prepaidkit/prepaid/pricing"
	"github.com/prepaidkit/prepaid/subscription"
)

// once is a purchase with auto-renewal off.
func once(product pricing.ProductID, version pricing.VersionID) subscription.Purchase {
	p := buy(product, version)
	p.NoAutoRenew = true
	return p
}

// attempted has the store hold the subscription as if its renewal had been attempted: nothing keeps it from expiring.
func (w *world) attempted() {
	w.t.Helper()
	d := subscription.Begin(w.load(), w.now)
	d.Application.Subscriptions[0].Renewal.Attempts = 1
	d.AddEvent(subscription.Event{Type: "attempted"})
	w.ok(w.store.Commit(w.t.Context(), d.Change()))
}

// Each step happens once, exactly at its boundary and not a moment earlier.
// Rule: boundary-belongs-to-the-later-period, grace-continues-from-the-end, interrupted-then-expired.
func TestStatusAtBoundaries(t *testing.T) {
	// A month from 10 July, then 24 hours of grace, then 60 days of retention.
	for _, tt := range []struct {
		at   string
		want subscription.Status
	}{
		{"2025-07-10T02:30:00Z", subscription.Active},
		{"2025-08-09T23:59:59Z", subscription.Active},
		{"2025-08-10T00:00:00Z", subscription.PastDue},
		{"2025-08-10T23:59:59Z", subscription.PastDue},
		{"2025-08-11T00:00:00Z", subscription.Interrupted},
		{"2025-10-09T23:59:59Z", subscription.Interrupted},
		{"2025-10-10T00:00:00Z", subscription.Expired},
		{"2035-01-01T00:00:00Z", subscription.Expired},
	} {
		t.Run(tt.at, func(t *testing.T) {
			w := newWorld(t, setup{})
			w.must(buy("call", "one-to-one"))
			w.attempted()
			w.at(tt.at)
			sub := w.latest("call")
			check(t, "status", sub.Status, tt.want)
			check(t, "live", sub.Status.Live(), tt.want == subscription.Active || tt.want == subscription.PastDue)
			check(t, "over", sub.Status.Over(), tt.want == subscription.Expired)
			_, live := w.application().Live("call")
			check(t, "Live", live, sub.Status.Live())
			_, current := sub.Current(w.now)
			check(t, "in its period", current, tt.want == subscription.Active)
		})
	}
}

// Each time-driven step is recorded with the instant at which it was due, even if nothing reads the application until
// much later.
// Rule: status-follows-the-clock.
func TestStatusEventsHaveTheirOwnInstants(t *testing.T) {
	w := newWorld(t, setup{})
	w.must(once("call", "one-to-one"))
	w.at("2026-07-10T00:00:00Z") // nothing was read for a year
	w.must(subscription.Accept{Agreement: agreement})
	var got []string
	for _, e := range w.store.last().change.Events {
		got = append(got, fmt.Sprint(e.At.Format(time.RFC3339), " ", e.Type, " ", e.From, " ", e.Status))
	}
	if diff := cmp.Diff([]string{
		"2025-08-10T00:00:00Z status_changed active ended",
		"2025-08-11T00:00:00Z service_ended  ",
		"2025-08-11T12:00:00Z lot_expired  ",
		"2025-10-10T00:00:00Z status_changed ended expired",
		"2026-07-10T00:00:00Z agreement_accepted  ",
	}, got); diff != "" {
		t.Errorf("events (-want +got):\n%s", diff)
	}
}

// A lot can't be spent after its end. Its expiry entry is written once no more usage from before the end can arrive.
// Nothing rolls over, and nothing vanishes without an entry.
// Rule: nothing-rolls-over.
func TestLotExpiry(t *testing.T) {
	w := newWorld(t, setup{})
	w.must(once("call", "one-to-one"))
	w.at("2025-08-10T00:00:00Z")
	check(t, "minutes after the end", w.application().Minutes("call", w.now), 0)
	check(t, "the lot waits for late usage", len(w.application().Lots), 1)
	w.at("2025-08-11T11:59:59Z")
	check(t, "still", len(w.application().Lots), 1)
	w.at("2025-08-11T12:00:00Z") // 36 hours
	check(t, "then it goes", len(w.application().Lots), 0)

	w.must(subscription.AutoRenew{Product: "call"})
	entries := w.entries()
	check(t, "entries", len(entries), 2)
	e := entries[1]
	check(t, "kind", e.Kind, subscription.EntryExpired)
	check(t, "quantity", e.Quantity.String(), "100000")
	check(t, "instant", e.At, w.now)
	check(t, "events", w.count(subscription.EventLotExpired), 1)
}

// A lot with reserved minutes doesn't expire until the reservation ends.
// Rule: reservation-lapses.
func TestReservedLotDoesNotExpire(t *testing.T) {
	w := newWorld(t, setup{})
	w.must(once("call", "one-to-one"))
	a := w.stored()
	a.Lots[0].Reserved, a.Lots[0].Remaining = 1000, a.Lots[0].Remaining-1000
	c, err := subscription.Advance(a, w.catalog, instant(t, "2026-01-01T00:00:00Z"))
	w.ok(err)
	check(t, "lots", len(c.Next.Lots), 1)
}

// Prepaid cycles begin on time, each with its minutes, whether or not the application is read.
// Rule: cycles-ahead.
func TestPaidAheadCyclesBegin(t *testing.T) {
	w := newWorld(t, setup{})
	w.must(once("call", "one-to-one"))
	w.must(prepay{Product: "call", Cycles: 3})
	check(t, "nothing is granted before a cycle begins", w.application().Minutes("call", w.now).String(), "100000")
	check(t, "end", w.latest("call").End(), instant(t, "2025-11-10T00:00:00Z"))

	for _, tt := range []struct {
		at      string
		cycles  string // their numbers
		minutes string
		lots    int
		status  subscription.Status
	}{
		{"2025-08-09T23:59:59Z", "1 2 3 4", "100000", 1, subscription.Active},
		{"2025-08-10T00:00:00Z", "1 2 3 4", "100000", 2, subscription.Active},
		{"2025-08-11T12:00:00Z", "1 2 3 4", "100000", 1, subscription.Active},
		{"2025-09-10T00:00:00Z", "2 3 4", "100000", 2, subscription.Active},
		{"2025-11-09T23:59:59Z", "3 4", "100000", 1, subscription.Active},
		{"2025-11-10T00:00:00Z", "3 4", "0", 1, subscription.Ended},
	} {
		t.Run(tt.at, func(t *testing.T) {
			w.at(tt.at)
			sub, numbers := w.latest("call"), ""
			for _, c := range sub.Cycles {
				numbers += fmt.Sprint(" ", c.Number)
			}
			check(t, "cycles", numbers, " "+tt.cycles)
			check(t, "minutes", w.application().Minutes("call", w.now).String(), tt.minutes)
			check(t, "lots", len(w.application().Lots), tt.lots)
			check(t, "status", sub.Status, tt.status)
		})
	}

	// Everything also happens, exactly once, if nothing was read in between.
	w.must(subscription.Accept{Agreement: agreement})
	check(t, "periods begun", w.count(subscription.EventPeriodBegan), 4)
	check(t, "lots granted", w.count(subscription.EventLotGranted), 4)
	check(t, "lots expired", w.count(subscription.EventLotExpired), 3)
}

// A payment within the grace period continues from the old end; a payment after the interruption starts a period today.
// Rule: early-renewal-loses-nothing, grace-continues-from-the-end.
func TestExtendAfterTheEnd(t *testing.T) {
	for _, tt := range []struct{ name, at, want string }{
		{"before the end", "2025-07-20T10:00:00Z", "2025-08-10T00:00:00Z/2025-09-10T00:00:00Z"},
		{"in the grace time", "2025-08-10T23:59:59Z", "2025-08-10T00:00:00Z/2025-09-10T00:00:00Z"},
		{"once out of service", "2025-08-11T00:00:00Z", "2025-08-11T00:00:00Z/2025-09-11T00:00:00Z"},
		{"late in the retention time", "2025-10-09T23:59:59Z", "2025-10-09T00:00:00Z/2025-11-09T00:00:00Z"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			w := newWorld(t, setup{})
			w.must(once("call", "one-to-one"))
			w.at(tt.at)
			r := w.must(prepay{Product: "call", Cycles: 1})
			check(t, "period", span(r.Order.Delivered.Period), tt.want)
			check(t, "status", w.latest("call").Status, subscription.Active)
			check(t, "ID", w.latest("call").ID, "call-1")
		})
	}
	t.Run("the 31st comes back after a short month", func(t *testing.T) {
		w := newWorld(t, setup{start: "2025-01-31T10:00:00Z"})
		w.must(once("call", "one-to-one"))
		w.must(prepay{Product: "call", Cycles: 2})
		var got []string
		for _, c := range w.latest("call").Cycles {
			got = append(got, c.Period.String())
		}
		if diff := cmp.Diff([]string{
			"[2025-01-31, 2025-02-28) UTC", "[2025-02-28, 2025-03-31) UTC", "[2025-03-31, 2025-04-30) UTC",
		}, got); diff != "" {
			t.Errorf("periods (-want +got):\n%s", diff)
		}
	})
	t.Run("what was over when it was paid is refunded", func(t *testing.T) {
		w := newWorld(t, setup{})
		w.must(once("call", "one-to-one"))
		c, err := prepay{Product: "call", Cycles: 1}.Decide(w.load(), w.catalog, w.now)
		w.ok(err)
		c.Next.Subscriptions[0].Status = subscription.Refunded
		o := c.Orders[0]
		settled, err := subscription.Settle(subscription.Snapshot{Application: c.Next}, o.ID, paid(o), w.catalog.ZoneOf, w.now)
		w.ok(err)
		check(t, "status", settled.Orders[0].Status, subscription.OrderRefunded)
		check(t, "refund", settled.Refunds[0].Amount, o.Amount)
		check(t, "note", settled.Orders[0].Note, "the subscription is over")
	})
}

// An order for one specific period delivers that period or nothing: a period is paid for once.
// Rule: one-renewal-per-period.
func TestExtendPreciselyOnePeriod(t *testing.T) {
	for _, tt := range []struct {
		name, from, at string
		missed         bool
		want           string // the period, or why not
	}{
		{"the one that follows", "2025-08-10T00:00:00Z", "2025-08-09T12:00:00Z", false, "2025-08-10T00:00:00Z/2025-09-10T00:00:00Z"},
		{"in the grace time", "2025-08-10T00:00:00Z", "2025-08-10T12:00:00Z", false, "2025-08-10T00:00:00Z/2025-09-10T00:00:00Z"},
		{"one that is paid for", "2025-07-10T00:00:00Z", "2025-08-09T12:00:00Z", false, "the period is already paid for"},
		{"one that leaves a gap", "2025-09-10T00:00:00Z", "2025-08-09T12:00:00Z", false, "the period doesn't follow what is paid for"},
		{"once out of service, the one of that day", "2025-09-10T00:00:00Z", "2025-09-20T12:00:00Z", false, "2025-09-10T00:00:00Z/2025-10-10T00:00:00Z"},
		{"once out of service, one that has begun at the end", "2025-08-10T00:00:00Z", "2025-08-20T12:00:00Z", false, "2025-08-10T00:00:00Z/2025-09-10T00:00:00Z"},
		{"once out of service, one that has passed: a new anchor today", "2025-08-10T00:00:00Z", "2025-09-20T12:00:00Z", false, "2025-09-20T00:00:00Z/2025-10-20T00:00:00Z"},
		{"once out of service, one that was missed and is paid for all the same", "2025-08-10T00:00:00Z", "2025-09-20T12:00:00Z", true, "2025-08-10T00:00:00Z/2025-09-10T00:00:00Z"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			w := newWorld(t, setup{})
			w.must(once("call", "one-to-one"))
			w.at(tt.at)
			a, err := subscription.Advance(w.stored(), w.catalog, w.now)
			w.ok(err)
			s := w.load()
			if !a.IsZero() {
				s.Application = a.Next
			}
			c, err := prepay{Product: "call", Cycles: 1}.Decide(s, w.catalog, w.now)
			w.ok(err)
			extend := c.Next.Orders[0].Deliveries[0].Extend
			extend.From, extend.CatchUp, extend.Missed = instant(t, tt.from), !tt.missed, tt.missed
			o := c.Next.Orders[0]
			settled, err := subscription.Settle(subscription.Snapshot{Application: c.Next}, o.ID, paid(o), w.catalog.ZoneOf, w.now)
			w.ok(err)
			w.ok(settled.Check(c.Next))
			got := settled.Orders[0]
			if got.Status == subscription.OrderPaid {
				check(t, "period", span(got.Delivered.Period), tt.want)
				return
			}
			check(t, "status", got.Status, subscription.OrderRefunded)
			check(t, "refund", settled.Refunds[0].Amount, o.Amount)
			check(t, "note", got.Note, tt.want)
		})
	}
}

// The effect of passing time doesn't depend on how often the application is read: many small steps do the same as one
// jump, with the same rows.
// Rule: status-follows-the-clock.
func TestAdvanceInStepsEqualsOneJump(t *testing.T) {
	w := newWorld(t, setup{start: "2025-01-31T10:00:00Z"})
	w.must(once("call", "one-to-one"))
	w.must(prepay{Product: "call", Cycles: 3})
	w.must(upgrade("group-call"))
	w.must(once("live", "lite"))
	w.must(once("beauty-ar", "lite"))
	start := w.stored()
	ignore := cmp.Options{
		exactly, cmpopts.EquateEmpty(),
		cmpopts.IgnoreFields(subscription.Application{}, "Revision", "Due"),
		cmpopts.IgnoreFields(subscription.Event{}, "Revision", "Index"),
		cmpopts.IgnoreFields(subscription.Entry{}, "Revision", "Index"),
	}
	for seed := range uint64(200) {
		rng := rand.New(rand.NewPCG(seed, 8))
		until := w.now.Add(time.Duration(rng.Int64N(int64(300 * 24 * time.Hour)))).Truncate(time.Hour)
		jump, err := subscription.Advance(start, w.catalog, until)
		w.ok(err)
		if !jump.IsZero() {
			w.ok(jump.Check(start))
		} else {
			jump.Next = start
		}

		stepped, events, entries := start, []subscription.Event(nil), []subscription.Entry(nil)
		for now := w.now; ; {
			now = now.Add(time.Duration(rng.Int64N(int64(30 * 24 * time.Hour)))).Truncate(time.Hour)
			if now.After(until) {
				now = until
			}
			step, err := subscription.Advance(stepped, w.catalog, now)
			w.ok(err)
			if !step.IsZero() {
				w.ok(step.Check(stepped))
				again, err := subscription.Advance(step.Next, w.catalog, now)
				w.ok(err)
				check(t, "idempotent", again.IsZero(), true)
				stepped = step.Next
				events, entries = append(events, step.Events...), append(entries, step.Entries...)
			}
			if now.Equal(until) {
				break
			}
		}
		// The effect of time doesn't depend on the reads, but the time of the last one is recorded.
		jump.Next.AsOf = stepped.AsOf
		if diff := cmp.Diff(jump.Next, stepped, ignore); diff != "" {
			t.Fatalf("seed %d, until %s: state (-jump +steps):\n%s", seed, until, diff)
		}
		if diff := cmp.Diff(jump.Events, events, ignore); diff != "" {
			t.Fatalf("seed %d, until %s: events (-jump +steps):\n%s", seed, until, diff)
		}
		// Each entry says when it was recorded, too.
		for _, e := range slices.Concat(jump.Entries, entries) {
			if e.RecordedAt.Before(e.At) && !e.RecordedAt.IsZero() {
				t.Fatalf("seed %d: entry of %s recorded at %s", seed, e.At, e.RecordedAt)
			}
		}
		recorded := cmpopts.IgnoreFields(subscription.Entry{}, "RecordedAt")
		if diff := cmp.Diff(jump.Entries, entries, ignore, recorded); diff != "" {
			t.Fatalf("seed %d, until %s: entries (-jump +steps):\n%s", seed, until, diff)
		}
	}
}

// A clock that goes backwards undoes nothing and grants nothing twice.
// Rule: time-never-runs-backwards.
func TestAdvanceWithTheClockGoingBackwards(t *testing.T) {
	w := newWorld(t, setup{})
	w.must(once("call", "one-to-one"))
	w.must(prepay{Product: "call", Cycles: 1})
	w.at("2025-08-10T00:00:01Z")
	w.must(subscription.AutoRenew{Product: "call"}) // commits that the second cycle has begun
	w.at("2025-08-09T23:59:50Z")
	check(t, "status", w.latest("call").Status, subscription.Active)
	w.must(subscription.AutoRenew{Product: "call", On: true})
	w.at("2025-08-10T00:00:02Z")
	w.must(subscription.AutoRenew{Product: "call"})
	check(t, "periods begun", w.count(subscription.EventPeriodBegan), 2)
	check(t, "minutes", w.application().Minutes("call", w.now).String(), "100000")
}

func TestAdvanceDoesNotTouchItsArgument(t *testing.T) {
	w := newWorld(t, setup{})
	w.must(once("call", "one-to-one"))
	w.must(prepay{Product: "call", Cycles: 1})
	a := w.stored()
	kept := a.Clone()
	_, err := subscription.Advance(a, w.catalog, instant(t, "2026-08-10T00:00:00Z"))
	w.ok(err)
	if diff := cmp.Diff(kept, a, exactly); diff != "" {
		t.Errorf("the argument changed (-before +after):\n%s", diff)
	}
	c, err := subscription.Advance(a, w.catalog, w.now)
	w.ok(err)
	check(t, "nothing is due", c.IsZero(), true)
}

// Reading commits nothing, and says what is so at that instant.
// Rule: status-follows-the-clock.
func TestReadingIsUpToDateAndCommitsNothing(t *testing.T) {
	w := newWorld(t, setup{})
	w.must(once("call", "one-to-one"))
	commits, revision := len(w.store.changes), w.stored().Revision
	w.at("2025-09-10T00:00:00Z")
	a := w.application()
	check(t, "status", a.Subscriptions[0].Status, subscription.Ended)
	check(t, "out of service", a.Subscriptions[0].OutOfService, true)
	check(t, "revision", a.Revision, revision)
	check(t, "commits", len(w.store.changes), commits)
	check(t, "stored", w.stored().Subscriptions[0].Status, subscription.Active)
	_, live := a.Live("call")
	check(t, "Live", live, false)
	_, known := a.Latest("fax")
	check(t, "Latest", known, false)
}
