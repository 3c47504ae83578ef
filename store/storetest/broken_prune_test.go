package storetest_test

import (
	"context"
	"errors"
	"iter"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/prepaidkit/prepaid/pricing"
	"github.com/prepaidkit/prepaid/store"
	"github.com/prepaidkit/prepaid/store/memory"
	"github.com/prepaidkit/prepaid/store/storetest"
	"github.com/prepaidkit/prepaid/subscription"
)

// Only the cases that need pruning are skipped, with a message.
func TestPruneIsForPruners(t *testing.T) {
	keeps := func() store.Store { return struct{ store.Store }{memory.New()} }
	for _, name := range storetest.Cases() {
		isPrune := len(name) > 6 && name[:6] == "prune/"
		if !isPrune {
			continue
		}
		if storetest.Skipped(t.Context(), name, keeps) == "" {
			t.Errorf("%s isn't skipped for a store that keeps everything", name)
		}
		if why := storetest.Skipped(t.Context(), name, func() store.Store { return memory.New() }); why != "" {
			t.Errorf("%s is skipped for a store.Pruner: %s", name, why)
		}
	}
}

// prunes makes a store prune as something else does.
func prunes(prune func(ctx context.Context, b *broken, before time.Time) (store.Pruned, error)) func(b *broken) {
	return func(b *broken) {
		b.prune = func(ctx context.Context, before time.Time) (store.Pruned, error) { return prune(ctx, b, before) }
	}
}

// before makes a store prune before another instant.
func before(edit func(before time.Time) time.Time) func(b *broken) {
	return prunes(func(ctx context.Context, b *broken, before time.Time) (store.Pruned, error) {
		return b.Store.Prune(ctx, edit(before))
	})
}

// counts makes a store count other rows than it pruned.
func counts(edit func(pruned *store.Pruned)) func(b *broken) {
	return prunes(func(ctx context.Context, b *broken, before time.Time) (store.Pruned, error) {
		pruned, err := b.Store.Prune(ctx, before)
		edit(&pruned)
		return pruned, err
	})
}

// pruneBy makes a store commit edited changes, by which it then prunes otherwise than by the true ones, while what
// it lists and loads is as it was committed.
func pruneBy(edit func(c *subscription.Change)) func(b *broken) {
	return func(b *broken) {
		b.edits(edit)
		var mu sync.Mutex
		orders := map[string]subscription.Order{}
		events := map[[2]int64]subscription.Event{}
		commit := b.commit
		b.commit = func(ctx context.Context, changes ...subscription.Change) error {
			mu.Lock()
			defer mu.Unlock()
			for _, c := range changes {
				for _, o := range c.Orders {
					orders[string(c.Application)+"/"+string(o.ID)] = o.Clone()
				}
				for _, n := range c.Events {
					events[[2]int64{n.Revision, int64(n.Index)}] = n
				}
			}
			return commit(ctx, changes...)
		}
		b.orders = func(ctx context.Context, app subscription.ApplicationID) iter.Seq2[subscription.Order, error] {
			return listed(b.Store.Orders, func(rows []subscription.Order) []subscription.Order {
				for i := range rows {
					rows[i] = orders[string(app)+"/"+string(rows[i].ID)].Clone()
				}
				return rows
			})(ctx, app)
		}
		b.shows(func(s *subscription.Snapshot) {
			for i, o := range s.Orders {
				s.Orders[i] = orders[string(s.Application.ID)+"/"+string(o.ID)].Clone()
			}
		})
	}
}

// pruneAs makes a store prune orders as if they were others, whatever its documents name.
func pruneAs(edit func(o *subscription.Order)) func(b *broken) {
	return pruneBy(func(c *subscription.Change) {
		for i := range c.Orders {
			edit(&c.Orders[i])
		}
		c.Next.Orders = nil
	})
}

