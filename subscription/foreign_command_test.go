package subscription_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/prepaidkit/prepaid/pricing"
	"github.com/prepaidkit/prepaid/subscription"
)

// A caller-defined command that breaks an invariant can't reach the store.
// Rule: nothing-without-payment.
func TestNothingWithoutPayment(t *testing.T) {
	w := newWorld(t, setup{})
	w.must(buy("call", "one-to-one"))
	w.refuse(subscription.ErrInvariant, mint{})
}

// mint makes minutes from nothing.
type mint struct{}

func (mint) Kind() string { return "mint" }

func (mint) Decide(s subscription.Snapshot, _ *pricing.Catalog, now time.Time) (subscription.Change, error) {
	d := subscription.Begin(s, now)
	d.Application.Lots[0].Remaining += 1000
	d.Application.Lots[0].Granted += 1000
	d.AddEvent(subscription.Event{Type: "minted"})
	return d.Change(), nil
}

// A command can't place two orders: they couldn't share a key, and the hook couldn't be asked about both.
func TestCommandPlacesOneOrder(t *testing.T) {
	asked := 0
	w := newWorld(t, setup{options: subscription.Options{Eligible: func(context.Context, subscription.Eligibility) error {
		asked++
		return errors.New("nobody is eligible")
	}}})
	w.refuse(subscription.ErrInvalid, two{buy("call", "one-to-one"), buy("live", "lite")})
	_, err := w.Quote(t.Context(), app, two{buy("call", "one-to-one"), buy("live", "lite")})
	check(t, "Quote", err != nil, true)
}

type two struct{ First, Second subscription.Purchase }

func (two) Kind() string { return "two" }

func (c two) Decide(s subscription.Snapshot, cat *pricing.Catalog, now time.Time) (subscription.Change, error) {
	first, err := c.First.Decide(s, cat, now)
	if err != nil {
		return subscription.Change{}, err
	}
	return c.Second.Decide(s.After(first), cat, now)
}

// A change that continues another one has the effect of both, committed at once, and doesn't modify the other one.
func TestSnapshotAfter(t *testing.T) {
	w := newWorld(t, setup{})
	w.must(buy("call", "one-to-one"))
	s := w.load()
	later := s.Application.Subscriptions[0].End() // so that the first change has entries and changes a subscription
	first, err := subscription.Advance(s.Application, w.catalog, later)
	w.ok(err)
	kept := first.Clone()
	s.Request = "buy-2"
	both, err := buy("live", "lite").Decide(s.After(first), w.catalog, later)
	w.ok(err)
	w.ok(both.Check(s.Application))
	if diff := cmp.Diff(kept, first, exactly, cmpopts.EquateEmpty()); diff != "" {
		t.Errorf("the first change (-before +after):\n%s", diff)
	}
	check(t, "revision", both.Next.Revision, s.Application.Revision+1)
	check(t, "events", len(both.Events), len(first.Events)+1)
	check(t, "of the first", both.Events[0].Type, first.Events[0].Type)
	check(t, "orders", len(both.Orders), 1)
	check(t, "rows", len(both.Subscriptions), len(first.Subscriptions))

	nothing := subscription.Begin(s.After(first), later).Change()
	check(t, "a draft that adds nothing", nothing.IsZero(), true)
	check(t, "after nothing", s.After(nothing).Application.Revision, s.Application.Revision)
	third, err := subscription.AutoRenew{Product: "call", On: true}.Decide(s.After(first).After(both), w.catalog, later)
	w.ok(err)
	w.ok(third.Check(s.Application))
	check(t, "events of three", len(third.Events), len(both.Events)+1)
}
