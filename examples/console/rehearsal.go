package main

import (
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

// rehearse returns the change that a request would make now: its checks are made, too, and nothing is stored or charged. The
// request's key must be new. What fails before it would be stored fails the same way.
func (c *console) rehearse(request func(*subscription.Service) error) (subscription.Change, error) {
	r := &rehearsal{Store: c.store}
	s, err := subscription.NewService(r, c.provider, subscription.StaticCatalog(c.catalog), &subscription.Options{Now: c.clock.now})
	if err != nil {
		return subscription.Change{}, err
	}
	if err := request(s); err != nil && !errors.Is(err, errRehearsed) {
		return subscription.Change{}, err
	}
	return r.change, nil
}
