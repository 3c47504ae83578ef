package postgres_test

import (
	"context"
	"runtime"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/prepaidkit/prepaid/internal/pgtest"
	"github.com/prepaidkit/prepaid/internal/scene"
	"github.com/prepaidkit/prepaid/renewal"
	"github.com/prepaidkit/prepaid/store"
	"github.com/prepaidkit/prepaid/store/memory"
	"github.com/prepaidkit/prepaid/store/postgres"
	"github.com/prepaidkit/prepaid/subscription"
)

// Each benchmark stands beside its limit, which does in hand-written SQL what the store was asked for: see
// bench_limit_test.go. Both use a server with fsync on, and begin with the same applications.

const (
	// dueAtOnce is how many applications are due in the benchmark of renewals.
	dueAtOnce = 10_000
	// sold is how many applications there are in the others.
	sold = 1000
	// callers consume at the same time.
	callers = 16
)

// durable is the server of the benchmarks.
var durable struct {
	once   sync.Once
	server *pgtest.Server
	err    error
}

func closeDurable() {
	if durable.server != nil {
		_ = durable.server.Close()
	}
}

// connectDurable returns a pool of connections to a server with fsync on.
func connectDurable(b *testing.B) *pgxpool.Pool {
	b.Helper()
	durable.once.Do(func() { durable.server, durable.err = pgtest.Start(&pgtest.Options{Durable: true}) })
	if durable.err != nil {
		b.Skipf("NOT MEASURED, since it needs Postgres: %v", durable.err)
	}
	config, err := pgxpool.ParseConfig(durable.server.URL())
	if err != nil {
		b.Fatal(err)
	}
	config.MaxConns = callers
	p, err := pgxpool.NewWithConfig(context.Background(), config)
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(p.Close)
	return p
}

// tables are those of an application's rows.
func tables() []string {
	return []string{"applications", "orders", "order_refunds", "subscription_rows", "entries", "events", "receipts", "records"}
}

// stage is a schema with what was put into a memory store, which records what it is asked for from then on.
type stage struct {
	*scene.Recorder

	pool             *pgxpool.Pool
	template, schema string
}

func newStage(b *testing.B, fill func(st store.Store)) *stage {
	b.Helper()
	s := &stage{Recorder: &scene.Recorder{Store: memory.New()}, pool: connectDurable(b)}
	fill(s.Recorder)
	st, name := openNamed(b, s.pool, nil)
	for _, round := range s.Rounds() {
		for len(round) > 0 {
			n := min(len(round), 1000)
			commit(b, st, round[:n]...)
			round = round[n:]
		}
	}
	s.template, s.Calls = name, nil
	return s
}

// set makes a store with the stage's content.
func (s *stage) set(b *testing.B) *postgres.Store {
	b.Helper()
	st, name := openNamed(b, s.pool, nil)
	s.schema = name
	for _, table := range tables() {
		tag, err := s.pool.Exec(b.Context(), in(name, "INSERT INTO {schema}."+table+" TABLE "+pgx.Identifier{s.template, table}.Sanitize()))
		if err != nil {
			b.Fatal(err)
		}
		// What was analyzed when it was empty is scanned until it is analyzed again, which autovacuum doesn't do before
		// there are 1,000 rows.
		if tag.RowsAffected() > 0 {
			run(b, s.pool, name, "VACUUM ANALYZE {schema}."+table)
		}
	}
	run(b, s.pool, name, "CHECKPOINT")
	runtime.GC()
	return st
}

// unset drops what set made.
func (s *stage) unset(b *testing.B) {
	b.Helper()
	if _, err := s.pool.Exec(b.Context(), "DROP SCHEMA "+pgx.Identifier{s.schema}.Sanitize()+" CASCADE"); err != nil {
		b.Fatal(err)
	}
}

// renewals is what both benchmarks of renewals begin with.
func renewals(b *testing.B) (*scene.Scene, *stage) {
	b.Helper()
	s := scene.New(b)
	t := newStage(b, func(st store.Store) { s.Sell(st, dueAtOnce) })
	s.Now = time.Date(2025, time.January, 31, 9, 0, 0, 0, time.UTC)
	b.ReportAllocs()
	return s, t
}

func BenchmarkRenewals(b *testing.B) {
	s, t := renewals(b)
	t.Recorder = nil
	for b.Loop() {
		b.StopTimer()
		w := s.Worker(t.set(b))
		b.StartTimer()
		stats, err := w.Once(b.Context())
		b.StopTimer()
		if err != nil || stats.Paid != dueAtOnce {
			b.Fatalf("%+v, %v", stats, err)
		}
		t.unset(b)
		b.StartTimer()
	}
	perSecond(b, dueAtOnce, "renewals/s")
}

