package storetest

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"reflect"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/prepaidkit/prepaid/internal/storeid"
	"github.com/prepaidkit/prepaid/store"
	"github.com/prepaidkit/prepaid/subscription"
)

// env is the environment of a case: an empty store, and helpers that most cases use. Its methods must be called from
// the goroutine of the case; other goroutines use its store and return errors.
type env struct {
	tb
	store    store.Store
	ctx      context.Context //nolint:containedctx // a case is one test, and this is the test's
	patience time.Duration
	another  func() store.Store // opens another empty store
	brief    bool               // make the largest cases smaller
	identity string             // of the store, once known
}

func newEnv(t tb, open func() store.Store, patience time.Duration) *env {
	t.Helper()
	another := func() store.Store {
		t.Helper()
		s := open()
		if s == nil {
			t.Fatalf("storetest: open returned no store")
		}
		return s
	}
	return &env{tb: t, store: another(), ctx: t.Context(), patience: patience, another: another}
}

// optional returns the store of the case as something that not every store is, and skips the case if it isn't that.
func optional[T any](e *env) T {
	e.Helper()
	is, ok := e.store.(T)
	if !ok {
		e.Skipf("%T isn't a %s", e.store, reflect.TypeFor[T]())
	}
	return is
}

// load makes all reads in one call, and fails the case unless there is a snapshot of this store for each.
func (e *env) load(reads ...subscription.Read) []subscription.Snapshot {
	e.Helper()
	snapshots, err := e.store.Load(e.ctx, reads...)
	if err != nil {
		e.Fatalf("Load: %v", err)
	}
	if len(snapshots) != len(reads) {
		e.Fatalf("Load: %d snapshots for %d reads", len(snapshots), len(reads))
	}
	for i := range snapshots {
		e.identified("Load", &snapshots[i])
	}
	return snapshots
}

// identified fails the case unless a snapshot has the identity of the store.
func (e *env) identified(call string, s *subscription.Snapshot) {
	e.Helper()
	if why := unidentified(s); why != nil {
		e.Fatalf("%s: %v", call, why)
	}
	if e.identity == "" {
		e.identity = s.Store
	}
	if s.Store != e.identity {
		e.Fatalf("%s: the store's identity is %q, but was %q before", call, s.Store, e.identity)
	}
}

// unidentified returns an error if the identity of a snapshot is invalid.
func unidentified(s *subscription.Snapshot) error {
	if len(s.Store) != storeid.Len || strings.Trim(s.Store, "0123456789abcdef") != "" {
		return fmt.Errorf("the store's identity is %q, want %d lowercase hexadecimal digits", s.Store, storeid.Len)
	}
	return nil
}

// commit fails the case unless all changes are applied.
func (e *env) commit(changes ...subscription.Change) {
	e.Helper()
	if err := e.store.Commit(e.ctx, changes...); err != nil {
		e.Fatalf("Commit: %v, want success", err)
	}
}

// apply commits changes, all of the given application, and records the expected state.
func (e *env) apply(x *expected, changes ...subscription.Change) {
	e.Helper()
	for _, c := range changes {
		e.commit(c)
		x.apply(c)
	}
}

// conflict commits changes and fails the case unless exactly those of the named applications conflict.
func (e *env) conflict(apps []subscription.ApplicationID, changes ...subscription.Change) {
	e.Helper()
	if why := conflicting(e.store.Commit(e.ctx, changes...), apps...); why != "" {
		e.Fatalf("Commit: %s", why)
	}
}

// conflicting checks err as the result of a batch in which exactly the changes of these applications conflict. It
// returns a description of the problem, or "".
func conflicting(err error, apps ...subscription.ApplicationID) string {
	var conflict *subscription.ConflictError
	switch {
	case err == nil:
		return fmt.Sprintf("no error, want a conflict of %q", apps)
	case !errors.As(err, &conflict):
		return fmt.Sprintf("%v, want a *subscription.ConflictError of %q", err, apps)
	case !errors.Is(err, subscription.ErrConflict):
		return fmt.Sprintf("%v isn't subscription.ErrConflict", err)
	}
	got, want := slices.Clone(conflict.Applications), slices.Clone(apps)
	slices.Sort(got)
	slices.Sort(want)
	if !slices.Equal(got, want) {
		return fmt.Sprintf("a conflict of %q, want one of %q", got, want)
	}
	return ""
}

