package main

import (
	"context"
	"time"

	"github.com/prepaidkit/prepaid/pricing"
	"github.com/prepaidkit/prepaid/subscription"
)

type entriesQuestion struct {
	Kind   subscription.EntryKind `json:"kind"`
	Source subscription.Source    `json:"source"`
	Since  time.Time              `json:"since"`
}

type entriesShown struct {
	Entries []entry               `json:"entries"`
	Count   int                   `json:"count"`
	Minutes subscription.Quantity `json:"minutes"`
}

// entry is a ledger entry with the source of its lot.
type entry struct {
	At          time.Time              `json:"at"`
	Kind        subscription.EntryKind `json:"kind"`
	Lot         subscription.LotID     `json:"lot"`
	Source      subscription.Source    `json:"source"`
	Minutes     subscription.Quantity  `json:"minutes"`
	Product     pricing.ProductID      `json:"product,omitzero"`
	Usage       pricing.UsageKindID    `json:"usage,omitzero"`
	Day         pricing.Date           `json:"day,omitzero"`
	Order       subscription.OrderID   `json:"order,omitzero"`
	Reservation string                 `json:"reservation,omitzero"`
}

// showEntries shows the ledger.
func showEntries(ctx context.Context, w *world, s *step, q entriesQuestion) (any, error) {
	now, err := w.look(ctx, s.App)
	if err != nil {
		return nil, err
	}
	entries, err := all(w.store.Entries(ctx, s.App), now.since.Entries)
	if err != nil {
		return nil, err
	}
	orders, err := w.orders(ctx, &now)
	if err != nil {
		return nil, err
	}
	sources := sourcesOf(entries, orders)
	out := entriesShown{}
	for _, e := range entries {
		source := sources[e.Lot]
		if wants(q.Kind, e.Kind) && wants(q.Source, source) && after(q.Since, e.At) {
			out.Entries = append(out.Entries, entry{
				At: e.At, Kind: e.Kind, Lot: e.Lot, Source: source, Minutes: e.Quantity, Product: e.Product,
				Usage: e.Usage, Day: e.Day, Order: e.Order, Reservation: e.Reservation,
			})
			out.Minutes += e.Quantity
		}
	}
	out.Count = len(out.Entries)
	return out, nil
}

// sourcesOf returns the source of each lot, including those that are no longer in any document. A lot is granted with
// its order, a free lot without one, and a returned lot with the usage that was corrected; an overdraft isn't granted but lent.
func sourcesOf(entries []subscription.Entry, orders []subscription.Order) map[subscription.LotID]subscription.Source {
	kinds := map[subscription.OrderID]subscription.OrderKind{}
	for _, o := range orders {
		kinds[o.ID] = o.Kind
	}
	sources := map[subscription.LotID]subscription.Source{}
	for _, e := range entries {
		switch {
		case e.Kind == subscription.EntryLent:
			sources[e.Lot] = subscription.FromOverdraft
		case e.Kind != subscription.EntryGranted:
		case e.Usage != "": // of which a correction gave them back
			sources[e.Lot] = subscription.FromReturned
		default:
			sources[e.Lot] = sourceOf(kinds[e.Order])
		}
	}
	return sources
}

// sourceOf returns the source of the minutes that an order of this kind grants.
func sourceOf(kind subscription.OrderKind) subscription.Source {
	switch kind {
	case subscription.PurchaseOrder, subscription.RenewalOrder, subscription.ImportOrder:
		return subscription.FromPackage
	case subscription.GiftOrder:
		return subscription.FromGift
	case subscription.UpgradeOrder:
		return subscription.FromUpgrade
	case subscription.TopUpOrder:
		return subscription.FromTopUp
	case subscription.UsageOrder: // grants none
	}
	return subscription.FromFree
}
