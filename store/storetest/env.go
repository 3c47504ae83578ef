package storetest

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/prepaidkit/prepaid/internal/storeid"
	"github.com/prepaidkit/prepaid/store"
	"github.com/prepaidkit/prepaid/subscription"
)

// env is what a case works with: an empty store, and the moves that most cases make. Its methods belong to
// the goroutine of the case; other goroutines use its store and return errors.
type env struct {
	tb
	store    store.Store
	ctx      context.Context //nolint:containedctx // a case is one test, and this is the test's
	patience time.Duration
	another  func() store.Store // one more empty store
	brief    bool               // whether the largest cases are to be smaller
	identity string             // of the store, once it was seen
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

// load makes all reads in one call, and fails the case unless there is a snapshot for each, of this store.
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

// identified fails the case unless a snapshot bears the identity that the store has.
func (e *env) identified(call string, s *subscription.Snapshot) {
	e.Helper()
	if why := unidentified(s); why != nil {
		e.Fatalf("%s: %v", call, why)
	}
	if e.identity == "" {
		e.identity = s.Store
	}
	if s.Store != e.identity {
		e.Fatalf("%s: the store's identity is %q, and was %q before", call, s.Store, e.identity)
	}
}

// unidentified returns what is wrong with the identity that a snapshot bears, nil if nothing is.
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
		e.Fatalf("Commit: %v, want it to be applied", err)
	}
}

// apply commits changes, each to the application that it stands with, and notes what the store must hold.
func (e *env) apply(x *expected, changes ...subscription.Change) {
	e.Helper()
	for _, c := range changes {
		e.commit(c)
		x.apply(c)
	}
}

// conflict commits changes and fails the case unless exactly those of the named applications are refused.
func (e *env) conflict(apps []subscription.ApplicationID, changes ...subscription.Change) {
	e.Helper()
	if why := conflicting(e.store.Commit(e.ctx, changes...), apps...); why != "" {
		e.Fatalf("Commit: %s", why)
	}
}

// conflicting returns what is wrong with err as the answer to a batch whose changes of just these
// applications didn't hold, "" if nothing is.
func conflicting(err error, apps ...subscription.ApplicationID) string {
	var conflict *subscription.ConflictError
	switch {
	case err == nil:
		return fmt.Sprintf("no error, want a conflict of %q", apps)
	case !errors.As(err, &conflict):
		return fmt.Sprintf("%v, want a *subscription.ConflictError of %q", err, apps)
	case !errors.Is(err, subscription.ErrConflict):
		return fmt.Sprintf("%v: it isn't subscription.ErrConflict", err)
	}
	got, want := slices.Clone(conflict.Applications), slices.Clone(apps)
	slices.Sort(got)
	slices.Sort(want)
	if !slices.Equal(got, want) {
		return fmt.Sprintf("a conflict of %q, want one of %q", got, want)
	}
	return ""
}

// holds fails the case unless the store has exactly what is expected of each application, by Load and by
// the iterators.
func (e *env) holds(all ...*expected) {
	e.Helper()
	for _, x := range all {
		id := x.document.ID
		got := e.load(x.read())[0]
		e.same(fmt.Sprintf("Load of %.80q", string(id)), got.Application, x.document)
		e.sameReceipts(got.Receipts, x.receipts)
		e.sameOrders(got.Orders, x.orders)
		e.sameRecords(got.Records, x.records)
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

// same fails the case unless a store returned what was committed; see [difference].
func (e *env) same(what string, got, want any) {
	e.Helper()
	if d := difference(got, want); d != "" {
		e.Fatalf("%s: %s", what, d)
	}
}

func (e *env) orders(app subscription.ApplicationID) []subscription.Order {
	e.Helper()
	return rowsOf(e, "Orders", app, e.store.Orders(e.ctx, app))
}

func (e *env) entries(app subscription.ApplicationID) []subscription.Entry {
	e.Helper()
	return rowsOf(e, "Entries", app, e.store.Entries(e.ctx, app))
}

func (e *env) events(app subscription.ApplicationID) []subscription.Event {
	e.Helper()
	return rowsOf(e, "Events", app, e.store.Events(e.ctx, app))
}

func (e *env) refunds(app subscription.ApplicationID) []subscription.Refund {
	e.Helper()
	return rowsOf(e, "Refunds", app, e.store.Refunds(e.ctx, app))
}

func (e *env) subscriptions(app subscription.ApplicationID) []subscription.SubscriptionRow {
	e.Helper()
	return rowsOf(e, "Subscriptions", app, e.store.Subscriptions(e.ctx, app))
}

// rowsOf returns all that a listing yields, and fails the case for an error.
func rowsOf[T any](e *env, name string, app subscription.ApplicationID, list iter.Seq2[T, error]) []T {
	e.Helper()
	var rows []T
	for row, err := range list {
		if err != nil {
			e.Fatalf("%s of %.80q: %v", name, string(app), err)
		}
		rows = append(rows, row)
	}
	return rows
}

// within runs f on a goroutine of its own and fails the case if it returns an error, or not in time: then
// it is taken for a deadlock.
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
		e.Fatalf("%s: no end after %s, a deadlock it seems", what, e.patience)
	}
}

// together calls f n times at once, with 0 to n-1, and returns their errors in that order.
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
