package postgres_test

import (
	"context"
	"errors"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/prepaidkit/prepaid/store/postgres"
	"github.com/prepaidkit/prepaid/subscription"
)

var _ subscription.Clocked = (*postgres.Store)(nil)

// identity returns the identity that snapshots of a store bear.
func identity(tb testing.TB, s subscription.Store) string {
	tb.Helper()
	got, err := s.Load(tb.Context(), subscription.Read{Application: "a"})
	ok(tb, err)
	return got[0].Store
}

// The identity stays in the schema, whoever opens it, and is read once.
// Rule: keys-begin-with-the-store.
func TestIdentity_stays(t *testing.T) {
	p := connect(t)
	first, name := openNamed(t, p, nil)
	want := identity(t, first)
	commit(t, first, create("a"))
	ok(t, first.Migrate(t.Context()))
	again := opened(t, connect(t), name, nil)
	for what, s := range map[string]*postgres.Store{"as before": first, "opened again": again} {
		if got := identity(t, s); got != want {
			t.Errorf("%s: %q, want %q", what, got, want)
		}
		for _, lease := range []time.Duration{0, time.Microsecond} {
			claimed, err := s.Claim(t.Context(), time.Now(), lease, 1)
			if err != nil || len(claimed) != 1 || claimed[0].Snapshot.Store != want {
				t.Errorf("%s: claimed %+v, %v", what, claimed, err)
			}
		}
	}
	run(t, p, name, "DELETE FROM {schema}.identity")
	if got := identity(t, first); got != want {
		t.Errorf("read again: %q, want %q", got, want)
	}
	if _, err := opened(t, p, name, nil).Load(t.Context(), subscription.Read{Application: "a"}); !errors.Is(err, postgres.ErrNotMigrated) {
		t.Errorf("without an identity: %v, want ErrNotMigrated", err)
	}
}

// A store that is bound to a transaction has its parent's, whoever asks first.
func TestIdentity_withinATransaction(t *testing.T) {
	p := connect(t)
	s, name := openNamed(t, p, nil)
	want := identity(t, s)
	for what, parent := range map[string]*postgres.Store{"known": s, "unknown": opened(t, p, name, nil)} {
		for kind, begin := range transactions(t, p, parent) {
			tx := begin()
			if got := identity(t, tx.store); got != want {
				t.Errorf("%s, %s: %q, want %q", what, kind, got, want)
			}
			ok(t, tx.rollback())
		}
	}
	// One that sees the past has what is known now.
	tx, err := p.BeginTx(t.Context(), pgx.TxOptions{IsoLevel: pgx.RepeatableRead})
	ok(t, err)
	defer func() { _ = tx.Rollback(context.Background()) }()
	_, err = tx.Exec(t.Context(), in(name, "SELECT 1 FROM {schema}.identity"))
	ok(t, err)
	fresh := opened(t, p, name, nil)
	id, err := fresh.NewIdentity(t.Context())
	ok(t, err)
	if got := identity(t, fresh.WithTx(tx)); got != id {
		t.Errorf("%q, want %q", got, id)
	}
}

// A copy that lives on beside its original gets an identity of its own, for all that are started from then on.
func TestNewIdentity(t *testing.T) {
	p := connect(t)
	s, name := openNamed(t, p, nil)
	before := opened(t, p, name, nil)
	was := identity(t, before)
	id, err := s.NewIdentity(t.Context())
	if err != nil || id == was || len(id) != len(was) {
		t.Fatalf("NewIdentity = %q, %v; it was %q", id, err, was)
	}
	ok(t, s.Migrate(t.Context()))
	for what, tt := range map[string]struct {
		store *postgres.Store
		want  string
	}{"the store itself": {s, id}, "one that is opened later": {opened(t, p, name, nil), id}, "one that has read the old one": {before, was}} {
		if got := identity(t, tt.store); got != tt.want {
			t.Errorf("%s: %q, want %q", what, got, tt.want)
		}
	}
}

func TestIdentity_beforeMigrate(t *testing.T) {
	p := connect(t)
	name := schema(t, p)
	s := opened(t, p, name, nil)
	for range 2 {
		if _, err := s.Load(t.Context(), subscription.Read{Application: "a"}); !errors.Is(err, postgres.ErrNotMigrated) {
			t.Errorf("Load: %v", err)
		}
		if _, err := s.Claim(t.Context(), time.Now(), time.Hour, 1); !errors.Is(err, postgres.ErrNotMigrated) {
			t.Errorf("Claim: %v", err)
		}
		if id, err := s.NewIdentity(t.Context()); !errors.Is(err, postgres.ErrNotMigrated) || id != "" {
			t.Errorf("NewIdentity = %q, %v", id, err)
		}
		run(t, p, name, "CREATE SCHEMA IF NOT EXISTS {schema}")
	}
	ok(t, s.Migrate(t.Context()))
	identity(t, s)
}

// Whoever of several makes it, there is one.
func TestIdentity_ofSeveralAtOnce(t *testing.T) {
	p := connect(t)
	name := schema(t, p)
	var (
		mu   sync.Mutex
		seen = map[string]bool{}
		wait sync.WaitGroup
	)
	for range 8 {
		wait.Go(func() {
			s, err := postgres.New(p, &postgres.Options{Schema: name})
			if err == nil {
				err = s.Migrate(t.Context())
			}
			if err != nil {
				t.Error(err)
				return
			}
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

// The time of one statement says nothing of a migration.
func TestMigrate_withoutTimeout(t *testing.T) {
	p := connect(t)
	name := schema(t, p)
	ok(t, opened(t, p, name, &postgres.Options{Timeout: time.Nanosecond}).Migrate(t.Context()))
	identity(t, opened(t, p, name, nil))
}

// The clock is the wall clock also while a transaction of the caller's is open, and isn't within it.
func TestClock(t *testing.T) {
	p := connect(t)
	s := open(t, p)
	tx, err := p.Begin(t.Context())
	ok(t, err)
	defer func() { _ = tx.Rollback(context.Background()) }()
	var began time.Time
	ok(t, tx.QueryRow(t.Context(), "SELECT now()").Scan(&began))
	if _, clocked := s.WithTx(tx).(subscription.Clocked); clocked {
		t.Error("a store within a transaction has a clock")
	}
	time.Sleep(20 * time.Millisecond)
	now, err := s.Clock(t.Context())
	if err != nil || now.Sub(began) < 10*time.Millisecond {
		t.Errorf("Clock = %s, %v; the transaction began at %s", now, err, began)
	}
}
