package faults

import (
	"cmp"
	"context"
	"fmt"
	"iter"
	"maps"
	"slices"
	"time"

	"github.com/prepaidkit/prepaid/store"
	"github.com/prepaidkit/prepaid/subscription"
)

// archive has copies of the rows that stores may prune, made just before: rows older than a certain instant never
// change again. With it the audit sees everything that ever existed.
type archive map[subscription.ApplicationID]*archived

// archived is the archive of one application.
type archived struct {
	orders   map[subscription.OrderID]subscription.Order
	events   map[[2]int64]subscription.Event
	receipts map[string]subscription.Receipt
	records  map[string]subscription.UsageRow
}

// of returns the archive of an application, or an empty one.
func (a archive) of(app subscription.ApplicationID) *archived {
	if a[app] == nil {
		a[app] = &archived{
			orders: map[subscription.OrderID]subscription.Order{}, events: map[[2]int64]subscription.Event{},
			receipts: map[string]subscription.Receipt{}, records: map[string]subscription.UsageRow{},
		}
	}
	return a[app]
}

// keep copies what pruning may delete from a customer's application.
func (a archive) keep(ctx context.Context, st store.Store, c *customer, before time.Time) error {
	kept := a.of(c.id)
	for o, err := range st.Orders(ctx, c.id) {
		if err != nil {
			return err
		}
		if o.Prunable() && o.ClosedAt.Before(before) {
			kept.orders[o.ID] = o
		}
	}
	for e, err := range st.Events(ctx, c.id) {
		if err != nil {
			return err
		}
		if e.At.Before(before) {
			kept.events[[2]int64{e.Revision, int64(e.Index)}] = e
		}
	}
	read := subscription.Read{Application: c.id}
	for n := range c.n.Load() {
		read.Keys, read.Records = append(read.Keys, keyOf(n+1)), append(read.Records, recordOf(n+1))
	}
	snapshots, err := st.Load(ctx, read)
	if err != nil {
		return err
	}
	for _, r := range snapshots[0].Receipts {
		if r.At.Before(before) {
			kept.receipts[r.Key] = r
		}
	}
	for _, r := range snapshots[0].Records {
		if r.On <= store.PrunedDay(before) {
			kept.records[r.ID] = r
		}
	}
	return nil
}

func keyOf(n int64) string    { return fmt.Sprintf("key-%d", n) }
func recordOf(n int64) string { return fmt.Sprintf("record-%d", n) }

// whole is a store together with what was pruned from it.
type whole struct {
	store.Store
	archive archive
}

// Load implements subscription.Store.
func (w *whole) Load(ctx context.Context, reads ...subscription.Read) ([]subscription.Snapshot, error) {
	snapshots, err := w.Store.Load(ctx, reads...)
	if err != nil {
		return nil, err
	}
	for i, read := range reads {
		kept, s := w.archive.of(read.Application), &snapshots[i]
		live := map[string]bool{}
		for _, r := range s.Receipts {
			live[r.Key] = true
		}
		for _, key := range read.Keys {
			if r, ok := kept.receipts[key]; ok && !live[key] {
				s.Receipts = append(s.Receipts, r)
			}
		}
		clear(live)
		for _, r := range s.Records {
			live[r.ID] = true
		}
		for _, id := range read.Records {
			if r, ok := kept.records[id]; ok && !live[id] {
				s.Records = append(s.Records, r)
			}
		}
	}
	return snapshots, nil
}

// Orders implements store.Store; the pruned ones come first.
func (w *whole) Orders(ctx context.Context, app subscription.ApplicationID) iter.Seq2[subscription.Order, error] {
	return func(yield func(subscription.Order, error) bool) {
		live := map[subscription.OrderID]bool{}
		var all []subscription.Order
		for o, err := range w.Store.Orders(ctx, app) {
			if err != nil {
				yield(o, err)
				return
			}
			live[o.ID], all = true, append(all, o)
		}
		for id, o := range w.archive.of(app).orders {
			if !live[id] {
				all = append(all, o)
			}
		}
		slices.SortStableFunc(all, func(a, b subscription.Order) int { return a.PlacedAt.Compare(b.PlacedAt) })
		for _, o := range all {
			if !yield(o, nil) {
				return
			}
		}
	}
}

// Events implements store.Store.
func (w *whole) Events(ctx context.Context, app subscription.ApplicationID) iter.Seq2[subscription.Event, error] {
	return func(yield func(subscription.Event, error) bool) {
		all := map[[2]int64]subscription.Event{}
		maps.Copy(all, w.archive.of(app).events)
		for e, err := range w.Store.Events(ctx, app) {
			if err != nil {
				yield(e, err)
				return
			}
			all[[2]int64{e.Revision, int64(e.Index)}] = e
		}
		sorted := make([]subscription.Event, 0, len(all))
		for _, e := range all {
			sorted = append(sorted, e)
		}
		slices.SortFunc(sorted, func(a, b subscription.Event) int {
			return cmp.Or(cmp.Compare(a.Revision, b.Revision), cmp.Compare(a.Index, b.Index))
		})
		for _, e := range sorted {
			if !yield(e, nil) {
				return
			}
		}
	}
}
