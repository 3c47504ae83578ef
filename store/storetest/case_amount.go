package storetest

import (
	"fmt"
	"math"

	"github.com/prepaidkit/prepaid/pricing"
	"github.com/prepaidkit/prepaid/subscription"
)

// amountCases checks that money and minutes are exact over their whole range.
func amountCases() []check {
	var cases []check
	for _, m := range []pricing.Money{
		{}, // no amount, which differs from zero dollars
		cents(0), cents(1), cents(1<<53 + 1), cents(math.MaxInt64 - 1), cents(math.MaxInt64),
		minor(math.MaxInt64, "JPY"), minor(5, "JPY"), minor(1<<53+1, "KWD"), minor(1, "CLF"), minor(0, "EUR"),
	} {
		name := m.String()
		if m.IsZero() {
			name = "no amount"
		}
		cases = append(cases, check{"money: " + name, func(e *env) {
			a := unborn("a")
			c := a.next("t")
			o := &c.Orders[0]
			if !m.IsZero() {
				o.Amount = m
				o.Lines[0].Amount = m
			}
			o.Collected = m
			o.Deliveries = []subscription.Delivery{
				{Extend: &subscription.ExtendDelivery{Subscription: "call-1", Term: pricing.Months(1), Count: 1, Price: m}},
				{Upgrade: &subscription.UpgradeDelivery{Subscription: "call-1", Cycle: 1, Price: m}},
			}
			c.Next.Subscriptions = []subscription.Subscription{{
				ID: "call-1", Product: "call", Status: subscription.Active, Currency: m.Currency(),
				Cycles: []subscription.Cycle{{Number: 1, Price: m}},
			}}
			c.Events[0].Amount = m
			e.apply(a, c)
			e.holds(a)
		}})
	}
	for _, n := range []int64{1, 999, 1 << 53, 1<<53 + 1, math.MaxInt64} {
		cases = append(cases, check{fmt.Sprintf("minutes: %s", subscription.Quantity(n)), func(e *env) {
			a := unborn("a")
			c := a.next("t")
			q := subscription.Quantity(n)
			c.Next.LastLot = subscription.LotID(n)
			c.Next.Lots = []subscription.Lot{
				{ID: subscription.LotID(n), Source: subscription.FromPackage, Granted: q, Remaining: q},
				{ID: 1, Source: subscription.FromUpgrade, Granted: q, Reserved: 1, Consumed: q - 1},
			}
			c.Orders[0].Delivered = subscription.Delivered{Increment: q, Total: q, Remaining: q}
			c.Orders[0].Deliveries = []subscription.Delivery{{Upgrade: &subscription.UpgradeDelivery{
				Subscription: "call-1", Minutes: n, Grant: n, Ahead: []int64{0, n, 1},
			}}}
			c.Entries[0].Quantity, c.Entries[0].Lot = q, subscription.LotID(n)
			c.Events[0].Quantity, c.Events[0].Lot = q, subscription.LotID(n)
			e.apply(a, c)
			e.holds(a)
		}})
	}
	return append(cases,
		check{"the amount collected in another currency than the order's", func(e *env) {
			a := unborn("a")
			c := a.next("t")
			c.Orders[0].Status, c.Orders[0].Collected = subscription.OrderReview, minor(70, "JPY")
			c.Next.Orders = []subscription.Order{c.Orders[0].Clone()}
			e.apply(a, c)
			e.holds(a)
		}},
		check{"rates and ratios as they were counted", func(e *env) {
			a := unborn("a")
			c := a.next("t")
			line := c.Orders[0].Lines[0]
			for _, r := range []string{"0", "0.000000001", "0.856", "9223372036854775807", "9223372036.854775807"} {
				for _, times := range []pricing.Ratio{{Num: 15, Den: 30}, {Num: 0, Den: 1}, {Num: math.MaxInt64, Den: math.MaxInt64 - 1}} {
					line.Unit, line.Credit, line.Times = rate(r), rate("0.1"), times
					c.Orders[0].Lines = append(c.Orders[0].Lines, line)
				}
			}
			e.apply(a, c)
			e.holds(a)
		}},
	)
}
