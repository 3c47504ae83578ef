package main

import (
	"context"
	"fmt"
	"time"

	"github.com/prepaidkit/prepaid/renewal"
	"github.com/prepaidkit/prepaid/store"
	"github.com/prepaidkit/prepaid/subscription"
)

// maxRounds is the maximum number of worker rounds at one instant.
const maxRounds = 1000

// progress is what a worker has done.
type progress struct {
	Rounds   int `json:"rounds"`
	Paid     int `json:"paid"`
	Declined int `json:"declined"`
	Refunded int `json:"refunded"`
	Review   int `json:"review"`
	Unknown  int `json:"unknown"`
}

func (p *progress) add(s renewal.Stats) {
	p.Rounds++
	p.Paid += s.Paid
	p.Declined += s.Declined
	p.Refunded += s.Refunded
	p.Review += s.Review
	p.Unknown += s.Unknown
}

// until lets time pass with a worker running. The worker runs at each instant at which something is due, in order and
// including the last one. Anything overdue is handled first, at the clock's current time.
func until(ctx context.Context, w *world, s *step, _ struct{}) (any, error) {
	end := s.At
	if s.At.IsZero() {
		return nil, badStep("at is missing")
	}
	if end.Before(w.clock) {
		return nil, badStep("at: %s has passed: it is %s", end.Format(time.RFC3339Nano), w.clock.Format(time.RFC3339Nano))
	}
	due, err := w.agenda(ctx)
	if err != nil {
		return nil, err
	}
	var sum progress
	for here := 0; ; {
		app, next := earliest(due)
		if app == "" || next.After(end) {
			w.clock = end
			return sum, nil
		}
		here++
		if next.After(w.clock) {
			w.clock, here = next, 1
		}
		if here > maxRounds {
			return nil, &stepError{codeStuck, fmt.Errorf("the worker doesn't get on with %s at %s", app, w.clock.Format(time.RFC3339Nano))}
		}
		stats, err := w.round(ctx, app)
		if err != nil {
			return nil, err
		}
		sum.add(stats)
		if err := w.note(ctx, due, app); err != nil {
			return nil, err
		}
	}
}

// agenda returns when each application is due, according to the store.
func (w *world) agenda(ctx context.Context) (map[subscription.ApplicationID]time.Time, error) {
	due := map[subscription.ApplicationID]time.Time{}
	for app, err := range w.store.Applications(ctx) {
		if err == nil {
			err = w.note(ctx, due, app)
		}
		if err != nil {
			return nil, err
		}
	}
	return due, nil
}

// note records when an application is due.
func (w *world) note(ctx context.Context, due map[subscription.ApplicationID]time.Time, app subscription.ApplicationID) error {
	snapshots, err := w.store.Load(ctx, subscription.Read{Application: app})
	if err != nil {
		return err
	}
	due[app] = snapshots[0].Application.Due
	return nil
}

// earliest returns the application that is due first, with the smallest ID if there are several, or "" if there is
// none.
func earliest(due map[subscription.ApplicationID]time.Time) (first subscription.ApplicationID, at time.Time) {
	for app, t := range due {
		if !t.IsZero() && (first == "" || t.Before(at) || t.Equal(at) && app < first) {
			first, at = app, t
		}
	}
	return first, at
}

// round runs one round of the worker for one application, handling its orders one after another.
func (w *world) round(ctx context.Context, app subscription.ApplicationID) (renewal.Stats, error) {
	opts := &renewal.Options{Policy: w.policy, Batch: 1, Parallel: 1, Concurrency: 1}
	worker, err := renewal.NewWorker(w.service, &turn{Store: w.store, app: app}, opts)
	if err != nil {
		return renewal.Stats{}, err
	}
	return worker.Once(ctx)
}

// turn is a store in which only one application can be claimed, once.
type turn struct {
	store.Store
	app   subscription.ApplicationID
	taken bool
}

// Claim returns the application the first time, and nothing after that.
func (t *turn) Claim(ctx context.Context, _ time.Time, _ time.Duration, _ int) ([]renewal.Claimed, error) {
	if t.taken {
		return nil, nil
	}
	t.taken = true
	snapshots, err := t.Load(ctx, subscription.Read{Application: t.app})
	if err != nil {
		return nil, err
	}
	return []renewal.Claimed{{Application: t.app, Snapshot: snapshots[0]}}, nil
}
