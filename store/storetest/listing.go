package storetest

import (
	"context"
	"fmt"
	"iter"

	"github.com/prepaidkit/prepaid/subscription"
)

// listing is one of the store's iterators, independent of its row type.
type listing struct {
	name  string
	rows  func(ctx context.Context, e *env, app subscription.ApplicationID) iter.Seq2[any, error]
	wants func(x *expected) []string // the names of the expected rows, in order
}

func listings() []listing {
	return []listing{
		{"orders", func(ctx context.Context, e *env, app subscription.ApplicationID) iter.Seq2[any, error] {
			return untyped(e.store.Orders(ctx, app))
		}, func(x *expected) []string { return places(x.orders) }},
		{"entries", func(ctx context.Context, e *env, app subscription.ApplicationID) iter.Seq2[any, error] {
			return untyped(e.store.Entries(ctx, app))
		}, func(x *expected) []string { return places(x.entries) }},
		{"events", func(ctx context.Context, e *env, app subscription.ApplicationID) iter.Seq2[any, error] {
			return untyped(e.store.Events(ctx, app))
		}, func(x *expected) []string { return places(x.events) }},
		{"refunds", func(ctx context.Context, e *env, app subscription.ApplicationID) iter.Seq2[any, error] {
			return untyped(e.store.Refunds(ctx, app))
		}, func(x *expected) []string { return places(x.refunds) }},
		{"subscriptions", func(ctx context.Context, e *env, app subscription.ApplicationID) iter.Seq2[any, error] {
			return untyped(e.store.Subscriptions(ctx, app))
		}, func(x *expected) []string { return places(x.rows) }},
	}
}

func untyped[T any](rows iter.Seq2[T, error]) iter.Seq2[any, error] {
	return func(yield func(any, error) bool) {
		for row, err := range rows {
			if !yield(row, err) {
				return
			}
		}
	}
}

// place returns the name of a row within its application.
func place(row any) string {
	switch r := row.(type) {
	case subscription.Order:
		return fmt.Sprintf("%s order %s", r.Application, r.ID)
	case subscription.Entry:
		return fmt.Sprintf("%s entry %d.%d", r.Application, r.Revision, r.Index)
	case subscription.Event:
		return fmt.Sprintf("%s event %d.%d", r.Application, r.Revision, r.Index)
	case subscription.Refund:
		return fmt.Sprintf("%s refund %s.%d", r.Application, r.Order, r.Number)
	case subscription.SubscriptionRow:
		return fmt.Sprintf("%s subscription %s", r.Application, r.ID)
	}
	return fmt.Sprintf("%T", row)
}

func places[T any](rows []T) []string {
	list := make([]string, len(rows))
	for i, row := range rows {
		list[i] = place(row)
	}
	return list
}

// listed returns the names of the rows up to the first error. It may be called from any goroutine.
func (e *env) listed(ctx context.Context, l listing, app subscription.ApplicationID) ([]string, error) {
	var list []string
	for row, err := range l.rows(ctx, e, app) {
		if err != nil {
			return list, err
		}
		list = append(list, place(row))
	}
	return list, nil
}
