package durable_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"reflect"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/prepaidkit/prepaid/internal/simulation"
	"github.com/prepaidkit/prepaid/internal/testsize"
	"github.com/prepaidkit/prepaid/store"
	"github.com/prepaidkit/prepaid/store/memory"
	"github.com/prepaidkit/prepaid/subscription"
)

// lived is a store that remembers what was committed.
type lived struct {
	*memory.Store

	mu      sync.Mutex
	changes []subscription.Change
	erasing map[int]bool // by place
}

// Erase implements [subscription.Eraser].
func (l *lived) Erase(ctx context.Context, change subscription.Change) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	err := l.Store.Erase(ctx, change)
	if err == nil {
		l.erasing[len(l.changes)] = true
		l.changes = append(l.changes, change.Clone())
	}
	return err
}

// again does to a store what was done to this one, change by change.
func (l *lived) again(ctx context.Context, st store.Store, n int) error {
	if e, ok := st.(subscription.Eraser); ok && l.erasing[n] {
		return e.Erase(ctx, l.changes[n])
	}
	return st.Commit(ctx, l.changes[n])
}

// Commit commits one change after the other, so that each is known to be applied or not.
func (l *lived) Commit(ctx context.Context, changes ...subscription.Change) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	before, err := l.Load(ctx, reads(changes)...)
	if err != nil {
		return err
	}
	err = l.Store.Commit(ctx, changes...)
	after, _ := l.Load(context.WithoutCancel(ctx), reads(changes)...)
	for i := range after {
		if after[i].Application.Revision > before[i].Application.Revision {
			l.changes = append(l.changes, changes[i].Clone())
		}
	}
	return err
}

func reads(changes []subscription.Change) []subscription.Read {
	all := make([]subscription.Read, len(changes))
	for i := range changes {
		all[i].Application = changes[i].Application
	}
	return all
}

// life returns what customers, staff, workers and a hostile gateway did in a random year, in the order of its commits.
func life(tb testing.TB) *lived {
	tb.Helper()
	var stores []*lived
	opts := &simulation.Options{Seed: 1, Worlds: 1, Applications: testsize.Of(8, 30), Months: testsize.Of(8, 18)}
	figures, failure := simulation.Worlds(func() store.Store {
		stores = append(stores, &lived{Store: memory.New(), erasing: map[int]bool{}})
		return stores[len(stores)-1]
	}, opts)
	if failure != nil {
		tb.Fatal(failure)
	}
	if figures.Reinstated == 0 {
		tb.Log("no reversal was reinstated")
	}
	return slices.MaxFunc(stores, func(a, b *lived) int { return len(a.changes) - len(b.changes) })
}

// reported is what a store answers, as it can be compared.
type reported struct {
	Totals   map[string][]store.Total
	Payments map[string][]subscription.Order
	Refunds  map[string][]subscription.Refund
	Found    map[string][]subscription.SubscriptionRow
}

// reportsOf asks a store everything, month by month from the first one on.
func reportsOf(t *testing.T, st store.Reports, first time.Time, accounts []subscription.AccountID) reported {
	t.Helper()
	r := reported{map[string][]store.Total{}, map[string][]subscription.Order{}, map[string][]subscription.Refund{}, map[string][]subscription.SubscriptionRow{}}
	find := func(name string, f store.SubscriptionFilter) {
		for row, err := range st.FindSubscriptions(t.Context(), f) {
			ok(t, err)
			r.Found[name] = append(r.Found[name], row)
		}
	}
	spans := [][2]time.Time{{}}
	for m := range 24 {
		spans = append(spans, [2]time.Time{first.AddDate(0, m, 0), first.AddDate(0, m+1, 0)})
	}
	for _, span := range spans {
		from, until := span[0], span[1]
		name := from.Format(time.DateOnly)
		totals, err := st.TotalsBetween(t.Context(), from, until)
		ok(t, err)
		r.Totals[name] = totals
		for o, err := range st.PaymentsBetween(t.Context(), from, until) {
			ok(t, err)
			r.Payments[name] = append(r.Payments[name], o)
		}
		for f, err := range st.RefundsBetween(t.Context(), from, until) {
			ok(t, err)
			r.Refunds[name] = append(r.Refunds[name], f)
		}
		find("ending from "+name, store.SubscriptionFilter{From: from, Until: until})
	}
	for _, status := range []subscription.Status{
		subscription.Active, subscription.PastDue, subscription.Interrupted, subscription.Ended, subscription.Expired, subscription.Refunded,
	} {
		find(string(status), store.SubscriptionFilter{Statuses: []subscription.Status{status}})
		for _, renews := range []bool{true, false} {
			find(fmt.Sprint(status, renews), store.SubscriptionFilter{Statuses: []subscription.Status{status, subscription.Active}, AutoRenew: &renews})
		}
	}
	for _, account := range accounts {
		find("of "+string(account), store.SubscriptionFilter{Account: account})
	}
	return r
}

