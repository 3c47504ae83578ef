package renewal_test

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/prepaidkit/prepaid/payment/balance"
	"github.com/prepaidkit/prepaid/renewal"
	"github.com/prepaidkit/prepaid/subscription"
)

// fleet is many applications, each with its own account, that all bought call on 1 January. Every tenth has no money
// left, and every seventh turned auto-renewal off.
type fleet struct {
	*world
	ids []subscription.ApplicationID
}

func newFleet(tb testing.TB, n int, s setup) *fleet {
	tb.Helper()
	f := &fleet{world: newWorld(tb, s)}
	f.work() // on the application that it has anyway
	for i := range n {
		id := subscription.ApplicationID(fmt.Sprintf("app-%03d", i))
		f.ids = append(f.ids, id)
		account := "account-" + string(id)
		f.ok(f.accounts.Open(tb.Context(), account))
		funds := "1000.00 USD"
		if i%10 == 9 {
			funds = "199.00 USD"
		}
		f.ok(f.accounts.Deposit(tb.Context(), account, account, money(tb, funds)))
		cmds := []subscription.Command{subscription.Create{Account: subscription.AccountID(account)}, buy("call", "one-to-one")}
		if i%7 == 6 {
			cmds = append(cmds, turn(false))
		}
		for k, cmd := range cmds {
			_, err := f.Do(tb.Context(), id, cmd, strconv.Itoa(k))
			f.ok(err)
		}
	}
	return f
}

// books lists every order of every application, and what its account was actually charged.
func (f *fleet) books() []string {
	f.t.Helper()
	var lines []string
	for _, id := range f.ids {
		for o, err := range f.store.Orders(context.Background(), id) {
			f.ok(err)
			lines = append(lines, fmt.Sprintf("%s order %s %s %s %s", id, o.ID, o.Status, o.Amount, span(o.Delivered.Period)))
		}
		for m, err := range f.accounts.Statement(f.t.Context(), "account-"+string(id)) {
			f.ok(err)
			if m.Kind != balance.Deposited {
				_, key, _ := strings.Cut(m.Key, "/") // each store has its own identity
				lines = append(lines, fmt.Sprintf("%s %s %s %s", id, m.Kind, key, m.Amount))
			}
		}
	}
	return lines
}

// One round processes everything that is due, batch by batch, and reports what it did.
func TestOnceOverManyApplications(t *testing.T) {
	for _, batch := range []int{1, 7, 1000} {
		t.Run(strconv.Itoa(batch), func(t *testing.T) {
			f := newFleet(t, 100, setup{policy: renewal.Policy{Reminders: hours()}})
			worker := f.worker(&renewal.Options{Batch: batch, Concurrency: 4})
			stats, err := worker.Once(t.Context())
			f.ok(err)
			check(t, "at first", stats, renewal.Stats{Claimed: 100, Rescheduled: 100})
			stats, err = worker.Once(t.Context())
			f.ok(err)
			check(t, "again at once", stats, renewal.Stats{})

			f.at("2025-01-31T00:20:00Z") // 20 minutes late
			stats, err = worker.Once(t.Context())
			f.ok(err)
			// 14 of 100 are turned off (6, 13, …, 97); 10 have no money (9, …, 99); 69 is both.
			check(t, "at the first attempt", stats, renewal.Stats{
				Claimed: 86, Placed: 86, Paid: 77, Declined: 9, Late: 20 * time.Minute,
			})
			stats, err = worker.Once(t.Context())
			f.ok(err)
			check(t, "again at once", stats, renewal.Stats{})

			f.at("2025-02-02T00:00:00Z")
			stats, err = worker.Once(t.Context())
			f.ok(err)
			check(t, "claimed", stats.Claimed, 100)
			check(t, "tried again, after the interruption", stats.Placed, 0)
			check(t, "paid", stats.Paid, 0)
		})
	}
}

