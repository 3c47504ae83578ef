package subscription_test

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/prepaidkit/prepaid/pricing"
	"github.com/prepaidkit/prepaid/subscription"
)

// hold is a reservation of HD minutes for an hour.
func (m *meter) hold(id string, minutes int64) subscription.Reserve {
	return subscription.Reserve{ID: id, Product: "call", Usage: "hd", Minutes: minutes, Until: m.now.Add(time.Hour)}
}

// Reserved minutes can't be spent or reserved again. What was used is committed, and the rest is released.
// Rule: reservation-holds-minutes.
func TestReserveAndCommit(t *testing.T) {
	m := newMeter(t)
	m.must(subscription.ClaimFree{Free: "welcome"})
	m.must(buy("call", "small"))
	m.must(m.hold("a", 20)) // 5 free minutes and 15 × 4
	sameLines(t, "lots", m.lots(), "1 free 0/5 reserved 5", "2 package 40/100 reserved 60")
	sameLines(t, "usage", m.use(m.used("hd", 11), m.used("hd", 10)), "4 short", "40")
	exhausted, ok := errors.AsType[*subscription.ExhaustedError](m.refused(m.hold("b", 1)))
	if !ok || exhausted.Short != subscription.Minutes(4) {
		t.Errorf("reserving what is reserved: %v", exhausted)
	}
	u := m.used("hd", 8)
	before := m.stored().Revision
	m.must(subscription.Release{ID: "a", Used: &u})
	sameLines(t, "lots", m.lots(), "1 free 0/5", "2 package 48/100")
	sameLines(t, "entries", m.ledger(before+1), "released 1 5", "released 2 60",
		"consumed 1 5 call hd 2025-07-10", "consumed 2 12 call hd 2025-07-10")
	check(t, "open", len(m.stored().Reservations), 0)
	sameLines(t, "the record counts once", m.use(u), "duplicate")
	m.refuse(subscription.ErrNotFound, subscription.Release{ID: "a", Used: &u})
	m.refuse(subscription.ErrNotFound, subscription.Release{ID: "a"})
	m.balanced()
}

// refused runs a command that must fail, and returns its error.
func (m *meter) refused(cmd subscription.Command) error {
	m.t.Helper()
	_, err := m.do(cmd)
	if err == nil {
		m.t.Errorf("Do(%+v) was not refused", cmd)
	}
	return err
}

// An extended reservation holds more, for longer; parts of one lot are merged.
func TestExtendReservation(t *testing.T) {
	m := newMeter(t)
	m.must(buy("call", "small"))
	m.must(m.hold("a", 10))
	m.at("2025-07-10T10:30:00Z")
	m.must(m.hold("a", 5))
	more := m.hold("a", 0)
	more.Until = instant(t, "2025-07-10T12:00:00Z").Add(1500)
	m.must(more)
	r := m.stored().Reservations[0]
	check(t, "minutes", r.Minutes, 15)
	check(t, "until, to the microsecond, which every store keeps", r.Until, instant(t, "2025-07-10T12:00:00Z").Add(time.Microsecond))
	check(t, "parts", fmt.Sprint(r.Parts), "[{1 60}]")
	m.must(subscription.Release{ID: "a"})
	sameLines(t, "lots", m.lots(), "1 package 100/100")
	m.balanced()
}

