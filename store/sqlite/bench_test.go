package sqlite_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/prepaidkit/prepaid/payment"
	"github.com/prepaidkit/prepaid/pricing"
	"github.com/prepaidkit/prepaid/renewal"
	"github.com/prepaidkit/prepaid/store"
	"github.com/prepaidkit/prepaid/store/memory"
	"github.com/prepaidkit/prepaid/store/sqlite"
	"github.com/prepaidkit/prepaid/subscription"
)

// Each benchmark stands beside its limit, which does in hand-written SQL what the store was asked for: see
// bench_limit_test.go. Both begin with copies of one file.

const (
	// dueAtOnce is how many applications are due in the benchmark of renewals.
	dueAtOnce = 10_000
	// sold is how many applications there are in the others.
	sold = 1000
	// callers consume at the same time.
	callers = 16
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
	b       testing.TB
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
		b: tb, catalog: cat, policy: renewal.Policy{Reminders: []time.Duration{}},
		now: time.Date(2025, time.January, 1, 9, 0, 0, 0, time.UTC),
	}
}

func (s *scene) service(st subscription.Store) *subscription.Service {
	return subscription.NewService(st, instantly{}, subscription.Fixed(s.catalog),
		&subscription.Options{Now: func() time.Time { return s.now }})
}

func (s *scene) worker(st renewal.Store) *renewal.Worker {
	s.b.Helper()
	w, err := renewal.NewWorker(st, instantly{}, subscription.Fixed(s.catalog), &renewal.Options{Policy: s.policy})
	if err != nil {
		s.b.Fatal(err)
	}
	return w
}

