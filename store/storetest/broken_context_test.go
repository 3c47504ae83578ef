package storetest_test

import (
	"context"
	"errors"
	"iter"
	"time"

	"github.com/prepaidkit/prepaid/subscription"
)

var contextFlaws = []flaw{
	{"Load ignores its context", func(b *broken) {
		b.load = func(ctx context.Context, reads ...subscription.Read) ([]subscription.Snapshot, error) {
			return b.Store.Load(context.WithoutCancel(ctx), reads...)
		}
	}, "context/Load, its context past"},
	{"Commit ignores its context", func(b *broken) {
		b.commit = func(ctx context.Context, changes ...subscription.Change) error {
			return b.Store.Commit(context.WithoutCancel(ctx), changes...)
		}
	}, "context/Commit, its context canceled"},
	{"Commit looks at its context afterward", func(b *broken) {
		b.commit = func(ctx context.Context, changes ...subscription.Change) error {
			if err := b.Store.Commit(context.WithoutCancel(ctx), changes...); err != nil {
				return err
			}
			return ctx.Err()
		}
	}, "context/Commit, its context canceled"},
	{"an iterator ignores its context", func(b *broken) {
		b.orders = func(ctx context.Context, app subscription.ApplicationID) iter.Seq2[subscription.Order, error] {
			return b.Store.Orders(context.WithoutCancel(ctx), app)
		}
	}, "context/orders, the context canceled: one error"},
	{"the context's error is hidden", func(b *broken) {
		b.load = func(ctx context.Context, reads ...subscription.Read) ([]subscription.Snapshot, error) {
			s, err := b.Store.Load(ctx, reads...)
			if err != nil {
				err = errors.New("query failed")
			}
			return s, err
		}
	}, "context/Load, its context canceled"},
	{"giving up is a conflict", func(b *broken) {
		b.commit = func(ctx context.Context, changes ...subscription.Change) error {
			if ctx.Err() != nil {
				return errors.Join(&subscription.ConflictError{Applications: appIDs(changes)}, ctx.Err())
			}
			return b.Store.Commit(ctx, changes...)
		}
	}, "context/a conflict, its context"},
	{"an iterator that is canceled just ends", func(b *broken) {
		b.entries = func(ctx context.Context, app subscription.ApplicationID) iter.Seq2[subscription.Entry, error] {
			return func(yield func(subscription.Entry, error) bool) {
				for e, err := range b.Store.Entries(ctx, app) {
					if err != nil || !yield(e, nil) {
						return
					}
				}
			}
		}
	}, "context/entries, the context canceled within"},
	{"an iterator goes on after its error", func(b *broken) {
		b.events = func(ctx context.Context, app subscription.ApplicationID) iter.Seq2[subscription.Event, error] {
			return func(yield func(subscription.Event, error) bool) {
				for e, err := range b.Store.Events(context.WithoutCancel(ctx), app) {
					if !yield(e, errors.Join(err, ctx.Err())) {
						return
					}
				}
			}
		}
	}, "context/events, the context canceled within"},
	{"a row comes beside the error", func(b *broken) {
		b.orders = func(ctx context.Context, app subscription.ApplicationID) iter.Seq2[subscription.Order, error] {
			return func(yield func(subscription.Order, error) bool) {
				for o, err := range b.Store.Orders(ctx, app) {
					if err != nil {
						o.Application = app
					}
					if !yield(o, err) {
						return
					}
				}
			}
		}
	}, "context/orders, the context past"},
	{"a commit that is canceled has lost its rows", func(b *broken) {
		b.commit = func(ctx context.Context, changes ...subscription.Change) error {
			select {
			case <-ctx.Done():
			case <-time.After(100 * time.Millisecond): // nobody cancels this one
				return b.Store.Commit(ctx, changes...)
			}
			for i := range changes {
				c := changes[i].Clone()
				c.Entries = nil
				if err := b.Store.Commit(context.WithoutCancel(ctx), c); err != nil {
					return err
				}
			}
			return ctx.Err()
		}
	}, "context/commits canceled on their way"},
}
