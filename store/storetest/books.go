package storetest

import (
	"fmt"

	"github.com/prepaidkit/prepaid/pricing"
	"github.com/prepaidkit/prepaid/subscription"
)

// audit checks everything that a store has about one application and returns the amount that its orders collected. It
// relies on the rows alone: the document must be consistent with them.
func audit(
	app subscription.Application, orders []subscription.Order, entries []subscription.Entry, events []subscription.Event,
	rows []subscription.SubscriptionRow,
) (pricing.Money, error) {
	if err := auditSubscriptions(app, rows); err != nil {
		return pricing.Money{}, err
	}
	if err := auditEvents(app, events); err != nil {
		return pricing.Money{}, err
	}
	if err := auditLots(app, entries); err != nil {
		return pricing.Money{}, err
	}
	return auditOrders(app, orders, events)
}

// auditSubscriptions checks that every subscription of the document has the right row.
func auditSubscriptions(app subscription.Application, rows []subscription.SubscriptionRow) error {
	byID := map[subscription.SubscriptionID]subscription.SubscriptionRow{}
	for _, r := range rows {
		byID[r.ID] = r
	}
	for _, want := range app.Rows() {
		if d := difference(byID[want.ID], want); d != "" {
			return fmt.Errorf("the row of subscription %s: %s", want.ID, d)
		}
	}
	return nil
}

// auditEvents checks that every revision has events, without gaps.
func auditEvents(app subscription.Application, events []subscription.Event) error {
	revision, index := int64(0), 0
	for _, e := range events {
		switch {
		case e.Revision == revision && e.Index == index:
		case e.Revision == revision+1 && e.Index == 0:
			revision, index = e.Revision, 0
		default:
			return fmt.Errorf("got event %d.%d, want %d.%d", e.Revision, e.Index, revision, index)
		}
		index++
	}
	if revision != app.Revision {
		return fmt.Errorf("the document is at revision %d, but the events end at %d", app.Revision, revision)
	}
	return nil
}

// auditLots checks that the entries of each lot sum to the lot.
func auditLots(app subscription.Application, entries []subscription.Entry) error {
	remaining := map[subscription.LotID]subscription.Quantity{}
	for _, e := range entries {
		switch e.Kind {
		case subscription.EntryGranted, subscription.EntryReleased, subscription.EntryReinstated, subscription.EntryLent,
			subscription.EntryRepaid:
			remaining[e.Lot] += e.Quantity
		default:
			remaining[e.Lot] -= e.Quantity
		}
	}
	for _, l := range app.Lots {
		if l.Remaining != remaining[l.ID] {
			return fmt.Errorf("lot %d has %s minutes left, but its entries sum to %s", l.ID, l.Remaining, remaining[l.ID])
		}
		delete(remaining, l.ID)
	}
	for id, left := range remaining {
		if left != 0 {
			return fmt.Errorf("lot %d is gone although it has %s minutes left", id, left)
		}
	}
	return nil
}

// auditOrders checks that every order was placed once, and that the document has exactly the unresolved ones.
func auditOrders(app subscription.Application, orders []subscription.Order, events []subscription.Event) (pricing.Money, error) {
	placed := map[subscription.OrderID]int{}
	for _, e := range events {
		if e.Type == subscription.EventOrderPlaced {
			placed[e.Order]++
		}
	}
	if len(placed) != len(orders) {
		return pricing.Money{}, fmt.Errorf("%d orders were placed, but %d are listed", len(placed), len(orders))
	}
	collected, unresolved := cents(0), 0
	for _, o := range orders {
		if placed[o.ID] != 1 {
			return pricing.Money{}, fmt.Errorf("order %s was placed %d times", o.ID, placed[o.ID])
		}
		if o.Status.Unresolved() {
			unresolved++
		}
		if o.Status == subscription.OrderPaid {
			var err error
			if collected, err = collected.Add(o.Collected); err != nil {
				return pricing.Money{}, fmt.Errorf("order %s: %w", o.ID, err)
			}
		}
	}
	if unresolved != len(app.Orders) {
		return pricing.Money{}, fmt.Errorf("%d orders are unresolved, but the document has %d", unresolved, len(app.Orders))
	}
	return collected, nil
}