// holds fails the case unless the store has exactly the expected state of each application, by Load and by the
// iterators.
func (e *env) holds(all ...*expected) {
	e.Helper()
	for _, x := range all {
		id := x.document.ID
		got := e.load(x.read())[0]
		e.same(fmt.Sprintf("Load of %.80q", string(id)), got.Application, x.document)
		e.sameReceipts(got.Receipts, x.receipts)
		e.sameOrders(got.Orders, x.orders)
		e.sameRecords(got.Records, x.records)
		e.same("Load: refunds", got.Refunds, x.refunds)
		e.same("Orders", e.orders(id), x.orders)
		e.same("Entries", e.entries(id), x.entries)
		e.same("Events", e.events(id), x.events)
		e.same("Refunds", e.refunds(id), x.refunds)
		e.same("Subscriptions", e.subscriptions(id), x.rows)
	}
}

func (e *env) sameRecords(got, want []subscription.UsageRow) {
	e.Helper()
	byID := func(a, b subscription.UsageRow) int { return strings.Compare(a.ID, b.ID) }
	e.same("Load: records", slices.SortedFunc(slices.Values(got), byID), slices.SortedFunc(slices.Values(want), byID))
}

func (e *env) sameReceipts(got, want []subscription.Receipt) {
	e.Helper()
	byKey := func(a, b subscription.Receipt) int { return strings.Compare(a.Key, b.Key) }
	e.same("Load: receipts", slices.SortedFunc(slices.Values(got), byKey), slices.SortedFunc(slices.Values(want), byKey))
}

func (e *env) sameOrders(got, want []subscription.Order) {
	e.Helper()
	byID := func(a, b subscription.Order) int { return strings.Compare(string(a.ID), string(b.ID)) }
	e.same("Load: orders", slices.SortedFunc(slices.Values(got), byID), slices.SortedFunc(slices.Values(want), byID))
}

// same fails the case unless the value that a store returned equals the committed one; see [difference].
func (e *env) same(what string, got, want any) {
	e.Helper()
	if d := difference(got, want); d != "" {
		e.Fatalf("%s: %s", what, d)
	}
}

func (e *env) orders(app subscription.ApplicationID) []subscription.Order {
	e.Helper()
	return rowsOf(e, "Orders of "+string(app), e.store.Orders(e.ctx, app))
}

func (e *env) entries(app subscription.ApplicationID) []subscription.Entry {
	e.Helper()
	return rowsOf(e, "Entries of "+string(app), e.store.Entries(e.ctx, app))
}

func (e *env) events(app subscription.ApplicationID) []subscription.Event {
	e.Helper()
	return rowsOf(e, "Events of "+string(app), e.store.Events(e.ctx, app))
}

func (e *env) refunds(app subscription.ApplicationID) []subscription.Refund {
	e.Helper()
	return rowsOf(e, "Refunds of "+string(app), e.store.Refunds(e.ctx, app))
}

func (e *env) subscriptions(app subscription.ApplicationID) []subscription.SubscriptionRow {
	e.Helper()
	return rowsOf(e, "Subscriptions of "+string(app), e.store.Subscriptions(e.ctx, app))
}

// rowsOf returns all rows that a call of the store yields, and fails the case if there is an error.
func rowsOf[T any](e *env, call string, list iter.Seq2[T, error]) []T {
	e.Helper()
	var rows []T
	for row, err := range list {
		if err != nil {
			e.Fatalf("%.100q: %v", call, err)
		}
		rows = append(rows, row)
	}
	return rows
}

// within runs f in a new goroutine. It fails the case if f returns an error or does not return in time, which is
// assumed to be a deadlock.
func (e *env) within(what string, f func() error) {
	e.Helper()
	done := make(chan error, 1)
	go func() { done <- f() }()
	timer := time.NewTimer(e.patience)
	defer timer.Stop()
	select {
	case err := <-done:
		if err != nil {
			e.Fatalf("%s: %v", what, err)
		}
	case <-timer.C:
		e.Fatalf("%s: still running after %s, probably a deadlock", what, e.patience)
	}
}

// together calls f n times concurrently, with 0 to n-1, and returns the errors in that order.
func (e *env) together(what string, n int, f func(i int) error) []error {
	e.Helper()
	errs := make([]error, n)
	e.within(what, func() error {
		start := make(chan struct{})
		var group sync.WaitGroup
		for i := range n {
			group.Go(func() {
				<-start
				errs[i] = f(i)
			})
		}
		close(start)
		group.Wait()
		return nil
	})
	return errs
}

// all fails the case with the first error.
func (e *env) all(what string, errs []error) {
	e.Helper()
	for i, err := range errs {
		if err != nil {
			e.Fatalf("%s: %d of %d: %v", what, i+1, len(errs), err)
		}
	}
}
