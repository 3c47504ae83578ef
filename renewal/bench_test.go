package renewal_test

import (
	"fmt"
	"runtime"
	"testing"
	"time"

	"github.com/prepaidkit/prepaid/internal/scene"
	"github.com/prepaidkit/prepaid/internal/sure"
	"github.com/prepaidkit/prepaid/renewal"
	"github.com/prepaidkit/prepaid/store/memory"
	"github.com/prepaidkit/prepaid/subscription"
)

// due is the number of applications due at once in the benchmarks.
const due = 100_000

// BenchmarkWorkerOnce renews 100,000 applications in one round, on the memory store and with a gateway that answers
// immediately.
func BenchmarkWorkerOnce(b *testing.B) {
	f := newRush(b)
	for b.Loop() {
		b.StopTimer()
		st := memory.New()
		for _, app := range f.apps {
			if err := st.Commit(b.Context(), subscription.Change{Application: app.ID, Next: app}); err != nil {
				b.Fatal(err)
			}
		}
		worker, err := renewal.NewWorker(sure.Of(subscription.NewService(st, scene.Gateway{}, subscription.StaticCatalog(f.catalog),
			&subscription.Options{Now: func() time.Time { return f.now }})), st, &renewal.Options{Policy: f.policy})
		if err != nil {
			b.Fatal(err)
		}
		f.start(b)
		stats, err := worker.Once(b.Context())
		f.stop(b)
		if err != nil || stats.Paid != due {
			b.Fatalf("%+v, %v", stats, err)
		}
	}
	f.report(b)
}

// BenchmarkWorkerBare is the baseline for the worker: a loop that makes the same two decisions for each renewal, the
// order and its settlement, and stores the results in a map.
func BenchmarkWorkerBare(b *testing.B) {
	f := newRush(b)
	for b.Loop() {
		b.StopTimer()
		renewed := map[subscription.ApplicationID]subscription.Application{}
		f.start(b)
		for _, app := range f.apps {
			ordered, err := renewal.Decide(subscription.Snapshot{Application: app}, f.policy, f.catalog, f.now)
			if err != nil {
				b.Fatal(err)
			}
			o := ordered.Orders[0]
			settled, err := subscription.Settle(subscription.Snapshot{Application: ordered.Next}, o.ID, paid(o), f.catalog.ZoneOf, f.now)
			if err != nil {
				b.Fatal(err)
			}
			settled.Next.Due = renewal.Due(settled.Next, f.policy, f.catalog, f.now)
			renewed[app.ID] = settled.Next
		}
		f.stop(b)
		if len(renewed) != due {
			b.Fatal(len(renewed))
		}
	}
	f.report(b)
}

// rush is a day on which many renewals are due.
type rush struct {
	*world
	apps    []subscription.Application
	mallocs uint64
	began   runtime.MemStats
}

func newRush(b *testing.B) *rush {
	b.Helper()
	f := &rush{world: newWorld(b, setup{policy: renewal.Policy{Reminders: hours()}})}
	f.must(buy("call", "one-to-one"))
	f.work()
	f.at("2025-01-31T00:00:00Z")
	one := f.stored()
	one.Revision = 1
	for i := range due {
		one.ID = subscription.ApplicationID(fmt.Sprintf("app-%06d", i))
		f.apps = append(f.apps, one.Clone())
	}
	b.ReportAllocs()
	return f
}

func (f *rush) start(b *testing.B) {
	b.Helper()
	runtime.GC()
	runtime.ReadMemStats(&f.began)
	b.StartTimer()
}

func (f *rush) stop(b *testing.B) {
	b.Helper()
	b.StopTimer()
	var ended runtime.MemStats
	runtime.ReadMemStats(&ended)
	f.mallocs += ended.Mallocs - f.began.Mallocs
	b.StartTimer() // required by b.Loop
}

func (f *rush) report(b *testing.B) {
	b.Helper()
	renewals := float64(b.N) * due
	b.ReportMetric(renewals/b.Elapsed().Seconds(), "renewals/s")
	b.ReportMetric(float64(f.mallocs)/renewals, "allocs/renewal")
}
