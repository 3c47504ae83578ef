package customstore

import (
	"cmp"
	"context"
	"iter"
	"slices"

	"github.com/prepaidkit/prepaid/subscription"
)

// Applications implements [store.History], as do the methods below.
func (s *Store) Applications(ctx context.Context) iter.Seq2[subscription.ApplicationID, error] {
	return s.applications(ctx, func(*record) bool { return true })
}

// Orders yields orders in the order in which they were placed.
func (s *Store) Orders(ctx context.Context, app subscription.ApplicationID) iter.Seq2[subscription.Order, error] {
	return rows(ctx, s, app, func(r *record) []subscription.Order {
		orders := those(r.orders, r.placed)
		for i := range orders {
			orders[i] = orders[i].Clone()
		}
		return orders
	})
}

// Entries yields entries in the order in which they were committed.
func (s *Store) Entries(ctx context.Context, app subscription.ApplicationID) iter.Seq2[subscription.Entry, error] {
	return rows(ctx, s, app, func(r *record) []subscription.Entry { return slices.Clone(r.entries) })
}

// Events yields events in the order in which they were committed.
func (s *Store) Events(ctx context.Context, app subscription.ApplicationID) iter.Seq2[subscription.Event, error] {
	return rows(ctx, s, app, func(r *record) []subscription.Event { return slices.Clone(r.events) })
}

// Refunds yields refunds by order and number.
func (s *Store) Refunds(ctx context.Context, app subscription.ApplicationID) iter.Seq2[subscription.Refund, error] {
	return rows(ctx, s, app, func(r *record) []subscription.Refund {
		return r.refundsOf(func(subscription.OrderID) bool { return true })
	})
}

// refundsOf returns copies of the refunds of some orders, by order and number.
func (r *record) refundsOf(of func(subscription.OrderID) bool) []subscription.Refund {
	var refunds []subscription.Refund
	for id, f := range r.refunds {
		if of(id.order) {
			refunds = append(refunds, f.Clone())
		}
	}
	slices.SortFunc(refunds, func(a, b subscription.Refund) int {
		return cmp.Or(cmp.Compare(a.Order, b.Order), cmp.Compare(a.Number, b.Number))
	})
	return refunds
}

// Subscriptions yields the rows of subscriptions by ID.
func (s *Store) Subscriptions(
	ctx context.Context, app subscription.ApplicationID,
) iter.Seq2[subscription.SubscriptionRow, error] {
	return rows(ctx, s, app, func(r *record) []subscription.SubscriptionRow {
		var all []subscription.SubscriptionRow
		for _, row := range r.rows {
			all = append(all, row)
		}
		slices.SortFunc(all, func(a, b subscription.SubscriptionRow) int { return cmp.Compare(a.ID, b.ID) })
		return all
	})
}

// rows yields rows of an application, or none if it doesn't exist.
func rows[T any](ctx context.Context, s *Store, app subscription.ApplicationID, of func(*record) []T) iter.Seq2[T, error] {
	return list(ctx, s, func() []T {
		if r, exists := s.apps[app]; exists {
			return of(r)
		}
		return nil
	})
}

// list yields what get returns under the lock. The lock isn't held while the loop's body runs.
func list[T any](ctx context.Context, s *Store, get func() []T) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		var zero T
		s.mu.RLock()
		all := get()
		s.mu.RUnlock()
		for _, row := range all {
			if ctx.Err() != nil {
				break
			}
			if !yield(row, nil) {
				return
			}
		}
		if err := ctx.Err(); err != nil {
			yield(zero, err)
		}
	}
}