// unnamed makes a store prune as if documents named less.
func unnamed(edit func(next *subscription.Application)) func(b *broken) {
	return func(b *broken) {
		var mu sync.Mutex
		documents := map[subscription.ApplicationID]subscription.Application{}
		b.commit = func(ctx context.Context, changes ...subscription.Change) error {
			mu.Lock()
			defer mu.Unlock()
			edited := make([]subscription.Change, len(changes))
			for i := range changes {
				edited[i] = changes[i].Clone()
				edit(&edited[i].Next)
			}
			err := b.Store.Commit(ctx, edited...)
			for _, c := range changes {
				if b.revision(c.Application) == c.Next.Revision { //nolint:contextcheck // it asks for what is stored, whatever ctx is
					documents[c.Application] = c.Next.Clone()
				}
			}
			return err
		}
		b.shows(func(s *subscription.Snapshot) {
			mu.Lock()
			defer mu.Unlock()
			if doc, ok := documents[s.Application.ID]; ok {
				s.Application = doc.Clone()
			}
		})
	}
}

var errPrune = errors.New("canceling statement due to user request")

var pruneFlaws = []flaw{
	{"the instant itself is pruned", before(func(t time.Time) time.Time { return t.Add(time.Microsecond) }), "prune/rows of the instant"},
	{"a microsecond is left", before(func(t time.Time) time.Time { return t.Add(-time.Microsecond) }), "prune/rows of the instant"},
	{"pruned by the second", before(func(t time.Time) time.Time { return t.Truncate(time.Second) }), "prune/rows of the instant"},
	{"pruned by what a clock shows", before(func(t time.Time) time.Time {
		return time.Date(t.Year(), t.Month(), t.Day(), t.Hour(), t.Minute(), t.Second(), t.Nanosecond(), time.UTC)
	}), "prune/an instant in another zone"},
	{"pruned by nanoseconds of an int64", before(func(t time.Time) time.Time {
		return time.Unix(0, t.UnixNano())
	}), "prune/instants of all ages"},
	{"nothing is pruned", prunes(func(ctx context.Context, _ *broken, _ time.Time) (store.Pruned, error) {
		return store.Pruned{}, ctx.Err()
	}), "prune/rows of the instant"},
	{"nothing is counted", counts(func(p *store.Pruned) { *p = store.Pruned{} }), "prune/rows of the instant"},
	{"kinds of rows are mixed up", counts(func(p *store.Pruned) { p.Receipts, p.Events = p.Events, p.Receipts }), "prune/rows of the instant"},
	{"records aren't counted", counts(func(p *store.Pruned) { p.Records = 0 }), "prune/usage records"},
	{"counts add up from call to call", func(b *broken) {
		var sum store.Pruned
		counts(func(p *store.Pruned) {
			sum.Receipts, sum.Events, sum.Orders = sum.Receipts+p.Receipts, sum.Events+p.Events, sum.Orders+p.Orders
			*p = sum
		})(b)
	}, "prune/once more"},
	{"a step of a thousand is all", counts(func(p *store.Pruned) { p.Events = min(p.Events, 1000) }), "prune/thousands of rows"},
	{"pruned twice is an error", func(b *broken) {
		again := false
		prunes(func(ctx context.Context, b *broken, before time.Time) (store.Pruned, error) {
			if again {
				return store.Pruned{}, errors.New("nothing to prune")
			}
			again = true
			return b.Store.Prune(ctx, before)
		})(b)
	}, "prune/once more"},
	{"an empty store can't be pruned", prunes(func(ctx context.Context, b *broken, before time.Time) (store.Pruned, error) {
		for range b.Store.Applications(ctx) { //nolint:errcheck // the store in memory fails only with its context
			return b.Store.Prune(ctx, before)
		}
		return store.Pruned{}, errPrune
	}), "prune/an empty store"},
	{"the events of a change go together", pruneBy(func(c *subscription.Change) {
		for i := range c.Events {
			c.Events[i].At = c.Events[0].At
		}
	}), "prune/events of one change"},
	{"receipts go by their change's events", pruneBy(func(c *subscription.Change) {
		for i := range c.Receipts {
			c.Receipts[i].At = c.Events[0].At
		}
	}), "prune/each kind of row"},
	{"orders go by when they were placed", pruneBy(func(c *subscription.Change) {
		for i := range c.Orders {
			c.Orders[i].ClosedAt = c.Orders[i].PlacedAt
		}
	}), "prune/an order that was placed before"},
	{"never closed is long ago", pruneBy(func(c *subscription.Change) {
		for i := range c.Orders {
			if c.Orders[i].ClosedAt.IsZero() {
				c.Orders[i].ClosedAt = time.Date(1970, time.January, 1, 0, 0, 0, 0, time.UTC)
			}
		}
	}), "prune/an order that was never closed"},
	{"only declined orders go", pruneAs(func(o *subscription.Order) {
		if o.Status != subscription.OrderDeclined {
			o.Status = subscription.OrderOpen
		}
	}), "prune/orders that were declined or canceled"},
	{"orders under review go", pruneAs(func(o *subscription.Order) {
		if o.Status == subscription.OrderReview {
			o.Status = subscription.OrderCanceled
		}
	}), "prune/orders that were declined or canceled"},
	{"paid orders go", pruneAs(func(o *subscription.Order) {
		if o.Status == subscription.OrderPaid {
			o.Status = subscription.OrderCanceled
		}
	}), "prune/orders that were declined or canceled"},
	{"orders whose money went back go", pruneAs(func(o *subscription.Order) {
		if o.Status == subscription.OrderRefunded {
			o.Status = subscription.OrderCanceled
		}
	}), "prune/orders that were declined or canceled"},
	{"canceled orders for which money was collected go", pruneAs(func(o *subscription.Order) {
		o.Collected = pricing.Money{}
	}), "prune/an order for which money moved"},
	{"orders that have a refund go", pruneAs(func(o *subscription.Order) { o.Refunds = 0 }), "prune/an order for which money moved"},
	{"orders with an amount of nothing stay", pruneAs(func(o *subscription.Order) {
		if !o.Collected.IsZero() {
			o.Refunds = 1
		}
	}), "prune/an order for which money moved"},
	{"refunds go", func(b *broken) {
		pruned := false
		prunes(func(ctx context.Context, b *broken, before time.Time) (store.Pruned, error) {
			pruned = true
			return b.Store.Prune(ctx, before)
		})(b)
		b.refunds = listed(b.Store.Refunds, func(rows []subscription.Refund) []subscription.Refund {
			if pruned {
				return nil
			}
			return rows
		})
	}, "prune/refunds and rows of subscriptions stay"},
	{"rows of subscriptions that are over go", func(b *broken) {
		pruned := false
		prunes(func(ctx context.Context, b *broken, before time.Time) (store.Pruned, error) {
			pruned = true
			return b.Store.Prune(ctx, before)
		})(b)
		b.rows = listed(b.Store.Subscriptions, func(rows []subscription.SubscriptionRow) []subscription.SubscriptionRow {
			if pruned {
				return slices.DeleteFunc(rows, func(r subscription.SubscriptionRow) bool { return r.Status == subscription.Expired })
			}
			return rows
		})
	}, "prune/refunds and rows of subscriptions stay"},
	{"orders of cycles go", unnamed(func(next *subscription.Application) { next.Subscriptions = nil }), "prune/an order that the document names"},
	{"orders of cycles but the first go", unnamed(func(next *subscription.Application) {
		for i := range next.Subscriptions {
			next.Subscriptions[i].Cycles = next.Subscriptions[i].Cycles[:min(1, len(next.Subscriptions[i].Cycles))]
		}
	}), "prune/an order that the document names stays, as long as it does: by a cycle"},
	{"orders of suspended cycles go", unnamed(func(next *subscription.Application) {
		for i := range next.Subscriptions {
			next.Subscriptions[i].Suspended = nil
		}
	}), "prune/an order that the document names stays, as long as it does: by a suspended cycle"},
	{"orders of refunds that are due go", unnamed(func(next *subscription.Application) { next.Refunds = nil }),
		"prune/an order that the document names stays, as long as it does: by a refund"},
	{"orders of lots go", unnamed(func(next *subscription.Application) { next.Lots = nil }),
		"prune/an order that the document names stays, as long as it does: by a lot"},
	{"orders of counters go", unnamed(func(next *subscription.Application) { next.Counters = nil }),
		"prune/an order that the document names stays, as long as it does: by the counter"},
	{"what was once named stays forever", func(b *broken) {
		named := map[subscription.OrderID]bool{}
		b.edits(func(c *subscription.Change) {
			b.mu.Lock()
			defer b.mu.Unlock()
			for _, l := range c.Next.Lots {
				named[l.Order] = true
			}
			for id := range named {
				if len(c.Next.Lots) == 0 {
					c.Next.Lots = append(c.Next.Lots, subscription.Lot{Order: id})
				}
			}
		})
	}, "prune/an order that the document names stays, as long as it does: by a lot"},
	{"orders that anybody names stay", func(b *broken) {
		prunes(func(ctx context.Context, b *broken, before time.Time) (store.Pruned, error) {
			for id := range b.Store.Applications(ctx) { //nolint:errcheck // the store in memory fails only with its context
				loaded, _ := b.Store.Load(ctx, subscription.Read{Application: id})
				if len(loaded[0].Application.Lots) > 0 && loaded[0].Application.Lots[0].Order != "" {
					pruned, err := b.Store.Prune(ctx, before)
					pruned.Orders = 0
					return pruned, err
				}
			}
			return b.Store.Prune(ctx, before)
		})(b)
	}, "prune/an order that another application names"},
	{"orders that stay are placed anew", func(b *broken) {
		pruned := false
		prunes(func(ctx context.Context, b *broken, before time.Time) (store.Pruned, error) {
			pruned = true
			return b.Store.Prune(ctx, before)
		})(b)
		b.orders = listed(b.Store.Orders, func(rows []subscription.Order) []subscription.Order {
			if pruned {
				slices.Reverse(rows)
			}
			return rows
		})
	}, "prune/orders that stay"},
	{"the ledger goes too", func(b *broken) {
		pruned := false
		prunes(func(ctx context.Context, b *broken, before time.Time) (store.Pruned, error) {
			pruned = true
			return b.Store.Prune(ctx, before)
		})(b)
		b.entries = listed(b.Store.Entries, func(rows []subscription.Entry) []subscription.Entry {
			if pruned {
				return nil
			}
			return rows
		})
	}, "prune/documents and the ledger"},
	{"pruning ends leases", func(b *broken) {
		l := newLeaser(b)
		prunes(func(ctx context.Context, b *broken, before time.Time) (store.Pruned, error) {
			l.mu.Lock()
			defer l.mu.Unlock()
			clear(l.ends)
			return b.Store.Prune(ctx, before)
		})(b)
	}, "prune/documents and the ledger"},
	{"a pruned key is still taken", func(b *broken) {
		var mu sync.Mutex
		keys := map[string]bool{}
		b.commit = func(ctx context.Context, changes ...subscription.Change) error {
			mu.Lock()
			defer mu.Unlock()
			for _, c := range changes {
				for _, r := range c.Receipts {
					if keys[string(c.Application)+r.Key] {
						return &subscription.ConflictError{Applications: appIDs(changes)}
					}
				}
			}
			err := b.Store.Commit(ctx, changes...)
			for _, c := range changes {
				for _, r := range c.Receipts {
					if b.revision(c.Application) == c.Next.Revision {
						keys[string(c.Application)+r.Key] = true
					}
				}
			}
			return err
		}
	}, "prune/a key that was pruned"},
	{"all keys are new again", func(b *broken) {
		pruned := false
		prunes(func(ctx context.Context, b *broken, before time.Time) (store.Pruned, error) {
			pruned = true
			return b.Store.Prune(ctx, before)
		})(b)
		b.edits(func(c *subscription.Change) {
			if pruned {
				c.Receipts = nil
			}
		})
	}, "prune/a key that was pruned"},
	{"a pruned record is still counted", func(b *broken) {
		b.edits(func(c *subscription.Change) {
			for i := range c.Records {
				c.Records[i].On += 1000
			}
		})
		counts(func(p *store.Pruned) { p.Records = 1 })(b)
	}, "prune/a usage record that was pruned"},
	{"records go by the day of the instant", func(b *broken) {
		b.edits(func(c *subscription.Change) {
			for i := range c.Records {
				c.Records[i].On -= 4
			}
		})
	}, "prune/usage records up to PrunedDay"},
	{"days are counted from 1970 on", prunes(func(ctx context.Context, b *broken, before time.Time) (store.Pruned, error) {
		if s := before.Unix(); s < 0 && s%(24*60*60) != 0 {
			pruned, err := b.Store.Prune(ctx, before.AddDate(0, 0, 1))
			return pruned, err
		}
		return b.Store.Prune(ctx, before)
	}), "prune/usage records up to PrunedDay, before 1969"},
	{"a pruned order is still found", func(b *broken) {
		var mu sync.Mutex
		orders := map[subscription.OrderID]subscription.Order{}
		b.edits(func(c *subscription.Change) {
			mu.Lock()
			defer mu.Unlock()
			for _, o := range c.Orders {
				orders[o.ID] = o.Clone()
			}
		})
		b.load = func(ctx context.Context, reads ...subscription.Read) ([]subscription.Snapshot, error) {
			snapshots, err := b.Store.Load(ctx, reads...)
			for i := range snapshots {
				snapshots[i].Orders = nil
				for _, id := range reads[i].Orders {
					if o, ok := orders[id]; ok && o.Application == reads[i].Application {
						snapshots[i].Orders = append(snapshots[i].Orders, o.Clone())
					}
				}
			}
			return snapshots, err
		}
	}, "prune/an order that was pruned isn't found"},
	{"listed events are the store's own, and pruned", func(b *broken) {
		var given [][]subscription.Receipt
		b.shows(func(s *subscription.Snapshot) { given = append(given, s.Receipts) })
		prunes(func(ctx context.Context, b *broken, before time.Time) (store.Pruned, error) {
			for _, receipts := range given {
				for i := range receipts {
					receipts[i] = subscription.Receipt{}
				}
			}
			return b.Store.Prune(ctx, before)
		})(b)
	}, "prune/rows that were returned before"},
	{"Prune ignores its context", prunes(func(ctx context.Context, b *broken, before time.Time) (store.Pruned, error) {
		return b.Store.Prune(context.WithoutCancel(ctx), before)
	}), "prune/the context past"},
	{"Prune looks at its context afterward", prunes(func(ctx context.Context, b *broken, before time.Time) (store.Pruned, error) {
		pruned, err := b.Store.Prune(context.WithoutCancel(ctx), before)
		return pruned, errors.Join(err, ctx.Err())
	}), "prune/the context canceled"},
	{"a pruning that was canceled is never done", func(b *broken) {
		gone := false
		prunes(func(ctx context.Context, b *broken, before time.Time) (store.Pruned, error) {
			time.Sleep(200 * time.Microsecond)
			if gone = gone || ctx.Err() != nil; gone {
				return store.Pruned{}, ctx.Err()
			}
			return b.Store.Prune(ctx, before.Add(-2*time.Hour))
		})(b)
	}, "prune/canceled on its way"},
	{"pruning locks commits out", func(b *broken) {
		b.commit = func(ctx context.Context, changes ...subscription.Change) error {
			if !b.mu.TryLock() {
				return errors.New("database is locked")
			}
			defer b.mu.Unlock()
			return b.Store.Commit(ctx, changes...)
		}
		prunes(func(ctx context.Context, b *broken, before time.Time) (store.Pruned, error) {
			b.mu.Lock()
			defer b.mu.Unlock()
			time.Sleep(5 * time.Millisecond)
			return b.Store.Prune(ctx, before)
		})(b)
	}, "prune/beside commits"},
	{"what is pruned beside others is counted by both", func(b *broken) {
		calls := 0
		counts(func(p *store.Pruned) {
			b.mu.Lock()
			defer b.mu.Unlock()
			if calls++; p.Events > 0 {
				p.Events++
			}
		})(b)
	}, "prune/beside commits"},
}
