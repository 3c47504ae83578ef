package memory

import (
	"cmp"
	"context"
	"iter"
	"maps"
	"slices"

	"github.com/prepaidkit/prepaid/subscription"
)

// Applications implements [store.Store].
func (s *Store) Applications(ctx context.Context) iter.Seq2[subscription.ApplicationID, error] {
	return rows(ctx, s.applications)
}

// ApplicationsOf implements [subscription.Store].
func (s *Store) ApplicationsOf(ctx context.Context, account subscription.AccountID) iter.Seq2[subscription.ApplicationID, error] {
	return rows(ctx, func() []subscription.ApplicationID {
		return s.ids(func(sh *shard) iter.Seq[subscription.ApplicationID] { return slices.Values(sh.of[account]) })
	})
}

// applications returns all application IDs in order.
func (s *Store) applications() []subscription.ApplicationID {
	return s.ids(func(sh *shard) iter.Seq[subscription.ApplicationID] { return maps.Keys(sh.apps) })
}

// ids returns the IDs of all shards in order.
func (s *Store) ids(of func(*shard) iter.Seq[subscription.ApplicationID]) []subscription.ApplicationID {
	var ids []subscription.ApplicationID
	for i := range s.shards {
		sh := &s.shards[i]
		sh.mu.RLock()
		ids = slices.AppendSeq(ids, of(sh))
		sh.mu.RUnlock()
	}
	slices.Sort(ids)
	return ids
}

// Orders implements [store.Store].
func (s *Store) Orders(ctx context.Context, app subscription.ApplicationID) iter.Seq2[subscription.Order, error] {
	return rows(ctx, func() []subscription.Order {
		return view(s, app, func(r *record) []subscription.Order {
			orders := make([]subscription.Order, len(r.placed))
			for i, id := range r.placed {
				orders[i] = r.orders[id].Clone()
			}
			return orders
		})
	})
}

// Entries implements [store.Store].
func (s *Store) Entries(ctx context.Context, app subscription.ApplicationID) iter.Seq2[subscription.Entry, error] {
	return rows(ctx, func() []subscription.Entry {
		return view(s, app, func(r *record) []subscription.Entry { return slices.Concat(r.entries...) })
	})
}

// Events implements [store.Store].
func (s *Store) Events(ctx context.Context, app subscription.ApplicationID) iter.Seq2[subscription.Event, error] {
	return rows(ctx, func() []subscription.Event {
		return view(s, app, func(r *record) []subscription.Event { return slices.Concat(r.events...) })
	})
}

// Refunds implements [store.Store].
func (s *Store) Refunds(ctx context.Context, app subscription.ApplicationID) iter.Seq2[subscription.Refund, error] {
	return rows(ctx, func() []subscription.Refund {
		return view(s, app, func(r *record) []subscription.Refund {
			return r.returned(func(subscription.OrderID) bool { return true })
		})
	})
}

// Subscriptions implements [store.Store].
func (s *Store) Subscriptions(
	ctx context.Context, app subscription.ApplicationID,
) iter.Seq2[subscription.SubscriptionRow, error] {
	return rows(ctx, func() []subscription.SubscriptionRow {
		return view(s, app, func(r *record) []subscription.SubscriptionRow {
			return slices.SortedFunc(slices.Values(r.rows), func(a, b subscription.SubscriptionRow) int {
				return cmp.Compare(a.ID, b.ID)
			})
		})
	})
}

// view reads an application's rows under its lock. It returns none if there is no such application.
func view[T any](s *Store, app subscription.ApplicationID, read func(*record) []T) []T {
	sh := s.shard(app)
	sh.mu.RLock()
	defer sh.mu.RUnlock()
	if r, ok := sh.apps[app]; ok {
		return read(r)
	}
	return nil
}

// rows yields the result of get. It checks ctx before each row, and once if there are none.
func rows[T any](ctx context.Context, get func() []T) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		var zero T
		if err := ctx.Err(); err != nil {
			yield(zero, err)
			return
		}
		for _, row := range get() {
			if err := ctx.Err(); err != nil {
				yield(zero, err)
				return
			}
			if !yield(row, nil) {
				return
			}
		}
	}
}
