package main

import (
	"context"
	"iter"
	"time"

	"github.com/prepaidkit/prepaid/pricing"
	"github.com/prepaidkit/prepaid/subscription"
)

// seen is an application as of the clock, including the effects of time that no change has committed yet.
type seen struct {
	stored subscription.Application
	app    subscription.Application
	since  subscription.Change // the effects of time
}

// look returns an application as of the clock.
func (w *world) look(ctx context.Context, app subscription.ApplicationID) (seen, error) {
	snapshots, err := w.store.Load(ctx, subscription.Read{Application: app})
	if err != nil {
		return seen{}, err
	}
	stored := snapshots[0].Application
	if err := snapshots[0].Exists(); err != nil {
		return seen{}, err
	}
	change, err := subscription.Advance(stored, w.catalog, w.clock.Truncate(time.Microsecond))
	return seen{stored: stored, app: snapshots[0].After(change).Application, since: change}, err
}

// all returns the stored rows followed by more.
func all[T any](stored iter.Seq2[T, error], more []T) ([]T, error) {
	var rows []T
	for row, err := range stored {
		if err != nil {
			return nil, err
		}
		rows = append(rows, row)
	}
	return append(rows, more...), nil
}

// orders returns all orders of an application, in the order in which they were placed.
func (w *world) orders(ctx context.Context, s *seen) ([]subscription.Order, error) {
	orders, err := all(w.store.Orders(ctx, s.app.ID), nil)
	for i := range orders {
		for _, o := range s.since.Orders {
			if o.ID == orders[i].ID {
				orders[i] = o
			}
		}
	}
	return orders, err
}

// wants reports whether a filter accepts a value; the zero value accepts everything.
func wants[T comparable](filter, value T) bool {
	var none T
	return filter == none || filter == value
}

// after reports whether t passes the "since" filter, which omits everything at or before that instant.
func after(since, t time.Time) bool { return since.IsZero() || t.After(since) }

// totals are sums of amounts by currency.
type totals map[pricing.Currency]pricing.Money

func (t totals) add(m pricing.Money) error {
	if m.IsZero() {
		return nil
	}
	sum, ok := t[m.Currency()]
	if !ok {
		t[m.Currency()] = m
		return nil
	}
	sum, err := sum.Add(m)
	t[m.Currency()] = sum
	return err
}