// Trap: check-then-act under concurrency. Two workers on one store, with leases that expire immediately, have the same
// result as one: the same orders and the same money.
// Rule: one-renewal-per-period, lease-is-only-a-hint.
func TestTwoWorkersDoWhatOneDoes(t *testing.T) {
	days := []string{
		"2025-01-31T00:00:00Z", "2025-01-31T12:00:00Z", "2025-01-31T21:00:00Z", "2025-02-01T00:00:00Z", "2025-02-01T06:00:00Z",
		"2025-02-01T18:00:00Z", "2025-02-02T00:00:00Z", "2025-02-28T00:00:00Z", "2025-03-01T00:00:00Z",
	}
	one := newFleet(t, 60, setup{})
	for _, day := range days {
		one.at(day)
		one.work()
	}

	two := newFleet(t, 60, setup{})
	claims := &leaseless{Store: two.store}
	var sum renewal.Stats
	var mu sync.Mutex
	for _, day := range days {
		two.at(day)
		claims.calls, claims.both = 0, make(chan struct{})
		var wait sync.WaitGroup
		for range 2 {
			worker := two.workerOn(claims, &renewal.Options{Batch: 9, Concurrency: 3})
			wait.Go(func() {
				stats, err := worker.Once(t.Context())
				mu.Lock()
				defer mu.Unlock()
				sum.Add(stats)
				if err != nil {
					t.Error(err)
				}
			})
		}
		wait.Wait()
		two.work() // what each left to the other
	}
	if diff := cmp.Diff(one.books(), two.books()); diff != "" {
		t.Errorf("books (-one worker +two):\n%s", diff)
	}
	if claims.twice == 0 {
		t.Error("no application was claimed by both: the test shows nothing")
	}
	t.Logf("claimed %d times, %d of them while another worker held it, %d conflicts", sum.Claimed, claims.twice, sum.Conflicts)
}

// leaseless is a store whose leases expire at once. The first claim returns only when a second one, by another worker,
// has claimed the same applications. It counts how often a claimed application was claimed again before its commit.
type leaseless struct {
	renewal.Store
	mu    sync.Mutex
	held  map[subscription.ApplicationID]bool
	twice int
	calls int
	both  chan struct{}
}

func (l *leaseless) Claim(ctx context.Context, asOf time.Time, _ time.Duration, limit int) ([]renewal.Claimed, error) {
	claimed, err := l.Store.Claim(ctx, asOf, 0, limit)
	l.mu.Lock()
	l.calls++
	first := l.calls == 1
	if l.calls == 2 {
		close(l.both)
	}
	both := l.both
	if l.held == nil {
		l.held = map[subscription.ApplicationID]bool{}
	}
	for _, c := range claimed {
		if l.held[c.Application] {
			l.twice++
		}
		l.held[c.Application] = true
	}
	l.mu.Unlock()
	if first {
		<-both
	}
	return claimed, err
}

func (l *leaseless) Commit(ctx context.Context, changes ...subscription.Change) error {
	err := l.Store.Commit(ctx, changes...)
	l.mu.Lock()
	defer l.mu.Unlock()
	for i := range changes {
		delete(l.held, changes[i].Application)
	}
	return err
}

// One application whose decision fails every time is set aside with an event, and the others continue. It is retried
// later, and once repaired it renews.
// Rule: one-failure-stops-one-subscription.
func TestPoisonedApplicationIsSetAside(t *testing.T) {
	f := newFleet(t, 5, setup{policy: renewal.Policy{Reminders: hours()}})
	f.work()
	poison := func(edit func(s *subscription.Subscription)) {
		s, err := f.store.Load(t.Context(), subscription.Read{Application: f.ids[2]})
		f.ok(err)
		next := s[0].Application.Clone()
		next.Revision++
		next.Due = f.now
		edit(&next.Subscriptions[0])
		f.ok(f.store.Store.Commit(t.Context(), subscription.Change{ // as if the database was edited by hand
			Application: next.ID, Base: next.Revision - 1, Next: next,
		}))
	}
	f.at("2025-01-31T00:00:00Z")
	poison(func(s *subscription.Subscription) { s.Zone = "Nowhere/Land" })
	stats := f.work()
	check(t, "stats", stats, renewal.Stats{Claimed: 5, Placed: 4, Paid: 4, Failed: 1})
	f.at("2025-01-31T00:59:59Z")
	check(t, "before the hour is over", f.work(), renewal.Stats{})
	f.at("2025-01-31T01:00:00Z")
	check(t, "tried again", f.work(), renewal.Stats{Claimed: 1, Failed: 1})
	poison(func(s *subscription.Subscription) { s.Zone = "UTC"; s.Cycles = nil })
	check(t, "another poison", f.work().Failed, 1)

	var notes []string
	for e, err := range f.store.Events(t.Context(), f.ids[2]) {
		f.ok(err)
		if e.Type == subscription.EventDecisionFailed {
			notes = append(notes, e.Note)
		}
	}
	check(t, "events", len(notes), 3)
	if !strings.Contains(notes[0], "Nowhere/Land") || !strings.Contains(notes[2], "no period") {
		t.Errorf("notes: %q", notes)
	}
}

