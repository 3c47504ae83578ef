package memory_test

import (
	"context"
	"fmt"
	"time"

	"github.com/prepaidkit/prepaid/pricing"
	"github.com/prepaidkit/prepaid/store"
	"github.com/prepaidkit/prepaid/store/memory"
	"github.com/prepaidkit/prepaid/subscription"
)

func usd(minor int64) pricing.Money {
	m, err := pricing.FromMinor(minor, "USD")
	check(err)
	return m
}

// shop returns a store with two subscriptions: one was paid on July 1, with a refund on August 2, and the other is past due.
func shop() *memory.Store {
	s := memory.New()
	for _, c := range []struct {
		app    subscription.ApplicationID
		status subscription.Status
		amount int64
		back   int64
	}{{"voice", subscription.Active, 11900, 2380}, {"video", subscription.PastDue, 0, 0}} {
		july := time.Date(2025, time.July, 1, 9, 0, 0, 0, time.UTC)
		change := subscription.Change{
			Application: c.app,
			Next:        subscription.Application{ID: c.app, Account: "acme", Revision: 1},
			Subscriptions: []subscription.SubscriptionRow{{
				Application: c.app, ID: "call-1", Account: "acme", Product: "call", Version: "lite", Status: c.status, Currency: "USD",
				AutoRenew: true, OpenedAt: july, PaidUntil: july.AddDate(0, 1, 0),
			}},
		}
		if c.amount > 0 {
			change.Orders = []subscription.Order{{
				ID: "o-1", Application: c.app, Account: "acme", Kind: subscription.PurchaseOrder, Product: "call", Version: "lite",
				Amount: usd(c.amount), Collected: usd(c.amount), Taxes: []pricing.Tax{{Name: "VAT", Base: usd(10000), Amount: usd(1900)}},
				Status: subscription.OrderPaid, PaidAt: july, ClosedAt: july, Refunds: 1, RefundedAmount: usd(c.back),
			}}
			change.Refunds = []subscription.Refund{{
				Application: c.app, Order: "o-1", Number: 1, Kind: subscription.RefundRequested, Amount: usd(c.back),
				Taxes:  []pricing.Tax{{Name: "VAT", Base: usd(2000), Amount: usd(380)}},
				Status: subscription.RefundDue, DueAt: july.AddDate(0, 1, 1),
			}}
		}
		check(s.Commit(context.Background(), change))
	}
	return s
}

// This lists who is past due, and whose package ends within a month.
func ExampleStore_FindSubscriptions() {
	s, now := shop(), time.Date(2025, time.July, 20, 9, 0, 0, 0, time.UTC)
	for _, f := range []store.SubscriptionFilter{
		{Statuses: []subscription.Status{subscription.PastDue}},
		{From: now, Until: now.AddDate(0, 1, 0), AutoRenew: new(true)},
	} {
		for row, err := range s.FindSubscriptions(context.Background(), f) {
			check(err)
			fmt.Println(row.Application, row.Product, row.Status, row.PaidUntil.Format(time.DateOnly))
		}
		fmt.Println("--")
	}
	// Output:
	// video call past_due 2025-08-01
	// --
	// video call past_due 2025-08-01
	// voice call active 2025-08-01
	// --
}

// This lists what was paid in July.
func ExampleStore_PaymentsBetween() {
	july := time.Date(2025, time.July, 1, 0, 0, 0, 0, time.UTC)
	for o, err := range shop().PaymentsBetween(context.Background(), july, july.AddDate(0, 1, 0)) {
		check(err)
		fmt.Println(o.PaidAt.Format(time.DateOnly), o.Application, o.ID, o.Collected)
	}
	// Output:
	// 2025-07-01 voice o-1 119.00 USD
}

// This lists what went back in August.
func ExampleStore_RefundsBetween() {
	august := time.Date(2025, time.August, 1, 0, 0, 0, 0, time.UTC)
	for f, err := range shop().RefundsBetween(context.Background(), august, august.AddDate(0, 1, 0)) {
		check(err)
		fmt.Println(f.DueAt.Format(time.DateOnly), f.Application, f.Order, f.Amount, f.Status)
	}
	// Output:
	// 2025-08-02 voice o-1 23.80 USD due
}

// The refund of August leaves the totals of July as they were.
func ExampleStore_TotalsBetween() {
	s := shop()
	for _, month := range []time.Month{time.July, time.August} {
		first := time.Date(2025, month, 1, 0, 0, 0, 0, time.UTC)
		totals, err := s.TotalsBetween(context.Background(), first, first.AddDate(0, 1, 0))
		check(err)
		for _, t := range totals {
			fmt.Println(month, t.Product, t.Kind, "paid", t.Paid.Amount, "of it tax", t.Paid.Tax, "refunded", t.Refunded.Net(), "and tax", t.Refunded.Tax)
		}
	}
	// Output:
	// July call purchase paid 119.00 USD of it tax 19.00 USD refunded 0.00 USD and tax 0.00 USD
	// August call purchase paid 0.00 USD of it tax 0.00 USD refunded 20.00 USD and tax 3.80 USD
}
