package storetest

import (
	"slices"
	"time"

	"github.com/prepaidkit/prepaid/pricing"
	"github.com/prepaidkit/prepaid/subscription"
)

// rowCases checks that every field of every row is returned as it was committed.
func rowCases() []check {
	var cases []check
	for _, part := range []struct {
		name string
		same func(e *env, got subscription.Snapshot, want *expected)
	}{
		{"the application", func(e *env, got subscription.Snapshot, want *expected) {
			e.same("Load", got.Application, want.document)
		}},
		{"loaded orders", func(e *env, got subscription.Snapshot, want *expected) { e.sameOrders(got.Orders, want.orders) }},
		{"listed orders", func(e *env, _ subscription.Snapshot, want *expected) {
			e.same("Orders", e.orders(want.document.ID), want.orders)
		}},
		{"entries", func(e *env, _ subscription.Snapshot, want *expected) {
			e.same("Entries", e.entries(want.document.ID), want.entries)
		}},
		{"events", func(e *env, _ subscription.Snapshot, want *expected) {
			e.same("Events", e.events(want.document.ID), want.events)
		}},
		{"receipts", func(e *env, got subscription.Snapshot, want *expected) { e.sameReceipts(got.Receipts, want.receipts) }},
		{"records", func(e *env, got subscription.Snapshot, want *expected) { e.sameRecords(got.Records, want.records) }},
		{"loaded refunds", func(e *env, got subscription.Snapshot, want *expected) {
			e.same("Load: refunds", got.Refunds, want.refunds)
		}},
		{"listed refunds", func(e *env, _ subscription.Snapshot, want *expected) {
			e.same("Refunds", e.refunds(want.document.ID), want.refunds)
		}},
		{"rows of subscriptions", func(e *env, _ subscription.Snapshot, want *expected) {
			e.same("Subscriptions", e.subscriptions(want.document.ID), want.rows)
		}},
	} {
		cases = append(cases, check{"every field of " + part.name, func(e *env) {
			a := unborn("a")
			for seed := range 4 {
				e.apply(a, sample("a", a.document.Revision, seed))
				part.same(e, e.load(a.read())[0], a)
			}
		}})
	}
	return append(cases,
		check{"every field of an order that is replaced", func(e *env) {
			a := unborn("a")
			e.apply(a, sample("a", 0, 0))
			c := sample("a", 1, 1)
			for i := range c.Orders {
				c.Orders[i].ID, c.Orders[i].Attempt = a.orders[i].ID, a.orders[i].Attempt
			}
			for i, o := range c.Next.Orders {
				at := slices.IndexFunc(c.Orders, func(x subscription.Order) bool { return x.Status == o.Status })
				c.Next.Orders[i] = c.Orders[at].Clone()
			}
			e.apply(a, c)
			e.holds(a)
		}},
		check{"fields that may be empty are", func(e *env) {
			a := unborn("a")
			c := a.next("t")
			c.Next = subscription.Application{ID: "a", Account: "acme", Revision: 1, CreatedAt: noon()}
			o := &c.Orders[0]
			*o = subscription.Order{
				ID: o.ID, Application: o.Application, Account: o.Account, Kind: o.Kind, PlacedAt: o.PlacedAt,
				Catalog: o.Catalog, Amount: o.Amount, Lines: o.Lines, Status: subscription.OrderPaid,
			}
			n := &c.Entries[0]
			*n = subscription.Entry{
				Application: n.Application, Revision: n.Revision, At: n.At, Kind: n.Kind, Lot: n.Lot, Quantity: n.Quantity,
			}
			v := &c.Events[0]
			*v = subscription.Event{Application: v.Application, Revision: v.Revision, At: v.At, Type: v.Type}
			c.Receipts[0].OrderID = ""
			e.apply(a, c)
			e.holds(a)
		}},
		check{"fields that were set can be emptied", func(e *env) {
			a := unborn("a")
			e.apply(a, sample("a", 0, 0))
			c := a.next("t")
			o := a.orders[0].Clone()
			o.ClosedAt, o.Reason, o.Note, o.Reference = time.Time{}, "", "", ""
			o.Collected, o.Delivered, o.Deliveries = pricing.Money{}, subscription.Delivered{}, nil
			o.PaidAt, o.TakenBackAt, o.Refunds, o.RefundedAmount = time.Time{}, time.Time{}, 0, pricing.Money{}
			c.Orders, c.Next.Orders = []subscription.Order{o}, []subscription.Order{o.Clone()}
			e.apply(a, c)
			e.holds(a)
		}},
		check{"a document of 200 KiB", func(e *env) {
			a := unborn("a")
			c := a.next("t")
			for i := range 600 {
				c.Next.Lots = append(c.Next.Lots, subscription.Lot{
					ID: subscription.LotID(i + 1), Source: subscription.FromPackage, Products: []pricing.ProductID{"call", "live"},
					Subscription: "call-1", Order: "1-t", Period: pricing.Period{Start: noon(), End: noon().AddDate(0, 1, 0), Zone: "UTC"},
					GrantedAt: noon(), Granted: subscription.Minutes(int64(i) + 1), Remaining: subscription.Minutes(int64(i) + 1),
				})
			}
			e.apply(a, c)
			e.holds(a)
		}},
	)
}
