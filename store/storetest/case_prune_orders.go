package storetest

import (
	"fmt"
	"slices"
	"time"

	"github.com/prepaidkit/prepaid/pricing"
	"github.com/prepaidkit/prepaid/store"
	"github.com/prepaidkit/prepaid/subscription"
)

// pruneOrderCases checks that an order is deleted if no money ever moved for it, it was closed before the instant, and
// nothing refers to it. Financial records stay.
func pruneOrderCases() []check {
	old := noon().AddDate(-1, 0, 0)
	cases := []check{
		{"orders that were declined or canceled go, those of any other status stay", func(e *env) {
			a := unborn("a")
			c := ofEachStatus("a", old)
			e.pruner()
			e.apply(a, c)
			a.orders = slices.DeleteFunc(a.orders, func(o subscription.Order) bool {
				return o.Status == subscription.OrderDeclined || o.Status == subscription.OrderCanceled
			})
			e.prunes(noon(), store.Pruned{Receipts: 1, Events: int64(len(a.events)), Orders: 2})
			a.receipts, a.events = nil, nil
			e.holds(a)
		}},
		{"an order for which money moved stays, whatever its status and however old, and so do its refunds", func(e *env) {
			e.pruner()
			var all []*expected
			for i, moved := range []func(c *subscription.Change, o *subscription.Order){
				func(_ *subscription.Change, o *subscription.Order) { o.Collected = cents(1) },
				func(_ *subscription.Change, o *subscription.Order) { o.Collected = minor(1, "JPY") },
				func(_ *subscription.Change, o *subscription.Order) { o.Refunds = 1 },
				func(c *subscription.Change, o *subscription.Order) {
					o.Refunds, o.RefundedAmount = o.Refunds+1, cents(100)
					c.Refunds = append(c.Refunds, refundOf(c.Application, o.ID, 1))
				},
			} {
				x := unborn(subscription.ApplicationID(fmt.Sprint("app ", i)))
				c := ofEachStatus(x.document.ID, old)
				c.Receipts, c.Events = nil, c.Events[:1]
				c.Events[0].At = noon()
				for j := range c.Orders {
					moved(&c, &c.Orders[j])
				}
				c.Next.Orders = nil
				for _, o := range c.Orders {
					if o.Status.Unresolved() {
						c.Next.Orders = append(c.Next.Orders, o.Clone())
					}
				}
				e.apply(x, c)
				all = append(all, x)
			}
			e.prunes(noon(), store.Pruned{})
			e.holds(all...)
			// Nothing was collected here, although there is an amount.
			x := unborn("nothing")
			c := ofEachStatus("nothing", old)
			c.Receipts, c.Events = nil, c.Events[:1]
			c.Events[0].At = noon()
			for i := range c.Orders {
				c.Orders[i].Collected = cents(0)
			}
			for i := range c.Next.Orders {
				c.Next.Orders[i].Collected = cents(0)
			}
			e.apply(x, c)
			e.prunes(noon(), store.Pruned{Orders: 2})
		}},
		{"refunds and rows of subscriptions stay, however old", func(e *env) {
			e.pruner()
			a := unborn("a")
			c := at(a.next("t"), old)
			made := refundOf("a", "o", 1)
			made.Status, made.DueAt, made.ClosedAt = subscription.RefundMade, old, old
			failed := refundOf("a", c.Orders[0].ID, 2)
			failed.Status, failed.DueAt, failed.ClosedAt = subscription.RefundFailed, old, old
			c.Refunds = []subscription.Refund{made, failed}
			c.Orders[0].Refunds = 2
			c.Subscriptions[0].Status, c.Subscriptions[0].OpenedAt, c.Subscriptions[0].PaidUntil = subscription.Expired, old, old
			e.apply(a, c)
			e.prunes(noon().AddDate(100, 0, 0), store.Pruned{Receipts: 1, Events: 2})
			a.receipts, a.events = nil, nil
			e.holds(a)
		}},
		{"an order that was never closed stays", func(e *env) {
			e.pruner()
			a := unborn("a")
			c := at(a.next("t"), noon())
			c.Orders[0].ClosedAt, c.Orders[0].PlacedAt = time.Time{}, old
			e.apply(a, c)
			e.prunes(noon(), store.Pruned{})
			e.holds(a)
		}},
		{"an order that was placed before and closed later stays, until then", func(e *env) {
			e.pruner()
			a := unborn("a")
			c := at(a.next("t"), noon())
			c.Orders[0].Status, c.Orders[0].PlacedAt, c.Orders[0].ClosedAt = subscription.OrderOpen, old, time.Time{}
			c.Next.Orders = []subscription.Order{c.Orders[0].Clone()}
			e.apply(a, c)
			e.prunes(noon(), store.Pruned{})
			declined := at(a.next("u"), noon())
			declined.Orders = []subscription.Order{a.orders[0].Clone()}
			declined.Orders[0].Status, declined.Orders[0].ClosedAt = subscription.OrderDeclined, noon()
			e.apply(a, declined)
			e.prunes(noon(), store.Pruned{})
			e.holds(a)
			e.prunes(noon().Add(time.Microsecond), store.Pruned{Receipts: 2, Events: 4, Orders: 1})
		}},
		{"orders that stay keep their order, and their rows", func(e *env) {
			e.pruner()
			a := unborn("a")
			for i := range 4 {
				c := at(many(a, 5), noon())
				for j := range c.Orders {
					if (i+j)%2 == 0 {
						c.Orders[j].ClosedAt = old
					}
				}
				e.apply(a, c)
			}
			e.prunes(noon(), store.Pruned{Orders: 10})
			a.orders = slices.DeleteFunc(a.orders, func(o subscription.Order) bool { return o.ClosedAt.Equal(old) })
			e.holds(a)
			e.apply(a, at(many(a, 2), noon()))
			e.holds(a)
		}},
		{"an order that another application names goes", func(e *env) {
			a := e.aged("a", -time.Hour)
			b := unborn("b")
			c := at(b.next("u"), noon())
			c.Next.Lots = []subscription.Lot{lotOf(a.orders[0].ID)}
			e.apply(b, c)
			e.prunes(noon(), store.Pruned{Receipts: 1, Events: 2, Orders: 1})
			a.forget(1)
			e.holds(a, b)
		}},
	}
	for _, tt := range []struct {
		name string
		put  func(next *subscription.Application, id subscription.OrderID)
	}{
		{"a cycle", func(next *subscription.Application, id subscription.OrderID) {
			held := subscription.Subscription{
				ID: "s-1", Product: "call", Status: subscription.Active, Currency: "USD", Zone: "UTC", OpenedAt: noon(),
				Cycles: []subscription.Cycle{{Number: 1, Period: lotOf(id).Period, Price: cents(1), Order: "another"}},
			}
			other := held
			other.ID, other.Product = "s-2", "live"
			other.Cycles = append(slices.Clone(held.Cycles), held.Cycles[0])
			other.Cycles[1].Number, other.Cycles[1].Order = 2, id
			next.Subscriptions = []subscription.Subscription{held, other}
		}},
		{"a suspended cycle", func(next *subscription.Application, id subscription.OrderID) {
			next.Subscriptions = []subscription.Subscription{{
				ID: "s-1", Product: "call", Status: subscription.Active, Currency: "USD", Zone: "UTC", OpenedAt: noon(),
				Cycles:    []subscription.Cycle{{Number: 1, Period: lotOf(id).Period, Price: cents(1), Order: "another"}},
				Suspended: []subscription.Cycle{{Number: 2, Period: lotOf(id).Period, Price: cents(1), Order: id}},
			}}
		}},
		{"a refund that is due", func(next *subscription.Application, id subscription.OrderID) {
			next.Refunds = []subscription.Refund{refundOf(next.ID, "another", 1), refundOf(next.ID, id, 1)}
		}},
		{"a lot", func(next *subscription.Application, id subscription.OrderID) {
			next.LastLot = 2
			next.Lots = []subscription.Lot{lotOf(""), lotOf(id)}
			next.Lots[1].ID = 2
		}},
		{"the counter of a day", func(next *subscription.Application, id subscription.OrderID) {
			next.Counters = []subscription.UsageCounter{
				{Product: "call", Kind: "audio", Day: pricing.Date(20_000), Seconds: 1},
				{Product: "call", Kind: "audio", Day: pricing.Date(20_001), Seconds: 1, Order: id},
			}
		}},
	} {
		cases = append(cases, check{"an order that the document names stays, as long as it does: by " + tt.name, func(e *env) {
			a := e.aged("a", -time.Hour, -time.Hour, -time.Hour)
			kept := a.orders[1].Clone()
			c := at(a.next("names it"), noon())
			tt.put(&c.Next, kept.ID)
			e.apply(a, c)
			e.prunes(noon(), store.Pruned{Receipts: 3, Events: 6, Orders: 2})
			a.forget(3)
			a.orders = slices.Insert(a.orders, 0, kept)
			e.holds(a)
			e.prunes(noon(), store.Pruned{})
			e.apply(a, at(a.next("names it no more"), noon()))
			e.prunes(noon(), store.Pruned{Orders: 1})
			a.orders = a.orders[1:]
			e.holds(a)
		}})
	}
	return cases
}

