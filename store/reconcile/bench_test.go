package reconcile_test

import (
	"runtime"
	"strconv"
	"testing"

	"github.com/prepaidkit/prepaid/internal/testworld"
	"github.com/prepaidkit/prepaid/store/memory"
	"github.com/prepaidkit/prepaid/store/reconcile"
)

// A statement of a hundred thousand lines with references and long keys: how long a line takes, and how much memory is in
// use for it when the last one is read. The store is empty, so it has little part in either.
func BenchmarkCompare(b *testing.B) {
	const lines = 100_000
	st, amount := memory.New(), testworld.Money(b, "199.00 USD")
	heap := func() float64 {
		var m runtime.MemStats
		runtime.GC()
		runtime.ReadMemStats(&m)
		return float64(m.HeapAlloc)
	}
	used := 0.0
	for b.Loop() {
		before := heap()
		statement := func(yield func(reconcile.Line, error) bool) {
			for i := range lines {
				n := strconv.Itoa(i)
				l := reconcile.Line{
					Kind: reconcile.Charge, Key: "0000000000000000/an-application-with-a-long-name-" + n + "/k-0123456789abcdef",
					Amount: amount, Reference: "ch_" + n,
				}
				if !yield(l, nil) {
					return
				}
			}
			used = heap() - before
		}
		n := 0
		for _, err := range reconcile.Compare(b.Context(), st, statement, march()) {
			if err != nil {
				b.Fatal(err)
			}
			n++
		}
		if n != lines {
			b.Fatalf("%d differences", n)
		}
	}
	b.ReportMetric(used/lines, "retained-B/line")
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/lines, "ns/line")
}
