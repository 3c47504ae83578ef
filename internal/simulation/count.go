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
	for _, r := range w.gateway.Returned() {
		if !r.WithdrawnAt.IsZero() {
			f.Withdrawn++
		}
	}
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
			for _, d := range o.Deliveries {
				switch paid := o.Status == subscription.OrderPaid; {
				case paid && d.Upgrade != nil && d.Upgrade.Waived:
					f.Waived++
				case paid && d.Usage != nil && d.Usage.Through != 0:
					f.Carried++
				}
			}
			switch {
			case o.Status == subscription.OrderDeclined && o.Kind == subscription.UsageOrder:
				f.UsageUnpaid++
			case o.Status != subscription.OrderPaid:
			case o.Kind == subscription.GiftOrder:
				f.Gifts++
			case o.Kind == subscription.ImportOrder:
				f.Imports++
			case o.Kind == subscription.TopUpOrder:
				f.TopUps++
				if _, automatic := o.AutoTopUp(); automatic {
					f.AutoTopUps++
				}
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
		closed := false
		for e, err := range w.store.Events(context.Background(), c.id) {
			if err != nil {
				return
			}
			f.event(e.Type)
			closed = closed || e.Type == subscription.EventClosed
			switch {
			case closed && (e.Type == subscription.EventRefundDue || e.Type == subscription.EventReversed):
				f.AfterClosing++
			case e.Type == subscription.EventSkipped:
				f.Skipped++
			case e.Status == subscription.Refunded:
				f.GivenBack++
			case e.Status == subscription.Interrupted:
				f.Interrupt++
			case e.Status == subscription.Expired:
				f.Expired++
			case e.Status == subscription.Ended:
				f.Ended++
			}
		}
	}
}

// event counts an event about minutes.
func (f *Figures) event(t subscription.EventType) {
	switch t { //nolint:exhaustive // the others aren't counted
	case subscription.EventRefundDue:
		f.RefundsDue++
	case subscription.EventRefundMade:
		f.RefundsMade++
	case subscription.EventRefundFailed:
		f.RefundsFailed++
	case subscription.EventAccountChanged:
		f.AccountsChanged++
	case subscription.EventClosed:
		f.Closed++
	case subscription.EventErased:
		f.Erased++
	case subscription.EventReversed:
		f.Reversed++
	case subscription.EventReinstated:
		f.Reinstated++
	case subscription.EventPeriodTaken:
		f.PeriodsTaken++
	case subscription.EventPeriodReturned:
		f.PeriodsReturned++
	case subscription.EventUpgradeUndone:
		f.UpgradesUndone++
	case subscription.EventNeedsPerson:
		f.Persons++
	case subscription.EventArrearsStop:
		f.Stopped++
	case subscription.EventServiceEnded:
		f.Left++
	case subscription.EventChangePlanned:
		f.Chosen++
	case subscription.EventChanged:
		f.Changed++
	case subscription.EventChangeDropped:
		f.Dropped++
	case subscription.EventDeal:
		f.Deals++
	case subscription.EventDealEnded:
		f.DealsDone++
	case subscription.EventReserved:
		f.Reserved++
	case subscription.EventFreeClaimed:
		f.Claimed++
	case subscription.EventLowBalance:
		f.LowBalance++
	case subscription.EventForgiven:
		f.Forgiven++
	case subscription.EventCorrected:
		f.Corrected++
	case subscription.EventLotReturned:
		f.LotsBack++
	case subscription.EventOverdrawn:
		f.Overdrawn++
	case subscription.EventOverdraftRepaid:
		f.Repaid++
	case subscription.EventOverdraftLapsed:
		f.Lapsed++
	default:
	}
}
