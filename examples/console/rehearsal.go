package main

import (
	"cmp"
	"context"
	"errors"

	"github.com/prepaidkit/prepaid/subscription"
)

// rehearsal is a store that keeps the change that a request would make, instead of storing it.
type rehearsal struct {
	subscription.Store

	change subscription.Change
}

var errRehearsed = errors.New("a rehearsal stores nothing")

// Commit implements [subscription.Store].
func (r *rehearsal) Commit(_ context.Context, changes ...subscription.Change) error {
	r.change = changes[0]
	return errRehearsed
}

// Erase implements [subscription.Eraser].
func (r *rehearsal) Erase(ctx context.Context, c subscription.Change) error { return r.Commit(ctx, c) }

// rehearse returns the change that a request would make now: its checks are made, too, and nothing is stored or charged. What fails
// before it would be stored fails the same way.
func (c *console) rehearse(request func(*subscription.Service) error) (subscription.Change, error) {
	r := &rehearsal{Store: c.store}
	if err := request(c.service.Bind(r)); err != nil && !errors.Is(err, errRehearsed) {
		return subscription.Change{}, err
	}
	return r.change, nil
}

// foresee returns the change that confirming a checkout would make now, and the order that it would place. The order's ID and the
// key of its charge are those that it will really have: they follow from the checkout's.
func (c *console) foresee(ctx context.Context, ch checkout) (subscription.Change, subscription.Order, error) {
	cmd, err := ch.command()
	if err != nil {
		return subscription.Change{}, subscription.Order{}, err
	}
	change, err := c.rehearse(func(s *subscription.Service) error {
		_, err := s.Do(ctx, ch.App, cmd, ch.ID)
		return err
	})
	for _, o := range change.Orders {
		if change.Places(o.ID) {
			return change, o, nil
		}
	}
	return subscription.Change{}, subscription.Order{}, cmp.Or(err, subscription.ErrNoOrder)
}
