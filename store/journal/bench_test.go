package journal_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/prepaidkit/prepaid/internal/testworld"
	"github.com/prepaidkit/prepaid/pricing"
	"github.com/prepaidkit/prepaid/store/journal"
	"github.com/prepaidkit/prepaid/subscription"
)

// BenchmarkPostings asks for the last day of an application with a million entries of a thousand renewals.
func BenchmarkPostings(b *testing.B) {
	const months, uses = 1000, 1000
	r, at := &rows{}, testworld.Instant(b, "2025-01-01 10:00")
	for m := range months {
		o := paid(b, subscription.Delivery{Extend: &subscription.ExtendDelivery{
			Subscription: "call-1", Term: pricing.Months(1), Count: 1, Minutes: uses, Price: testworld.Money(b, "10.00 EUR"),
		}})
		o.ID, o.PaidAt = subscription.OrderID(fmt.Sprint("k-", m)), at
		o.Delivered.Period.End = at.AddDate(0, 1, 0)
		r.orders = append(r.orders, o)
		lot := subscription.LotID(m + 1)
		r.entries = append(r.entries, subscription.Entry{
			At: at, Kind: subscription.EntryGranted, Lot: lot, Order: o.ID, Quantity: subscription.Minutes(uses),
		})
		for range uses {
			at = at.Add(40 * time.Minute)
			r.entries = append(r.entries, subscription.Entry{At: at, Kind: subscription.EntryConsumed, Lot: lot, Quantity: subscription.Minutes(1)})
		}
	}
	b.ReportAllocs()
	for b.Loop() {
		n := 0
		for _, err := range journal.Postings(b.Context(), r, at.AddDate(0, 0, -1), at.Add(1)) {
			n++
			if err != nil {
				b.Fatal(err)
			}
		}
		if n != 37 {
			b.Fatal(n)
		}
	}
	b.ReportMetric(float64(months*uses)*float64(b.N)/b.Elapsed().Seconds(), "entries/s")
}
