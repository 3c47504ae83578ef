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

// Prune implements [store.Pruner]. It locks one application at a time.
func (s *Store) Prune(ctx context.Context, before time.Time) (store.Pruned, error) {
	var pruned store.Pruned
	through := store.PrunedDay(before)
	for _, id := range s.applications() {
		if err := ctx.Err(); err != nil {
			return pruned, err
		}
		sh := s.shard(id)
		sh.mu.Lock()
		sh.apps[id].prune(&pruned, before)
		sh.apps[id].pruneRecords(&pruned, through)
		sh.mu.Unlock()
	}
	return pruned, nil
}

func (r *record) prune(pruned *store.Pruned, before time.Time) {
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

func (r *record) pruneRecords(pruned *store.Pruned, through pricing.Date) {
	n := len(r.records)
	maps.DeleteFunc(r.records, func(_ string, c counted) bool { return c.on <= through })
	pruned.Records += int64(n - len(r.records))
}