// A reservation lapses automatically at its deadline, whether or not a worker runs. It can be committed late.
// Rule: reservation-lapses.
func TestReservationLapses(t *testing.T) {
	m := newMeter(t)
	m.must(buy("call", "small"))
	m.must(m.hold("a", 20))
	due := m.hold("b", 5)
	due.Until = instant(t, "2025-07-10T10:20:00Z")
	m.must(due)
	m.at("2025-07-10T10:20:00Z")
	sameLines(t, "one has lapsed", m.lots(), "1 package 20/100 reserved 80")
	m.run("2025-07-10T11:00:00Z")
	sameLines(t, "both have", m.lots(), "1 package 100/100")
	entries := m.entries()
	check(t, "instant", entries[len(entries)-1].At, instant(t, "2025-07-10T11:00:00Z"))
	u, v := m.used("hd", 20), m.used("hd", 6)
	m.must(subscription.Release{ID: "a", Used: &u})
	sameLines(t, "committed late", m.lots(), "1 package 20/100")
	m.must(subscription.Release{ID: "b", Used: &v}) // 24 package minutes, of which 20 are left
	sameLines(t, "committed late, without enough minutes", m.lots(), "1 package 0/100")
	m.balanced()
}

// Everything that is reserved can be committed, however the day's seconds were rounded before.
// Rule: reservation-holds-minutes.
func TestCommitFitsWhatWasReserved(t *testing.T) {
	m := newMeter(t)
	m.must(buy("call", "small"))
	m.use(m.rec("hd", "2025-07-10T10:00:00Z", 59))
	m.must(m.hold("a", 24)) // all that is left
	u := m.used("hd", 24)
	m.must(subscription.Release{ID: "a", Used: &u})
	sameLines(t, "lots", m.lots(), "1 package 0/100")
}

// A refused record leaves the reservation unchanged. A release can't correct usage.
// Rule: reservation-holds-minutes.
func TestRefusedCommitKeepsTheReservation(t *testing.T) {
	m := newMeter(t)
	m.must(buy("call", "small"))
	m.must(m.hold("a", 20))
	for _, bad := range []struct {
		want   error
		doctor func(*subscription.Usage)
	}{
		{subscription.ErrTooEarly, func(u *subscription.Usage) { u.At = m.now.Add(time.Hour) }},
		{subscription.ErrTooLate, func(u *subscription.Usage) { u.At = m.now.AddDate(0, 0, -3) }},
		{pricing.ErrUnknownKind, func(u *subscription.Usage) { u.Kind = "8k" }},
		{subscription.ErrInvalid, func(u *subscription.Usage) { u.Seconds = 0 }},
		{subscription.ErrInvalid, func(u *subscription.Usage) { u.Seconds = -60 }},
	} {
		u := m.used("hd", 20)
		bad.doctor(&u)
		m.refuse(bad.want, subscription.Release{ID: "a", Used: &u})
	}
	sameLines(t, "lots", m.lots(), "1 package 20/100 reserved 80")
}

// What a release says was used counts in any case: from lots, then as excess in pay-as-you-go mode, whatever the credit limit,
// else it is forgiven.
// Rule: release-counts-in-any-case.
func TestReleaseCountsInAnyCase(t *testing.T) {
	m := newMeter(t, `"low_balance_percent"`, `"credit_limit": {"USD": "0.01"}, "low_balance_percent"`)
	m.must(buy("call", "small"))
	m.must(m.hold("a", 20))
	u := m.used("hd", 26) // 104 package minutes
	m.must(subscription.Release{ID: "a", Used: &u})
	sameLines(t, "lots", m.lots(), "1 package 0/100")
	check(t, "forgiven", m.stored().Counters[0].Forgiven, subscription.Minutes(4))
	sameLines(t, "told", m.amounts(subscription.EventUsed, subscription.EventForgiven), "minutes_used 100", "usage_forgiven 4")

	m.must(topUp("call-50"))
	m.must(m.hold("b", 10))
	m.paidGo()
	u = m.used("hd", 20) // 80 package minutes, of which 30 cost 30/4 × 0.00399 = 0.029925 USD
	m.must(subscription.Release{ID: "b", Used: &u})
	sameLines(t, "in pay-as-you-go mode", m.lots(), "1 package 0/100", "2 top_up 0/50")
	check(t, "excess", m.stored().Counters[0].Excess, subscription.Minutes(30))
	check(t, "forgiven before", m.stored().Counters[0].Forgiven, subscription.Minutes(4))
	m.refuses(m.used("hd", 1), subscription.ErrCreditLimit)
	m.balanced()
}

