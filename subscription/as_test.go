package subscription_test

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"testing"

	"github.com/prepaidkit/prepaid/payment"
	"github.com/prepaidkit/prepaid/subscription"
)

// actors returns the types of events with who acted and why, of those that name somebody.
func actors(events []subscription.Event) []string {
	var out []string
	for _, e := range events {
		if e.By+e.Why != "" {
			out = append(out, fmt.Sprintf("%s %s: %s", e.Type, e.By, e.Why))
		}
	}
	return out
}

// Who acts and why is in the events and rows that follow from it, and in no other.
// Rule: actors-are-recorded.
func TestAs(t *testing.T) {
	w := newWorld(t, setup{})
	bought := w.must(buy("call", "one-to-one")).Order
	check(t, "of an ordinary request", len(actors(w.events())), 0)
	w.at("2025-09-01T00:00:00Z") // the period has ended, so time has done something first
	staff := w.As("ada", "goodwill, T-17")
	_, err := staff.Do(t.Context(), app, subscription.RefundOrder{Order: bought.ID, Amount: money(t, "50.00 USD")}, "refund")
	w.ok(err)
	sameLines(t, "events", actors(w.events()), "refund_due ada: goodwill, T-17", "refund_made ada: goodwill, T-17")
	all, err := w.Refunds(t.Context(), app, bought.ID)
	w.ok(err)
	check(t, "refund", all[0].By+", "+all[0].Note, "ada, goodwill, T-17")
	check(t, "order", w.order(bought.ID).Note, "")

	// A note of the command's own stays, and so does the amount.
	_, err = staff.Do(t.Context(), app, w.refund(bought.ID, "20.00 USD", subscription.TakeNothing), "refund-2")
	w.ok(err)
	all, err = w.Refunds(t.Context(), app, bought.ID)
	w.ok(err)
	check(t, "second refund", all[1].By+", "+all[1].Note, "ada, goodwill")

	// An order that is placed has the reason as its note.
	o := sureOrder(staff.Do(t.Context(), app, buy("live", "lite"), "live"))(t)
	check(t, "note", o.Note, "goodwill, T-17")

	// The service that it was made of is as it was.
	events := len(actors(w.events()))
	w.must(subscription.AutoRenew{Product: "live"})
	check(t, "events that name somebody", len(actors(w.events())), events)
}

func sureOrder(out subscription.Outcome, err error) func(testing.TB) subscription.Order {
	return func(tb testing.TB) subscription.Order {
		tb.Helper()
		if err != nil {
			tb.Fatal(err)
		}
		return out.Order
	}
}

// A key stands for the command alone: another actor, or none, repeats the same request.
// Rule: actors-are-recorded.
func TestAsIsNoPartOfTheKey(t *testing.T) {
	w := newWorld(t, setup{})
	ctx := t.Context()
	q, err := w.As("ada", "by telephone").Quote(ctx, app, buy("call", "one-to-one"))
	w.ok(err)
	first := sureOrder(w.As("ada", "by telephone").Confirm(ctx, app, buy("call", "one-to-one"), q, "key"))(t)
	commits := len(w.store.changes)
	for _, s := range []*subscription.Service{w.As("bob", "by mail"), w.Service, w.As("", "")} {
		check(t, "order", sureOrder(s.Do(ctx, app, buy("call", "one-to-one"), "key"))(t).ID, first.ID)
	}
	check(t, "commits", len(w.store.changes), commits)
	check(t, "note", w.order(first.ID).Note, "by telephone")
}

// A bound service acts for the same person, in either order, and what a gateway reports is recorded for whoever tells it.
// Rule: actors-are-recorded.
func TestAsBound(t *testing.T) {
	w := newWorld(t, setup{gateway: pending})
	ctx := t.Context()
	for i, s := range []*subscription.Service{w.As("ada", "").Bind(w.store), w.Bind(w.store).As("ada", "")} {
		_, err := s.Do(ctx, app, buy("live", "lite"), fmt.Sprint("key-", i))
		fails(t, err, subscription.ErrPaymentPending)
		check(t, "by", w.store.last().change.Events[0].By, "ada")
		_, err = s.Do(ctx, app, subscription.Cancel{Order: w.stored().Orders[0].ID}, fmt.Sprint("cancel-", i))
		w.ok(err)
		o := w.stored().Orders[0]
		settled, err := w.As("bob", "statement of May").Settle(ctx, o.Attempt, payment.Result{
			Key: string(o.Attempt), Status: payment.Declined, Reason: payment.Other, At: w.now,
		})
		w.ok(err)
		check(t, "status", settled.Status, subscription.OrderCanceled)
		last := w.store.last().change.Events
		check(t, "told by", last[len(last)-1].By+": "+last[len(last)-1].Why, "bob: statement of May")
	}
}

// Names and reasons are kept as notes are.
// Rule: actors-are-recorded.
func TestAsCutsTexts(t *testing.T) {
	w := newWorld(t, setup{})
	_, err := w.As("a\x00da\n", strings.Repeat("é", 200)).Do(t.Context(), app, subscription.Accept{Agreement: agreement}, "key")
	w.ok(err)
	e := w.store.last().change.Events[0]
	check(t, "by", e.By, "ada")
	check(t, "why", e.Why, strings.Repeat("é", subscription.MaxText/2))
}

// Usage that several actors report at the same time is counted for each of them.
// Rule: actors-are-recorded.
func TestAsKeepsUsageApart(t *testing.T) {
	w := newWorld(t, setup{
		catalog: catalog(t, "minutes.json"),
		wrap:    func(w *world, _ subscription.Store) subscription.Store { return w.store.Store },
	})
	w.must(buy("call", "small"))
	var all sync.WaitGroup
	names := []string{"ada", "bob", "eve"}
	for i := range 30 {
		by := w.As(names[i%len(names)], "")
		all.Go(func() {
			results, err := by.Consume(context.Background(), app, subscription.Usage{
				ID: fmt.Sprint("u-", i), Product: "call", Kind: "audio", At: w.now, Seconds: 60,
			})
			if err != nil || results[0].Err != nil {
				t.Error(err, results)
			}
		})
	}
	all.Wait()
	used := map[string]subscription.Quantity{}
	for _, e := range w.events() {
		if e.Type == subscription.EventUsed {
			used[e.By] += e.Quantity
		}
	}
	for _, by := range names {
		check(t, by, used[by].String(), "10")
	}
}
