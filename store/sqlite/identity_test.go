package sqlite_test

import (
	"errors"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/prepaidkit/prepaid/store/sqlite"
	"github.com/prepaidkit/prepaid/subscription"
)

// identity returns the identity that snapshots of a store bear.
func identity(tb testing.TB, s subscription.Store) string {
	tb.Helper()
	got, err := s.Load(tb.Context(), subscription.Read{Application: "a"})
	ended(tb, err)
	return got[0].Store
}

// The identity stays in the file, whoever opens it, and in a backup that takes its place.
// Rule: keys-begin-with-the-store.
func TestIdentityStays(t *testing.T) {
	path, copied := temporary(t), filepath.Join(t.TempDir(), "b.db")
	first := open(t, path, nil)
	want := identity(t, first)
	ended(t, first.Commit(t.Context(), change(t, "a", 0)))
	ended(t, first.Migrate(t.Context()))
	ended(t, first.Backup(t.Context(), copied))
	for name, s := range map[string]*sqlite.Store{"as before": first, "opened again": open(t, path, nil), "a backup": open(t, copied, nil)} {
		if got := identity(t, s); got != want {
			t.Errorf("%s: %q, want %q", name, got, want)
		}
		claimed, err := s.Claim(t.Context(), noon(), 0, 1)
		if err != nil || len(claimed) != 1 || claimed[0].Snapshot.Store != want {
			t.Errorf("%s: claimed %+v, %v", name, claimed, err)
		}
	}
	tx, err := database(t, path, nil).BeginTx(t.Context(), nil)
	ended(t, err)
	defer func() { _ = tx.Rollback() }()
	if got := identity(t, withTx(tx)); got != want {
		t.Errorf("in a transaction: %q, want %q", got, want)
	}
}

// A copy that lives on beside its original gets an identity of its own, for all that open it from then on.
// Rule: keys-begin-with-the-store.
func TestNewIdentity(t *testing.T) {
	path, copied := temporary(t), filepath.Join(t.TempDir(), "b.db")
	original := open(t, path, nil)
	was := identity(t, original)
	ended(t, original.Backup(t.Context(), copied))
	s, before := open(t, copied, nil), open(t, copied, nil)
	identity(t, before)
	id, err := s.NewIdentity(t.Context())
	if err != nil || id == was || len(id) != len(was) {
		t.Fatalf("NewIdentity = %q, %v; it was %q", id, err, was)
	}
	for name, tt := range map[string]struct {
		store *sqlite.Store
		want  string
	}{
		"the store itself": {s, id}, "one that is opened later": {open(t, copied, nil), id},
		"one that has read the old one": {before, was}, "the original": {original, was},
	} {
		if got := identity(t, tt.store); got != tt.want {
			t.Errorf("%s: %q, want %q", name, got, tt.want)
		}
	}
	ended(t, s.Migrate(t.Context()))
	if got := identity(t, open(t, copied, nil)); got != id {
		t.Errorf("after Migrate: %q, want %q", got, id)
	}
}

func TestNewIdentityBeforeMigrate(t *testing.T) {
	s, err := sqlite.Open(t.Context(), temporary(t), nil)
	ended(t, err)
	defer s.Close()
	if id, err := s.NewIdentity(t.Context()); !errors.Is(err, sqlite.ErrNotMigrated) || id != "" {
		t.Errorf("NewIdentity = %q, %v", id, err)
	}
	if _, err := s.Claim(t.Context(), noon(), time.Hour, 1); !errors.Is(err, sqlite.ErrNotMigrated) {
		t.Errorf("Claim: %v", err)
	}
}

// Whoever of several makes it, there is one.
func TestIdentityOfSeveralAtOnce(t *testing.T) {
	path := temporary(t)
	var mu sync.Mutex
	seen := map[string]bool{}
	var wait sync.WaitGroup
	for range 6 {
		wait.Go(func() {
			s, err := sqlite.Open(t.Context(), path, &patient)
			if err == nil {
				err = s.Migrate(t.Context())
			}
			if err != nil {
				t.Error(err)
				return
			}
			defer s.Close()
			got, err := s.Load(t.Context(), subscription.Read{Application: "a"})
			if err != nil {
				t.Error(err)
				return
			}
			mu.Lock()
			defer mu.Unlock()
			seen[got[0].Store] = true
		})
	}
	wait.Wait()
	if len(seen) != 1 {
		t.Errorf("%d identities: %v", len(seen), seen)
	}
}
