package storetest_test

import (
	"context"
	"errors"
	"iter"
	"slices"
	"strings"
	"sync"

	"github.com/prepaidkit/prepaid/pricing"
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
	}, "context/Commit, its context cancelled"},
	{"Commit looks at its context afterwards", func(b *broken) {
		b.commit = func(ctx context.Context, changes ...subscription.Change) error {
			if err := b.Store.Commit(context.WithoutCancel(ctx), changes...); err != nil {
				return err
			}
			return ctx.Err()
		}
	}, "context/Commit, its context cancelled"},
	{"an iterator ignores its context", func(b *broken) {
		b.orders = func(ctx context.Context, app subscription.ApplicationID) iter.Seq2[subscription.Order, error] {
			return b.Store.Orders(context.WithoutCancel(ctx), app)
		}
	}, "context/orders, the context cancelled: one error"},
	{"the context's error is hidden", func(b *broken) {
		b.load = func(ctx context.Context, reads ...subscription.Read) ([]subscription.Snapshot, error) {
			s, err := b.Store.Load(ctx, reads...)
			if err != nil {
				err = errors.New("query failed")
			}
			return s, err
		}
	}, "context/Load, its context cancelled"},
	{"giving up is a conflict", func(b *broken) {
		b.commit = func(ctx context.Context, changes ...subscription.Change) error {
			if ctx.Err() != nil {
				return errors.Join(&subscription.ConflictError{Applications: appIDs(changes)}, ctx.Err())
			}
			return b.Store.Commit(ctx, changes...)
		}
	}, "context/a conflict, its context"},
	{"an iterator that is cancelled just ends", func(b *broken) {
		b.entries = func(ctx context.Context, app subscription.ApplicationID) iter.Seq2[subscription.Entry, error] {
			return func(yield func(subscription.Entry, error) bool) {
				for e, err := range b.Store.Entries(ctx, app) {
					if err != nil || !yield(e, nil) {
						return
					}
				}
			}
		}
	}, "context/entries, the context cancelled within"},
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
	}, "context/events, the context cancelled within"},
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
	{"a commit that is cancelled has lost its rows", func(b *broken) {
		b.commit = func(ctx context.Context, changes ...subscription.Change) error {
			for i := range changes {
				c := changes[i].Clone()
				<-ctx.Done()
				c.Entries = nil
				if err := b.Store.Commit(context.WithoutCancel(ctx), c); err != nil {
					return err
				}
			}
			return ctx.Err()
		}
	}, "context/commits cancelled on their way"},
}

var aliasingFlaws = []flaw{
	{"the caller's document is kept", func(b *broken) {
		kept := map[subscription.ApplicationID]subscription.Application{}
		b.commit = func(ctx context.Context, changes ...subscription.Change) error {
			err := b.Store.Commit(ctx, changes...)
			for _, c := range changes {
				if b.revision(c.Application) == c.Next.Revision {
					kept[c.Application] = c.Next
				}
			}
			return err
		}
		b.shows(func(s *subscription.Snapshot) {
			if a, ok := kept[s.Application.ID]; ok && a.Revision == s.Application.Revision {
				s.Application = a
			}
		})
	}, "aliasing/a change that is spoilt"},
	{"the caller's deliveries are kept", func(b *broken) {
		kept := map[subscription.OrderID][]subscription.Delivery{}
		b.commit = func(ctx context.Context, changes ...subscription.Change) error {
			for _, c := range changes {
				for _, o := range c.Orders {
					kept[o.ID] = slices.Clone(o.Deliveries) // what they point to isn't copied
				}
			}
			return b.Store.Commit(ctx, changes...)
		}
		b.orders = listed(b.Store.Orders, func(rows []subscription.Order) []subscription.Order {
			for i := range rows {
				rows[i].Deliveries = slices.Clone(kept[rows[i].ID])
			}
			return rows
		})
	}, "aliasing/a change that is spoilt"},
	{"a snapshot is the store's own", func(b *broken) {
		kept := map[subscription.ApplicationID]subscription.Application{}
		b.shows(func(s *subscription.Snapshot) {
			if a, ok := kept[s.Application.ID]; ok && a.Revision == s.Application.Revision {
				s.Application = a
			}
			kept[s.Application.ID] = s.Application
		})
	}, "aliasing/a snapshot that is spoilt"},
	{"listed orders are the store's own", func(b *broken) {
		kept := map[subscription.OrderID]subscription.Order{}
		b.orders = listed(b.Store.Orders, func(rows []subscription.Order) []subscription.Order {
			for i, o := range rows {
				if was, ok := kept[o.ID]; ok && was.Status == o.Status {
					rows[i] = was
				}
				kept[o.ID] = rows[i]
			}
			return rows
		})
	}, "aliasing/listed rows"},
	{"one buffer for all rows of a loop", func(b *broken) {
		b.orders = listed(b.Store.Orders, func(rows []subscription.Order) []subscription.Order {
			var buffer subscription.Extend
			for i := range rows {
				for j, d := range rows[i].Deliveries {
					if d.Extend != nil {
						buffer = *d.Extend
						rows[i].Deliveries[j].Extend = &buffer
					}
				}
			}
			return rows
		})
	}, "rows/every field of listed orders"},
	{"the lines of all rows of a loop are parts of one array", func(b *broken) {
		b.orders = listed(b.Store.Orders, func(rows []subscription.Order) []subscription.Order {
			lines := make([]pricing.Line, 0, 100)
			for i := range rows {
				from := len(lines)
				lines = append(lines, rows[i].Lines...)
				rows[i].Lines = lines[from:]
			}
			return rows
		})
	}, "aliasing/listed rows that are spoilt within"},
	{"Commit empties the receipts that it is given", func(b *broken) {
		b.commit = func(ctx context.Context, changes ...subscription.Change) error {
			for _, c := range changes {
				for i := range c.Receipts {
					c.Receipts[i].Order = subscription.Order{}
				}
			}
			return b.Store.Commit(ctx, changes...)
		}
	}, "aliasing/Commit leaves"},
	{"Load sorts what it is given", func(b *broken) {
		b.load = func(ctx context.Context, reads ...subscription.Read) ([]subscription.Snapshot, error) {
			for _, r := range reads {
				slices.Sort(r.Keys)
			}
			return b.Store.Load(ctx, reads...)
		}
	}, "aliasing/Load leaves"},
}
