package memory_test

import (
	"context"
	"fmt"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/prepaidkit/prepaid/pricing"
	"github.com/prepaidkit/prepaid/store/memory"
	"github.com/prepaidkit/prepaid/subscription"
)

// The benchmarks use realistic applications: a subscription of two cycles, two lots, and for each change an entry, two
// events and a receipt. Each has a baseline: the same documents copied into and out of a map under one mutex and the
// rows appended, without contexts, batches, conflicts or leases.

// document returns a realistic application.
func document(id subscription.ApplicationID) subscription.Application {
	start := time.Date(2025, time.June, 1, 0, 0, 0, 0, time.UTC)
	end, price := start.AddDate(0, 1, 0), money("199.00")
	period := pricing.Period{Start: start, End: end, Zone: "UTC"}
	lot := subscription.Lot{
		Source: subscription.FromPackage, Products: []pricing.ProductID{"call"}, Subscription: "call-1", Order: "1-order",
		Period: period, GrantedAt: start, Granted: subscription.Minutes(100_000), Remaining: subscription.Minutes(100_000),
	}
	first, second := lot, lot
	first.ID, second.ID = 1, 2
	cycle := subscription.Cycle{Number: 1, Period: period, Version: "lite", Price: price, Minutes: 100_000, Order: "1-order", Begun: true}
	return subscription.Application{
		ID: id, Account: "acme", CreatedAt: start, Due: end,
		Subscriptions: []subscription.Subscription{{
			ID: "call-1", Product: "call", Status: subscription.Active, Currency: "USD", AutoRenew: true, Zone: "UTC",
			OpenedAt: start, Cycles: []subscription.Cycle{cycle, cycle},
		}},
		Lots:           []subscription.Lot{first, second},
		PurchaseCounts: []subscription.PurchaseCount{{Product: "call", Version: "lite", Count: 1}},
		LastLot:        2,
	}
}

func money(s string) pricing.Money {
	m, err := pricing.ParseMoney(s, "USD")
	if err != nil {
		panic(err)
	}
	return m
}

// renew returns the change that follows the document.
func renew(doc subscription.Application, key string) subscription.Change {
	base := doc.Revision
	doc.Revision++
	at := doc.CreatedAt.Add(time.Duration(base) * time.Second)
	return subscription.Change{
		Application: doc.ID, Base: base, Next: doc,
		Entries: []subscription.Entry{{
			Application: doc.ID, Revision: base + 1, At: at, Kind: subscription.EntryGranted, Lot: 1, Quantity: 1000,
		}},
		Events: []subscription.Event{
			{Application: doc.ID, Revision: base + 1, At: at, Type: subscription.EventPeriodBegan},
			{Application: doc.ID, Revision: base + 1, Index: 1, At: at, Type: subscription.EventLotGranted, Lot: 1, Quantity: 1000},
		},
		Receipts: []subscription.Receipt{{Application: doc.ID, Key: key, Kind: "renew", Revision: base + 1, At: at}},
	}
}

// applications is the number of applications in the benchmarks.
const applications = 10_000

func names() []subscription.ApplicationID {
	ids := make([]subscription.ApplicationID, applications)
	for i := range ids {
		ids[i] = subscription.ApplicationID(fmt.Sprintf("app-%d", i))
	}
	return ids
}

func stored(b *testing.B, ids []subscription.ApplicationID) *memory.Store {
	b.Helper()
	s := memory.New()
	for _, id := range ids {
		if err := s.Commit(context.Background(), renew(document(id), "first")); err != nil {
			b.Fatal(err)
		}
	}
	return s
}

// limit is a map under a mutex.
type limit struct {
	mu   sync.Mutex
	apps map[subscription.ApplicationID]*bare
}

// bare is what the baseline keeps for an application.
type bare struct {
	document subscription.Application
	entries  []subscription.Entry
	events   []subscription.Event
	digests  map[string]subscription.Digest
}

func limitOf(ids []subscription.ApplicationID) *limit {
	l := &limit{apps: make(map[subscription.ApplicationID]*bare, len(ids))}
	for _, id := range ids {
		l.apps[id] = &bare{document: document(id), digests: map[string]subscription.Digest{}}
	}
	return l
}

