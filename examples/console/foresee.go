package main

import (
	"context"

	"github.com/prepaidkit/prepaid/subscription"
)

// foresee returns the change that confirming a checkout would make now, and the order that it would place. Nothing is
// stored. The order's ID and the key of its charge are those that it will really have: they follow from the checkout's.
func (c *console) foresee(ctx context.Context, ch checkout) (subscription.Change, subscription.Order, error) {
	cmd, err := ch.command()
	if err != nil {
		return subscription.Change{}, subscription.Order{}, err
	}
	found, err := c.store.Load(ctx, subscription.Read{Application: ch.App})
	if err != nil {
		return subscription.Change{}, subscription.Order{}, err
	}
	now := c.clock.now()
	passed, err := subscription.Advance(found[0].Application, c.catalog, now)
	if err != nil {
		return subscription.Change{}, subscription.Order{}, err
	}
	s := found[0].After(passed)
	s.Request = ch.ID
	change, err := cmd.Decide(s, c.catalog, now)
	if err != nil {
		return subscription.Change{}, subscription.Order{}, err
	}
	for _, o := range change.Orders {
		if change.Places(o.ID) {
			return change, o, nil
		}
	}
	return subscription.Change{}, subscription.Order{}, subscription.ErrNoOrder
}
