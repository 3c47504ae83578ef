package main

import (
	"context"

	"github.com/prepaidkit/prepaid/subscription"
)

// unborn is a store in which an application exists that hasn't been created. It is for quotes, which store nothing: an
// application is created once its first order is known to be possible.
type unborn struct {
	subscription.Store

	app subscription.Application
}

// Load implements [subscription.Store].
func (u unborn) Load(ctx context.Context, reads ...subscription.Read) ([]subscription.Snapshot, error) {
	found, err := u.Store.Load(ctx, reads...)
	for i := range found {
		if found[i].Application.ID == u.app.ID {
			found[i].Application = u.app.Clone()
		}
	}
	return found, err
}

// quote quotes a command for the application of a form, be it one that is still to be created. Its rules and limits are
// the same.
func (c *console) quote(ctx context.Context, cu customer, b binding, cmd subscription.Command) (subscription.Quote, error) {
	if app := b.Chosen(); app != nil {
		return c.service.Quote(ctx, app.ID, cmd)
	}
	if !b.New {
		return subscription.Quote{}, errNoPage
	}
	id := subscription.ApplicationID(newKey()) // of nobody; the name may not be typed yet
	s := subscription.Snapshot{Application: subscription.Application{ID: id}}
	created, err := subscription.Create{Account: cu.account()}.Decide(s, c.catalog, c.clock.now())
	if err != nil {
		return subscription.Quote{}, err
	}
	facts, err := c.taxOf(ctx, cu)
	if err != nil {
		return subscription.Quote{}, err
	}
	taxed, err := facts.command().Decide(subscription.Snapshot{Application: created.Next}, c.catalog, c.clock.now())
	if err != nil {
		return subscription.Quote{}, err
	}
	created.Next.Tax = taxed.Next.Tax
	return c.service.Bind(unborn{c.store, created.Next}).Quote(ctx, id, cmd)
}

// place begins a checkout for the application of a form. A new application is created last: an order that is refused
// leaves none behind.
func (c *console) place(
	ctx context.Context, cu customer, b binding, cmd subscription.Command, key, from string,
) (checkout, error) {
	if err := b.check(); err != nil {
		return checkout{}, err
	}
	if _, err := c.quote(ctx, cu, b, cmd); err != nil {
		return checkout{}, err
	}
	app, err := c.bind(ctx, cu, b, key)
	if err != nil {
		return checkout{}, err
	}
	return c.begin(ctx, cu, app, cmd, key, from)
}
