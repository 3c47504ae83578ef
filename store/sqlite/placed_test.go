package sqlite_test

import (
	"errors"
	"testing"

	"github.com/prepaidkit/prepaid/subscription"
)

// placing is a change that says that it places its order.
func placing(t *testing.T, id subscription.ApplicationID, base int64, order subscription.OrderID) subscription.Change {
	t.Helper()
	c := change(t, id, base)
	c.Orders[0].ID = order
	c.Events = append(c.Events, subscription.Event{
		Application: id, Revision: base + 1, Index: 1, At: noon(), Type: subscription.EventOrderPlaced, Order: order,
	})
	return c
}

// In a caller's transaction an order that exists refuses the change that places it, and spoils neither the others of the
// batch nor the transaction.
// Rule: placed-order-is-inserted.
func TestPlacedOrderExists(t *testing.T) {
	path := temporary(t)
	s := open(t, path, nil)
	db := database(t, path, nil)
	late := placing(t, "c", 0, "o")
	ended(t, s.Commit(t.Context(), placing(t, "a", 0, "o"), placing(t, "b", 0, "o"), late))
	tx, err := db.BeginTx(t.Context(), nil)
	ended(t, err)
	run(t, tx, "CREATE TABLE notes (note TEXT)")
	err = withTx(tx).Commit(t.Context(), placing(t, "b", 1, "new"), placing(t, "a", 1, "o"), placing(t, "d", 0, "o"), late)
	run(t, tx, "INSERT INTO notes VALUES ('it goes on')")
	ended(t, tx.Commit())
	var refused *subscription.RefusedError
	var conflict *subscription.ConflictError
	if !errors.As(err, &refused) || !errors.As(err, &conflict) {
		t.Fatal(err)
	}
	if len(refused.Changes) != 1 || refused.Changes[0].Application != "a" || !errors.Is(refused.Changes[0].Err, subscription.ErrExists) ||
		errors.Is(refused.Changes[0].Err, subscription.ErrInvariant) {
		t.Errorf("%v, want a refusal of a with ErrExists", refused.Changes)
	}
	same(t, conflict.Applications, []subscription.ApplicationID{"c"})
	for id, want := range map[subscription.ApplicationID]int64{"a": 1, "b": 2, "c": 1, "d": 1} {
		if n := revision(t, s, id); n != want {
			t.Errorf("%s has revision %d, want %d", id, n, want)
		}
	}
	if n := count(t, db, "SELECT count(*) FROM prepaid_orders"); n != 5 {
		t.Errorf("%d orders", n)
	}
}

// Callers that share a transaction hear their own outcome.
func TestPlacedOrderExistsInCompany(t *testing.T) {
	path := temporary(t)
	s := open(t, path, nil)
	ended(t, s.Commit(t.Context(), placing(t, "a", 0, "o"), placing(t, "b", 0, "o")))
	errs := queued(t, path, s, placing(t, "b", 1, "p"), placing(t, "a", 1, "o"), placing(t, "c", 0, "o"))
	if errs[0] != nil || !errors.Is(errs[1], subscription.ErrExists) || errs[2] != nil {
		t.Error(errs)
	}
}
