package memory_test

import (
	"container/heap"
	"fmt"
	"testing"
	"time"

	"github.com/prepaidkit/prepaid/store/memory"
	"github.com/prepaidkit/prepaid/subscription"
)

// due is the number of due applications in the benchmarks of Claim, and batch the number claimed at a time. When all
// have been claimed, their leases have ended. The baseline is a heap of the same documents, without locks, commits or
// shards: the earliest are taken out, copied, and put back with the end of their lease.
const (
	due   = 100_000
	batch = 1000
)

func BenchmarkClaim(b *testing.B) {
	s := memory.New()
	for i := range due {
		if err := s.Commit(b.Context(), renew(document(subscription.ApplicationID(fmt.Sprintf("app-%d", i))), "first")); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportAllocs()
	for n := 0; b.Loop(); n++ {
		claimed, err := s.Claim(b.Context(), claimTime(n), time.Hour, batch)
		if err != nil || len(claimed) != batch {
			b.Fatal(len(claimed), err)
		}
	}
	reportClaims(b)
}

func BenchmarkClaimLimit(b *testing.B) {
	l := make(wakes, due)
	for i := range l {
		doc := document(subscription.ApplicationID(fmt.Sprintf("app-%d", i)))
		l[i] = wake{doc.Due, &doc}
	}
	heap.Init(&l)
	b.ReportAllocs()
	for n := 0; b.Loop(); n++ {
		if got := l.claim(claimTime(n)); len(got) != batch {
			b.Fatal(len(got))
		}
	}
	reportClaims(b)
}

// claimTime is one hour later for every pass over all applications.
func claimTime(n int) time.Time {
	return time.Date(2025, time.August, 1, 0, 0, 0, 0, time.UTC).Add(time.Duration(n/(due/batch)) * time.Hour)
}

func reportClaims(b *testing.B) {
	b.Helper()
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*batch), "ns/claimed")
}

// wakes is a plain heap of documents.
type wakes []wake

type wake struct {
	at       time.Time
	document *subscription.Application
}

func (w wakes) Len() int           { return len(w) }
func (w wakes) Less(i, j int) bool { return w[i].at.Before(w[j].at) }
func (w wakes) Swap(i, j int)      { w[i], w[j] = w[j], w[i] }
func (w *wakes) Push(x any)        { *w = append(*w, x.(wake)) }

func (w *wakes) Pop() any {
	last := (*w)[len(*w)-1]
	*w = (*w)[:len(*w)-1]
	return last
}

func (w *wakes) claim(asOf time.Time) []subscription.Application {
	var claimed []subscription.Application
	for len(claimed) < batch && !(*w)[0].at.After(asOf) {
		claimed = append(claimed, (*w)[0].document.Clone())
		(*w)[0].at = asOf.Add(time.Hour)
		heap.Fix(w, 0)
	}
	return claimed
}