// A random life has the same reports in every store, and they are what its rows say. Totals of a month that is over stay as
// they are, whatever happens later.
// Rule: reports-agree, closed-month-stays.
func TestReportsOfARandomLife(t *testing.T) {
	life := life(t)
	changes := life.changes
	stores := map[string]store.Store{"memory": memory.New(), "sqlite": files(t).store(), "postgres": schemas(t).store()}
	if len(changes) < 100 {
		t.Fatalf("only %d changes", len(changes))
	}
	at := changes[0].Next.AsOf
	first := time.Date(at.Year(), at.Month(), 1, 0, 0, 0, 0, time.UTC)
	var accounts []subscription.AccountID
	closed := map[time.Time][]store.Total{}
	in := stores["memory"].(store.Reports)
	last := first
	for n, c := range changes {
		for _, st := range stores {
			ok(t, life.again(t.Context(), st, n))
		}
		if !slices.Contains(accounts, c.Next.Account) {
			accounts = append(accounts, c.Next.Account)
		}
		// A day later nothing is committed any more that is of the month, whatever the clocks say.
		for !c.Next.AsOf.Before(last.AddDate(0, 1, 1)) {
			totals, err := in.TotalsBetween(t.Context(), last, last.AddDate(0, 1, 0))
			ok(t, err)
			closed[last], last = totals, last.AddDate(0, 1, 0)
		}
	}
	answers := map[string]reported{}
	for name, st := range stores {
		reports, is := st.(store.Reports)
		if !is {
			t.Fatalf("%T has no reports", st)
		}
		answers[name] = reportsOf(t, reports, first, accounts)
	}
	want := answers["memory"]
	for name, got := range answers {
		agree(t, name+": totals", got.Totals, want.Totals)
		agree(t, name+": payments", got.Payments, want.Payments)
		agree(t, name+": refunds", got.Refunds, want.Refunds)
		agree(t, name+": subscriptions", got.Found, want.Found)
	}
	stays := 0
	for month, was := range closed {
		if now := want.Totals[month.Format(time.DateOnly)]; !reflect.DeepEqual(now, was) && len(now)+len(was) > 0 {
			t.Errorf("the month of %s was\n%+v\nand is\n%+v", month.Format(time.DateOnly), was, now)
		}
		stays += len(was)
	}
	whole := want.Totals[time.Time{}.Format(time.DateOnly)]
	var paid, back, undone int64
	for _, total := range whole {
		paid, back, undone = paid+total.Paid.Count, back+total.Refunded.Count, undone+total.Undone.Count
	}
	t.Logf("%d changes: %d payments, %d refunds, %d of them undone; %d totals of closed months", len(changes), paid, back, undone, stays)
	if paid < 10 || back == 0 || stays < 5 {
		t.Error("too little happened")
	}
	rows(t, stores["memory"], want)
}

// agree fails the test unless two stores gave the same answers.
func agree[T any](t *testing.T, what string, got, want map[string][]T) {
	t.Helper()
	for name := range got {
		if len(got[name]) != len(want[name]) {
			t.Errorf("%s, %s: %d, want %d", what, name, len(got[name]), len(want[name]))
			continue
		}
		for i := range got[name] {
			g, err := json.Marshal(got[name][i])
			ok(t, err)
			w, err := json.Marshal(want[name][i])
			ok(t, err)
			if !bytes.Equal(g, w) {
				t.Errorf("%s, %s, %d:\n got %s\nwant %s", what, name, i, g, w)
				break
			}
		}
	}
	if len(got) != len(want) {
		t.Errorf("%s: %d answers, want %d", what, len(got), len(want))
	}
}

// rows fails the test unless the reports have the rows of all applications, each once.
func rows(t *testing.T, st store.Store, r reported) {
	t.Helper()
	all := time.Time{}.Format(time.DateOnly)
	payments, refunds, found := 0, 0, 0
	for app, err := range st.Applications(t.Context()) {
		ok(t, err)
		for o, err := range st.Orders(t.Context(), app) {
			ok(t, err)
			if !o.PaidAt.IsZero() && o.Collected.Sign() > 0 {
				payments++
			}
		}
		for f, err := range st.Refunds(t.Context(), app) {
			ok(t, err)
			if f.Amount.Sign() > 0 {
				refunds++
			}
		}
		for _, err := range st.Subscriptions(t.Context(), app) {
			ok(t, err)
			found++
		}
	}
	same(t, "rows", []int{len(r.Payments[all]), len(r.Refunds[all]), len(r.Found["ending from "+all])}, []int{payments, refunds, found})
}
