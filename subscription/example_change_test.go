package subscription_test

import (
	"errors"
	"fmt"
	"time"

	"github.com/prepaidkit/prepaid/pricing"
	"github.com/prepaidkit/prepaid/subscription"
)

// A defective command can't corrupt the store.
func ExampleChange_Check() {
	c := newCounter()
	s := c.snapshot()
	change, err := purchase.Decide(s, c.catalog, c.now)
	fmt.Println(err, change.Check(s.Application))
	change.Orders[0].Amount, _ = pricing.ParseMoney("1.00", "USD")
	change.Next.Orders[0].Amount = change.Orders[0].Amount
	fmt.Println(errors.Is(change.Check(s.Application), subscription.ErrInvariant))
	// Output:
	// <nil> <nil>
	// true
}

// A command that reads a clock of its own is refused, so it can't move the application's time ahead.
func ExampleChange_CheckAt() {
	c := newCounter()
	s := c.snapshot()
	change, err := purchase.Decide(s, c.catalog, c.now.Add(time.Hour))
	must(err)
	fmt.Println(change.CheckAt(s.Application, c.now.Add(time.Hour)))
	fmt.Println(errors.Is(change.CheckAt(s.Application, c.now), subscription.ErrInvariant))
	// Output:
	// <nil>
	// true
}

// A store inserts the orders that a change places, and replaces the others.
func ExampleChange_Places() {
	c := newCounter()
	s := c.snapshot()
	s.Request = "buy-1"
	change, err := purchase.Decide(s, c.catalog, c.now)
	must(err)
	fmt.Println(change.Places(change.Orders[0].ID), change.Places("another"))
	// Output: true false
}

func ExampleApplication_Check() {
	a := subscription.Application{ID: "voice", Account: "acme", Revision: 1}
	fmt.Println(a.Check())
	a.Lots = []subscription.Lot{{ID: 1, Granted: subscription.Minutes(10), Remaining: subscription.Minutes(11)}}
	fmt.Println(subscription.CodeOf(a.Check()))
	// Output:
	// <nil>
	// invariant
}

func ExampleOrder_CheckTotal() {
	price, _ := pricing.ParseMoney("10.00", "USD")
	o := subscription.Order{ID: "k-1", Amount: price, Lines: []pricing.Line{{Kind: pricing.PurchaseLine, Item: "call/small", Amount: price}}}
	fmt.Println(o.CheckTotal())
	o.Amount, _ = pricing.ParseMoney("9.00", "USD")
	fmt.Println(subscription.CodeOf(o.CheckTotal()))
	// Output:
	// <nil>
	// invariant
}

func ExampleOrder_Sums() {
	dollars, _ := pricing.ParseMoney("10.00", "USD")
	yen, _ := pricing.ParseMoney("10", "JPY")
	o := subscription.Order{Amount: dollars, Collected: dollars}
	fmt.Println(o.Sums(subscription.Refund{Amount: dollars}), o.Sums(subscription.Refund{Amount: yen}))
	// Output: true false
}

func ExampleUsageCounter_Unrecorded() {
	c := subscription.UsageCounter{Seconds: 600, Weight: 1000, Covered: true, Paid: subscription.Minutes(4)}
	fmt.Println(c.Unrecorded())
	// Output: 6
}

func ExampleBalance_After() {
	b := subscription.Balance{Lot: 1}
	b, err := b.After(subscription.Entry{Lot: 1, Kind: subscription.EntryGranted, Quantity: subscription.Minutes(10)})
	fmt.Println(b.Remaining, err)
	_, err = b.After(subscription.Entry{Lot: 1, Kind: subscription.EntryConsumed, Quantity: subscription.Minutes(11)})
	fmt.Println(subscription.CodeOf(err))
	// Output:
	// 10 <nil>
	// invariant
}

func ExampleEventType_OrderStatus() {
	fmt.Println(subscription.EventOrderPaid.OrderStatus())
	fmt.Printf("%q\n", subscription.EventCreated.OrderStatus())
	// Output:
	// paid
	// ""
}
