package faults

import (
	"context"
	"errors"

	"github.com/prepaidkit/prepaid/store"
	"github.com/prepaidkit/prepaid/subscription"
)

// within runs a command in one of the host's transactions, which also records the request in the host's own table: both
// or neither. The order is collected afterward, as the guide recommends.
func (c *child) within(
	ctx context.Context, s *subscription.Service, r *request, cmd subscription.Command,
) (out subscription.Outcome, err error) {
	remember := func(exec execer) error { return exec(ctx, c.db.host.remember, requestOf(r.Application, r.Key)) }
	apart := mutants()[c.settings.Mutant].apart
	if apart {
		if err := remember(c.db.host.exec); err != nil {
			return subscription.Outcome{}, err
		}
	}
	var answer error
	err = c.db.within(ctx, func(exec execer, st subscription.Store) error {
		if !apart {
			if err := remember(exec); err != nil {
				return err
			}
		}
		out, answer = s.Bind(st).Do(ctx, r.Application, cmd, r.Key)
		if out.Receipt.Key == "" {
			return answer // nothing was done: the host's row is rolled back too
		}
		return nil
	})
	switch {
	case err != nil:
		return subscription.Outcome{}, err
	case out.Receipt.OrderID == "":
		return out, answer
	}
	o, err := s.Collect(ctx, r.Application, out.Receipt.OrderID)
	if o.ID != "" {
		out.Order = o
	}
	return out, err
}

// deposit pays into an account in the database.
func (c *child) deposit(ctx context.Context, d deposit) error {
	if err := c.db.accounts.Open(ctx, d.Account); err != nil {
		return err
	}
	if mutants()[c.settings.Mutant].keyless {
		d.Key += c.now().String()
	}
	return c.db.accounts.Deposit(ctx, d.Account, d.Key, d.Amount)
}

// prune prunes what is older than an instant.
func (c *child) prune(ctx context.Context, p prune) (store.Pruned, error) {
	pruner, ok := c.db.Store.(store.Pruner)
	if !ok {
		return store.Pruned{}, errors.ErrUnsupported
	}
	if mutants()[c.settings.Mutant].hasty {
		p.Before = c.now()
	}
	return pruner.Prune(ctx, p.Before)
}
