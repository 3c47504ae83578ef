package memory_test

import (
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/prepaidkit/prepaid/pricing"
	"github.com/prepaidkit/prepaid/store/memory"
	"github.com/prepaidkit/prepaid/subscription"
)

// A document is overwritten in place by the next one. What was loaded, claimed or listed before stays unchanged, even
// if the next one has more or less content, and nothing of the previous one remains in it.
func TestOverwritingChangesNothingThatWasReturned(t *testing.T) {
	s, ctx := memory.New(), t.Context()
	exact := cmp.Comparer(func(a, b pricing.Money) bool { return a == b })
	load := func() subscription.Application {
		t.Helper()
		got, err := s.Load(ctx, subscription.Read{Application: "a"})
		if err != nil {
			t.Fatal(err)
		}
		return got[0].Application
	}
	first := renew(document("a"), "first")
	if err := s.Commit(ctx, first); err != nil {
		t.Fatal(err)
	}
	loaded, kept := load(), load()
	claimed, err := s.Claim(ctx, loaded.Due.Add(time.Hour), time.Hour, 1)
	if err != nil || len(claimed) != 1 {
		t.Fatal(claimed, err)
	}
	edits := map[string]func(a *subscription.Application){
		"all changes": func(a *subscription.Application) {
			a.Subscriptions[0].Cycles[1].Version = "other"
			a.Subscriptions[0].Numbers = []subscription.Number{{Day: 1, Orders: 1}}
			a.Subscriptions[0].Suspended = slices.Clone(a.Subscriptions[0].Cycles)
			a.Lots[0].Refunded, a.Lots[0].TakenBack = 1, true
			a.Lots[0].Products[0], a.Lots[1].Remaining = "live", 1
			a.PurchaseCounts[0].Count = 9
		},
		"more of all": func(a *subscription.Application) {
			a.Lots = append(a.Lots, a.Lots[0], a.Lots[1])
			a.Lots[2].Products = []pricing.ProductID{"call", "live"}
			a.Subscriptions = append(a.Subscriptions, document("a").Subscriptions[0])
			a.Subscriptions[1].Cycles = a.Subscriptions[1].Cycles[:1]
		},
		"less of all": func(a *subscription.Application) {
			a.Lots, a.Subscriptions = slices.Delete(a.Lots, 0, 1), a.Subscriptions[:1]
			a.Subscriptions[0].Numbers, a.Subscriptions[0].Suspended = nil, nil
		},
		"nothing": func(a *subscription.Application) { a.Lots, a.Subscriptions, a.PurchaseCounts = nil, nil, nil },
	}
	for _, name := range []string{"all changes", "more of all", "less of all", "nothing", "more of all", "all changes"} {
		a := load()
		if len(a.Lots) == 0 {
			a = document("a")
			a.Revision = load().Revision
		}
		edits[name](&a)
		change := renew(a, name+time.Duration(a.Revision).String())
		want := change.Next.Clone()
		if err := s.Commit(ctx, change); err != nil {
			t.Fatal(name, err)
		}
		if diff := cmp.Diff(want, load(), exact); diff != "" {
			t.Errorf("%s: the document (-committed +loaded):\n%s", name, diff)
		}
		// Nothing is shared with the change, either.
		change.Next.PurchaseCounts = append(change.Next.PurchaseCounts[:0], subscription.PurchaseCount{Count: 99})
		for i := range change.Next.Lots {
			change.Next.Lots[i].Products[0], change.Next.Lots[i].Remaining = "spoilt", -1
		}
		for i := range change.Next.Subscriptions {
			change.Next.Subscriptions[i].Cycles[0].Version = "spoilt"
			for j := range change.Next.Subscriptions[i].Suspended {
				change.Next.Subscriptions[i].Suspended[j].Version = "spoilt"
			}
		}
		if diff := cmp.Diff(want, load(), exact); diff != "" {
			t.Errorf("%s: the document, after the change was spoilt (-committed +loaded):\n%s", name, diff)
		}
	}
	if diff := cmp.Diff(kept, loaded, exact); diff != "" {
		t.Errorf("what was loaded first (-then +now):\n%s", diff)
	}
	if diff := cmp.Diff(kept, claimed[0].Snapshot.Application, exact); diff != "" {
		t.Errorf("what was claimed first (-then +now):\n%s", diff)
	}
}

// An order's lines and deliveries are stored once, for both its row and the document, and share no memory with the
// caller.
func TestOrdersAreKeptOnceAndShareNothing(t *testing.T) {
	s, ctx := memory.New(), t.Context()
	o := subscription.Order{
		ID: "o", Application: "a", Account: "acme", Kind: subscription.RenewalOrder, Status: subscription.OrderOpen,
		Amount: money("1.00"), Lines: []pricing.Line{{Item: "a line", Amount: money("1.00")}},
		Deliveries: []subscription.Delivery{{Extend: &subscription.ExtendDelivery{Subscription: "call-1", Version: "lite"}}},
	}
	a := document("a")
	a.Orders = []subscription.Order{o}
	placed := renew(a, "place")
	placed.Orders = []subscription.Order{o}
	if err := s.Commit(ctx, placed.Clone()); err != nil {
		t.Fatal(err)
	}
	read := subscription.Read{Application: "a", Orders: []subscription.OrderID{"o"}}
	load := func() subscription.Snapshot {
		t.Helper()
		got, err := s.Load(ctx, read)
		if err != nil {
			t.Fatal(err)
		}
		return got[0]
	}
	spoilt := load()
	spoilt.Orders[0].Lines[0].Item, spoilt.Orders[0].Deliveries[0].Extend.Version = "spoilt", "spoilt"
	spoilt.Application.Orders[0].Lines[0].Item, spoilt.Application.Orders[0].Deliveries[0].Extend.Version = "spoilt", "spoilt"
	// The document's order is written again without a row, and then the row with different content.
	again := renew(load().Application, "again")
	again.Next.Orders[0].Note = "why"
	if err := s.Commit(ctx, again); err != nil {
		t.Fatal(err)
	}
	other := renew(load().Application, "other")
	other.Next.Orders = nil
	paid := o.Clone()
	paid.Status, paid.Deliveries[0].Extend.Version = subscription.OrderPaid, "pro"
	other.Orders = []subscription.Order{paid}
	before := load()
	if err := s.Commit(ctx, other); err != nil {
		t.Fatal(err)
	}
	paid.Lines[0].Item, paid.Deliveries[0].Extend.Version = "spoilt", "spoilt"
	if got := before.Application.Orders[0]; got.Lines[0].Item != "a line" || got.Deliveries[0].Extend.Version != "lite" || got.Note != "why" {
		t.Errorf("the document's order: %+v", got)
	}
	if got := load().Orders[0]; got.Lines[0].Item != "a line" || got.Deliveries[0].Extend.Version != "pro" {
		t.Errorf("the row: %+v", got)
	}
}
