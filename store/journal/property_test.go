package journal_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/prepaidkit/prepaid/internal/simulation"
	"github.com/prepaidkit/prepaid/internal/testsize"
	"github.com/prepaidkit/prepaid/internal/testworld"
	"github.com/prepaidkit/prepaid/pricing"
	"github.com/prepaidkit/prepaid/store"
	"github.com/prepaidkit/prepaid/store/journal"
	"github.com/prepaidkit/prepaid/store/memory"
	"github.com/prepaidkit/prepaid/subscription"
)

// watched is a store that asks for the journal now and then, while the world goes on.
type watched struct {
	store.Store

	view  func(journal.Source) journal.Source // what the journal is made of
	rests bool                                // it is the one with which the world came to rest, and not one that was given up for a backup

	mu    sync.Mutex
	n     int
	reset map[subscription.ApplicationID]bool // its clock was reset
	asked []asked
}

// asked is what the journal of an application was up to an instant, when that had just passed.
type asked struct {
	app  subscription.ApplicationID
	to   time.Time
	rows []journal.Posting
}

// Commit implements [store.Store].
func (w *watched) Commit(ctx context.Context, changes ...subscription.Change) error {
	err := w.Store.Commit(ctx, changes...)
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, c := range changes {
		for _, e := range c.Events {
			w.reset[c.Application] = w.reset[c.Application] || e.Type == subscription.EventClockReset
		}
		w.n++
		if err == nil && w.n%31 == 0 {
			rows, err := ofApplication(ctx, w.view(w.Store), c.Application, time.Time{}, c.Next.AsOf)
			if err != nil {
				return err
			}
			w.asked = append(w.asked, asked{c.Application, c.Next.AsOf, rows})
		}
	}
	return err
}

func ofApplication(ctx context.Context, b journal.Source, app subscription.ApplicationID, from, to time.Time) ([]journal.Posting, error) {
	var all []journal.Posting
	for p, err := range journal.PostingsOf(ctx, b, app, from, to) {
		if err != nil {
			return nil, err
		}
		all = append(all, p)
	}
	return all, nil
}

// worlds returns the stores of random worlds that have come to rest: customers, staff, workers that crash, a hostile gateway.
func worlds(tb testing.TB, seed uint64, n, months int, view func(journal.Source) journal.Source) []*watched {
	tb.Helper()
	var all []*watched
	newStore := func() store.Store {
		w := &watched{Store: memory.New(), view: view, reset: map[subscription.ApplicationID]bool{}}
		all = append(all, w)
		return w
	}
	for i := range n {
		o := &simulation.Options{Seed: seed + uint64(i), Worlds: 1, Applications: 8, Months: months, Whole: true}
		if _, failure := simulation.Worlds(newStore, o); failure != nil {
			tb.Fatal(failure)
		}
		last := all[len(all)-1]
		last.rests = true
		finish(tb, last)
	}
	return all
}

// finish lets time pass until everything that was paid for has ended.
func finish(tb testing.TB, s store.Store) {
	tb.Helper()
	cat := testworld.Catalog(tb, "../storetest/catalog.json")
	for app, err := range s.Applications(tb.Context()) {
		if err != nil {
			tb.Fatal(err)
		}
		snapshots, err := s.Load(tb.Context(), subscription.Read{Application: app})
		if err != nil {
			tb.Fatal(err)
		}
		change, err := subscription.Advance(snapshots[0].Application, cat, end().Add(-time.Hour))
		if err != nil {
			tb.Fatal(err)
		}
		if !change.IsZero() {
			if err := s.Commit(tb.Context(), change); err != nil {
				tb.Fatal(err)
			}
		}
	}
}

// end is later than everything in a world.
func end() time.Time { return time.Date(2100, 1, 1, 0, 0, 0, 0, time.UTC) }

// TestJournalOfRandomLives checks the books of random worlds: the cash is what was collected less what went back; no order has
// less than nothing deferred, and nothing at its end; no taxes are owed for an order of which nothing is left; revenue never falls
// but by refunds; and whoever asked before gets the same now.
//
// Rule: journal-adds-up, journal-never-changes.
func TestJournalOfRandomLives(t *testing.T) {
	t.Parallel()
	postings, stores := 0, 0
	for _, w := range worlds(t, 1, testsize.Of(6, 10), testsize.Of(8, 12), as) {
		stores++
		n, problem := w.audit(t, func(all []journal.Posting) []journal.Posting { return all })
		postings += n
		if problem != "" {
			t.Fatalf("store %d: %s", stores, problem)
		}
	}
	t.Logf("%d stores, %d postings", stores, postings)
	if postings < 1000 {
		t.Errorf("only %d postings", postings)
	}
}

// as makes the journal of a store as it is.
func as(b journal.Source) journal.Source { return b }