// A kind that has no price any more can't be billed, and what a release says was used of it is forgiven.
// Rule: release-counts-in-any-case.
func TestReleaseCountsWithoutAPrice(t *testing.T) {
	m := newMeter(t)
	m.must(buy("call", "small"))
	m.paidGo()
	m.must(m.hold("a", 20))
	m.catalog = catalog(t, "minutes.json", `{"USD": "3.99"}`, `{"JPY": "598.5"}`)
	u := m.used("hd", 26)
	m.must(subscription.Release{ID: "a", Used: &u})
	check(t, "counter", parts(m.stored().Counters[0]), "1560 s: 4 forgiven, 0 excess, 100 paid, 0 free, until 2025-08-10")
	m.refuses(m.used("hd", 1), pricing.ErrNoPrice)
}

// A reservation that was made before service was interrupted is committed while it is.
// Rule: release-counts-in-any-case.
func TestReleaseCountsWhileInterrupted(t *testing.T) {
	m := newMeter(t)
	m.must(buy("call", "small"))
	m.paidGo()
	m.use(m.used("transcoding", 1000))
	m.drain()
	m.run("2025-07-12T23:59:00Z")
	m.must(m.hold("a", 20))
	m.at("2025-07-13T00:10:00Z")
	check(t, "interrupted", m.application().Arrears.Interrupted, true)
	u := m.used("hd", 10)
	m.must(subscription.Release{ID: "a", Used: &u})
	sameLines(t, "lots", m.lots(), "1 package 60/100")
	m.refuses(m.used("hd", 1), subscription.ErrArrears)
}

// A lot that ends while part of it is reserved stays until that part is committed or released. What is left expires at
// that instant, so the ledger's instants never run backwards.
// Rule: reservation-lapses.
func TestLotEndsWhileReserved(t *testing.T) {
	for name, end := range map[string]struct {
		finish func(m *meter)
		want   []string
	}{
		"lapsed":   {func(m *meter) { m.run("2025-08-12T12:00:00Z") }, []string{"released 1 40", "expired 1 100"}},
		"released": {func(m *meter) { m.must(subscription.Release{ID: "a"}) }, []string{"released 1 40", "expired 1 100"}},
		"committed": {func(m *meter) {
			u := m.rec("hd", "2025-08-10T09:00:00Z", 300)
			m.must(subscription.Release{ID: "a", Used: &u})
		}, []string{"released 1 40", "consumed 2 20 call hd 2025-08-10", "expired 1 100"}},
	} {
		t.Run(name, func(t *testing.T) {
			m := newMeter(t)
			m.must(buy("call", "small"))
			m.must(topUp("call-50"))
			m.must(subscription.AutoRenew{Product: "call"})
			m.at("2025-08-09T23:00:00Z")
			long := m.hold("a", 10)
			long.Until = instant(t, "2025-08-12T10:00:00Z")
			m.must(long)
			before := m.stored().Revision
			m.run("2025-08-11T00:00:00Z")
			sameLines(t, "what isn't reserved stays too", m.ledger(before+1))
			m.at("2025-08-11T08:00:00Z")
			end.finish(m)
			sameLines(t, "entries", m.ledger(before+1), end.want...)
			check(t, "lots", len(m.stored().Lots), 1)
			entries := m.entries()
			for i := 1; i < len(entries); i++ {
				if entries[i].At.Before(entries[i-1].At) {
					t.Errorf("entry %d at %s after one at %s", i, entries[i].At, entries[i-1].At)
				}
			}
			m.balanced()
		})
	}
}

