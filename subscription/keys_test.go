package subscription_test

import (
	"errors"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/prepaidkit/prepaid/pricing"
	"github.com/prepaidkit/prepaid/subscription"
)

// One key has one content and one result.
// Rule: one-key-one-content, decline-is-final.
func TestOneKeyOneContent(t *testing.T) {
	do := func(w *world, cmd subscription.Command, key string) (subscription.Outcome, error) {
		return w.Do(w.t.Context(), app, cmd, key)
	}
	t.Run("the same key and content give the stored result", func(t *testing.T) {
		w := newWorld(t, setup{})
		first, err := do(w, buy("call", "one-to-one"), "k")
		w.ok(err)
		commits := len(w.store.changes)
		w.at("2025-07-11T00:00:00Z") // neither time nor catalog is part of the content
		w.catalog = catalog(t, "catalog.json", `"revision": "test-1"`, `"revision": "test-2"`)
		again, err := do(w, buy("call", "one-to-one"), "k")
		w.ok(err)
		if diff := cmp.Diff(first, again, exactly); diff != "" {
			t.Errorf("receipt (-first +again):\n%s", diff)
		}
		check(t, "commits", len(w.store.changes), commits)
		charges, _, _ := w.charged()
		check(t, "charges", charges, 1)
	})
	t.Run("other content under the same key", func(t *testing.T) {
		w := newWorld(t, setup{})
		_, err := do(w, buy("call", "one-to-one"), "k")
		w.ok(err)
		before := w.stored()
		for name, cmd := range map[string]subscription.Command{
			"another version": buy("call", "group-call"), "no auto-renewal": once("call", "one-to-one"),
			"another command": upgrade("group-call"), "what needs no order": subscription.AutoRenew{Product: "call"},
		} {
			_, err := do(w, cmd, "k")
			check(t, name, errors.Is(err, subscription.ErrKeyReused), true)
		}
		if diff := cmp.Diff(before, w.stored(), exactly); diff != "" {
			t.Errorf("changed (-before +after):\n%s", diff)
		}
	})
	t.Run("another application's keys are its own", func(t *testing.T) {
		w := newWorld(t, setup{})
		_, err := do(w, buy("call", "one-to-one"), "k")
		w.ok(err)
		_, err = w.Do(t.Context(), "other", subscription.Create{Account: acme}, "k")
		w.ok(err)
	})
	t.Run("a decline is final for its key", func(t *testing.T) {
		w := newWorld(t, setup{poor: true})
		first, err := do(w, buy("call", "one-to-one"), "k")
		fails(t, err, subscription.ErrDeclined)
		w.deposit("1000.00 USD")
		again, err := do(w, buy("call", "one-to-one"), "k")
		fails(t, err, subscription.ErrDeclined)
		check(t, "order", again.Receipt.OrderID, first.Receipt.OrderID)
		_, err = do(w, buy("call", "one-to-one"), "another key")
		w.ok(err)
	})
	t.Run("a refused command leaves its key free", func(t *testing.T) {
		w := newWorld(t, setup{})
		_, err := do(w, upgrade("group-call"), "k")
		fails(t, err, subscription.ErrNotFound)
		_, err = do(w, buy("call", "one-to-one"), "k")
		w.ok(err)
	})
	t.Run("a command without an order", func(t *testing.T) {
		w := newWorld(t, setup{})
		first, err := do(w, subscription.Accept{Agreement: agreement}, "k")
		w.ok(err)
		again, err := do(w, subscription.Accept{Agreement: agreement}, "k")
		w.ok(err)
		if diff := cmp.Diff(first, again, exactly); diff != "" {
			t.Errorf("receipt (-first +again):\n%s", diff)
		}
		check(t, "acceptances", w.count(subscription.EventAccepted), 1)
		check(t, "order", again.Receipt.OrderID, "")
	})
	t.Run("a command that changes nothing leaves its key free", func(t *testing.T) {
		w := newWorld(t, setup{})
		r, err := do(w, nothing{}, "k")
		w.ok(err)
		check(t, "commits", len(w.store.changes), 0+1) // the one that created the application
		check(t, "key", r.Receipt.Key, "")
	})
	t.Run("a key that isn't valid", func(t *testing.T) {
		w := newWorld(t, setup{})
		_, err := do(w, buy("call", "one-to-one"), "")
		fails(t, err, subscription.ErrInvalid)
		check(t, "err", err.Error(), `subscription: invalid input: key "" is empty`)
	})
	t.Run("a command whose JSON can't be made", func(t *testing.T) {
		w := newWorld(t, setup{})
		_, err := do(w, unencodable{}, "k")
		fails(t, err, subscription.ErrInvalid)
	})
}

// nothing is a command that finds nothing to do.
type nothing struct{}

func (nothing) Kind() string { return "nothing" }

func (nothing) Decide(subscription.Snapshot, *pricing.Catalog, time.Time) (subscription.Change, error) {
	return subscription.Change{}, nil
}

type unencodable struct {
	nothing
	C chan int
}
