package subscription_test

import (
	"context"
	"fmt"
	"log/slog"
	"testing"
	"time"

	"github.com/prepaidkit/prepaid/internal/scene"
	"github.com/prepaidkit/prepaid/internal/sure"
	"github.com/prepaidkit/prepaid/pricing"
	"github.com/prepaidkit/prepaid/store/memory"
	"github.com/prepaidkit/prepaid/subscription"
)

// A complete purchase on the memory store: quote, confirm, charge, settle. The difference from BenchmarkDecisionsOnly
// is the cost of the service and the store.
func BenchmarkQuoteConfirmSettle(b *testing.B) {
	quoteConfirmSettle(b, catalog(b, "catalog.json"), subscription.SetTax{}, subscription.Options{})
}

// The same with an observer that does nothing, and with a logger that wants no record, as most are of debug records.
func BenchmarkQuoteConfirmSettleObserved(b *testing.B) {
	quoteConfirmSettle(b, catalog(b, "catalog.json"), subscription.SetTax{}, subscription.Options{
		Observe: func(context.Context, subscription.Observation) {},
		Logger:  slog.New(slog.DiscardHandler),
	})
}

// The same for a customer who pays two taxes. The limit is 1.2 times the purchase without any.
func BenchmarkQuoteConfirmSettleTaxed(b *testing.B) {
	quoteConfirmSettle(b, taxed(b, false), subscription.SetTax{Region: "QC"}, subscription.Options{})
}

func quoteConfirmSettle(b *testing.B, cat *pricing.Catalog, facts subscription.SetTax, opts subscription.Options) {
	b.Helper()
	now := instant(b, "2025-07-10T02:30:00Z")
	ctx, cmd := b.Context(), buy("call", "one-to-one")
	opts.Now = func() time.Time { return now }
	const batch = 4096
	var service *subscription.Service
	ids := make([]subscription.ApplicationID, batch)
	for i := range ids {
		ids[i] = subscription.ApplicationID(fmt.Sprintf("app-%d", i))
	}
	// Each purchase is the first of its application.
	open := func() {
		service = sure.Of(subscription.NewService(memory.New(), scene.Gateway{}, subscription.StaticCatalog(cat), &opts))
		for _, id := range ids {
			for _, cmd := range []subscription.Command{subscription.Create{Account: acme}, facts} {
				if _, err := service.Do(ctx, id, cmd, cmd.Kind()); err != nil {
					b.Fatal(err)
				}
			}
		}
	}
	b.ReportAllocs()
	n := 0
	for b.Loop() {
		if n%batch == 0 {
			b.StopTimer()
			open()
			b.StartTimer()
		}
		id := ids[n%batch]
		n++
		q, err := service.Quote(ctx, id, cmd)
		if err != nil {
			b.Fatal(err)
		}
		r, err := service.Confirm(ctx, id, cmd, q, "buy")
		if err != nil {
			b.Fatal(err)
		}
		if r.Order.Status != subscription.OrderPaid {
			b.Fatal(r.Order.Status)
		}
	}
}

// The same purchase with the pure functions alone: the minimum that the service has to do.
func BenchmarkDecisionsOnly(b *testing.B) {
	w := newWorld(b, setup{})
	cat, cmd, now := w.catalog, buy("call", "one-to-one"), w.now
	base := w.load()
	b.ReportAllocs()
	for b.Loop() {
		if _, err := cmd.Decide(base, cat, now); err != nil { // to quote
			b.Fatal(err)
		}
		placed, err := cmd.Decide(base, cat, now) // to confirm
		if err != nil {
			b.Fatal(err)
		}
		if err := placed.Check(base.Application); err != nil {
			b.Fatal(err)
		}
		o := placed.Orders[0]
		settled, err := subscription.Settle(subscription.Snapshot{Application: placed.Next}, o.ID, paid(o), cat.ZoneOf, now)
		if err != nil {
			b.Fatal(err)
		}
		if err := settled.Check(placed.Next); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkUpgradeDecide(b *testing.B) {
	w := newWorld(b, setup{start: "2025-07-01T09:00:00Z"})
	w.must(buy("call", "one-to-one"))
	w.at("2025-07-16T12:00:00Z")
	s, cmd := w.load(), upgrade("group-call")
	b.ReportAllocs()
	for b.Loop() {
		if _, err := cmd.Decide(s, w.catalog, w.now); err != nil {
			b.Fatal(err)
		}
	}
}

// What every read and every decision starts with when nothing is due.
func BenchmarkAdvanceNothingDue(b *testing.B) {
	w := newWorld(b, setup{})
	w.must(buy("call", "one-to-one"))
	w.must(upgrade("group-call"))
	w.must(buy("live", "lite"))
	a := w.stored()
	b.ReportAllocs()
	for b.Loop() {
		if c, err := subscription.Advance(a, w.catalog, w.now); err != nil || !c.IsZero() {
			b.Fatal(c, err)
		}
	}
}
