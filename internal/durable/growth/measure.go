package growth

import (
	"context"
	"fmt"
	"time"

	"github.com/prepaidkit/prepaid/examples/catalog"
	"github.com/prepaidkit/prepaid/renewal"
	"github.com/prepaidkit/prepaid/store"
	"github.com/prepaidkit/prepaid/store/audit"
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
	// Ending is the time for the first page of the subscriptions that end within a week, PastDue for all that are past due,
	// and Totals for those of a month in which every application was paid for. Zero: the store has no reports.
	Ending, PastDue, Totals time.Duration
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
	if reports, ok := st.(store.Reports); ok {
		if err := r.report(ctx, reports, now); err != nil {
			return r, fmt.Errorf("growth: report: %w", err)
		}
	}
	return r, nil
}

// report measures the reports of a store.
func (r *Result) report(ctx context.Context, st store.Reports, now time.Time) error {
	const pageful = 1000
	find := func(f store.SubscriptionFilter) (n int, took time.Duration, err error) {
		elapsed := stopwatch()
		for _, err := range st.FindSubscriptions(ctx, f) {
			if err != nil {
				return n, 0, err
			}
			n++
			if n == pageful {
				break
			}
		}
		return n, elapsed(), nil
	}
	var first time.Time // what was renewed ends first
	active := []subscription.Status{subscription.Active}
	for row, err := range st.FindSubscriptions(ctx, store.SubscriptionFilter{Statuses: active, From: now}) {
		if err != nil {
			return err
		}
		first = row.PaidUntil
		break
	}
	n, took, err := find(store.SubscriptionFilter{Statuses: active, From: first, Until: first.AddDate(0, 0, 7)})
	if err != nil {
		return err
	}
	r.Ending = took
	if want := min((r.Applications+share-1)/share, pageful); n < want {
		return fmt.Errorf("%d subscriptions end within a week, want %d", n, want)
	}
	if _, r.PastDue, err = find(store.SubscriptionFilter{Statuses: []subscription.Status{subscription.PastDue}}); err != nil {
		return err
	}
	elapsed := stopwatch()
	month := time.Date(2025, time.July, 1, 0, 0, 0, 0, time.UTC)
	totals, err := st.TotalsBetween(ctx, month, month.AddDate(0, 1, 0))
	r.Totals = elapsed()
	if err == nil && (len(totals) != 1 || totals[0].Paid.Count != int64(r.Applications)) {
		err = fmt.Errorf("totals %+v of %d applications", totals, r.Applications)
	}
	return err
}

// Audit proves a store and returns how long that took. Whatever the audit finds is an error.
func Audit(ctx context.Context, st audit.Source) (time.Duration, error) {
	elapsed := stopwatch()
	for f, err := range audit.Store(ctx, st, nil) {
		if err != nil {
			return 0, fmt.Errorf("growth: audit: %w", err)
		}
		return 0, fmt.Errorf("growth: the audit found %v", f)
	}
	return elapsed(), nil
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
