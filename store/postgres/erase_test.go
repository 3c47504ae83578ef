package postgres_test

import (
	"errors"
	"testing"

	"github.com/prepaidkit/prepaid/subscription"
)

// erasing returns a change that erases an application.
func erasing(id subscription.ApplicationID, base int64) subscription.Change {
	c := next(id, base)
	c.Next.Account, c.Next.ClosedAt, c.Next.ErasedAt = "", c.Next.Due, c.Next.Due
	c.Events[0].Type = subscription.EventErased
	return c
}

// An application is erased in a caller's transaction of either kind, or it isn't; after a conflict the transaction goes on.
// Rule: erased-is-gone.
func TestTransactionsErase(t *testing.T) {
	p := connect(t)
	s, name := openNamed(t, p, nil)
	named := func(id subscription.ApplicationID) (n int) {
		ok(t, p.QueryRow(t.Context(), in(name, "SELECT count(*) FROM {schema}.order_refunds WHERE account <> '' AND application_id = $1"),
			string(id)).Scan(&n))
		return n
	}
	for kind, begin := range transactions(t, p, s) {
		t.Run(kind, func(t *testing.T) {
			id := subscription.ApplicationID(kind)
			first := create(id)
			first.Refunds = []subscription.Refund{refund(id, "o", 1)}
			commit(t, s, first)
			for _, end := range []string{"rollback", "commit"} {
				tx := begin()
				within, can := tx.store.(subscription.Eraser)
				if !can {
					t.Fatal("a bound store can't erase")
				}
				if err := within.Erase(t.Context(), erasing(id, 7)); !errors.Is(err, subscription.ErrConflict) {
					t.Fatalf("Erase = %v, want a conflict", err)
				}
				ok(t, within.Erase(t.Context(), erasing(id, 1)))
				if end == "rollback" {
					ok(t, tx.rollback())
					if n := named(id); n != 1 {
						t.Errorf("%d refunds have an account after a rollback, want 1", n)
					}
					continue
				}
				ok(t, tx.commit())
			}
			if n := named(id); n != 0 {
				t.Errorf("%d refunds have an account after a commit", n)
			}
		})
	}
}

// An erasure that fails on the way leaves everything as it was.
// Rule: erased-is-gone.
func TestErasureIsWholeOrNothing(t *testing.T) {
	p := connect(t)
	s, name := openNamed(t, p, nil)
	commit(t, s, create("a"))
	run(t, p, name, "ALTER TABLE {schema}.events ADD CONSTRAINT no CHECK (note IS NOT NULL OR type = 'application_erased') NOT VALID")
	if err := s.Erase(t.Context(), erasing("a", 1)); err == nil {
		t.Fatal("no error")
	}
	snapshots, err := s.Load(t.Context(), subscription.Read{Application: "a"})
	ok(t, err)
	if a := snapshots[0].Application; a.Revision != 1 || a.Account == "" {
		t.Errorf("revision %d of %q", a.Revision, a.Account)
	}
	run(t, p, name, "ALTER TABLE {schema}.events DROP CONSTRAINT no")
	ok(t, s.Erase(t.Context(), erasing("a", 1)))
}
