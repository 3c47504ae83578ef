package sqlite_test

import (
	"context"
	"os"
	"path/filepath"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/prepaidkit/prepaid/internal/scene"
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

// template is a file with what fill puts into a store, and a recorder on a store that has the same.
type template struct {
	*scene.Recorder

	path string
}

func newTemplate(b *testing.B, fill func(st store.Store)) *template {
	b.Helper()
	rec := &scene.Recorder{Store: memory.New()}
	fill(rec)
	t := &template{rec, filepath.Join(b.TempDir(), "template.db")}
	st, err := sqlite.Open(b.Context(), t.path, nil)
	if err != nil {
		b.Fatal(err)
	}
	if err := st.Migrate(b.Context()); err != nil {
		b.Fatal(err)
	}
	for _, round := range rec.Rounds() {
		if err := st.Commit(b.Context(), round...); err != nil {
			b.Fatal(err)
		}
	}
	if err := st.Close(); err != nil {
		b.Fatal(err)
	}
	rec.Calls = nil
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
func renewed(b *testing.B) (*scene.Scene, *template) {
	b.Helper()
	s := scene.New(b)
	t := newTemplate(b, func(st store.Store) { s.Sell(st, dueAtOnce) })
	s.Now = time.Date(2025, time.January, 31, 9, 0, 0, 0, time.UTC)
	b.ReportAllocs()
	return s, t
}

func BenchmarkRenewals(b *testing.B) {
	s, t := renewed(b)
	for b.Loop() {
		b.StopTimer()
		st := open(b, t.copied(b), nil)
		w := s.Worker(st)
		b.StartTimer()
		stats, err := w.Once(b.Context())
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
	s.Must(s.Worker(t).Once(b.Context()))
	plan := planned(b, t.Calls)
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
	s := scene.New(b)
	t := newTemplate(b, func(st store.Store) { s.Create(st, b.N) })
	service := s.Service(open(b, t.copied(b), nil))
	b.ReportAllocs()
	b.ResetTimer()
	for i := range b.N {
		if _, err := service.Do(b.Context(), scene.App(i), scene.Purchase(), "buy"); err != nil {
			b.Fatal(err)
		}
	}
	perSecond(b, 1, "purchases/s")
}

func BenchmarkPurchaseLimit(b *testing.B) {
	s := scene.New(b)
	t := newTemplate(b, func(st store.Store) { s.Create(st, b.N) })
	for i := range b.N {
		s.Must(s.Service(t).Do(b.Context(), scene.App(i), scene.Purchase(), "buy"))
	}
	limited(b, t, 1, "purchases/s")
}

func consumers(b *testing.B) (*scene.Scene, *template) {
	b.Helper()
	s := scene.New(b)
	return s, newTemplate(b, func(st store.Store) { s.Sell(st, sold) })
}

// consumes runs calls of size records, each on the application that of says.
func consumes(b *testing.B, parallel, size int, of func(call int) subscription.ApplicationID) {
	b.Helper()
	s, t := consumers(b)
	service := s.Service(open(b, t.copied(b), nil))
	batches := make([][]subscription.Usage, b.N)
	for i := range batches {
		batches[i] = s.Usage(i*size, size)
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
	service := s.Service(t)
	for i := range b.N {
		s.Must(service.Consume(b.Context(), of(i), s.Usage(i*size, size)...))
	}
	return t
}

func one(int) subscription.ApplicationID       { return scene.App(0) }
func many(call int) subscription.ApplicationID { return scene.App(call % sold) }

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
	t.Calls = together(t.Calls, callers)
	limited(b, t, 1, "records/s")
}

func BenchmarkLoad(b *testing.B) {
	_, t := consumers(b)
	st := open(b, t.copied(b), nil)
	b.ReportAllocs()
	b.ResetTimer()
	for i := range b.N {
		got, err := st.Load(b.Context(), subscription.Read{Application: scene.App(i % sold), Keys: []string{"buy"}})
		if err != nil || len(got[0].Receipts) != 1 {
			b.Fatal(got, err)
		}
	}
	perSecond(b, 1, "loads/s")
}

func BenchmarkLoadLimit(b *testing.B) {
	_, t := consumers(b)
	for i := range b.N {
		t.Add(scene.Call{Reads: []subscription.Read{{Application: scene.App(i % sold), Keys: []string{"buy"}}}})
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
