package storetest

import (
	"fmt"
	"slices"
	"sync/atomic"
	"time"

	"github.com/prepaidkit/prepaid/store"
	"github.com/prepaidkit/prepaid/subscription"
)

// prunesAmidCommits prunes and lists while applications change. Each change has both old and recent rows.
func (e *env) prunesAmidCommits() {
	const apps, revisions = 6, 25
	pruner := e.pruner()
	all := make([]*expected, apps)
	var committing atomic.Int64
	committing.Store(apps)
	sums := make([]store.Pruned, 2)
	errs := e.together("commits and prunes", apps+len(sums), func(i int) error {
		if i < apps {
			defer committing.Add(-1)
			all[i] = unborn(subscription.ApplicationID(fmt.Sprint("app ", i)))
			for range revisions {
				c := at(many(all[i], 4), noon())
				c.Orders[0].ClosedAt, c.Orders[3].ClosedAt = noon().Add(-time.Hour), noon().Add(-time.Microsecond)
				c.Events[1].At, c.Receipts[0].At = noon().Add(-time.Hour), noon().Add(time.Duration(c.Base%2-1)*time.Second)
				if err := e.store.Commit(e.ctx, c); err != nil {
					return fmt.Errorf("commit: %w", err)
				}
				all[i].apply(c)
			}
			return nil
		}
		for committing.Load() > 0 {
			pruned, err := pruner.Prune(e.ctx, noon())
			if err != nil {
				return fmt.Errorf("prune: %w", err)
			}
			sum := &sums[i-apps]
			sum.Receipts += pruned.Receipts
			sum.Events += pruned.Events
			sum.Orders += pruned.Orders
			for _, l := range listings() {
				if _, err := e.listed(e.ctx, l, "app 0"); err != nil {
					return fmt.Errorf("%s: %w", l.name, err)
				}
			}
		}
		return nil
	})
	e.all("commits and prunes", errs)
	last := e.prune(noon())
	e.same("pruned together", store.Pruned{
		Receipts: sums[0].Receipts + sums[1].Receipts + last.Receipts,
		Events:   sums[0].Events + sums[1].Events + last.Events,
		Orders:   sums[0].Orders + sums[1].Orders + last.Orders,
	}, store.Pruned{Receipts: apps * (revisions + 1) / 2, Events: apps * revisions, Orders: apps * revisions * 2})
	for _, x := range all {
		x.receipts = slices.DeleteFunc(x.receipts, func(r subscription.Receipt) bool { return r.At.Before(noon()) })
		x.events = slices.DeleteFunc(x.events, func(n subscription.Event) bool { return n.At.Before(noon()) })
		x.orders = slices.DeleteFunc(x.orders, func(o subscription.Order) bool { return o.ClosedAt.Before(noon()) })
	}
	e.holds(all...)
}