// A change that would violate an invariant isn't committed: the application is set aside.
func TestBrokenInvariantIsSetAside(t *testing.T) {
	f := newFleet(t, 2, setup{})
	f.work()
	s, err := f.store.Load(t.Context(), subscription.Read{Application: f.ids[0]})
	f.ok(err)
	next := s[0].Application.Clone()
	next.Revision++
	next.Due = f.now
	next.Lots[0].Remaining++
	next.Lots[0].Period.End = f.now.Add(-48 * time.Hour) // so it expires with more than was granted
	f.ok(f.store.Store.Commit(t.Context(), subscription.Change{Application: next.ID, Base: next.Revision - 1, Next: next}))
	stats := f.work()
	check(t, "failed", stats.Failed, 1)
}

// An unreadable document doesn't affect the rest of a batch.
// Rule: unreadable-document-stops-nobody.
func TestUnreadableApplicationSpoilsNoBatch(t *testing.T) {
	f := newFleet(t, 5, setup{policy: renewal.Policy{Reminders: hours()}})
	f.work()
	f.at("2025-01-31T00:00:00Z")
	bad := errors.New("unexpected end of JSON input")
	for _, lease := range []time.Duration{0, time.Minute} {
		st := &unreadable{Store: f.store, id: f.ids[3], err: bad, lease: lease}
		worker := f.workerOn(st, nil)
		stats, err := worker.Once(t.Context())
		f.ok(err)
		if stats.Unreadable < 1 || stats.Unreadable > 5 {
			t.Errorf("lease %v: unreadable %d times", lease, stats.Unreadable)
		}
		if lease == 0 {
			check(t, "paid", stats.Paid, 4)
		}
	}
}

// unreadable is a store that can't read one application; the test sets its leases.
type unreadable struct {
	renewal.Store
	id    subscription.ApplicationID
	err   error
	lease time.Duration
}

func (u *unreadable) Claim(ctx context.Context, asOf time.Time, _ time.Duration, limit int) ([]renewal.Claimed, error) {
	claimed, err := u.Store.Claim(ctx, asOf, u.lease, limit)
	for i := range claimed {
		if claimed[i].Application == u.id {
			claimed[i] = renewal.Claimed{Application: u.id, Err: u.err}
		}
	}
	return claimed, err
}

// Everything that the worker does can be done manually: decide, commit, collect.
func TestByHandAsTheWorkerDoes(t *testing.T) {
	auto, hand := newWorld(t, setup{}), newWorld(t, setup{})
	for _, w := range []*world{auto, hand} {
		w.must(buy("call", "one-to-one"))
	}
	auto.run("2025-04-02T00:00:00Z")
	for range 100 {
		due := hand.stored().Due
		if due.After(instant(t, "2025-04-02T00:00:00Z")) {
			break
		}
		if due.After(hand.now) {
			hand.now = due
		}
		c, err := renewal.Decide(subscription.Snapshot{Application: hand.stored()}, hand.policy, hand.catalog, hand.now)
		hand.ok(err)
		if !c.IsZero() {
			hand.ok(hand.store.Commit(t.Context(), c))
		}
		for _, o := range hand.stored().Orders {
			_, err := hand.Collect(t.Context(), app, o.ID)
			hand.ok(err)
		}
	}
	same(t, "by hand", hand.log(), auto.log())
}
