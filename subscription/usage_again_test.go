package subscription_test

import (
	"errors"
	"testing"
	"time"

	"github.com/prepaidkit/prepaid/subscription"
)

// A record's ID stands for one content: with different seconds, time, kind or product it isn't a duplicate; it is
// refused individually and changes nothing, and the batch's other records are counted. A row from before digests were
// stored counts as equal.
// Rule: usage-id-is-one-record.
func TestUsageIDReusedForAnotherRecord(t *testing.T) {
	m := newMeter(t)
	m.must(buy("call", "small"))
	first := m.used("audio", 1)
	sameLines(t, "first", m.use(first), "1")
	for name, doctor := range map[string]func(*subscription.Usage){
		"seconds": func(u *subscription.Usage) { u.Seconds++ },
		"time":    func(u *subscription.Usage) { u.At = u.At.Add(time.Microsecond) },
		"kind":    func(u *subscription.Usage) { u.Kind = "hd" },
		"product": func(u *subscription.Usage) { u.Product = "live" },
	} {
		other := first
		doctor(&other)
		before := m.stored().Lots
		results, err := m.Consume(t.Context(), app, other, first)
		m.ok(err)
		check(t, name+": refused", errors.Is(results[0].Err, subscription.ErrIDReused), true)
		check(t, name+": the same again", results[1].Duplicate, true)
		check(t, name+": lots", m.stored().Lots[0].Remaining, before[0].Remaining)
	}
	zone := first
	zone.At = first.At.In(time.FixedZone("", 3600))
	results, err := m.Consume(t.Context(), app, zone)
	m.ok(err)
	check(t, "the same instant in another zone", results[0].Duplicate, true)

	// The same within one batch.
	second, third := m.used("audio", 1), m.used("audio", 2)
	third.ID = second.ID
	results, err = m.Consume(t.Context(), app, second, third, second)
	m.ok(err)
	check(t, "within a batch", results[0].Counted && errors.Is(results[1].Err, subscription.ErrIDReused) && results[2].Duplicate, true)

	// A record from before digests were stored.
	s := m.load()
	s.Records = []subscription.UsageRow{{ID: first.ID}}
	other := first
	other.Seconds = 1
	_, results, err = subscription.DecideUsage(s, m.catalog, m.now, other)
	m.ok(err)
	check(t, "without a digest", results[0].Duplicate, true)
}

// A release is refused if its record's ID was counted with different content, and the reservation stays.
// Rule: usage-id-is-one-record.
func TestReleaseOfAReusedUsageID(t *testing.T) {
	m := newMeter(t)
	m.must(buy("call", "small"))
	u := m.used("audio", 1)
	m.use(u)
	m.must(subscription.Reserve{ID: "call-1", Product: "call", Usage: "audio", Minutes: 5, Until: m.now.Add(time.Hour)})
	u.Seconds++
	m.refuse(subscription.ErrIDReused, subscription.Release{ID: "call-1", Used: &u})
	check(t, "reservations", len(m.stored().Reservations), 1)
}

// A record slightly ahead of the clock counts at once, even a second before its midnight. A record of a day that hasn't
// begun here, or far ahead, is too early: it counts when it is sent again in time.
// Rule: usage-not-ahead-of-the-clock.
func TestUsageAheadOfTheClock(t *testing.T) {
	m := newMeter(t)
	m.must(buy("call", "small"))
	m.at("2025-07-10T23:59:59.2Z")
	sameLines(t, "the same day", m.use(m.rec("audio", "2025-07-10T23:59:59.9Z", 60)), "1")
	for _, ahead := range []string{"2025-07-11T00:00:00Z", "2025-07-11T00:05:00.1Z"} {
		u := m.rec("audio", ahead, 60)
		results, err := m.Consume(t.Context(), app, u)
		m.ok(err)
		check(t, ahead+": too early", errors.Is(results[0].Err, subscription.ErrTooEarly) && !results[0].Counted, true)
		m.now = u.At
		sameLines(t, ahead+": when its time has come", m.use(u), "1")
	}
}

// When the catalog's zone moves west, usage of a day that is still open in the new zone counts, unless its counters
// were already dropped.
// Rule: closed-day-stays-closed.
func TestZoneMovesWestWithOpenDays(t *testing.T) {
	m := newMeter(t)
	m.must(buy("call", "small"))
	m.use(m.used("audio", 1))
	m.at("2025-07-12T00:00:00Z") // the 10th is closed, and its counters go
	m.use(m.used("audio", 1))
	check(t, "closed until", m.stored().ClosedUntil, instant(t, "2025-07-11T00:00:00Z"))
	m.catalog = catalog(t, "minutes.json", `"zone": "UTC"`, `"zone": "America/New_York"`) // there the 10th ends at 04:00Z of the 11th
	before, after := m.rec("audio", "2025-07-10T23:59:59Z", 60), m.rec("audio", "2025-07-11T00:00:00Z", 60)
	results, err := m.Consume(t.Context(), app, before, after)
	m.ok(err)
	fails(t, results[0].Err, subscription.ErrTooLate)
	check(t, "a day that is open in the new zone", results[1].Counted, true)
	check(t, "its day", m.stored().Counters[len(m.stored().Counters)-1].Day.String(), "2025-07-10")
}
