package faults

import (
	"cmp"
	"context"
	"fmt"
	"iter"
	"maps"
	"slices"
	"sync"
	"time"

	"github.com/prepaidkit/prepaid/store"
	"github.com/prepaidkit/prepaid/subscription"
)

// archive has copies of the rows that stores may prune, taken just before they do: what is older than an instant never
// changes again. With it the audit sees all that ever was.
type archive struct {
	mu     sync.Mutex
	orders map[subscription.ApplicationID]map[subscription.OrderID]subscription.Order
	events map[subscription.ApplicationID]map[[2]int64]subscription.Event
	rows   map[subscription.ApplicationID]*subscription.Snapshot // receipts and records
}

func newArchive() *archive {
	return &archive{
		orders: map[subscription.ApplicationID]map[subscription.OrderID]subscription.Order{},
		events: map[subscription.ApplicationID]map[[2]int64]subscription.Event{},
		rows:   map[subscription.ApplicationID]*subscription.Snapshot{},
	}
}

// keep copies what pruning may delete of a customer's application.
func (a *archive) keep(ctx context.Context, st store.Store, c *customer, before time.Time) error {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.rows[c.id] == nil {
		a.orders[c.id] = map[subscription.OrderID]subscription.Order{}
		a.events[c.id] = map[[2]int64]subscription.Event{}
		a.rows[c.id] = &subscription.Snapshot{}
	}
	for o, err := range st.Orders(ctx, c.id) {
		if err != nil {
			return err
		}
		if o.Forgettable() && o.ClosedAt.Before(before) {
			a.orders[c.id][o.ID] = o
		}
	}
	for e, err := range st.Events(ctx, c.id) {
		if err != nil {
			return err
		}
		if e.At.Before(before) {
			a.events[c.id][[2]int64{e.Revision, int64(e.Index)}] = e
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
	rows := a.rows[c.id]
	for _, receipt := range snapshots[0].Receipts {
		if receipt.At.Before(before) && !slices.ContainsFunc(rows.Receipts, sameKey(receipt)) {
			rows.Receipts = append(rows.Receipts, receipt)
		}
	}
	for _, record := range snapshots[0].Records {
		if record.On <= store.PrunedDay(before) && !slices.ContainsFunc(rows.Records, sameID(record)) {
			rows.Records = append(rows.Records, record)
		}
	}
	return nil
}

func sameKey(r subscription.Receipt) func(subscription.Receipt) bool {
	return func(other subscription.Receipt) bool { return other.Key == r.Key }
}

func sameID(r subscription.Recorded) func(subscription.Recorded) bool {
	return func(other subscription.Recorded) bool { return other.ID == r.ID }
}

func keyOf(n int64) string    { return fmt.Sprintf("key-%d", n) }
func recordOf(n int64) string { return fmt.Sprintf("record-%d", n) }

// whole is a store with what was pruned from it.
type whole struct {
	store.Store
	archive *archive
}

// Load implements subscription.Store.
func (w *whole) Load(ctx context.Context, reads ...subscription.Read) ([]subscription.Snapshot, error) {
	snapshots, err := w.Store.Load(ctx, reads...)
	if err != nil {
		return nil, err
	}
	for i, read := range reads {
		rows, s := w.archive.rows[read.Application], &snapshots[i]
		if rows == nil {
			continue
		}
		for _, r := range rows.Receipts {
			if slices.Contains(read.Keys, r.Key) && !slices.ContainsFunc(s.Receipts, sameKey(r)) {
				s.Receipts = append(s.Receipts, r)
			}
		}
		for _, r := range rows.Records {
			if slices.Contains(read.Records, r.ID) && !slices.ContainsFunc(s.Records, sameID(r)) {
				s.Records = append(s.Records, r)
			}
		}
	}
	return snapshots, nil
}

// Orders implements store.Store; those that were pruned come first.
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
		for id, o := range w.archive.orders[app] {
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
		maps.Copy(all, w.archive.events[app])
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
