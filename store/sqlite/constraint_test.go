package sqlite_test

import (
	"database/sql"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/prepaidkit/prepaid/subscription"
)

// renews is a change with a paid renewal of one period, always the same.
func renews(t *testing.T, id subscription.ApplicationID, base int64) subscription.Change {
	t.Helper()
	c := change(t, id, base)
	c.Orders[0].Kind, c.Orders[0].Subscription = subscription.RenewalOrder, "call-1"
	c.Orders[0].Deliveries = []subscription.Delivery{{Extend: &subscription.ExtendDelivery{Subscription: "call-1", From: noon(), Count: 1}}}
	return c
}

// refusedAlone reports whether err is the refusal of one application's change for a broken invariant, and nothing else.
func refusedAlone(err error, id subscription.ApplicationID) bool {
	var refused *subscription.RefusedError
	return errors.As(err, &refused) && len(refused.Changes) == 1 && refused.Changes[0].Application == id &&
		errors.Is(err, subscription.ErrInvariant) && !errors.Is(err, subscription.ErrConflict)
}

// A second renewal of a period, which no decision makes, isn't written.
// Rule: one-renewal-per-period.
func TestPeriodIsRenewedOnce(t *testing.T) {
	s := open(t, temporary(t), nil)
	ended(t, s.Commit(t.Context(), renews(t, "a", 0)))
	if err := s.Commit(t.Context(), renews(t, "a", 1)); !refusedAlone(err, "a") {
		t.Error(err)
	}
	other := renews(t, "a", 1)
	other.Orders[0].Status = subscription.OrderOpen
	ended(t, s.Commit(t.Context(), other))
}

// A period whose payment was taken back can be renewed again. The payment of before can't be reinstated then.
// Rule: one-renewal-per-period.
func TestPeriodThatIsTakenBackCanBeRenewed(t *testing.T) {
	s := open(t, temporary(t), nil)
	ended(t, s.Commit(t.Context(), renews(t, "a", 0)))
	moved := func(base int64, at time.Time) subscription.Change {
		c := renews(t, "a", base)
		c.Orders[0].ID, c.Orders[0].TakenBackAt = "1ns", at
		return c
	}
	ended(t, s.Commit(t.Context(), moved(1, noon())))
	ended(t, s.Commit(t.Context(), moved(2, time.Time{}))) // reinstated
	ended(t, s.Commit(t.Context(), moved(3, noon())))
	ended(t, s.Commit(t.Context(), renews(t, "a", 4)))
	if err := s.Commit(t.Context(), moved(5, time.Time{})); !refusedAlone(err, "a") {
		t.Error(err)
	}
}

// Of a batch, a change that breaks a constraint is refused alone, wherever it stands and whatever is beside it.
func TestBrokenConstraintSpoilsNoOther(t *testing.T) {
	broken := map[string]func(c *subscription.Change){
		"a second renewal": func(*subscription.Change) {},
		"a status":         func(c *subscription.Change) { c.Orders[0].Status = "none" },
		"a kind":           func(c *subscription.Change) { c.Events[0].Type = "" },
		"an index twice":   func(c *subscription.Change) { c.Entries = append(c.Entries, c.Entries[0]) },
	}
	for name, breaks := range broken {
		for _, bound := range []bool{false, true} {
			t.Run(name+map[bool]string{false: ", by itself", true: ", in a caller's transaction"}[bound], func(t *testing.T) {
				path := temporary(t)
				s := open(t, path, nil)
				db := database(t, path, nil)
				ended(t, s.Commit(t.Context(), renews(t, "a", 0), change(t, "b", 0), change(t, "d", 0)))
				bad, late := renews(t, "a", 1), change(t, "d", 1)
				breaks(&bad)
				late.Receipts[0].Key = "1ns"
				invalid := change(t, "e", 0)
				invalid.Events[0].Note = "\xff"
				batch := []subscription.Change{change(t, "b", 1), bad, late, change(t, "c", 0), invalid}
				commit := s.Commit
				tx, err := db.BeginTx(t.Context(), nil)
				ended(t, err)
				if bound {
					commit = withTx(tx).Commit
				} else {
					ended(t, tx.Rollback())
				}
				err = commit(t.Context(), batch...)
				if bound {
					ended(t, tx.Commit())
				}
				var refused *subscription.RefusedError
				var conflict *subscription.ConflictError
				if !errors.As(err, &refused) || !errors.As(err, &conflict) {
					t.Fatal(err)
				}
				same(t, conflict.Applications, []subscription.ApplicationID{"d"})
				why := map[subscription.ApplicationID]error{}
				for _, r := range refused.Changes {
					why[r.Application] = r.Err
				}
				if len(why) != 2 || !errors.Is(why["a"], subscription.ErrInvariant) || !errors.Is(why["e"], subscription.ErrInvalid) {
					t.Errorf("%v", refused.Changes)
				}
				for id, want := range map[subscription.ApplicationID]int64{"a": 1, "b": 2, "c": 1, "d": 1, "e": 0} {
					if n := revision(t, s, id); n != want {
						t.Errorf("%s has revision %d, want %d", id, n, want)
					}
				}
				if n := rows(t, db); n != 4+5*5 {
					t.Errorf("%d rows", n)
				}
			})
		}
	}
}

// A host's trigger that refuses the rows of one application keeps no other's from being written, and what it refuses is
// told apart from a broken invariant.
// Rule: refused-row-stops-nobody.
func TestHostsTriggerRefusesOne(t *testing.T) {
	for _, how := range []string{"ABORT", "FAIL"} {
		for _, within := range []bool{false, true} {
			t.Run(fmt.Sprint(how, " within ", within), func(t *testing.T) {
				path := temporary(t)
				s := open(t, path, nil)
				db := database(t, path, nil)
				ended(t, s.Commit(t.Context(), change(t, "a", 0), change(t, "b", 0)))
				run(t, db, "CREATE TRIGGER host BEFORE UPDATE ON prepaid_applications WHEN NEW.id = 'a' BEGIN SELECT RAISE("+how+", 'host says no'); END")
				commit := s.Commit
				var tx *sql.Tx
				if within {
					var err error
					tx, err = s.BeginTx(t.Context(), db, nil)
					ended(t, err)
					commit = withTx(tx).Commit
				}
				err := commit(t.Context(), change(t, "a", 1), change(t, "b", 1), change(t, "c", 0))
				if within {
					ended(t, tx.Commit())
				}
				var refused *subscription.RefusedError
				if !errors.As(err, &refused) || len(refused.Changes) != 1 || refused.Changes[0].Application != "a" ||
					!errors.Is(err, subscription.ErrRefused) || errors.Is(err, subscription.ErrInvariant) {
					t.Errorf("%v, want a refusal of a alone, by the host", err)
				}
				for id, want := range map[subscription.ApplicationID]int64{"a": 1, "b": 2, "c": 1} {
					if n := revision(t, s, id); n != want {
						t.Errorf("%s has revision %d, want %d", id, n, want)
					}
				}
			})
		}
	}
}
