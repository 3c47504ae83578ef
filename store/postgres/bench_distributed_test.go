package postgres_test

import (
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/prepaidkit/prepaid/internal/scene"
	"github.com/prepaidkit/prepaid/store"
	"github.com/prepaidkit/prepaid/store/postgres"
	"github.com/prepaidkit/prepaid/subscription"
)

// BenchmarkClaims is eight workers that claim all of 10,000 applications, a hundred at a time, passing over what the others
// lock, and BenchmarkClaimsDistributed is the same as a race of updates.
func BenchmarkClaims(b *testing.B)            { claims(b, nil) }
func BenchmarkClaimsDistributed(b *testing.B) { claims(b, spread()) }

func claims(b *testing.B, o *postgres.Options) {
	b.Helper()
	const due = 10_000
	p := connectDurable(b)
	_, name := openNamed(b, p, nil)
	conn, err := p.Acquire(b.Context())
	ok(b, err)
	populate(b, conn.Conn(), name, due)
	conn.Release()
	run(b, p, name, "VACUUM ANALYZE {schema}.applications")
	asOf := time.Date(2025, time.June, 1, 0, 0, 0, 0, time.UTC)
	b.ResetTimer()
	for range b.N {
		var claimed atomic.Int64
		var wait sync.WaitGroup
		for range callers / 2 {
			st := opened(b, p, name, o)
			wait.Go(func() {
				for claimed.Load() < due {
					got, err := st.Claim(b.Context(), asOf, time.Hour, 100)
					if err != nil {
						b.Error(err)
						return
					}
					claimed.Add(int64(len(got)))
				}
			})
		}
		wait.Wait()
		asOf = asOf.Add(2 * time.Hour) // the leases have ended
	}
	perSecond(b, due, "claims/s")
}

// BenchmarkLoadDistributed is BenchmarkLoad with each part of the load by itself.
func BenchmarkLoadDistributed(b *testing.B) {
	s := scene.New(b)
	t := newStage(b, func(st store.Store) { s.Sell(st, sold) })
	t.set(b)
	st := opened(b, t.pool, t.schema, spread())
	b.ResetTimer()
	for i := range b.N {
		got, err := st.Load(b.Context(), subscription.Read{Application: app(i % sold), Keys: []string{"buy"}})
		if err != nil || len(got[0].Receipts) != 1 {
			b.Fatal(got, err)
		}
	}
	perSecond(b, 1, "loads/s")
}