func (l *limit) load(id subscription.ApplicationID) subscription.Application {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.apps[id].document.Clone()
}

func (l *limit) commit(c subscription.Change) {
	doc := c.Next.Clone()
	l.mu.Lock()
	defer l.mu.Unlock()
	r := l.apps[c.Application]
	r.document = doc
	r.entries = append(r.entries, c.Entries...)
	r.events = append(r.events, c.Events...)
	r.digests[c.Receipts[0].Key] = c.Receipts[0].Digest
}

func BenchmarkLoad(b *testing.B) {
	ids := names()
	s, ctx := stored(b, ids), context.Background()
	b.ReportAllocs()
	for i := 0; b.Loop(); i++ {
		if _, err := s.Load(ctx, subscription.Read{Application: ids[i%applications]}); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkLoadLimit(b *testing.B) {
	ids := names()
	l := limitOf(ids)
	b.ReportAllocs()
	for i := 0; b.Loop(); i++ {
		l.load(ids[i%applications])
	}
}

// BenchmarkCommit loads, decides and commits.
func BenchmarkCommit(b *testing.B) {
	ids := names()
	s, ctx := stored(b, ids), context.Background()
	b.ReportAllocs()
	for i := 0; b.Loop(); i++ {
		commit(ctx, b, s, ids[i%applications], i)
	}
}

func BenchmarkCommitLimit(b *testing.B) {
	ids := names()
	l := limitOf(ids)
	b.ReportAllocs()
	for i := 0; b.Loop(); i++ {
		l.commit(renew(l.load(ids[i%applications]), strconv.Itoa(i)))
	}
}

func commit(ctx context.Context, b *testing.B, s *memory.Store, id subscription.ApplicationID, n int) {
	b.Helper()
	snapshots, err := s.Load(ctx, subscription.Read{Application: id})
	if err != nil {
		b.Fatal(err)
	}
	if err := s.Commit(ctx, renew(snapshots[0].Application, strconv.Itoa(n))); err != nil {
		b.Fatal(err)
	}
}

// BenchmarkCommitBatch commits a change for each of a thousand applications at once; the figure is per change.
func BenchmarkCommitBatch(b *testing.B) {
	const size = 1000
	ids := names()[:size]
	s, ctx := stored(b, ids), context.Background()
	reads, batch := make([]subscription.Read, size), make([]subscription.Change, size)
	for i, id := range ids {
		reads[i].Application = id
	}
	b.ReportAllocs()
	for n := 0; b.Loop(); n += size {
		snapshots, err := s.Load(ctx, reads...)
		if err != nil {
			b.Fatal(err)
		}
		for i := range batch {
			batch[i] = renew(snapshots[i].Application, strconv.Itoa(n))
		}
		if err := s.Commit(ctx, batch...); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*size), "ns/change")
}

// BenchmarkCommitParallel does the same as BenchmarkCommit on all processors, each with its own applications.
func BenchmarkCommitParallel(b *testing.B) {
	ids := names()
	s, ctx := stored(b, ids), context.Background()
	var workers atomic.Int64
	b.ReportAllocs()
	b.RunParallel(func(pb *testing.PB) {
		w := int(workers.Add(1))
		own := ids[w%100*100 : w%100*100+100]
		for i := 0; pb.Next(); i++ {
			commit(ctx, b, s, own[i%len(own)], i)
		}
	})
}

func BenchmarkCommitParallelLimit(b *testing.B) {
	ids := names()
	l := limitOf(ids)
	b.ReportAllocs()
	b.RunParallel(func(pb *testing.PB) {
		for i := 0; pb.Next(); i++ {
			l.commit(renew(l.load(ids[i%applications]), strconv.Itoa(i)))
		}
	})
}

// BenchmarkEvents lists the events of an application with a thousand revisions; the figure is per list.
func BenchmarkEvents(b *testing.B) {
	s, ctx := stored(b, []subscription.ApplicationID{"a"}), context.Background()
	for i := range 999 {
		commit(ctx, b, s, "a", i)
	}
	b.ReportAllocs()
	for b.Loop() {
		n := 0
		for _, err := range s.Events(ctx, "a") {
			if err != nil {
				b.Fatal(err)
			}
			n++
		}
		if n != 2000 {
			b.Fatalf("%d events", n)
		}
	}
}
