package sqlite_test

import (
	"testing"

	"github.com/prepaidkit/prepaid/subscription"
)

// erasing returns a change that erases an application.
func erasing(t *testing.T, id subscription.ApplicationID, base int64) subscription.Change {
	t.Helper()
	c := change(t, id, base)
	c.Next.Account, c.Next.ClosedAt, c.Next.ErasedAt = "", noon(), noon()
	c.Orders, c.Entries, c.Receipts, c.Records = nil, nil, nil, nil
	c.Events[0] = subscription.Event{Application: id, Revision: base + 1, At: noon(), Type: subscription.EventErased}
	return c
}

// An application is erased in a caller's transaction, or it isn't; after a conflict the transaction goes on.
// Rule: erased-is-gone.
func TestWithTxErases(t *testing.T) {
	s, db, tx := shared(t)
	ended(t, tx.Rollback())
	ended(t, s.Commit(t.Context(), change(t, "a", 0)))
	named := func() int { return count(t, db, "SELECT count(*) FROM prepaid_orders WHERE account = 'acme'") }
	for _, keep := range []bool{false, true} {
		tx, err := db.BeginTx(t.Context(), nil)
		ended(t, err)
		within, ok := withTx(tx).(subscription.Eraser)
		if !ok {
			t.Fatal("a bound store can't erase")
		}
		if err := within.Erase(t.Context(), erasing(t, "a", 7)); err == nil {
			t.Fatal("no conflict")
		}
		ended(t, within.Erase(t.Context(), erasing(t, "a", 1)))
		if keep {
			ended(t, tx.Commit())
		} else {
			ended(t, tx.Rollback())
			if n := named(); n != 1 {
				t.Errorf("%d orders have an account after a rollback, want 1", n)
			}
		}
	}
	if n := named(); n != 0 {
		t.Errorf("%d orders have an account after a commit", n)
	}
	if n := revision(t, s, "a"); n != 2 {
		t.Errorf("revision %d", n)
	}
}

// An erasure that fails on the way leaves everything as it was.
// Rule: erased-is-gone.
func TestErasureIsWholeOrNothing(t *testing.T) {
	s, db, tx := shared(t)
	ended(t, tx.Rollback())
	ended(t, s.Commit(t.Context(), change(t, "a", 0)))
	run(t, db, "CREATE TRIGGER no BEFORE UPDATE ON prepaid_events BEGIN SELECT RAISE(ABORT, 'no'); END")
	if err := s.Erase(t.Context(), erasing(t, "a", 1)); err == nil {
		t.Fatal("no error")
	}
	if n := revision(t, s, "a"); n != 1 {
		t.Errorf("revision %d", n)
	}
	if n := count(t, db, "SELECT count(*) FROM prepaid_orders WHERE account = 'acme'"); n != 1 {
		t.Errorf("%d orders have an account", n)
	}
	run(t, db, "DROP TRIGGER no")
	ended(t, s.Erase(t.Context(), erasing(t, "a", 1)))
}
