package subscription_test

import (
	"context"
	"fmt"
	"runtime"
	"strconv"
	"sync/atomic"
	"testing"
	"time"

	"github.com/prepaidkit/prepaid/internal/scene"
	"github.com/prepaidkit/prepaid/internal/sure"
	"github.com/prepaidkit/prepaid/payment/balance"
	"github.com/prepaidkit/prepaid/pricing"
	"github.com/prepaidkit/prepaid/store/memory"
	"github.com/prepaidkit/prepaid/subscription"
)

// mall is a service with applications that each hold a package and a top-up of a million minutes.
func mall(b *testing.B, applications int) *subscription.Service {
	b.Helper()
	cat := catalog(b, "minutes.json", `"minutes": 300, "list"`, `"minutes": 900000000000, "list"`)
	accounts := balance.New(nil)
	s := sure.Of(subscription.NewService(memory.New(), accounts, subscription.StaticCatalog(cat),
		&subscription.Options{Now: func() time.Time { return morning }}))
	ctx := context.Background()
	do := func(id subscription.ApplicationID, cmd subscription.Command) {
		if _, err := s.Do(ctx, id, cmd, cmd.Kind()); err != nil {
			b.Fatal(err)
		}
	}
	if err := accounts.Open(ctx, string(acme)); err != nil {
		b.Fatal(err)
	}
	if err := accounts.Deposit(ctx, string(acme), "d", money(b, "1000000.00 USD")); err != nil {
		b.Fatal(err)
	}
	for i := range applications {
		id := subscription.ApplicationID(strconv.Itoa(i))
		do(id, subscription.Create{Account: acme})
		do(id, buy("call", "large"))
		do(id, topUp("call-50"))
		do(id, subscription.EnablePayAsYouGo{Currency: "USD", Agreement: agreement})
	}
	return s
}

var kinds = []pricing.UsageKindID{"audio", "hd", "2k", "audience-full-hd"}

// batch fills records with new IDs.
func batch(records []subscription.Usage, first int) {
	for i := range records {
		records[i] = subscription.Usage{
			ID: "record-" + strconv.Itoa(first+i), Product: "call", Kind: kinds[i%len(kinds)], At: morning, Seconds: 90,
		}
	}
}

// perRecord reports time and allocations per record. Allocations are those of the whole process, including those for
// creating the records.
func perRecord(b *testing.B, records int, run func()) {
	b.Helper()
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	run()
	runtime.ReadMemStats(&after)
	n := float64(b.N) * float64(records)
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/n, "ns/record")
	b.ReportMetric(float64(after.Mallocs-before.Mallocs)/n, "allocs/record")
}

func BenchmarkConsumeOne(b *testing.B) {
	b.Run("service", func(b *testing.B) {
		s := mall(b, 1)
		records, n := make([]subscription.Usage, 1), 0
		perRecord(b, 1, func() {
			for b.Loop() {
				batch(records, n)
				n++
				consumed(b, s, "0", records)
			}
		})
	})
	b.Run("bare", func(b *testing.B) { bare(b, 1) })
}

func BenchmarkConsumeBatch1000(b *testing.B) {
	b.Run("service", func(b *testing.B) {
		s := mall(b, 1)
		records, n := make([]subscription.Usage, 1000), 0
		perRecord(b, 1000, func() {
			for b.Loop() {
				b.StopTimer()
				batch(records, n)
				n += 1000
				b.StartTimer()
				consumed(b, s, "0", records)
			}
		})
	})
	b.Run("decision", func(b *testing.B) { // without the store, ledger rows and checks of a service
		s := mall(b, 1)
		a, err := s.Application(b.Context(), "0")
		if err != nil {
			b.Fatal(err)
		}
		cat := catalog(b, "minutes.json")
		records := make([]subscription.Usage, 1000)
		batch(records, 0)
		perRecord(b, 1000, func() {
			for b.Loop() {
				if _, _, err := subscription.DecideUsage(subscription.Snapshot{Application: a}, cat, morning, records...); err != nil {
					b.Fatal(err)
				}
			}
		})
	})
	b.Run("bare", func(b *testing.B) { bare(b, 1000) })
}

// BenchmarkConsumeLots counts a record on an application with more and more lots. The record takes from one of them, so
// the difference is the cost of the others. 100 lots may take at most 4 times as long as one.
func BenchmarkConsumeLots(b *testing.B) {
	for _, lots := range []int{1, 10, 100} {
		b.Run(strconv.Itoa(lots), func(b *testing.B) {
			s, st, n := scene.New(b), memory.New(), 0
			s.Sell(st, 1000) // a realistic store isn't empty, and the garbage collector paces itself by the size of the heap
			s.Stock(st, scene.App(0), lots)
			service := s.Service(st)
			perRecord(b, 1, func() {
				for b.Loop() {
					consumed(b, service, scene.App(0), s.Usage(n, 1))
					n++
				}
			})
		})
	}
}

func BenchmarkConsumeParallel1000Apps(b *testing.B) {
	for _, size := range []int{1, 100} {
		b.Run(fmt.Sprintf("%d records a call", size), func(b *testing.B) {
			s := mall(b, 1000)
			var calls atomic.Int64
			perRecord(b, size, func() {
				b.RunParallel(func(pb *testing.PB) {
					records := make([]subscription.Usage, size)
					for pb.Next() {
						n := int(calls.Add(1))
						batch(records, n*size)
						consumed(b, s, subscription.ApplicationID(strconv.Itoa(n%1000)), records)
					}
				})
			})
		})
		b.Run(fmt.Sprintf("bare, %d records a call", size), func(b *testing.B) { bare(b, size) })
	}
}

func consumed(b *testing.B, s *subscription.Service, id subscription.ApplicationID, records []subscription.Usage) {
	b.Helper()
	results, err := s.Consume(context.Background(), id, records...)
	if err != nil || !results[0].Counted {
		b.Fatal(results, err)
	}
}

// bare is the minimum of work: round seconds by kind and day as a sum, and take them from lots in order, without store,
// ledger, duplicates or validation.
func bare(b *testing.B, size int) {
	b.Helper()
	type lot struct {
		start, end time.Time
		remaining  int64
	}
	lots := []lot{
		{morning.AddDate(0, 0, -1), morning.AddDate(0, 1, 0), 1 << 60},
		{morning.AddDate(0, 0, -1), morning.AddDate(0, 12, 0), 1 << 60},
	}
	weights := map[pricing.UsageKindID]int64{"audio": 1000, "hd": 4000, "2k": 16000, "audience-full-hd": 4500}
	seconds := map[pricing.UsageKindID]int64{}
	records := make([]subscription.Usage, size)
	batch(records, 0)
	perRecord(b, size, func() {
		for b.Loop() {
			for i := range records {
				u := &records[i]
				before := pricing.RoundedMinutes(seconds[u.Kind])
				seconds[u.Kind] += u.Seconds
				left := (pricing.RoundedMinutes(seconds[u.Kind]) - before) * weights[u.Kind]
				for k := range lots {
					l := &lots[k]
					if left == 0 || u.At.Before(l.start) || !u.At.Before(l.end) {
						continue
					}
					taken := min(left, l.remaining)
					l.remaining -= taken
					left -= taken
				}
			}
		}
	})
}
