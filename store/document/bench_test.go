package document_test

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/prepaidkit/prepaid/pricing"
	"github.com/prepaidkit/prepaid/store/document"
	"github.com/prepaidkit/prepaid/subscription"
)

// usual is a typical application: one package, a past period, a current one and a prepaid one.
func usual(tb testing.TB) subscription.Application {
	tb.Helper()
	price, err := pricing.FromMinor(19900, "USD")
	if err != nil {
		tb.Fatal(err)
	}
	at := func(month time.Month) time.Time { return time.Date(2025, month, 15, 16, 0, 0, 0, time.UTC) }
	created := time.Date(2025, 6, 16, 8, 30, 0, 123456000, time.UTC)
	day, err := pricing.ParseDate("2025-06-16")
	if err != nil {
		tb.Fatal(err)
	}
	a := subscription.Application{
		ID: "app-00012345", Account: "account-000123", Revision: 9, CreatedAt: created, Due: at(8),
		Accepted: subscription.Acceptance{Agreement: "2025-06", At: created}, LastLot: 2,
		PurchaseCounts: []subscription.PurchaseCount{{Product: "call", Version: "one-to-one", Count: 1}},
		Subscriptions: []subscription.Subscription{{
			ID: "call-1", Product: "call", Status: subscription.Active, Currency: "USD", AutoRenew: true, Zone: "Asia/Shanghai",
			Anchor: pricing.Anchor{Date: day, Term: pricing.Months(1)}, Next: 3, OpenedAt: created,
		}},
	}
	orders := []subscription.OrderID{"2-0123456789abcdef", "5-89abcdef01234567", "8-456789abcdef0123"}
	for i, order := range orders {
		c := subscription.Cycle{
			Number: i + 1, Version: "one-to-one", Price: price, Minutes: 100000, Order: order,
			Period: pricing.Period{Start: at(time.June + time.Month(i)), End: at(time.July + time.Month(i)), Zone: "Asia/Shanghai"},
		}
		if c.Begun = i < 2; c.Begun {
			c.Granted = subscription.Minutes(c.Minutes)
			a.Lots = append(a.Lots, subscription.Lot{
				ID: subscription.LotID(i + 1), Source: subscription.FromPackage, Products: []pricing.ProductID{"call"},
				Subscription: "call-1", Order: order, Period: c.Period, GrantedAt: c.Period.Start, Granted: c.Granted,
				Remaining: c.Granted - 5_230_500, Consumed: 5_230_500,
			})
		}
		a.Subscriptions[0].Cycles = append(a.Subscriptions[0].Cycles, c)
	}
	return a
}

func BenchmarkAppend(b *testing.B) {
	a := usual(b)
	buffer := make([]byte, 0, 4096)
	b.Run("fresh", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			doc, err := document.Append(nil, &a)
			if err != nil {
				b.Fatal(err)
			}
			b.SetBytes(int64(len(doc)))
		}
	})
	b.Run("buffer", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			doc, err := document.Append(buffer, &a)
			if err != nil {
				b.Fatal(err)
			}
			b.SetBytes(int64(len(doc)))
		}
	})
	b.Run("encoding-json", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			doc, err := json.Marshal(&a)
			if err != nil {
				b.Fatal(err)
			}
			b.SetBytes(int64(len(doc)))
		}
	})
}

func BenchmarkDecode(b *testing.B) {
	doc := encode(b, usual(b))
	b.Run("document", func(b *testing.B) {
		b.SetBytes(int64(len(doc)))
		b.ReportAllocs()
		for b.Loop() {
			if _, err := document.Decode(doc); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("encoding-json", func(b *testing.B) {
		b.SetBytes(int64(len(doc)))
		b.ReportAllocs()
		for b.Loop() {
			var a subscription.Application
			if err := json.Unmarshal(doc, &a); err != nil {
				b.Fatal(err)
			}
		}
	})
}
