package postgres_test

import (
	"context"
	"strconv"
	"testing"
	"time"

	"github.com/prepaidkit/prepaid/internal/scene"
	"github.com/prepaidkit/prepaid/internal/sure"
	"github.com/prepaidkit/prepaid/renewal"
	"github.com/prepaidkit/prepaid/store"
	"github.com/prepaidkit/prepaid/subscription"
)

// least keeps the shortest of durations, since what else a machine does only makes them longer.
type least map[string]time.Duration

func (l least) add(what string, took time.Duration) {
	if before, ok := l[what]; !ok || took < before {
		l[what] = took
	}
}

func (l least) report(b *testing.B, rows int) {
	b.Helper()
	b.ReportMetric(0, "ns/op")
	for what, took := range l {
		b.ReportMetric(float64(took.Nanoseconds())/float64(rows)/1000, what)
	}
}

// BenchmarkSteps is what each step of a worker's batch takes at least, one step at a time: the claim, the decisions, the
// commit of the orders, the settlements, the commit of the payments. A call and a row follow from the two sizes. These are the
// costs of package scale.
func BenchmarkSteps(b *testing.B) {
	for _, size := range []int{10, 1000} {
		b.Run(strconv.Itoa(size), func(b *testing.B) {
			s := scene.New(b)
			t := newStage(b, func(st store.Store) { s.Sell(st, 10*size) })
			t.Recorder = nil
			s.Now = time.Date(2025, time.January, 31, 9, 0, 0, 0, time.UTC)
			var (
				took   = least{}
				begun  time.Time // the step that is none of the store's
				step   int
				before int64
				bytes  int64
			)
			for b.Loop() {
				st := t.set(b)
				step = 0
				service := sure.Of(subscription.NewService(st, scene.Gateway{}, subscription.StaticCatalog(s.Catalog), &subscription.Options{
					Now: func() time.Time { return s.Now },
					Observe: func(_ context.Context, o subscription.Observation) {
						now := time.Now()
						switch {
						case o.Op == subscription.OpClaim && o.Size == size:
							took.add("claim-us/app", o.Took)
							step = 0
						case o.Op == subscription.OpCommit && step == 0:
							took.add("decide-us/app", now.Add(-o.Took).Sub(begun))
							took.add("place-us/app", o.Took)
							step++
						case o.Op == subscription.OpCommit:
							took.add("settle-us/app", now.Add(-o.Took).Sub(begun))
							took.add("pay-us/app", o.Took)
						case o.Op != subscription.OpClaim:
							return
						}
						begun = time.Now()
					},
				}))
				w, err := renewal.NewWorker(service, st, &renewal.Options{Policy: s.Policy, Batch: size, Parallel: 1, Concurrency: 1})
				if err != nil {
					b.Fatal(err)
				}
				before = logged(b, t.pool)
				stats, err := w.Once(b.Context())
				if err != nil || stats.Paid != 10*size {
					b.Fatalf("%+v, %v", stats, err)
				}
				bytes += logged(b, t.pool) - before
				t.unset(b)
			}
			took.report(b, size)
			b.ReportMetric(float64(bytes)/float64(b.N*10*size), "WAL-B/app")
		})
	}
}

// BenchmarkPassedOver is what a claim that starts over takes at least for each index entry that it passes over: a leased row,
// an entry that is newly dead, and one that an earlier claim has found to be dead.
func BenchmarkPassedOver(b *testing.B) {
	const due, passed = 60_000, 50_000
	p := connectDurable(b)
	_, name := openNamed(b, p, nil)
	run(b, p, name, "ALTER TABLE {schema}.applications SET (autovacuum_enabled = false)")
	conn, err := p.Acquire(b.Context())
	ok(b, err)
	populate(b, conn.Conn(), name, due)
	conn.Release()
	asOf := time.Date(2025, time.June, 1, 0, 0, 0, 0, time.UTC)
	took := least{}
	claim := func(what string, limit int) {
		st := opened(b, p, name, nil)
		began := time.Now()
		got, err := st.Claim(b.Context(), asOf, time.Hour, limit)
		if err != nil || len(got) != limit {
			b.Fatal(len(got), err)
		}
		took.add(what, time.Since(began))
	}
	for b.Loop() {
		run(b, p, name, "UPDATE {schema}.applications SET leased_until = NULL, due = '2025-01-01'::timestamptz + substr(id, 5)::int * interval '1 ms'")
		run(b, p, name, "VACUUM FULL ANALYZE {schema}.applications")
		for range 5 {
			claim("none", 1)
		}
		claim("all", passed)
		for range 5 {
			claim("leased", 1)
		}
		run(b, p, name, "UPDATE {schema}.applications SET due = '2026-01-01' WHERE leased_until IS NOT NULL")
		claim("newly-dead", 1)
		for range 5 {
			claim("dead", 1)
		}
	}
	for _, what := range []string{"leased", "newly-dead", "dead"} {
		b.ReportMetric(float64((took[what]-took["none"]).Nanoseconds())/passed, what+"-ns/entry")
	}
	b.ReportMetric(0, "ns/op")
}

// BenchmarkSequence is how many lines of the feed get their numbers, a thousand at a time.
func BenchmarkSequence(b *testing.B) {
	const lines = 1000
	p := connectDurable(b)
	st, name := openNamed(b, p, nil)
	for revision := 1; b.Loop(); revision++ {
		b.StopTimer()
		run(b, p, name, `INSERT INTO {schema}.waiting (application_id, revision)
			SELECT 'app ' || lpad(i::text, 8, '0'), $1 FROM generate_series(1, $2::int) i`, revision, lines)
		b.StartTimer()
		if n, err := st.Sequence(b.Context(), lines); err != nil || n != lines {
			b.Fatal(n, err)
		}
	}
	perSecond(b, lines, "lines/s")
}
