package postgres_test

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/prepaidkit/prepaid/payment"
	"github.com/prepaidkit/prepaid/pricing"
	"github.com/prepaidkit/prepaid/renewal"
	"github.com/prepaidkit/prepaid/store"
	"github.com/prepaidkit/prepaid/subscription"
)

const catalogJSON = `{
  "revision": "bench-1", "zone": "UTC",
  "agreement": {"version": "2025-06", "documents": [{"name": "Billing Terms", "url": "https://example.com/terms"}]},
  "service": {"grace_hours": 24, "retention_days": 60, "late_usage_hours": 24},
  "products": [{"id": "call", "name": "Call", "upgradable": true, "versions": [
    {"id": "lite", "name": "Lite", "rank": 1, "terms": [{"months": 1, "minutes": 900000000000, "list": {"USD": "199.00"}}]}
  ]}],
  "usage": {"kinds": [
    {"id": "audio", "name": "Audio", "weight": "1", "per_thousand": {"USD": "0.99"}},
    {"id": "hd", "name": "HD", "weight": "4", "per_thousand": {"USD": "3.99"}}
  ]}
}`

// instantly is a gateway that collects everything at once.
type instantly struct{}

func (instantly) Charge(_ context.Context, c payment.Charge) (payment.Result, error) {
	return payment.Result{Key: c.Key, Status: payment.Succeeded, Amount: c.Amount}, nil
}

func (instantly) Lookup(_ context.Context, key string) (payment.Result, error) {
	return payment.Result{Key: key, Status: payment.NotFound}, nil
}

func (instantly) Refund(_ context.Context, r payment.Refund) (payment.Result, error) {
	return payment.Result{Key: r.Key, Status: payment.Succeeded, Amount: r.Amount}, nil
}

func (instantly) Retention() time.Duration { return 0 }

// scene is what a benchmark needs beside a store.
type scene struct {
	tb      testing.TB
	catalog *pricing.Catalog
	policy  renewal.Policy
	now     time.Time
}

func newScene(tb testing.TB) *scene {
	tb.Helper()
	cat, err := pricing.ParseCatalog(strings.NewReader(catalogJSON))
	if err != nil {
		tb.Fatal(err)
	}
	return &scene{
		tb: tb, catalog: cat, policy: renewal.Policy{Reminders: []time.Duration{}},
		now: time.Date(2025, time.January, 1, 9, 0, 0, 0, time.UTC),
	}
}

func (s *scene) service(st subscription.Store) *subscription.Service {
	return subscription.NewService(st, instantly{}, subscription.Fixed(s.catalog),
		&subscription.Options{Now: func() time.Time { return s.now }})
}

func (s *scene) worker(st renewal.Store) *renewal.Worker {
	s.tb.Helper()
	w, err := renewal.NewWorker(st, instantly{}, subscription.Fixed(s.catalog), &renewal.Options{Policy: s.policy})
	if err != nil {
		s.tb.Fatal(err)
	}
	return w
}

func (s *scene) must(_ any, err error) {
	s.tb.Helper()
	if err != nil {
		s.tb.Fatal(err)
	}
}

func app(i int) subscription.ApplicationID {
	return subscription.ApplicationID(fmt.Sprintf("app-%06d", i))
}

func purchase() subscription.Purchase {
	return subscription.Purchase{Product: "call", Version: "lite", Term: pricing.Months(1), Currency: "USD", Agreement: "2025-06"}
}

// create makes n applications.
func (s *scene) create(st subscription.Store, n int) {
	s.tb.Helper()
	for i := range n {
		s.must(s.service(st).Do(s.tb.Context(), app(i), subscription.Create{Account: "acme"}, "create"))
	}
}

// sell makes n applications that have bought a package, and whose next due time is known.
func (s *scene) sell(st store.Store, n int) {
	s.tb.Helper()
	s.create(st, n)
	for i := range n {
		s.must(s.service(st).Do(s.tb.Context(), app(i), purchase(), "buy"))
	}
	s.must(s.worker(st).Once(s.tb.Context(), s.now))
}

// usage returns n records with IDs from first on.
func (s *scene) usage(first, n int) []subscription.Usage {
	records := make([]subscription.Usage, n)
	for i := range records {
		records[i] = subscription.Usage{
			ID: "record-" + strconv.Itoa(first+i), Product: "call", Kind: []pricing.KindID{"audio", "hd"}[i%2], At: s.now, Seconds: 90,
		}
	}
	return records
}

// call is one call of a store.
type call struct {
	reads   []subscription.Read
	changes []subscription.Change
	claim   int
	asOf    time.Time
}

// recorder writes down what a store is asked for.
type recorder struct {
	store.Store
	mu    sync.Mutex
	calls []call
}

func (r *recorder) add(c call) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.calls = append(r.calls, c)
}

func (r *recorder) Load(ctx context.Context, reads ...subscription.Read) ([]subscription.Snapshot, error) {
	r.add(call{reads: reads})
	return r.Store.Load(ctx, reads...)
}

func (r *recorder) Commit(ctx context.Context, changes ...subscription.Change) error {
	c := call{changes: make([]subscription.Change, len(changes))}
	for i := range changes {
		c.changes[i] = changes[i].Clone()
	}
	r.add(c)
	return r.Store.Commit(ctx, changes...)
}

func (r *recorder) Claim(ctx context.Context, asOf time.Time, lease time.Duration, limit int) ([]renewal.Claimed, error) {
	r.add(call{claim: limit, asOf: asOf})
	return r.Store.Claim(ctx, asOf, lease, limit)
}

// changes returns the changes of the recorded calls, those of each application in their order, many applications at
// a time.
func (r *recorder) changes() [][]subscription.Change {
	rank := map[subscription.ApplicationID]int{}
	var rounds [][]subscription.Change
	for _, c := range r.calls {
		for i := range c.changes {
			n := rank[c.changes[i].Application]
			rank[c.changes[i].Application]++
			if n == len(rounds) {
				rounds = append(rounds, nil)
			}
			rounds[n] = append(rounds[n], c.changes[i])
		}
	}
	return rounds
}

// cents returns n cents of USD.
func cents(n int64) pricing.Money {
	m, err := pricing.FromMinor(n, "USD")
	if err != nil {
		panic(err) // a constant of the tests
	}
	return m
}
