package storetest_test

import (
	"context"
	"errors"
	"iter"
	"slices"
	"strings"
	"sync"

	"github.com/prepaidkit/prepaid/subscription"
)

var listFlaws = []flaw{
	{"orders by their IDs", func(b *broken) {
		b.orders = listed(b.Store.Orders, func(rows []subscription.Order) []subscription.Order {
			slices.SortFunc(rows, func(a, b subscription.Order) int { return strings.Compare(string(a.ID), string(b.ID)) })
			return rows
		})
	}, "iterators/rows in the order"},
	{"orders by their clocks", func(b *broken) {
		b.orders = listed(b.Store.Orders, func(rows []subscription.Order) []subscription.Order {
			slices.SortStableFunc(rows, func(a, b subscription.Order) int { return a.PlacedAt.Compare(b.PlacedAt) })
			return rows
		})
	}, "iterators/orders in the order in which they were placed"},
	{"events newest first", func(b *broken) {
		b.events = listed(b.Store.Events, func(rows []subscription.Event) []subscription.Event {
			slices.Reverse(rows)
			return rows
		})
	}, "iterators/rows in the order"},
	{"entries by the text of their index", func(b *broken) {
		b.entries = listed(b.Store.Entries, func(rows []subscription.Entry) []subscription.Entry {
			slices.SortStableFunc(rows, func(a, b subscription.Entry) int {
				if a.Revision != b.Revision {
					return int(a.Revision - b.Revision)
				}
				return strings.Compare(string(rune('0'+a.Index%10)), string(rune('0'+b.Index%10)))
			})
			return rows
		})
	}, "iterators/rows in the order"},
	{"a thousand entries at most", func(b *broken) {
		b.entries = listed(b.Store.Entries, func(rows []subscription.Entry) []subscription.Entry { return rows[:min(1000, len(rows))] })
	}, "iterators/entries of thousands"},
	{"an unknown application is an error", func(b *broken) {
		b.orders = func(ctx context.Context, app subscription.ApplicationID) iter.Seq2[subscription.Order, error] {
			if b.revision(app) == 0 {
				return func(yield func(subscription.Order, error) bool) {
					yield(subscription.Order{}, subscription.ErrNotFound)
				}
			}
			return b.Store.Orders(ctx, app)
		}
	}, "iterators/orders of an unknown"},
	{"rows by the beginning of the application's ID", func(b *broken) {
		var mu sync.Mutex
		var apps []subscription.ApplicationID
		b.edits(func(c *subscription.Change) {
			mu.Lock()
			defer mu.Unlock()
			apps = append(apps, c.Application)
		})
		b.events = func(ctx context.Context, app subscription.ApplicationID) iter.Seq2[subscription.Event, error] {
			return func(yield func(subscription.Event, error) bool) {
				for _, other := range apps {
					if !strings.HasPrefix(string(other), string(app)) {
						continue
					}
					for e, err := range b.Store.Events(ctx, other) {
						if !yield(e, err) {
							return
						}
					}
				}
			}
		}
	}, "iterators/events of no other"},
	{"a lock is held while the loop runs", func(b *broken) {
		b.commit = func(ctx context.Context, changes ...subscription.Change) error {
			b.mu.Lock()
			defer b.mu.Unlock()
			return b.Store.Commit(ctx, changes...)
		}
		b.entries = func(ctx context.Context, app subscription.ApplicationID) iter.Seq2[subscription.Entry, error] {
			return func(yield func(subscription.Entry, error) bool) {
				b.mu.Lock()
				defer b.mu.Unlock()
				b.Store.Entries(ctx, app)(yield)
			}
		}
	}, "iterators/entries: the store can be called"},
	{"one connection, and the loop has it", func(b *broken) {
		b.events = func(ctx context.Context, app subscription.ApplicationID) iter.Seq2[subscription.Event, error] {
			return func(yield func(subscription.Event, error) bool) {
				if !b.mu.TryLock() {
					yield(subscription.Event{}, errors.New("database is locked"))
					return
				}
				defer b.mu.Unlock()
				b.Store.Events(ctx, app)(yield)
			}
		}
	}, "iterators/events: the store can be called"},
	{"a loop that is left keeps its connection", func(b *broken) {
		pool := make(chan struct{}, 4)
		b.orders = func(ctx context.Context, app subscription.ApplicationID) iter.Seq2[subscription.Order, error] {
			return func(yield func(subscription.Order, error) bool) {
				pool <- struct{}{}
				for o, err := range b.Store.Orders(ctx, app) {
					if !yield(o, err) {
						return
					}
				}
				<-pool
			}
		}
	}, "iterators/orders left early"},
	{"a loop that panics keeps its connection", func(b *broken) {
		pool := make(chan struct{}, 4)
		b.entries = func(ctx context.Context, app subscription.ApplicationID) iter.Seq2[subscription.Entry, error] {
			return func(yield func(subscription.Entry, error) bool) {
				pool <- struct{}{}
				b.Store.Entries(ctx, app)(yield)
				<-pool
			}
		}
	}, "iterators/entries left by a panic"},
	{"rows of a replica that is behind", func(b *broken) {
		var behind sync.Map
		b.events = func(ctx context.Context, app subscription.ApplicationID) iter.Seq2[subscription.Event, error] {
			return listed(b.Store.Events, func(rows []subscription.Event) []subscription.Event {
				was, _ := behind.Swap(app, len(rows))
				n, _ := was.(int)
				return rows[:n]
			})(ctx, app)
		}
	}, "iterators/events while commits go on"},
	{"a row is skipped between two pages", func(b *broken) {
		b.orders = listed(b.Store.Orders, func(rows []subscription.Order) []subscription.Order {
			if len(rows) > 9 {
				return slices.Delete(rows, 7, 8)
			}
			return rows
		})
	}, "iterators/orders while commits go on"},
}
