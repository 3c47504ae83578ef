package simulation

import (
	"context"

	"github.com/prepaidkit/prepaid/internal/audit"
	"github.com/prepaidkit/prepaid/payment/paymenttest"
	"github.com/prepaidkit/prepaid/subscription"
)

// count completes the figures of an audited world.
func (w *world) count() {
	f := &w.figures
	f.Worlds, f.Calls, f.Commits = 1, w.calls, w.store.commits
	f.Faults = w.gateway.Met()
	delete(f.Faults, paymenttest.None)
	f.Orders = map[subscription.OrderStatus]int{}
	for _, c := range w.customers {
		app := w.store.states[c.id]
		if app.Revision == 0 {
			continue
		}
		for _, r := range c.records {
			if _, counted := w.store.seen[c.id].On[r.usage.ID]; counted {
				f.Counted++
			}
		}
		f.Months += int(w.now.Sub(app.CreatedAt) / (30 * day))
		for o, err := range w.store.Orders(context.Background(), c.id) {
			if err != nil {
				return
			}
			f.Orders[o.Status]++
			extend := audit.Extension(o)
			switch {
			case o.Status == subscription.OrderDeclined && o.Kind == subscription.UsageOrder:
				f.UsageUnpaid++
			case o.Status != subscription.OrderPaid:
			case o.Kind == subscription.TopUpOrder:
				f.TopUps++
			case o.Kind == subscription.UsageOrder:
				f.UsagePaid++
			case o.Kind == subscription.UpgradeOrder:
				f.Upgrades++
			case o.Kind == subscription.RenewalOrder:
				f.Renewals++
				if extend != nil && extend.Automatic {
					f.Automatic++
				}
			}
		}
		for e, err := range w.store.Events(context.Background(), c.id) {
			if err != nil {
				return
			}
			f.event(e.Type)
			switch {
			case e.Type == subscription.EventSkipped:
				f.Skipped++
			case e.Status == subscription.Refunded:
				f.GivenBack++
			case e.Status == subscription.Interrupted:
				f.Interrupt++
			case e.Status == subscription.Expired:
				f.Expired++
			}
		}
	}
}

// event counts an event about minutes.
func (f *Figures) event(t subscription.EventType) {
	switch t { //nolint:exhaustive // the others aren't counted
	case subscription.EventArrearsStop:
		f.Stopped++
	case subscription.EventReserved:
		f.Reserved++
	case subscription.EventFreeClaimed:
		f.Claimed++
	case subscription.EventLowBalance:
		f.LowBalance++
	default:
	}
}
