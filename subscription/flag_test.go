package subscription_test

import (
	"strings"
	"testing"

	"github.com/prepaidkit/prepaid/subscription"
)

// What a person must look at is an event, once for each key, and nothing else changes, neither the order nor what it
// delivered. That is possible for a closed application, too.
// Rule: flag-is-an-event.
func TestFlag(t *testing.T) {
	w := newWorld(t, setup{})
	bought := w.must(buy("call", "one-to-one")).Order
	before, err := w.Application(t.Context(), app)
	w.ok(err)
	flag := subscription.Flag{Order: bought.ID, Note: "collected twice"}
	for range 2 {
		out, err := w.As("ada", "ticket 17").Do(t.Context(), app, flag, "flag-1")
		w.ok(err)
		check(t, "the order of the request", out.Order.ID, subscription.OrderID(""))
	}
	_, err = w.Do(t.Context(), app, subscription.Flag{Note: "unknown money"}, "flag-2")
	w.ok(err)
	var flags []subscription.Event
	for e, err := range w.store.Events(t.Context(), app) {
		w.ok(err)
		if e.Type == subscription.EventNeedsPerson {
			flags = append(flags, e)
		}
	}
	if len(flags) != 2 {
		t.Fatalf("%d events, want 2: %+v", len(flags), flags)
	}
	check(t, "the order", flags[0].Order, bought.ID)
	check(t, "the amount", flags[0].Amount, bought.Amount)
	check(t, "the note", flags[0].Note, "collected twice")
	check(t, "who", flags[0].By, "ada")
	check(t, "no order", flags[1].Order, subscription.OrderID(""))
	after, err := w.Application(t.Context(), app)
	w.ok(err)
	check(t, "the revision", after.Revision, before.Revision+2)
	order, err := w.Order(t.Context(), app, bought.ID)
	w.ok(err)
	check(t, "the status", order.Status, subscription.OrderPaid)
	check(t, "the minutes", after.Minutes("call", w.now), before.Minutes("call", w.now))

	for _, note := range []string{"", strings.Repeat("x", 1025), "\xff"} {
		w.refuse(subscription.ErrInvalid, subscription.Flag{Order: bought.ID, Note: note})
	}
	w.refuse(subscription.ErrNotFound, subscription.Flag{Order: "k-0", Note: "x"})
	w.must(subscription.Close{})
	w.must(subscription.Flag{Order: bought.ID, Note: "after it was closed"})
}

// The key of a refund is that of its charge with a suffix, which has a number from the second refund on.
// Rule: refund-key-is-its-own.
func TestParseKey(t *testing.T) {
	for key, want := range map[string]struct {
		attempt subscription.AttemptID
		refund  int
	}{
		"s/a/k-1":             {"s/a/k-1", 0},
		"s/a/k-1/refund":      {"s/a/k-1", 1},
		"s/a/k-1/refund/2":    {"s/a/k-1", 2},
		"s/a/k-1/refund/12":   {"s/a/k-1", 12},
		"s/a/k-1/refund/1":    {"s/a/k-1/refund/1", 0},
		"s/a/k-1/refund/02":   {"s/a/k-1/refund/02", 0},
		"s/a/k-1/refund/many": {"s/a/k-1/refund/many", 0},
		"":                    {"", 0},
	} {
		attempt, refund := subscription.ParseKey(key)
		check(t, key+": the attempt", attempt, want.attempt)
		check(t, key+": the refund", refund, want.refund)
	}
}
