package storetest_test

import (
	"context"
	"errors"
	"iter"
	"slices"
	"sync"

	"github.com/prepaidkit/prepaid/store/memory"
	"github.com/prepaidkit/prepaid/subscription"
)

var commitFlaws = []flaw{
	{"the base revision is ignored", func(b *broken) {
		b.edits(func(c *subscription.Change) { c.Base = b.revision(c.Application) })
	}, "commit/a conflict, nothing changes: a base just behind"},
	{"creating is replacing", func(b *broken) {
		b.edits(func(c *subscription.Change) {
			if c.Base == 0 {
				c.Base = b.revision(c.Application)
			}
		})
	}, "commit/a conflict, nothing changes: creating twice"},
	{"a base ahead will do", func(b *broken) {
		b.edits(func(c *subscription.Change) { c.Base = min(c.Base, b.revision(c.Application)) })
	}, "commit/a conflict, nothing changes: a base far ahead"},
	{"updating is creating", func(b *broken) {
		b.edits(func(c *subscription.Change) {
			if b.revision(c.Application) == 0 {
				c.Base = 0
			}
		})
	}, "commit/a conflict, nothing changes: an unknown application"},
	{"a conflict is nothing to speak of", func(b *broken) {
		b.commit = func(ctx context.Context, changes ...subscription.Change) error {
			if err := b.Store.Commit(ctx, changes...); !errors.Is(err, subscription.ErrConflict) {
				return err
			}
			return nil
		}
	}, "commit/the same change twice"},
	{"committed, and then called a conflict", func(b *broken) {
		b.commit = func(ctx context.Context, changes ...subscription.Change) error {
			if err := b.Store.Commit(ctx, changes...); err != nil || len(changes) < 2 {
				return err
			}
			return &subscription.ConflictError{Applications: appIDs(changes[:1])}
		}
	}, "commit/a batch of a thousand"},
	{"a conflict refuses the whole batch", func(b *broken) {
		b.commit = func(ctx context.Context, changes ...subscription.Change) error {
			var late []subscription.Change
			for _, c := range changes {
				if b.revision(c.Application) != c.Base {
					late = append(late, c)
				}
			}
			if late != nil {
				return &subscription.ConflictError{Applications: appIDs(late)}
			}
			return b.Store.Commit(ctx, changes...)
		}
	}, "commit/of a batch those that conflict"},
	{"a batch stops at the first conflict", func(b *broken) {
		b.commit = func(ctx context.Context, changes ...subscription.Change) error {
			for _, c := range changes {
				if err := b.Store.Commit(ctx, c); err != nil {
					return err
				}
			}
			return ctx.Err()
		}
	}, "commit/of a batch those that conflict"},
	{"a conflict names the whole batch", func(b *broken) {
		b.commit = func(ctx context.Context, changes ...subscription.Change) error {
			err := b.Store.Commit(ctx, changes...)
			if errors.Is(err, subscription.ErrConflict) {
				return &subscription.ConflictError{Applications: appIDs(changes)}
			}
			return err
		}
	}, "commit/every third"},
	{"a conflict of nobody in particular", func(b *broken) {
		b.commit = func(ctx context.Context, changes ...subscription.Change) error {
			err := b.Store.Commit(ctx, changes...)
			if errors.Is(err, subscription.ErrConflict) {
				return subscription.ErrConflict
			}
			return err
		}
	}, "commit/a conflict"},
	{"the rows of a change are written before its base is looked at", func(b *broken) {
		var late sync.Map
		b.commit = func(ctx context.Context, changes ...subscription.Change) error {
			err := b.Store.Commit(ctx, changes...)
			if conflict, ok := errors.AsType[*subscription.ConflictError](err); ok {
				for _, c := range changes {
					if slices.Contains(conflict.Applications, c.Application) {
						late.Store(c.Application, c.Clone().Events)
					}
				}
			}
			return err
		}
		b.events = func(ctx context.Context, app subscription.ApplicationID) iter.Seq2[subscription.Event, error] {
			return listed(b.Store.Events, func(rows []subscription.Event) []subscription.Event {
				if more, ok := late.Load(app); ok {
					rows = append(rows, more.([]subscription.Event)...)
				}
				return rows
			})(ctx, app)
		}
	}, "commit/a conflict, nothing changes"},
	{"a refused change replaces its orders", func(b *broken) {
		b.commit = func(ctx context.Context, changes ...subscription.Change) error {
			err := b.Store.Commit(ctx, changes...)
			if !errors.Is(err, subscription.ErrConflict) {
				return err
			}
			for _, c := range changes {
				s, _ := b.Store.Load(ctx, subscription.Read{Application: c.Application})
				if now := s[0].Application; now.Revision != c.Base+1 && now.Revision > 0 {
					_ = b.Store.Commit(ctx, subscription.Change{
						Application: c.Application, Base: now.Revision, Next: now, Orders: c.Orders[len(c.Orders)-1:],
					})
				}
			}
			return err
		}
	}, "commit/a conflict, nothing changes"},
	{"receipts are dropped", func(b *broken) {
		b.edits(func(c *subscription.Change) { c.Receipts = nil })
	}, "commit/base 0"},
	{"receipts are dropped, as the service sees it", func(b *broken) {
		b.edits(func(c *subscription.Change) { c.Receipts = nil })
	}, "service/a key again"},
	{"keys are not unique", func(b *broken) {
		b.commit = func(ctx context.Context, changes ...subscription.Change) error {
			changes = slices.Clone(changes)
			for i, c := range changes {
				for _, r := range c.Receipts {
					s, _ := b.Store.Load(ctx, subscription.Read{Application: c.Application, Keys: []string{r.Key}})
					if len(s[0].Receipts) > 0 {
						changes[i].Receipts = nil
					}
				}
			}
			return b.Store.Commit(ctx, changes...)
		}
	}, "commit/a key that has a receipt"},
	{"a taken key is an error", func(b *broken) {
		b.commit = func(ctx context.Context, changes ...subscription.Change) error {
			for _, c := range changes {
				for _, r := range c.Receipts {
					s, _ := b.Store.Load(ctx, subscription.Read{Application: c.Application, Keys: []string{r.Key}})
					if len(s[0].Receipts) > 0 {
						return errors.New("duplicate key value violates unique constraint")
					}
				}
			}
			return b.Store.Commit(ctx, changes...)
		}
	}, "commit/of a batch those whose key"},
	{"keys are unique over all applications", func(b *broken) {
		var keys sync.Map
		b.commit = func(ctx context.Context, changes ...subscription.Change) error {
			for _, c := range changes {
				for _, r := range c.Receipts {
					if owner, taken := keys.LoadOrStore(r.Key, c.Application); taken && owner != c.Application {
						return &subscription.ConflictError{Applications: appIDs(changes)}
					}
				}
			}
			return b.Store.Commit(ctx, changes...)
		}
	}, "commit/one key in two"},
	{"orders are unique over all applications", func(b *broken) {
		var all sync.Map
		b.commit = func(ctx context.Context, changes ...subscription.Change) error {
			for _, c := range changes {
				for _, o := range c.Orders {
					if owner, taken := all.LoadOrStore(o.ID, c.Application); taken && owner != c.Application {
						return errors.New("duplicate key value violates unique constraint")
					}
				}
			}
			return b.Store.Commit(ctx, changes...)
		}
	}, "commit/one order ID in two"},
	{"an order that is replaced goes to the end", func(b *broken) {
		b.orders = listed(b.Store.Orders, func(rows []subscription.Order) []subscription.Order {
			slices.SortStableFunc(rows, func(a, b subscription.Order) int { return a.ClosedAt.Compare(b.ClosedAt) })
			return rows
		})
	}, "commit/an order is replaced"},
	{"an order's first state is kept", func(b *broken) {
		var first sync.Map
		b.edits(func(c *subscription.Change) {
			for i := range c.Orders {
				o, _ := first.LoadOrStore(c.Orders[i].ID, c.Orders[i].Clone())
				c.Orders[i] = o.(subscription.Order).Clone()
			}
		})
	}, "commit/an order is replaced"},
	{"orders that aren't named are gone", func(b *broken) {
		b.orders = listed(b.Store.Orders, func(rows []subscription.Order) []subscription.Order {
			if len(rows) > 1 {
				return rows[1:]
			}
			return rows
		})
	}, "commit/orders that a change doesn't name"},
	{"the last event is lost", func(b *broken) {
		b.edits(func(c *subscription.Change) { c.Events = c.Events[:len(c.Events)-1] })
	}, "commit/base 0"},
	{"a change without orders is none", func(b *broken) {
		b.commit = func(ctx context.Context, changes ...subscription.Change) error {
			changes = slices.DeleteFunc(slices.Clone(changes), func(c subscription.Change) bool { return len(c.Orders) == 0 })
			return b.Store.Commit(ctx, changes...)
		}
	}, "commit/a change of nothing but"},
	{"an empty batch is an error", func(b *broken) {
		b.commit = func(ctx context.Context, changes ...subscription.Change) error {
			if len(changes) == 0 {
				return errors.New("syntax error at or near )")
			}
			return b.Store.Commit(ctx, changes...)
		}
	}, "commit/an empty batch"},
	{"a statement has no room for so many", func(b *broken) {
		b.commit = func(ctx context.Context, changes ...subscription.Change) error {
			if len(changes) > 999 {
				return errors.New("too many SQL variables")
			}
			return b.Store.Commit(ctx, changes...)
		}
	}, "commit/a batch of a thousand"},
}

func appIDs(changes []subscription.Change) []subscription.ApplicationID {
	ids := make([]subscription.ApplicationID, len(changes))
	for i, c := range changes {
		ids[i] = c.Application
	}
	return ids
}

func revision(s *memory.Store, app subscription.ApplicationID) int64 {
	loaded, _ := s.Load(context.Background(), subscription.Read{Application: app})
	return loaded[0].Application.Revision
}