// Bad reservations are refused.
func TestReserveRefuses(t *testing.T) {
	m := newMeter(t)
	m.must(buy("call", "small"))
	m.must(m.hold("open", 1))
	for name, c := range map[string]struct {
		edit func(*subscription.Reserve)
		want error
	}{
		"no ID":                   {func(r *subscription.Reserve) { r.ID = "" }, subscription.ErrInvalid},
		"long ID":                 {func(r *subscription.Reserve) { r.ID = strings.Repeat("x", 65) }, subscription.ErrInvalid},
		"no minutes":              {func(r *subscription.Reserve) { r.Minutes = 0 }, subscription.ErrInvalid},
		"negative minutes":        {func(r *subscription.Reserve) { r.ID, r.Minutes = "open", -1 }, subscription.ErrInvalid},
		"too many minutes":        {func(r *subscription.Reserve) { r.Minutes = 1_000_000_001 }, subscription.ErrInvalid},
		"a deadline now":          {func(r *subscription.Reserve) { r.Until = m.now }, subscription.ErrInvalid},
		"a deadline too far":      {func(r *subscription.Reserve) { r.Until = m.now.Add(7*24*time.Hour + time.Microsecond) }, subscription.ErrInvalid},
		"no deadline":             {func(r *subscription.Reserve) { r.Until = time.Time{} }, subscription.ErrInvalid},
		"unknown product":         {func(r *subscription.Reserve) { r.Product = "chat" }, pricing.ErrUnknownProduct},
		"unknown kind":            {func(r *subscription.Reserve) { r.Usage = "8k" }, pricing.ErrUnknownKind},
		"not covered":             {func(r *subscription.Reserve) { r.Usage = "transcoding" }, subscription.ErrInvalid},
		"another kind's ID":       {func(r *subscription.Reserve) { r.ID, r.Usage = "open", "audio" }, subscription.ErrInvalid},
		"another product's":       {func(r *subscription.Reserve) { r.ID, r.Product = "open", "live" }, subscription.ErrInvalid},
		"less than a microsecond": {func(r *subscription.Reserve) { r.Until = m.now.Add(999) }, subscription.ErrInvalid},
	} {
		t.Run(name, func(*testing.T) {
			r := m.hold("new", 1)
			c.edit(&r)
			m.refuse(c.want, r)
		})
	}
	if _, err := m.Do(t.Context(), "nobody", m.hold("a", 1), "k"); !errors.Is(err, subscription.ErrNotFound) {
		t.Errorf("without an application: %v", err)
	}
	if _, err := m.Do(t.Context(), "nobody", subscription.Release{ID: "a"}, "k"); !errors.Is(err, subscription.ErrNotFound) {
		t.Errorf("without an application: %v", err)
	}
}

// The number of open reservations is bounded, which bounds the document.
func TestReservationsAreBounded(t *testing.T) {
	m := newMeter(t, `"minutes": 100, "list": {"USD": "10.00"}`, `"minutes": 10000, "list": {"USD": "10.00"}`)
	m.must(buy("call", "small"))
	a := m.stored()
	for i := range subscription.MaxReservations {
		c, err := m.hold(strconv.Itoa(i), 1).Decide(subscription.Snapshot{Application: a}, m.catalog, m.now)
		m.ok(err)
		m.ok(c.Check(a))
		a = c.Next
	}
	if _, err := m.hold("more", 1).Decide(subscription.Snapshot{Application: a}, m.catalog, m.now); !errors.Is(err, subscription.ErrInvalid) {
		t.Errorf("one more: %v, want ErrInvalid", err)
	}
	if _, err := m.hold("0", 1).Decide(subscription.Snapshot{Application: a}, m.catalog, m.now); err != nil {
		t.Errorf("extending one: %v", err)
	}
}

// Days are closed regardless of how their usage was reported.
func TestReleasedUsageClosesItsDay(t *testing.T) {
	m := newMeter(t)
	m.must(buy("call", "small"))
	for range 20 {
		m.now = m.now.AddDate(0, 0, 1)
		used := m.used("audio", 1)
		m.must(subscription.Release{ID: "x", Used: &used})
		check(t, "counters", len(m.stored().Counters) <= 3, true)
	}
}
