package memory

import (
	"context"
	"maps"
	"slices"
	"time"

	"github.com/prepaidkit/prepaid/pricing"
	"github.com/prepaidkit/prepaid/store"
	"github.com/prepaidkit/prepaid/subscription"
)

// Prune implements [store.Pruner]. It locks one application at a time, and the feed for a moment.
func (s *Store) Prune(ctx context.Context, before time.Time) (store.Pruned, error) {
	var pruned store.Pruned
	through := store.PrunedDay(before)
	passed := s.marks.passed()
	last := s.feed.prune(before, passed)
	for _, id := range s.applications() {
		if err := ctx.Err(); err != nil {
			return pruned, err
		}
		sh := s.shard(id)
		sh.mu.Lock()
		sh.apps[id].prune(&pruned, before, passed)
		sh.apps[id].pruneRecords(&pruned, through)
		sh.apps[id].pruneNumbers(last)
		sh.mu.Unlock()
	}
	return pruned, nil
}

// prune deletes old receipts, orders and events.
func (r *record) prune(pruned *store.Pruned, before time.Time, passed int64) {
	n := len(r.receipts)
	maps.DeleteFunc(r.receipts, func(_ string, row receipt) bool { return row.at.Before(before) })
	pruned.Receipts += int64(n - len(r.receipts))

	n = len(r.orders)
	maps.DeleteFunc(r.orders, func(id subscription.OrderID, o *subscription.Order) bool {
		return o.Prunable() && o.ClosedAt.Before(before) && !r.document.References(id)
	})
	pruned.Orders += int64(n - len(r.orders))
	r.placed = slices.DeleteFunc(r.placed, func(id subscription.OrderID) bool {
		_, kept := r.orders[id]
		return !kept
	})

	// Readers may hold the old slices, so don't move events within them.
	kept := r.events[:0:0]
	for _, events := range r.events {
		if r.waits(events[0].Revision, passed) {
			kept = append(kept, events)
			continue
		}
		some := slices.Collect(func(yield func(subscription.Event) bool) {
			for i := range events {
				if !events[i].At.Before(before) && !yield(events[i]) {
					return
				}
			}
		})
		pruned.Events += int64(len(events) - len(some))
		if len(some) > 0 {
			kept = append(kept, some)
		}
	}
	r.events = kept
}

// pruneNumbers forgets the numbers that the feed has pruned.
func (r *record) pruneNumbers(pruned int64) {
	i, _ := slices.BinarySearch(r.numbers, pruned+1)
	r.numbers = append([]int64(nil), r.numbers[i:]...)
}

func (r *record) pruneRecords(pruned *store.Pruned, through pricing.Date) {
	n := len(r.records)
	maps.DeleteFunc(r.records, func(_ string, c counted) bool { return c.on <= through })
	pruned.Records += int64(n - len(r.records))
}

// waits reports whether some relay hasn't passed a revision.
func (r *record) waits(revision, passed int64) bool {
	i := len(r.numbers) - 1 - int(r.document.Revision-revision)
	return i >= 0 && r.numbers[i] > passed
}
