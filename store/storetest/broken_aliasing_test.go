package storetest_test

import (
	"context"
	"slices"

	"github.com/prepaidkit/prepaid/pricing"
	"github.com/prepaidkit/prepaid/subscription"
)

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
			var buffer subscription.ExtendDelivery
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
					c.Receipts[i] = subscription.Receipt{}
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
