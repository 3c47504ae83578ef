package sqlite_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/prepaidkit/prepaid/internal/scene"
	"github.com/prepaidkit/prepaid/store/sqlite"
	"github.com/prepaidkit/prepaid/subscription"
)

// locked returns a function that ends a caller's own transaction, which keeps the file locked until then.
func locked(t *testing.T, path string) (free func()) {
	t.Helper()
	tx, err := database(t, path, nil).BeginTx(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	return func() {
		if err := tx.Rollback(); err != nil {
			t.Error(err)
		}
	}
}

// waiting returns once so many calls wait for the one that writes.
func waiting(t *testing.T, s *sqlite.Store, calls int) {
	t.Helper()
	for s.Waiting() < calls {
		if err := t.Context().Err(); err != nil {
			t.Fatal(err)
		}
		time.Sleep(time.Millisecond)
	}
}

// queued calls commit for each change at the same time, all while the file is locked, and returns the answers.
func queued(t *testing.T, path string, s *sqlite.Store, changes ...subscription.Change) []error {
	t.Helper()
	free := locked(t, path)
	errs := make([]error, len(changes))
	var wait sync.WaitGroup
	for i := range changes {
		wait.Go(func() { errs[i] = s.Commit(t.Context(), changes[i]) })
	}
	waiting(t, s, len(changes))
	free()
	wait.Wait()
	return errs
}

// Callers that share a transaction are judged one after the other.
func TestOneOfManyWinsARevision(t *testing.T) {
	path := temporary(t)
	s := open(t, path, &patient)
	changes := make([]subscription.Change, 40)
	for i := range changes {
		changes[i] = change(t, scene.App(i%4), 0)
		changes[i].Next.Account = subscription.AccountID(fmt.Sprint("account ", i))
	}
	won := map[subscription.ApplicationID]int{}
	for i, err := range queued(t, path, s, changes...) {
		var conflict *subscription.ConflictError
		switch {
		case err == nil:
			won[changes[i].Application]++
			got, err := s.Load(t.Context(), subscription.Read{Application: changes[i].Application})
			if err != nil || got[0].Application.Account != changes[i].Next.Account {
				t.Errorf("%v, %v", got, err)
			}
		case !errors.As(err, &conflict) || len(conflict.Applications) != 1 || conflict.Applications[0] != changes[i].Application:
			t.Error(err)
		}
	}
	for i := range 4 {
		if won[scene.App(i)] != 1 {
			t.Errorf("%d changes of %s held", won[scene.App(i)], scene.App(i))
		}
	}
	if n := rows(t, database(t, path, nil)); n != 4*6 {
		t.Errorf("%d rows", n)
	}
}

// Nothing is left of a change whose key or record was there before, and the caller beside it has its own.
func TestLateConflictLeavesNothing(t *testing.T) {
	path := temporary(t)
	s := open(t, path, &patient)
	if err := s.Commit(t.Context(), change(t, "a", 0)); err != nil {
		t.Fatal(err)
	}
	key, record := change(t, "a", 1), change(t, "a", 1)
	key.Receipts[0].Key = "1ns"
	record.Records = append(record.Records, subscription.UsageRow{ID: "1ns"})
	for i, err := range queued(t, path, s, key, record, change(t, "b", 0)) {
		if errors.Is(err, subscription.ErrConflict) != (i < 2) || (err != nil) != (i < 2) {
			t.Errorf("%d: %v", i, err)
		}
	}
	if n := rows(t, database(t, path, nil)); n != 2*6 {
		t.Errorf("%d rows", n)
	}
}

// A change that breaks a constraint, which no decision makes, is refused to its caller and costs the others nothing.
func TestOneFailureSpoilsNoOther(t *testing.T) {
	path := temporary(t)
	s := open(t, path, &patient)
	changes := make([]subscription.Change, 20)
	for i := range changes {
		changes[i] = change(t, scene.App(i), 0)
		if i%5 == 0 {
			changes[i].Orders[0].Status = "no status"
		}
	}
	for i, err := range queued(t, path, s, changes...) {
		if (err != nil) != (i%5 == 0) || err != nil && !refusedAlone(err, scene.App(i)) {
			t.Errorf("%d: %v", i, err)
		}
	}
	if n := rows(t, database(t, path, nil)); n != 16*6 {
		t.Errorf("%d rows", n)
	}
}

// When the transaction itself fails, nobody is told that it held.
func TestCommitThatFailsIsToldToAll(t *testing.T) {
	path := temporary(t)
	s := open(t, path, &patient)
	db := database(t, path, nil)
	run(t, db, "CREATE TABLE parents (id INTEGER PRIMARY KEY)")
	run(t, db, "CREATE TABLE children (parent INTEGER REFERENCES parents DEFERRABLE INITIALLY DEFERRED)")
	run(t, db, "CREATE TRIGGER orphan AFTER INSERT ON prepaid_events WHEN NEW.note = 'orphan' BEGIN INSERT INTO children VALUES (1); END")
	changes := make([]subscription.Change, 10)
	for i := range changes {
		changes[i] = change(t, scene.App(i), 0)
	}
	changes[3].Events[0].Note = "orphan"
	failed := 0
	for i, err := range queued(t, path, s, changes...) {
		if err != nil {
			failed++
			if !strings.Contains(err.Error(), "outcome unknown") || errors.Is(err, subscription.ErrConflict) {
				t.Error(err)
			}
		}
		if got := revision(t, s, scene.App(i)); (got == 1) != (err == nil) {
			t.Errorf("%s: revision %d, %v", scene.App(i), got, err)
		}
	}
	if failed != len(changes) {
		t.Errorf("%d of %d have failed", failed, len(changes))
	}
	if err := s.Commit(t.Context(), change(t, "later", 0)); err != nil {
		t.Error(err)
	}
}

// A caller that goes away while it waits isn't served, and those beside it are.
func TestCallerThatGoesAway(t *testing.T) {
	path := temporary(t)
	s := open(t, path, &sqlite.Options{BusyTimeout: time.Hour})
	free := locked(t, path)
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	others, gone := make(chan error, 4), make(chan error, 2)
	for i := range cap(others) {
		go func() { others <- s.Commit(t.Context(), change(t, scene.App(i), 0)) }()
	}
	go func() { gone <- s.Commit(ctx, change(t, "gone", 0)) }()
	go func() {
		_, err := s.Claim(ctx, noon(), time.Hour, 10)
		gone <- err
	}()
	waiting(t, s, cap(others)+cap(gone))
	cancel()
	for range cap(gone) { // while the file is locked
		if err := <-gone; !errors.Is(err, context.Canceled) {
			t.Error(err)
		}
	}
	free()
	for range cap(others) {
		if err := <-others; err != nil {
			t.Error(err)
		}
	}
	if n := revision(t, s, "gone"); n != 0 {
		t.Errorf("revision %d", n)
	}
}

func TestBusy(t *testing.T) {
	path := temporary(t)
	s := open(t, path, &sqlite.Options{BusyTimeout: 50 * time.Millisecond})
	if err := s.Commit(t.Context(), change(t, "a", 0)); err != nil {
		t.Fatal(err)
	}
	free := locked(t, path)
	if err := s.Commit(t.Context(), change(t, "a", 1)); !errors.Is(err, sqlite.ErrBusy) {
		t.Errorf("Commit: %v", err)
	}
	if _, err := s.Claim(t.Context(), noon(), time.Hour, 1); !errors.Is(err, sqlite.ErrBusy) {
		t.Errorf("Claim: %v", err)
	}
	if n := revision(t, s, "a"); n != 1 { // those who read never wait
		t.Errorf("revision %d", n)
	}
	free()
	if err := s.Commit(t.Context(), change(t, "a", 1)); err != nil {
		t.Error(err)
	}
}

// Several processes on one file, as several stores.
func TestSeveralStoresOnOneFile(t *testing.T) {
	path := temporary(t)
	const stores, goroutines, applications, each = 3, 4, 5, 20
	var wait sync.WaitGroup
	for range stores {
		s := open(t, path, &patient)
		for g := range goroutines {
			wait.Go(func() {
				for n := range each {
					id := scene.App((g + n) % applications)
					for {
						base := revision(t, s, id)
						c := change(t, id, base)
						err := s.Commit(t.Context(), c)
						if err == nil {
							break
						}
						if !errors.Is(err, subscription.ErrConflict) {
							t.Error(err)
							return
						}
					}
				}
			})
		}
	}
	wait.Wait()
	s := open(t, path, nil)
	sum := int64(0)
	for i := range applications {
		sum += revision(t, s, scene.App(i))
	}
	if sum != stores*goroutines*each {
		t.Errorf("%d revisions, want %d", sum, stores*goroutines*each)
	}
	if n := rows(t, database(t, path, nil)); n != applications+5*int(sum) {
		t.Errorf("%d rows", n)
	}
}