// audit checks the books of a store, as spoil leaves them, and returns how many postings there are and what is wrong, or "".
func (w *watched) audit(tb testing.TB, spoil func([]journal.Posting) []journal.Posting) (postings int, problem string) {
	tb.Helper()
	for app, err := range w.Applications(tb.Context()) {
		if err != nil {
			tb.Fatal(err)
		}
		all, err := ofApplication(tb.Context(), w.view(w), app, time.Time{}, end())
		if err != nil {
			tb.Fatal(err)
		}
		postings += len(all)
		if problem := audit(tb.Context(), w, app, spoil(all), w.rests); problem != "" {
			return postings, fmt.Sprintf("%s: %s", app, problem)
		}
	}
	for _, a := range w.asked {
		now, err := ofApplication(tb.Context(), w.view(w), a.app, time.Time{}, a.to)
		if err != nil {
			tb.Fatal(err)
		}
		if diff := cmp.Diff(a.rows, now, equally()...); diff != "" && !w.reset[a.app] {
			return postings, fmt.Sprintf("the journal of %s to %s has changed (-then +now):\n%s", a.app, a.to, diff)
		}
	}
	return postings, ""
}

func equally() []cmp.Option {
	return []cmp.Option{cmp.Comparer(func(m, n pricing.Money) bool { return m == n })}
}

// audit compares an application's postings with its rows, and returns what is wrong with them, or "". rests
// says that nothing more will happen.
func audit(ctx context.Context, b journal.Source, app subscription.ApplicationID, all []journal.Posting, rests bool) string {
	sums := map[string]int64{} // by ledger and currency
	deferred, taxes := map[string]int64{}, map[string]int64{}
	for i, p := range all {
		order, _, _ := strings.Cut(p.Ref, "/")
		currency := string(p.Amount.Currency())
		if p.Amount.Sign() <= 0 || p.Debit == p.Credit || p.Application != app {
			return fmt.Sprintf("posting %v", p)
		}
		if p.Debit.Revenue() && p.Debit != journal.Refunds {
			return fmt.Sprintf("revenue that was earned is taken away: %v", p)
		}
		sums[string(p.Debit)+" "+currency] += p.Amount.Minor()
		sums[string(p.Credit)+" "+currency] -= p.Amount.Minor()
		if p.Debit == journal.Deferred {
			deferred[order] -= p.Amount.Minor()
		}
		if p.Credit == journal.Deferred {
			deferred[order] += p.Amount.Minor()
		}
		if isTax(p.Debit) {
			taxes[order] -= p.Amount.Minor()
		}
		if isTax(p.Credit) {
			taxes[order] += p.Amount.Minor()
		}
		last := i+1 == len(all) || !all[i+1].At.Equal(p.At)
		if last && min(deferred[order], taxes[order]) < 0 {
			return fmt.Sprintf("%d deferred, %d of taxes of order %s at %s", deferred[order], taxes[order], order, p.At)
		}
		if i > 0 && p.At.Before(all[i-1].At) {
			return fmt.Sprintf("%s after %s", p.At, all[i-1].At)
		}
	}
	for order, left := range deferred {
		if left != 0 && rests {
			return fmt.Sprintf("%d still deferred of order %s", left, order)
		}
	}
	cash := map[string]int64{}
	reinstated := map[subscription.OrderID]bool{} // what went back meanwhile may have no share of the tax, and its share never changes
	for r, err := range b.Refunds(ctx, app) {
		if err != nil {
			return err.Error()
		}
		if r.Status == subscription.RefundMade {
			cash[string(r.Amount.Currency())] -= r.Amount.Minor()
		}
		reinstated[r.Order] = reinstated[r.Order] || r.Status == subscription.RefundReinstated
	}
	for o, err := range b.Orders(ctx, app) {
		if err != nil {
			return err.Error()
		}
		cash[string(o.Collected.Currency())] += o.Collected.Minor()
		if owed := taxes[string(o.ID)]; owed != 0 && o.Left().Sign() == 0 && !reinstated[o.ID] {
			return fmt.Sprintf("%d of taxes are still owed for order %s, of which nothing is left", owed, o.ID)
		}
	}
	for currency, sum := range cash {
		if got := sums[string(journal.Cash)+" "+currency]; got != sum {
			return fmt.Sprintf("%d %s in cash, want %d", got, currency, sum)
		}
	}
	return ""
}

// isTax reports whether a ledger is that of a tax.
func isTax(l journal.Ledger) bool { return strings.HasPrefix(string(l), string(journal.Tax(""))) }

// TestJournalInParts checks that spans which adjoin give what the whole gives.
//
// Rule: journal-never-changes.
func TestJournalInParts(t *testing.T) {
	t.Parallel()
	for _, w := range worlds(t, 77, 2, 6, as) {
		for app, err := range w.Applications(t.Context()) {
			if err != nil {
				t.Fatal(err)
			}
			whole, err := ofApplication(t.Context(), w, app, time.Time{}, end())
			if err != nil {
				t.Fatal(err)
			}
			for i := 0; i < len(whole); i += 1 + len(whole)/5 {
				for _, at := range []time.Time{whole[i].At, whole[i].At.Add(1)} {
					first, err := ofApplication(t.Context(), w, app, time.Time{}, at)
					if err != nil {
						t.Fatal(err)
					}
					second, err := ofApplication(t.Context(), w, app, at, end())
					if err != nil {
						t.Fatal(err)
					}
					if diff := cmp.Diff(whole, slices.Concat(first, second), equally()...); diff != "" {
						t.Fatalf("%s in parts at %s (-whole +parts):\n%s", app, at, diff)
					}
				}
			}
		}
	}
}
