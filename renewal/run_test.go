package renewal_test

import (
	"context"
	"errors"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/prepaidkit/prepaid/internal/sure"
	"github.com/prepaidkit/prepaid/payment"
	"github.com/prepaidkit/prepaid/payment/balance"
	"github.com/prepaidkit/prepaid/renewal"
	"github.com/prepaidkit/prepaid/store/memory"
	"github.com/prepaidkit/prepaid/subscription"
)

// Run processes what is due in every interval and reports each round. Everything happens in the virtual time of the
// test.
func TestRunRenewsForThreeMonths(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, setup{start: time.Now().Format(time.RFC3339), policy: renewal.Policy{Reminders: hours()}})
		w.must(buy("call", "one-to-one"))
		rounds := 0
		var sum renewal.Stats
		ctx, stop := context.WithCancel(t.Context())
		o := &renewal.Options{
			Interval: time.Hour,
			Report: func(s renewal.Stats, err error) {
				w.ok(err)
				w.now = time.Now()
				rounds++
				sum.Add(s)
			},
		}
		service := w.serviceOn(w.store, &subscription.Options{Now: time.Now})
		worker, err := renewal.NewWorker(service, w.store, o)
		w.ok(err)
		done := make(chan error)
		go func() { done <- worker.Run(ctx) }()
		time.Sleep(91 * 24 * time.Hour)
		stop()
		w.ok(<-done)
		check(t, "rounds", rounds, 91*24+1)
		check(t, "paid", sum.Paid, 3)
		check(t, "late", sum.Late < time.Hour, true)
		check(t, "periods", len(spans(w)), 4)
	})
}

// If the store is unavailable, it is called less and less often, down to every 16 intervals, and at the normal rate
// once it is available again.
func TestRunBacksOffWhileTheStoreIsAway(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, setup{})
		st := &faulty{Store: w.store, claim: errStore}
		began := time.Now()
		var asked []time.Duration
		ctx, stop := context.WithCancel(t.Context())
		worker := w.workerOn(st, &renewal.Options{
			Interval: time.Minute,
			Report: func(_ renewal.Stats, err error) {
				asked = append(asked, time.Since(began)/time.Minute)
				switch len(asked) {
				case 8:
					st.claim = nil
				case 11:
					stop()
				}
				if len(asked) <= 8 && !errors.Is(err, errStore) || len(asked) > 8 && err != nil {
					t.Errorf("report %d: %v", len(asked), err)
				}
			},
		})
		w.ok(worker.Run(ctx))
		if want := []time.Duration{0, 2, 6, 14, 30, 46, 62, 78, 94, 95, 96}; !slices.Equal(asked, want) {
			t.Errorf("asked at minutes %d, want %d", asked, want)
		}
	})
}

// A graceful stop: the current batch is completed, so charges are also recorded; no new batch is started.
func TestStopWhileChargingLosesNoAnswer(t *testing.T) {
	for name, run := range map[string]func(ctx context.Context, w *renewal.Worker) error{
		"Run": func(ctx context.Context, w *renewal.Worker) error { return w.Run(ctx) },
		"Once": func(ctx context.Context, w *renewal.Worker) error {
			if _, err := w.Once(ctx); !errors.Is(err, context.Canceled) {
				return errors.New("Once doesn't report that it was stopped")
			}
			return nil
		},
	} {
		t.Run(name, func(t *testing.T) {
			ctx, stop := context.WithCancel(t.Context())
			w := newWorld(t, setup{gateway: func(w *world, behind *balance.Accounts) payment.Gateway {
				return &gatewayFuncs{Gateway: behind, OnCharge: func(ctx context.Context, c payment.Charge) (payment.Result, error) {
					if short(w.now) >= "2025-01-31" {
						stop()
					}
					return behind.Charge(ctx, c)
				}}
			}})
			w.must(buy("call", "one-to-one"))
			w.at("2025-01-31T00:00:00Z")
			w.ok(run(ctx, w.worker(nil)))
			check(t, "end", w.end(), "2025-03-01 00:00")
			check(t, "balance", w.balance(), "99602.00 USD")
			check(t, "unresolved", len(w.stored().Orders), 0)
		})
	}
}

// If the context is done before the round begins, nothing is claimed.
func TestStoppedBeforeTheRound(t *testing.T) {
	w := newWorld(t, setup{})
	w.must(buy("call", "one-to-one"))
	ctx, stop := context.WithCancel(t.Context())
	stop()
	stats, err := w.worker(nil).Once(ctx)
	check(t, "stats", stats, renewal.Stats{})
	fails(t, err, context.Canceled)
	w.ok(w.worker(nil).Run(ctx))
}

// The defaults: a worker without options uses the machine's clock.
func TestWorkerWithoutOptions(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		st := memory.New()
		worker, err := renewal.NewWorker(sure.Of(subscription.NewService(st, balance.New(nil), subscription.StaticCatalog(catalog(t)), nil)), st, nil)
		if err != nil {
			t.Fatal(err)
		}
		ctx, stop := context.WithTimeout(t.Context(), time.Hour)
		defer stop()
		if err := worker.Run(ctx); err != nil {
			t.Error(err)
		}
	})
}

func TestStatsAdd(t *testing.T) {
	one := renewal.Stats{
		Claimed: 1, Placed: 2, Paid: 3, Declined: 4, Refunded: 5, Review: 6, Unknown: 7, Rescheduled: 8, Conflicts: 9,
		Failed: 10, Unreadable: 11, Late: time.Minute,
	}
	sum := one
	sum.Add(one)
	want := renewal.Stats{
		Claimed: 2, Placed: 4, Paid: 6, Declined: 8, Refunded: 10, Review: 12, Unknown: 14, Rescheduled: 16, Conflicts: 18,
		Failed: 20, Unreadable: 22, Late: time.Minute,
	}
	if diff := cmp.Diff(want, sum); diff != "" {
		t.Errorf("sum (-want +got):\n%s", diff)
	}
	sum.Add(renewal.Stats{Late: time.Hour})
	check(t, "the later one", sum.Late, time.Hour)
}
