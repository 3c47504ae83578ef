package subscription_test

import (
	"errors"
	"iter"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/prepaidkit/prepaid/subscription"
)

// The balance at any instant equals the ledger replayed up to it, whatever happened later.
// Rule: ledger-is-the-balance.
func TestBalanceAtAnyInstant(t *testing.T) {
	m := newMeter(t)
	type moment struct {
		at   time.Time
		lots []subscription.Lot
	}
	var moments []moment
	look := func() { moments = append(moments, moment{m.now, m.stored().Lots}) }
	step := func(at string, do func()) {
		m.run(at)
		do()
		look()
	}
	step("2025-07-10T10:00:00Z", func() { m.must(buy("call", "small")) })
	step("2025-07-10T11:00:00Z", func() { m.must(subscription.ClaimFree{Free: "starter"}) })
	step("2025-07-10T12:00:00Z", func() { m.use(m.used("audio", 50)) })
	step("2025-07-11T10:00:00Z", func() { m.must(m.hold("a", 5)) })
	step("2025-07-11T10:30:00Z", func() { m.must(topUp("call-50")) })
	step("2025-07-11T12:00:00Z", func() {}) // the reservation has lapsed
	step("2025-07-11T13:00:00Z", func() { m.must(m.hold("b", 7)) })
	step("2025-07-11T13:10:00Z", func() { u := m.used("hd", 3); m.must(subscription.Release{ID: "b", Used: &u}) })
	step("2025-08-09T23:00:00Z", func() { m.must(subscription.AutoRenew{Product: "call"}) })
	step("2025-08-12T00:00:00Z", func() { m.use(m.used("audio", 30)) })
	step("2025-09-12T00:00:00Z", func() {})
	ledger := m.store.Store.Entries(t.Context(), app)
	for _, moment := range moments {
		got, err := subscription.BalanceAt(ledger, moment.at)
		m.ok(err)
		open := slices.DeleteFunc(got, func(b subscription.Balance) bool {
			sum := b.Remaining + b.Reserved + b.Consumed + b.Expired + b.Refunded
			check(t, "granted", b.Granted, sum)
			return b.Remaining+b.Reserved == 0 && !slices.ContainsFunc(moment.lots, func(l subscription.Lot) bool { return l.ID == b.Lot })
		})
		var want []subscription.Balance
		for _, l := range moment.lots {
			want = append(want, l.Balance())
		}
		if diff := cmp.Diff(want, open); diff != "" {
			t.Errorf("at %s (-document +ledger):\n%s", moment.at, diff)
		}
	}
	none, err := subscription.BalanceAt(ledger, m.now.AddDate(-1, 0, 0))
	if err != nil || len(none) != 0 {
		t.Errorf("before the first entry: %v, %v", none, err)
	}
}

// An inconsistent ledger is an error, and so is one that can't be read.
func TestBalanceAtRefuses(t *testing.T) {
	fault := errors.New("disk")
	entry := func(kind subscription.EntryKind, q subscription.Quantity) subscription.Entry {
		return subscription.Entry{Kind: kind, Lot: 1, Quantity: q}
	}
	seq := func(entries []subscription.Entry, err error) iter.Seq2[subscription.Entry, error] {
		return func(yield func(subscription.Entry, error) bool) {
			for _, e := range entries {
				if !yield(e, nil) {
					return
				}
			}
			if err != nil {
				yield(subscription.Entry{}, err)
			}
		}
	}
	for name, c := range map[string]struct {
		entries []subscription.Entry
		err     error
		want    error
	}{
		"unreadable":            {nil, fault, fault},
		"more than was granted": {[]subscription.Entry{entry(subscription.EntryGranted, 1), entry(subscription.EntryConsumed, 2)}, nil, subscription.ErrInvariant},
		"never granted":         {[]subscription.Entry{entry(subscription.EntryConsumed, 1)}, nil, subscription.ErrInvariant},
		"never reserved":        {[]subscription.Entry{entry(subscription.EntryGranted, 1), entry(subscription.EntryReleased, 1)}, nil, subscription.ErrInvariant},
		"negative":              {[]subscription.Entry{entry(subscription.EntryGranted, -1)}, nil, subscription.ErrInvariant},
		"an unknown kind":       {[]subscription.Entry{entry("lost", 1)}, nil, subscription.ErrInvariant},
	} {
		t.Run(name, func(t *testing.T) {
			if got, err := subscription.BalanceAt(seq(c.entries, c.err), time.Time{}); !errors.Is(err, c.want) {
				t.Errorf("BalanceAt = %v, %v, want %v", got, err, c.want)
			}
		})
	}
}
