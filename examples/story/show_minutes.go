package main

import (
	"context"
	"iter"
	"time"

	"github.com/prepaidkit/prepaid/pricing"
	"github.com/prepaidkit/prepaid/subscription"
)

type minutesQuestion struct {
	Product pricing.ProductID `json:"product"`
	AsOf    time.Time         `json:"as_of"`
}

type minutesShown struct {
	Minutes   subscription.Quantity `json:"minutes"`
	Overdraft subscription.Quantity `json:"overdraft,omitzero"` // that can be used beyond them
}

// showMinutes shows the minutes that can be spent now on one product or on all, and beside them what can be used beyond them.
// With as_of, it shows what was left of all lots at that instant, according to the ledger.
func showMinutes(ctx context.Context, w *world, s *step, q minutesQuestion) (any, error) {
	now, err := w.look(ctx, s.App)
	if err != nil {
		return nil, err
	}
	if !q.AsOf.IsZero() {
		return w.replay(ctx, &now, q.AsOf)
	}
	if q.Product != "" {
		return minutesShown{now.app.Minutes(q.Product, w.clock), now.app.Overdraft(q.Product, w.catalog, w.clock).Left}, nil
	}
	out := minutesShown{Minutes: inForce(&now.app, lotsQuestion{}, w.clock).Remaining}
	for i := range now.app.Subscriptions {
		out.Overdraft += now.app.Overdraft(now.app.Subscriptions[i].Product, w.catalog, w.clock).Left
	}
	return out, nil
}

// replay shows what was left at an instant, according to the ledger.
func (w *world) replay(ctx context.Context, now *seen, at time.Time) (any, error) {
	entries, err := all(w.store.Entries(ctx, now.app.ID), now.since.Entries)
	if err != nil {
		return nil, err
	}
	balances, err := subscription.BalanceAt(each(entries), at)
	var left subscription.Quantity
	for _, b := range balances {
		if !b.Overdraft {
			left += b.Remaining
		}
	}
	return minutesShown{Minutes: left}, err
}

// each yields rows without errors.
func each[T any](rows []T) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		for _, row := range rows {
			if !yield(row, nil) {
				return
			}
		}
	}
}

type lotsQuestion struct {
	Source  subscription.Source `json:"source"`
	Product pricing.ProductID   `json:"product"`
}

type lotsShown struct {
	Lots      []subscription.Lot    `json:"lots"`
	Count     int                   `json:"count"`
	Remaining subscription.Quantity `json:"remaining"`
}

// showLots shows the lots whose period contains the clock's time.
func showLots(ctx context.Context, w *world, s *step, q lotsQuestion) (any, error) {
	now, err := w.look(ctx, s.App)
	if err != nil {
		return nil, err
	}
	return inForce(&now.app, q, w.clock), nil
}

// inForce returns the lots of an application whose period contains t. An overdraft is no part of what remains, unless only
// overdrafts are asked for.
func inForce(app *subscription.Application, q lotsQuestion, t time.Time) lotsShown {
	out := lotsShown{}
	for _, l := range app.Lots {
		if l.Period.Contains(t) && wants(q.Source, l.Source) && (q.Product == "" || l.Covers(q.Product)) {
			out.Lots = append(out.Lots, l)
			if l.Source != subscription.FromOverdraft || q.Source == l.Source {
				out.Remaining += l.Remaining
			}
		}
	}
	out.Count = len(out.Lots)
	return out
}
