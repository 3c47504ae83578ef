package subscription_test

import (
	"encoding/json"
	"errors"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/prepaidkit/prepaid/pricing"
	"github.com/prepaidkit/prepaid/subscription"
)

// Every status has a row in the tables, and returned slices belong to the caller.
func TestTransitionsAreTheCallersOwn(t *testing.T) {
	got := subscription.Active.Transitions()
	got[0] = "spoilt"
	check(t, "Active", subscription.Active.CanBecome(subscription.PastDue), true)
	orders := subscription.OrderOpen.Transitions()
	orders[0] = "spoilt"
	check(t, "OrderOpen", subscription.OrderOpen.CanBecome(subscription.OrderPaid), true)
	check(t, "what is no status", subscription.Status("gone").CanBecome(subscription.Active), false)
	check(t, "nor for orders", subscription.OrderStatus("gone").CanBecome(subscription.OrderPaid), false)
}

// The document round-trips through JSON, as stores keep it.
func TestApplicationJSON(t *testing.T) {
	w := newWorld(t, setup{gateway: pending, start: "2025-07-01T09:00:00Z"})
	w.settle(paid(w.place(buy("call", "one-to-one"))))
	w.settle(paid(w.place(prepay{Product: "call", Cycles: 2})))
	w.place(upgrade("group-call"))
	want := w.stored()
	text, err := json.Marshal(want)
	w.ok(err)
	var got subscription.Application
	w.ok(json.Unmarshal(text, &got))
	if diff := cmp.Diff(want, got, exactly); diff != "" {
		t.Errorf("application (-stored +decoded):\n%s", diff)
	}
	// Decisions on it are the same, too.
	a, err := subscription.Advance(want, w.catalog, w.now.AddDate(1, 0, 0))
	w.ok(err)
	b, err := subscription.Advance(got, w.catalog, w.now.AddDate(1, 0, 0))
	w.ok(err)
	if diff := cmp.Diff(a, b, exactly); diff != "" {
		t.Errorf("change (-stored +decoded):\n%s", diff)
	}
}

// A decision shares no memory with its argument, and neither do copies.
func TestNothingIsShared(t *testing.T) {
	w := newWorld(t, setup{start: "2025-07-01T09:00:00Z"})
	w.must(buy("call", "one-to-one"))
	w.must(prepay{Product: "call", Cycles: 1})
	s := w.load()
	kept := s.Application.Clone()
	c, err := upgrade("group-call").Decide(s, w.catalog, w.now)
	w.ok(err)
	copied := c.Clone()
	spoil := func(c subscription.Change) {
		c.Next.Subscriptions[0].Cycles[0].Version = "spoilt"
		c.Next.Lots[0].Products[0] = "spoilt"
		c.Next.PurchaseCounts[0].Count = 99
		c.Next.Orders[0].Deliveries[0].Upgrade.Ahead[0] = 99
		c.Orders[0].Lines[0].Item = "spoilt"
		c.Events[0].Note = "spoilt"
	}
	spoil(copied)
	if diff := cmp.Diff(kept, s.Application, exactly); diff != "" {
		t.Errorf("the snapshot (-before +after):\n%s", diff)
	}
	again, err := upgrade("group-call").Decide(s, w.catalog, w.now)
	w.ok(err)
	if diff := cmp.Diff(again, c, exactly); diff != "" {
		t.Errorf("the change, after its copy was spoilt (-want +got):\n%s", diff)
	}
	spoil(c)
	if diff := cmp.Diff(kept, s.Application, exactly); diff != "" {
		t.Errorf("the snapshot (-before +after):\n%s", diff)
	}

	// What a service returns belongs to the caller, too.
	a := w.application()
	a.Subscriptions[0].Cycles[0].Version = "spoilt"
	a.Lots[0].Remaining = 0
	if diff := cmp.Diff(kept, w.stored(), exactly); diff != "" {
		t.Errorf("the store (-before +after):\n%s", diff)
	}
}

// The products of copied lots share one array, but don't overlap.
func TestCopiedLotsShareNothing(t *testing.T) {
	a := subscription.Application{Lots: []subscription.Lot{
		{ID: 1, Products: []pricing.ProductID{"call", "live"}}, {ID: 2}, {ID: 3, Products: []pricing.ProductID{}},
		{ID: 4, Products: []pricing.ProductID{"call"}},
	}}
	b := a.Clone()
	if diff := cmp.Diff(a, b, exactly); diff != "" {
		t.Errorf("the copy (-want +got):\n%s", diff)
	}
	want := a.Clone()
	_ = append(b.Lots[0].Products, "more")
	b.Lots[0].Products[1] = "spoilt"
	check(t, "the next lot of the copy", b.Lots[3].Products[0], pricing.ProductID("call"))
	if diff := cmp.Diff(want, a, exactly); diff != "" {
		t.Errorf("the original (-before +after):\n%s", diff)
	}
}