// ofEachStatus returns the change that creates an application with one order of each status, all at the given time. No
// money moved for any of them.
func ofEachStatus(id subscription.ApplicationID, t time.Time) subscription.Change {
	c := at(sample(id, 0, 0), t)
	c.Records, c.Refunds, c.Next.Orders = nil, nil, nil
	for i, status := range orderStatuses() {
		c.Orders[i].Status = status
		if status.Unresolved() {
			c.Next.Orders = append(c.Next.Orders, c.Orders[i].Clone())
		}
	}
	return c
}

// lotOf returns a lot paid for by an order.
func lotOf(id subscription.OrderID) subscription.Lot {
	return subscription.Lot{
		ID: 1, Source: subscription.FromPackage, Products: []pricing.ProductID{"call"}, Order: id,
		Period:    pricing.Period{Start: noon(), End: noon().AddDate(0, 1, 0), Zone: "UTC"},
		GrantedAt: noon(), Granted: subscription.Minutes(1), Remaining: subscription.Minutes(1),
	}
}

// pruneKeyCases checks that a pruned row is treated as if it had never existed.
func pruneKeyCases() []check {
	return []check{
		{"a key that was pruned is new again, one that was not is a conflict", func(e *env) {
			a := e.aged("a", -time.Hour, 0)
			old, recent := a.receipts[0].Key, a.receipts[1].Key
			e.prunes(noon(), store.Pruned{Receipts: 1, Events: 2, Orders: 1})
			a.forget(1)
			c := at(a.next("u"), noon())
			c.Receipts[0].Key = recent
			e.conflict(appIDs{"a"}, c)
			e.holds(a)
			c.Receipts[0].Key = old
			e.apply(a, c)
			e.holds(a)
			again := at(a.next("v"), noon())
			again.Receipts[0].Key = old
			e.conflict(appIDs{"a"}, again)
		}},
		{"a usage record that was pruned counts again, one that was not is a conflict", func(e *env) {
			e.pruner()
			a := unborn("a")
			c := at(bare(a), noon())
			last := store.PrunedDay(noon())
			c.Records = []subscription.UsageRow{{ID: "old", On: last}, {ID: "recent", On: last + 1}}
			e.apply(a, c)
			e.prunes(noon(), store.Pruned{Records: 1})
			a.records = a.records[1:]
			for _, id := range []string{"recent", "old", "old"} {
				next := at(bare(a), noon())
				next.Records = []subscription.UsageRow{{ID: id, On: last + 2}}
				if id == "old" && a.document.Revision == 1 {
					e.apply(a, next)
					continue
				}
				e.conflict(appIDs{"a"}, next)
			}
			got := e.load(subscription.Read{Application: "a", Records: []string{"recent", "old"}})[0]
			e.same("Records", sorted(counted(got)), []string{"old", "recent"})
			e.holds(a)
		}},
		{"an order that was pruned isn't found, and its place is nobody's", func(e *env) {
			a := e.aged("a", -time.Hour, 0)
			read := a.read()
			e.prunes(noon(), store.Pruned{Receipts: 1, Events: 2, Orders: 1})
			a.forget(1)
			got := e.load(read)[0]
			e.sameOrders(got.Orders, a.orders)
			e.sameReceipts(got.Receipts, a.receipts)
			e.apply(a, at(a.next("t"), noon()))
			e.holds(a)
		}},
	}
}
