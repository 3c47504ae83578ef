package main

import (
	"cmp"
	"context"
	"slices"
	"time"

	"github.com/prepaidkit/prepaid/pricing"
	"github.com/prepaidkit/prepaid/subscription"
)

type ordersQuestion struct {
	Kind    subscription.OrderKind   `json:"kind"`
	Status  subscription.OrderStatus `json:"status"`
	Product pricing.ProductID        `json:"product"`
	Since   time.Time                `json:"since"`
}

type ordersShown struct {
	Orders []*order `json:"orders"`
	Count  int      `json:"count"`
	Total  totals   `json:"total,omitempty"` // of amounts
}

// showOrders shows orders in the order in which they were placed. The step's name then stands for the last one.
func showOrders(ctx context.Context, w *world, s *step, q ordersQuestion) (any, error) {
	now, err := w.look(ctx, s.App)
	if err != nil {
		return nil, err
	}
	orders, err := w.orders(ctx, &now)
	if err != nil {
		return nil, err
	}
	slices.SortStableFunc(orders, func(a, b subscription.Order) int { return a.PlacedAt.Compare(b.PlacedAt) })
	out := ordersShown{Total: totals{}}
	for _, o := range orders {
		if !wants(q.Kind, o.Kind) || !wants(q.Status, o.Status) || !wants(q.Product, o.Product) || !after(q.Since, o.PlacedAt) {
			continue
		}
		out.Orders = append(out.Orders, orderOf(o))
		if err := out.Total.add(o.Amount); err != nil {
			return nil, err
		}
		w.made.order = o.ID
	}
	out.Count = len(out.Orders)
	return out, nil
}

type eventsQuestion struct {
	Type  subscription.EventType `json:"type"`
	Since time.Time              `json:"since"`
}

type eventsShown struct {
	Events []subscription.Event `json:"events"`
	Count  int                  `json:"count"`
}

// showEvents shows the audit log.
func showEvents(ctx context.Context, w *world, s *step, q eventsQuestion) (any, error) {
	now, err := w.look(ctx, s.App)
	if err != nil {
		return nil, err
	}
	events, err := all(w.store.Events(ctx, s.App), now.since.Events)
	if err != nil {
		return nil, err
	}
	events = slices.DeleteFunc(events, func(e subscription.Event) bool {
		return !wants(q.Type, e.Type) || !after(q.Since, e.At)
	})
	return eventsShown{events, len(events)}, nil
}

type balanceQuestion struct {
	Account  subscription.AccountID `json:"account" step:"needed"`
	Currency pricing.Currency       `json:"currency"`
}

// showBalance shows what the provider knows about an account.
func showBalance(_ context.Context, w *world, _ *step, q balanceQuestion) (any, error) {
	return w.provider.of(string(q.Account), cmp.Or(q.Currency, "USD"))
}
