package storetest_test

import (
	"context"
	"slices"

	"github.com/prepaidkit/prepaid/store/memory"
	"github.com/prepaidkit/prepaid/subscription"
)

var loadFlaws = []flaw{
	{"snapshots come in the order of the table", func(b *broken) {
		b.load = func(ctx context.Context, reads ...subscription.Read) ([]subscription.Snapshot, error) {
			reads = slices.Clone(reads)
			slices.SortStableFunc(reads, func(x, y subscription.Read) int {
				return int(b.revision(y.Application) - b.revision(x.Application))
			})
			return b.Store.Load(ctx, reads...)
		}
	}, "load/snapshots come in the order"},
	{"unknown applications are left out", func(b *broken) {
		b.load = func(ctx context.Context, reads ...subscription.Read) ([]subscription.Snapshot, error) {
			s, err := b.Store.Load(ctx, reads...)
			return slices.DeleteFunc(s, func(s subscription.Snapshot) bool { return s.Application.Revision == 0 }), err
		}
	}, "load/an unknown application"},
	{"an unknown application is an error", func(b *broken) {
		b.load = func(ctx context.Context, reads ...subscription.Read) ([]subscription.Snapshot, error) {
			for _, r := range reads {
				if b.revision(r.Application) == 0 {
					return nil, subscription.ErrNotFound
				}
			}
			return b.Store.Load(ctx, reads...)
		}
	}, "load/an unknown application"},
	{"an unknown application has no ID", func(b *broken) {
		b.shows(func(s *subscription.Snapshot) {
			if s.Application.Revision == 0 {
				s.Application.ID = ""
			}
		})
	}, "load/an unknown application"},
	{"one application is read once, with all its rows", func(b *broken) {
		b.load = func(ctx context.Context, reads ...subscription.Read) ([]subscription.Snapshot, error) {
			all := map[subscription.ApplicationID]subscription.Read{}
			for _, r := range reads {
				was := all[r.Application]
				all[r.Application] = subscription.Read{
					Application: r.Application, Keys: slices.Concat(was.Keys, r.Keys), Orders: slices.Concat(was.Orders, r.Orders),
					Records: slices.Concat(was.Records, r.Records), Refunds: slices.Concat(was.Refunds, r.Refunds),
				}
			}
			merged := make([]subscription.Read, len(reads))
			for i, r := range reads {
				merged[i] = all[r.Application]
			}
			return b.Store.Load(ctx, merged...)
		}
	}, "load/one application in several reads"},
	{"orders come whether they were asked for or not", func(b *broken) {
		b.shows(func(s *subscription.Snapshot) {
			s.Orders = nil
			for o, err := range b.Store.Orders(context.Background(), s.Application.ID) {
				if err == nil {
					s.Orders = append(s.Orders, o)
				}
			}
		})
	}, "load/only the rows"},
	{"a row that doesn't exist is an error", func(b *broken) {
		b.load = func(ctx context.Context, reads ...subscription.Read) ([]subscription.Snapshot, error) {
			s, err := b.Store.Load(ctx, reads...)
			for i := range s {
				if len(s[i].Orders) != len(reads[i].Orders) {
					return nil, subscription.ErrNotFound
				}
			}
			return s, err
		}
	}, "load/rows that don't exist"},
	{"a row that doesn't exist is an empty one", func(b *broken) {
		b.load = func(ctx context.Context, reads ...subscription.Read) ([]subscription.Snapshot, error) {
			s, err := b.Store.Load(ctx, reads...)
			for i := range s {
				s[i].Receipts = append(s[i].Receipts, make([]subscription.Receipt, len(reads[i].Keys)-len(s[i].Receipts))...)
			}
			return s, err
		}
	}, "load/rows that don't exist"},
	{"rows are found by their own IDs alone", func(b *broken) {
		everything := memory.New()
		b.commit = func(ctx context.Context, changes ...subscription.Change) error {
			for _, c := range changes {
				_ = everything.Commit(ctx, subscription.Change{
					Application: "all", Base: revision(everything, "all"), Receipts: c.Receipts,
					Next: subscription.Application{ID: "all", Revision: revision(everything, "all") + 1},
				})
			}
			return b.Store.Commit(ctx, changes...)
		}
		b.load = func(ctx context.Context, reads ...subscription.Read) ([]subscription.Snapshot, error) {
			s, err := b.Store.Load(ctx, reads...)
			for i := range s {
				found, _ := everything.Load(ctx, subscription.Read{Application: "all", Keys: reads[i].Keys})
				s[i].Receipts = found[0].Receipts
			}
			return s, err
		}
	}, "load/another application's rows"},
}
