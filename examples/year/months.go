package main

import (
	"context"
	"time"

	"github.com/prepaidkit/prepaid/pricing"
	"github.com/prepaidkit/prepaid/store"
	"github.com/prepaidkit/prepaid/store/journal"
	"github.com/prepaidkit/prepaid/subscription"
)

// month is a line of the summary. Numbers are from events, revenue is from the journal.
type month struct {
	First     time.Time
	Sold      int // packages
	Upgraded  int
	Packs     int
	Renewed   int // at the first try, or by hand before the end
	Recovered int // after a payment that failed
	Lost      int // subscriptions that are live no more: ended, interrupted or returned; some come back
	Refunds   int
	Live      int // subscriptions at the end of the month
	Revenue   pricing.Money
}

// add adds the numbers of a month.
func (m *month) add(n month) {
	m.Sold, m.Upgraded, m.Packs = m.Sold+n.Sold, m.Upgraded+n.Upgraded, m.Packs+n.Packs
	m.Renewed, m.Recovered, m.Lost, m.Refunds = m.Renewed+n.Renewed, m.Recovered+n.Recovered, m.Lost+n.Lost, m.Refunds+n.Refunds
	m.Live = n.Live
}

// months returns the months of the year, from the rows of a store. none is nothing of its one currency.
func months(ctx context.Context, st store.History, cat *pricing.Catalog, none pricing.Money) ([]month, error) {
	all := make([]month, 12)
	for i := range all {
		all[i].First, all[i].Revenue = begins().AddDate(0, i, 0), none
	}
	for app, err := range st.Applications(ctx) {
		if err != nil {
			return nil, err
		}
		var h history
		for e, err := range st.Events(ctx, app) {
			if err != nil {
				return nil, err
			}
			if i := int(e.At.In(zone()).Month()) - 1; e.At.Before(ends()) {
				h.count(&all[i], e)
			}
		}
	}
	for i := 1; i < len(all); i++ {
		all[i].Live += all[i-1].Live
	}
	balances, err := journal.Monthly(journal.Postings(ctx, st, begins(), ends()), cat.Zone())
	if err != nil {
		return nil, err
	}
	for _, b := range balances {
		if !b.Ledger.Revenue() {
			continue
		}
		i := int(cat.Zone().StartOf(b.Month).In(zone()).Month()) - 1
		// Revenue is a negative balance.
		if all[i].Revenue, err = all[i].Revenue.Sub(b.Amount); err != nil {
			return nil, err
		}
	}
	return all, nil
}

// history is what is known of an application's subscription after some of its events.
type history struct {
	live   bool
	failed bool // a renewal was declined, and none has been paid since
}

// count counts an event in its month.
func (h *history) count(m *month, e subscription.Event) {
	switch {
	case e.Type == subscription.EventRefundDue:
		m.Refunds++
	case e.Type == subscription.EventOrderDeclined && e.Kind == subscription.RenewalOrder:
		h.failed = true
	case e.Type == subscription.EventOrderPaid:
		h.paid(m, e.Kind)
	case e.Type == subscription.EventOpened, e.Type == subscription.EventStatus && e.Status.Live():
		if !h.live {
			h.live = true
			m.Live++
		}
	case e.Type == subscription.EventStatus && h.live:
		h.live = false
		m.Live--
		m.Lost++
	}
}

func (h *history) paid(m *month, kind subscription.OrderKind) {
	switch kind {
	case subscription.PurchaseOrder:
		m.Sold++
	case subscription.UpgradeOrder:
		m.Upgraded++
	case subscription.TopUpOrder:
		m.Packs++
	case subscription.RenewalOrder:
		if h.failed {
			m.Recovered++
		} else {
			m.Renewed++
		}
		h.failed = false
	case subscription.UsageOrder, subscription.GiftOrder, subscription.ImportOrder: // there are none
	}
}
