package storetest_test

import (
	"context"
	"errors"
	"slices"
	"strings"

	"github.com/prepaidkit/prepaid/subscription"
)

// unplaced returns a change that says of none of its orders that it places them.
func unplaced(c subscription.Change) subscription.Change {
	c = c.Clone()
	for i := range c.Events {
		if c.Events[i].Type == subscription.EventOrderPlaced {
			c.Events[i].Type = subscription.EventOrderPaid
		}
	}
	return c
}

// onExisting makes a store do something with the changes of a batch that it refuses since they place orders that exist,
// and return another error.
func onExisting(do func(ctx context.Context, b *broken, refused []subscription.Change, err error) error) func(b *broken) {
	return func(b *broken) {
		b.commit = func(ctx context.Context, changes ...subscription.Change) error {
			err := b.Store.Commit(ctx, changes...)
			if !errors.Is(err, subscription.ErrExists) {
				return err
			}
			return do(ctx, b, refusedBy(err, changes), err)
		}
	}
}

// refusedBy returns the changes that an error refuses.
func refusedBy(err error, changes []subscription.Change) []subscription.Change {
	refused, _ := errors.AsType[*subscription.RefusedError](err)
	return slices.DeleteFunc(slices.Clone(changes), func(c subscription.Change) bool {
		return !slices.ContainsFunc(refused.Changes, func(r subscription.Refusal) bool { return r.Application == c.Application })
	})
}

// conflictOf returns the conflict in an error, nil if there is none.
func conflictOf(err error) error {
	if conflict, ok := errors.AsType[*subscription.ConflictError](err); ok {
		return conflict
	}
	return nil
}