func (s *scene) must(_ any, err error) {
	s.b.Helper()
	if err != nil {
		s.b.Fatal(err)
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
	s.b.Helper()
	for i := range n {
		s.must(s.service(st).Do(s.b.Context(), app(i), subscription.Create{Account: "acme"}, "create"))
	}
}

// sell makes n applications that have bought a package, and whose next due time is known.
func (s *scene) sell(st store.Store, n int) {
	s.b.Helper()
	s.create(st, n)
	for i := range n {
		s.must(s.service(st).Do(s.b.Context(), app(i), purchase(), "buy"))
	}
	s.must(s.worker(st).Once(s.b.Context(), s.now))
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

// template is a file with what fill puts into a store, and a recorder on a store that has the same.
type template struct {
	*recorder

	path string
}

func newTemplate(b *testing.B, fill func(st store.Store)) *template {
	b.Helper()
	rec := &recorder{Store: memory.New()}
	fill(rec)
	t := &template{rec, filepath.Join(b.TempDir(), "template.db")}
	st, err := sqlite.Open(b.Context(), t.path, nil)
	if err != nil {
		b.Fatal(err)
	}
	if err := st.Migrate(b.Context()); err != nil {
		b.Fatal(err)
	}
	// In the order of the revisions, many applications at a time.
	rank := map[subscription.ApplicationID]int{}
	var rounds [][]subscription.Change
	for _, c := range rec.calls {
		for i := range c.changes {
			n := rank[c.changes[i].Application]
			rank[c.changes[i].Application]++
			if n == len(rounds) {
				rounds = append(rounds, nil)
			}
			rounds[n] = append(rounds[n], c.changes[i])
		}
	}
	for _, round := range rounds {
		if err := st.Commit(b.Context(), round...); err != nil {
			b.Fatal(err)
		}
	}
	if err := st.Close(); err != nil {
		b.Fatal(err)
	}
	rec.calls = nil
	return t
}

// copied returns the path of a new copy.
func (t *template) copied(b *testing.B) string {
	b.Helper()
	data, err := os.ReadFile(t.path)
	if err != nil {
		b.Fatal(err)
	}
	path := filepath.Join(b.TempDir(), "copy.db")
	if err := os.WriteFile(path, data, 0o600); err != nil {
		b.Fatal(err)
	}
	return path
}

// renewed is what both benchmarks of renewals begin with.
func renewed(b *testing.B) (*scene, *template) {
	b.Helper()
	s := newScene(b)
	t := newTemplate(b, func(st store.Store) { s.sell(st, dueAtOnce) })
	s.now = time.Date(2025, time.January, 31, 9, 0, 0, 0, time.UTC)
	b.ReportAllocs()
	return s, t
}

func BenchmarkRenewals(b *testing.B) {
	s, t := renewed(b)
	for b.Loop() {
		b.StopTimer()
		st := open(b, t.copied(b), nil)
		w := s.worker(st)
		b.StartTimer()
		stats, err := w.Once(b.Context(), s.now)
		b.StopTimer()
		if err != nil || stats.Paid != dueAtOnce {
			b.Fatalf("%+v, %v", stats, err)
		}
		if err := st.Close(); err != nil {
			b.Fatal(err)
		}
		b.StartTimer()
	}
	perSecond(b, dueAtOnce, "renewals/s")
}

func BenchmarkRenewalsLimit(b *testing.B) {
	s, t := renewed(b)
	s.must(s.worker(t).Once(b.Context(), s.now))
	plan := planned(b, t.calls)
	for b.Loop() {
		b.StopTimer()
		l := openLimit(b, t.copied(b))
		b.StartTimer()
		l.replay(plan)
		b.StopTimer()
		l.close()
		b.StartTimer()
	}
	perSecond(b, dueAtOnce, "renewals/s")
}

func BenchmarkPurchase(b *testing.B) {
	s := newScene(b)
	t := newTemplate(b, func(st store.Store) { s.create(st, b.N) })
	service := s.service(open(b, t.copied(b), nil))
	b.ReportAllocs()
	b.ResetTimer()
	for i := range b.N {
		if _, err := service.Do(b.Context(), app(i), purchase(), "buy"); err != nil {
			b.Fatal(err)
		}
	}
	perSecond(b, 1, "purchases/s")
}

func BenchmarkPurchaseLimit(b *testing.B) {
	s := newScene(b)
	t := newTemplate(b, func(st store.Store) { s.create(st, b.N) })
	for i := range b.N {
		s.must(s.service(t).Do(b.Context(), app(i), purchase(), "buy"))
	}
	limited(b, t, 1, "purchases/s")
}

func consumers(b *testing.B) (*scene, *template) {
	b.Helper()
	s := newScene(b)
	return s, newTemplate(b, func(st store.Store) { s.sell(st, sold) })
}

// consumes runs calls of size records, each on the application that of says.
func consumes(b *testing.B, parallel, size int, of func(call int) subscription.ApplicationID) {
	b.Helper()
	s, t := consumers(b)
	service := s.service(open(b, t.copied(b), nil))
	batches := make([][]subscription.Usage, b.N)
	for i := range batches {
		batches[i] = s.usage(i*size, size)
	}
	b.ReportAllocs()
	b.ResetTimer()
	var next atomic.Int64
	var wait sync.WaitGroup
	for range parallel {
		wait.Go(func() {
			for i := int(next.Add(1)) - 1; i < b.N; i = int(next.Add(1)) - 1 {
				results, err := service.Consume(context.Background(), of(i), batches[i]...)
				if err != nil || !results[0].Counted {
					b.Errorf("%v, %v", results, err)
					return
				}
			}
		})
	}
	wait.Wait()
	perSecond(b, size, "records/s")
}

func consumesLimit(b *testing.B, size int, of func(call int) subscription.ApplicationID) *template {
	b.Helper()
	s, t := consumers(b)
	service := s.service(t)
	for i := range b.N {
		s.must(service.Consume(b.Context(), of(i), s.usage(i*size, size)...))
	}
	return t
}

func one(int) subscription.ApplicationID       { return app(0) }
func many(call int) subscription.ApplicationID { return app(call % sold) }

func BenchmarkConsumeSingle(b *testing.B) { consumes(b, 1, 1, one) }
func BenchmarkConsumeSingleLimit(b *testing.B) {
	limited(b, consumesLimit(b, 1, one), 1, "records/s")
}
func BenchmarkConsumeBatch(b *testing.B) { consumes(b, 1, 1000, one) }
func BenchmarkConsumeBatchLimit(b *testing.B) {
	limited(b, consumesLimit(b, 1000, one), 1000, "records/s")
}
func BenchmarkConsumeMany(b *testing.B) { consumes(b, callers, 1, many) }

// Sixteen callers at best share one transaction.
func BenchmarkConsumeManyLimit(b *testing.B) {
	t := consumesLimit(b, 1, many)
	t.calls = together(t.calls, callers)
	limited(b, t, 1, "records/s")
}

func BenchmarkLoad(b *testing.B) {
	_, t := consumers(b)
	st := open(b, t.copied(b), nil)
	b.ReportAllocs()
	b.ResetTimer()
	for i := range b.N {
		got, err := st.Load(b.Context(), subscription.Read{Application: app(i % sold), Keys: []string{"buy"}})
		if err != nil || len(got[0].Receipts) != 1 {
			b.Fatal(got, err)
		}
	}
	perSecond(b, 1, "loads/s")
}

func BenchmarkLoadLimit(b *testing.B) {
	_, t := consumers(b)
	for i := range b.N {
		t.add(call{reads: []subscription.Read{{Application: app(i % sold), Keys: []string{"buy"}}}})
	}
	limited(b, t, 1, "loads/s")
}

// BenchmarkCommits is what sharing transactions gains: single consumption by more and more callers.
func BenchmarkCommits(b *testing.B) {
	for _, n := range []int{1, 2, 4, 16, 64, 256} {
		b.Run(strconv.Itoa(n)+" callers", func(b *testing.B) { consumes(b, n, 1, many) })
	}
}

func perSecond(b *testing.B, size int, unit string) {
	b.Helper()
	b.ReportMetric(float64(b.N)*float64(size)/b.Elapsed().Seconds(), unit)
}
