package growth

import (
	"context"
	"fmt"
	"time"

	"github.com/prepaidkit/prepaid/examples/catalog"
	"github.com/prepaidkit/prepaid/renewal"
	"github.com/prepaidkit/prepaid/store"
	"github.com/prepaidkit/prepaid/subscription"
)

// Result is the measurement for one size.
type Result struct {
	Applications int
	Filled       time.Duration // time taken to write them
	Renewals     int           // in all rounds
	Rounds       int
	Took         time.Duration // the rounds' renewals
	Slowest      time.Duration // of the rounds
}

// Rate returns renewals per second.
func (r Result) Rate() int64 {
	if r.Took <= 0 {
		return 0
	}
	return int64(time.Duration(r.Renewals) * time.Second / r.Took)
}

// Measure fills an empty store with a number of applications and renews the monthly ones, month after month, until at
// least the given number of renewals were made. tidy may be nil. It is called once the store is full, so that a
// database can gather its statistics, as it does automatically in production.
func Measure(ctx context.Context, st store.Store, applications, renewals int, tidy func(context.Context) error) (Result, error) {
	r := Result{Applications: applications}
	elapsed := stopwatch()
	now, err := fill(ctx, st, applications)
	if err != nil {
		return r, fmt.Errorf("growth: fill: %w", err)
	}
	r.Filled = elapsed()
	if tidy != nil {
		if err := tidy(ctx); err != nil {
			return r, fmt.Errorf("growth: %w", err)
		}
	}
	cat, err := catalog.Load()
	if err != nil {
		return r, err
	}
	worker, err := newWorker(st, cat, func() time.Time { return now })
	if err != nil {
		return r, err
	}
	want := (applications + share - 1) / share
	for r.Renewals < renewals && r.Rounds < 11 { // the yearly ones end with the twelfth month
		elapsed := stopwatch()
		stats, err := worker.Once(ctx)
		took := elapsed()
		if err != nil {
			return r, fmt.Errorf("growth: renew: %w", err)
		}
		if stats.Paid != want {
			return r, fmt.Errorf("growth: %d renewals of %d: %+v", stats.Paid, want, stats)
		}
		r.Rounds, r.Renewals, r.Took, r.Slowest = r.Rounds+1, r.Renewals+stats.Paid, r.Took+took, max(r.Slowest, took)
		if r.Renewals < renewals {
			if err := next(ctx, st, worker, &now); err != nil {
				return r, err
			}
		}
	}
	return r, nil
}

// stopwatch starts a stopwatch, and returns a function that reads it.
func stopwatch() func() time.Duration {
	began := time.Now()                                      //nolint:forbidigo // how long it takes is what is measured
	return func() time.Duration { return time.Since(began) } //nolint:forbidigo // likewise
}

// next begins what was renewed, ends what is over, and advances the clock to the time of the next renewal.
func next(ctx context.Context, st store.Store, worker *renewal.Worker, now *time.Time) error {
	for {
		snapshots, err := st.Load(ctx, subscription.Read{Application: name(0)})
		if err != nil {
			return fmt.Errorf("growth: %w", err)
		}
		app := snapshots[0].Application
		attempt := app.Subscriptions[0].End().Add(renewal.DefaultPolicy().Attempts[0])
		*now = app.Due
		if !app.Due.Before(attempt) {
			return nil
		}
		if _, err := worker.Once(ctx); err != nil {
			return fmt.Errorf("growth: begin: %w", err)
		}
	}
}