var placedFlaws = []flaw{
	{"an order that is placed overwrites one that exists", onExisting(
		func(ctx context.Context, b *broken, refused []subscription.Change, err error) error {
			for i := range refused {
				refused[i] = unplaced(refused[i])
			}
			return errors.Join(conflictOf(err), b.Store.Commit(ctx, refused...))
		}), "commit/an order that is placed and exists"},
	{"an order that is placed and exists is left out, the change applied", onExisting(
		func(ctx context.Context, b *broken, refused []subscription.Change, err error) error {
			for i := range refused {
				refused[i] = unplaced(refused[i])
				refused[i].Orders = nil
			}
			return errors.Join(conflictOf(err), b.Store.Commit(ctx, refused...))
		}), "commit/an order that is placed and exists"},
	{"an order that exists is a conflict", onExisting(
		func(_ context.Context, _ *broken, refused []subscription.Change, err error) error {
			all := appIDs(refused)
			if conflict, ok := errors.AsType[*subscription.ConflictError](err); ok {
				all = append(all, conflict.Applications...)
			}
			return &subscription.ConflictError{Applications: all}
		}), "commit/an order that is placed and exists"},
	{"an order that exists is any error", onExisting(
		func(context.Context, *broken, []subscription.Change, error) error {
			return errors.New("duplicate key value violates unique constraint")
		}), "commit/of a batch those that place"},
	{"an order that exists breaks an invariant", onExisting(
		func(_ context.Context, _ *broken, refused []subscription.Change, err error) error {
			return errors.Join(conflictOf(err), &subscription.RefusedError{Changes: []subscription.Refusal{{
				Application: refused[0].Application, Err: subscription.ErrInvalid,
			}}})
		}), "commit/an order that is placed and exists"},
	{"an order that exists refuses the whole batch", func(b *broken) {
		b.commit = func(ctx context.Context, changes ...subscription.Change) error {
			var refused []subscription.Refusal
			for _, c := range changes {
				for _, o := range c.Orders {
					s, _ := b.Store.Load(ctx, subscription.Read{Application: c.Application, Orders: []subscription.OrderID{o.ID}})
					if len(s[0].Orders) > 0 && c.Places(o.ID) && s[0].Application.Revision == c.Base {
						refused = append(refused, subscription.Refusal{Application: c.Application, Err: subscription.ErrExists})
					}
				}
			}
			if len(refused) > 0 {
				return &subscription.RefusedError{Changes: refused}
			}
			return b.Store.Commit(ctx, changes...)
		}
	}, "commit/of a batch those that place"},
	{"orders are looked for before revisions", func(b *broken) {
		b.commit = func(ctx context.Context, changes ...subscription.Change) error {
			for _, c := range changes {
				for _, o := range c.Orders {
					s, _ := b.Store.Load(ctx, subscription.Read{Application: c.Application, Orders: []subscription.OrderID{o.ID}})
					if len(s[0].Orders) > 0 && c.Places(o.ID) && len(changes) == 1 {
						return &subscription.RefusedError{Changes: []subscription.Refusal{{Application: c.Application, Err: subscription.ErrExists}}}
					}
				}
			}
			return b.Store.Commit(ctx, changes...)
		}
	}, "commit/a change that is late is a conflict, whatever"},
	{"who loses the race for an order is told that it exists", func(b *broken) {
		b.commit = func(ctx context.Context, changes ...subscription.Change) error {
			err := b.Store.Commit(ctx, changes...)
			conflict, late := errors.AsType[*subscription.ConflictError](err)
			if !late || len(changes) != 2 || !strings.HasPrefix(string(conflict.Applications[0]), "app ") {
				return err
			}
			var refused []subscription.Refusal
			for _, c := range changes {
				refused = append(refused, subscription.Refusal{Application: c.Application, Err: subscription.ErrExists})
			}
			return &subscription.RefusedError{Changes: refused}
		}
	}, "commit/many place one order"},
	{"whether it is placed is guessed by its ID", func(b *broken) {
		b.commit = func(ctx context.Context, changes ...subscription.Change) error {
			edited := slices.Clone(changes)
			for i, c := range changes {
				if len(c.Orders) > 0 && c.Orders[0].ID == "o" {
					edited[i] = unplaced(c)
				}
			}
			return b.Store.Commit(ctx, edited...)
		}
	}, "commit/many place one order"},
	{"only what is unresolved exists", func(b *broken) {
		onExisting(func(ctx context.Context, b *broken, refused []subscription.Change, err error) error {
			for i, c := range refused {
				s, _ := b.Store.Load(ctx, subscription.Read{Application: c.Application, Orders: []subscription.OrderID{c.Orders[0].ID}})
				if len(s[0].Orders) == 0 || s[0].Orders[0].Status.Unresolved() || s[0].Orders[0].Status == subscription.OrderPaid {
					return err
				}
				refused[i] = unplaced(c)
			}
			return b.Store.Commit(ctx, refused...)
		})(b)
	}, "commit/whatever became of the order"},
	{"the key of a change that is refused is taken", func(b *broken) {
		var keys []string
		b.commit = func(ctx context.Context, changes ...subscription.Change) error {
			b.mu.Lock()
			defer b.mu.Unlock()
			for _, c := range changes {
				if len(c.Receipts) > 0 && slices.Contains(keys, string(c.Application)+c.Receipts[0].Key) {
					return &subscription.ConflictError{Applications: appIDs(changes)}
				}
			}
			err := b.Store.Commit(ctx, changes...)
			if errors.Is(err, subscription.ErrExists) {
				for _, c := range refusedBy(err, changes) {
					keys = append(keys, string(c.Application)+c.Receipts[0].Key)
				}
			}
			return err
		}
	}, "commit/an order that is placed and exists"},
	{"orders exist for all applications", func(b *broken) {
		var placed []subscription.OrderID
		b.commit = func(ctx context.Context, changes ...subscription.Change) error {
			b.mu.Lock()
			defer b.mu.Unlock()
			for _, c := range changes {
				for _, o := range c.Orders {
					if c.Places(o.ID) && slices.Contains(placed, o.ID) {
						return &subscription.RefusedError{Changes: []subscription.Refusal{{Application: c.Application, Err: subscription.ErrExists}}}
					}
					placed = append(placed, o.ID)
				}
			}
			return b.Store.Commit(ctx, changes...)
		}
	}, "commit/an order of another application"},
}