// The same request gives the same order ID, and so the same gateway key, no matter who repeats it after a crash, at
// which revision, or on which backup. Another request gives a different ID, and so does another store.
// Rule: one-order-one-key.
func TestOrderIDFollowsFromTheRequest(t *testing.T) {
	w := newWorld(t, setup{})
	s := w.load()
	s.Request = "buy-1"
	placed := func(s subscription.Snapshot, cmd subscription.Command, at time.Time) subscription.Order {
		c, err := cmd.Decide(s, w.catalog, at)
		w.ok(err)
		return c.Orders[0]
	}
	first := placed(s, buy("call", "one-to-one"), w.now)
	check(t, "attempt", first.Attempt, subscription.AttemptID(s.Store+"/video-chat/"+string(first.ID)))
	other := s
	other.Application = s.Application.Clone()
	other.Application.Revision++
	check(t, "again, later", placed(s, buy("call", "one-to-one"), w.now.Add(time.Hour)).ID, first.ID)
	check(t, "at another revision", placed(other, buy("call", "one-to-one"), w.now).ID, first.ID)
	other.Request = "buy-2"
	check(t, "another request's differs", placed(other, buy("call", "one-to-one"), w.now).ID == first.ID, false)
	other = s
	other.Store = "fedcba9876543210"
	check(t, "another store's attempt differs", placed(other, buy("call", "one-to-one"), w.now).Attempt == first.Attempt, false)
	other.Application.ID = "voice-chat"
	check(t, "another application's differs", placed(other, buy("call", "one-to-one"), w.now).ID == first.ID, false)
}

// Nothing is due if no step lies ahead; nothing is guessed if a subscription's zone is unknown.
func TestNextStep(t *testing.T) {
	w := newWorld(t, setup{})
	check(t, "nothing", subscription.NextStep(w.stored(), w.catalog).IsZero(), true)
	w.must(once("call", "one-to-one"))
	want := []string{
		"2025-08-10T00:00:00Z", "2025-08-11T00:00:00Z", "2025-08-11T12:00:00Z", "2025-10-10T00:00:00Z",
	}
	a := w.stored()
	for _, at := range want {
		next := subscription.NextStep(a, w.catalog)
		check(t, "next", next, instant(t, at))
		before, err := subscription.Advance(a, w.catalog, next.Add(-time.Microsecond))
		w.ok(err)
		check(t, "nothing before", before.IsZero(), true)
		c, err := subscription.Advance(a, w.catalog, next)
		w.ok(err)
		a = c.Next
	}
	check(t, "nothing more", subscription.NextStep(a, w.catalog).IsZero(), true)

	w = newWorld(t, setup{})
	w.must(buy("call", "one-to-one"))
	s := w.load()
	s.Application.Subscriptions[0].Zone = "Mars/Olympus"
	_, err := upgrade("group-call").Decide(s, w.catalog, w.now)
	fails(t, err, pricing.ErrZone)
}

// The only change without an event moves Due and nothing else.
// Rule: every-change-is-told.
func TestReschedule(t *testing.T) {
	w := newWorld(t, setup{})
	w.must(buy("call", "one-to-one"))
	a := w.stored()
	c := subscription.Reschedule(a, w.now.Add(time.Hour))
	w.ok(c.Check(a))
	check(t, "zero", c.IsZero(), false)
	for name, doctor := range map[string]func(*subscription.Change){
		"minutes": func(c *subscription.Change) { c.Next.Lots[0].Period.End = c.Next.Lots[0].Period.End.AddDate(1, 0, 0) },
		"a field": func(c *subscription.Change) { c.Next.Accepted.Agreement = "2099-01" },
		"renewal": func(c *subscription.Change) { c.Next.Subscriptions[0].AutoRenew = false },
		"receipts": func(c *subscription.Change) {
			c.Receipts = append(c.Receipts, subscription.Receipt{Application: app, Revision: c.Base + 1, Key: "k"})
		},
	} {
		doctored := c.Clone()
		doctor(&doctored)
		if err := doctored.Check(a); !errors.Is(err, subscription.ErrInvariant) {
			t.Errorf("%s: Check = %v, want ErrInvariant", name, err)
		}
	}
}