func BenchmarkRenewalsLimit(b *testing.B) {
	s, t := renewals(b)
	w, err := renewal.NewWorker(s.Service(t), t, &renewal.Options{Policy: s.Policy, Parallel: 1})
	if err != nil {
		b.Fatal(err)
	}
	s.Must(w.Once(b.Context()))
	for b.Loop() {
		b.StopTimer()
		t.set(b)
		// A lane is a connection; a batch is a claim and the commits that follow it.
		lanes := openLimits(b, t, 2)
		n := -1
		for _, c := range t.Calls {
			if c.Claim > 0 {
				n++
			}
			lanes[n%2].plan(c)
		}
		b.StartTimer()
		var wait sync.WaitGroup
		for _, l := range lanes {
			wait.Go(l.replay)
		}
		wait.Wait()
		b.StopTimer()
		for _, l := range lanes {
			l.close()
		}
		t.unset(b)
		b.StartTimer()
	}
	perSecond(b, dueAtOnce, "renewals/s")
}

func BenchmarkPurchase(b *testing.B) {
	s := scene.New(b)
	t := newStage(b, func(st store.Store) { s.Create(st, b.N) })
	t.Recorder = nil
	service := s.Service(t.set(b))
	b.ReportAllocs()
	b.ResetTimer()
	for i := range b.N {
		if _, err := service.Do(b.Context(), app(i), scene.Purchase(), "buy"); err != nil {
			b.Fatal(err)
		}
	}
	perSecond(b, 1, "purchases/s")
}

func BenchmarkPurchaseLimit(b *testing.B) {
	s := scene.New(b)
	t := newStage(b, func(st store.Store) { s.Create(st, b.N) })
	for i := range b.N {
		s.Must(s.Service(t).Do(b.Context(), app(i), scene.Purchase(), "buy"))
	}
	limited(b, t, 1, 1, "purchases/s")
}

// consumes runs calls of size records, each on the application that of says.
func consumes(b *testing.B, parallel, size int, of func(call int) subscription.ApplicationID) {
	b.Helper()
	s := scene.New(b)
	t := newStage(b, func(st store.Store) { s.Sell(st, sold) })
	t.Recorder = nil
	service := s.Service(t.set(b))
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

func consumesLimit(b *testing.B, parallel, size int, of func(call int) subscription.ApplicationID) {
	b.Helper()
	s := scene.New(b)
	t := newStage(b, func(st store.Store) { s.Sell(st, sold) })
	service := s.Service(t)
	for i := range b.N {
		s.Must(service.Consume(b.Context(), of(i), s.Usage(i*size, size)...))
	}
	limited(b, t, parallel, size, "records/s")
}

func one(int) subscription.ApplicationID       { return app(0) }
func many(call int) subscription.ApplicationID { return app(call % sold) }

func BenchmarkConsumeSingle(b *testing.B)      { consumes(b, 1, 1, one) }
func BenchmarkConsumeSingleLimit(b *testing.B) { consumesLimit(b, 1, 1, one) }
func BenchmarkConsumeBatch(b *testing.B)       { consumes(b, 1, 1000, one) }
func BenchmarkConsumeBatchLimit(b *testing.B)  { consumesLimit(b, 1, 1000, one) }
func BenchmarkConsumeMany(b *testing.B)        { consumes(b, callers, 1, many) }
func BenchmarkConsumeManyLimit(b *testing.B)   { consumesLimit(b, callers, 1, many) }

// BenchmarkConsumeLots counts single records on an application with more and more lots, of which each takes from one: what
// the others cost. With 100 it is to take at most 1.6 times as long as with 1.
func BenchmarkConsumeLots(b *testing.B) {
	for _, lots := range []int{1, 100} {
		b.Run(strconv.Itoa(lots), func(b *testing.B) {
			s := scene.New(b)
			service := s.Service(newStage(b, func(st store.Store) {
				s.Sell(st, sold)
				s.Stock(st, one(0), lots)
			}).set(b))
			b.ReportAllocs()
			b.ResetTimer()
			for i := range b.N {
				results, err := service.Consume(b.Context(), one(i), s.Usage(i, 1)...)
				if err != nil || !results[0].Counted {
					b.Fatal(results, err)
				}
			}
			perSecond(b, 1, "records/s")
		})
	}
}

func BenchmarkLoad(b *testing.B) {
	s := scene.New(b)
	st := newStage(b, func(st store.Store) { s.Sell(st, sold) }).set(b)
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
	s := scene.New(b)
	t := newStage(b, func(st store.Store) { s.Sell(st, sold) })
	for i := range b.N {
		t.Add(scene.Call{Reads: []subscription.Read{{Application: app(i % sold), Keys: []string{"buy"}}}})
	}
	limited(b, t, 1, 1, "loads/s")
}

func perSecond(b *testing.B, size int, unit string) {
	b.Helper()
	b.ReportMetric(float64(b.N)*float64(size)/b.Elapsed().Seconds(), unit)
}
