package subscription_test

import (
	"fmt"

	"github.com/prepaidkit/prepaid/pricing"
	"github.com/prepaidkit/prepaid/subscription"
)

func ExampleEventType_OrderStatus() {
	fmt.Println(subscription.EventOrderPaid.OrderStatus())
	fmt.Printf("%q\n", subscription.EventCreated.OrderStatus())
	// Output:
	// paid
	// ""
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
