package subscription_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/prepaidkit/prepaid/pricing"
	"github.com/prepaidkit/prepaid/subscription"
)

// A command of the caller's own that breaks an invariant can't reach the store.
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

// Two orders in one command can't be collected under one key, nor asked about.
func TestCommandPlacesOneOrder(t *testing.T) {
	asked := 0
	w := newWorld(t, setup{options: subscription.Options{Eligible: func(context.Context, subscription.Eligibility) error {
		asked++
		return errors.New("nobody is eligible")
	}}})
	w.refuse(subscription.ErrKeyReused, two{buy("call", "one-to-one"), buy("live", "lite")})
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
	revision := s.Application.Revision
	s.Application = first.Next
	s.Application.Revision = revision
	second, err := c.Second.Decide(s, cat, now)
	return first.Then(second), err
}
