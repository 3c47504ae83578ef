package subscription_test

import (
	"errors"
	"fmt"
	"time"

	"github.com/prepaidkit/prepaid/payment"
	"github.com/prepaidkit/prepaid/subscription"
)

func ExampleAdvance() {
	c := newCounter()
	_, err := c.Do(c.ctx, "chat", purchase, "buy-1")
	must(err)
	a := c.snapshot().Application
	change, err := subscription.Advance(a, c.catalog, time.Date(2025, time.August, 20, 0, 0, 0, 0, time.UTC))
	for _, e := range change.Events {
		fmt.Println(e.At.Format(time.DateTime), e.Subscription, e.Type)
	}
	fmt.Println(err)
	// Output:
	// 2025-08-16 00:00:00 call-1 status_changed
	// 2025-08-17 00:00:00 call-1 status_changed
	// 2025-08-17 12:00:00 call-1 lot_expired
	// <nil>
}

func ExampleNextStep() {
	c := newCounter()
	_, err := c.Do(c.ctx, "chat", purchase, "buy-1")
	must(err)
	fmt.Println(subscription.NextStep(c.snapshot().Application, c.catalog))
	// Output: 2025-08-16 00:00:00 +0000 UTC
}

func ExampleReschedule() {
	c := newCounter()
	a := c.snapshot().Application
	change := subscription.Reschedule(a, c.now.Add(time.Hour))
	fmt.Println(change.Next.Due.Format(time.TimeOnly), len(change.Events), change.Check(a))
	// Output: 13:00:00 0 <nil>
}

// open places the purchase and returns the snapshot with its order.
func (c *counter) open() (subscription.Snapshot, subscription.Order) {
	r, err := c.Bind(c.store).Do(c.ctx, "chat", purchase, "buy-1")
	if !errors.Is(err, subscription.ErrPaymentPending) {
		panic(err)
	}
	return c.snapshot(), r.Order
}

// The decision alone, without a service: what a result does to an order.
func ExampleSettle() {
	c := newCounter()
	s, o := c.open()
	paid := payment.Result{Key: string(o.Attempt), Status: payment.Succeeded, Amount: o.Amount}
	change, err := subscription.Settle(s, o.ID, paid, c.catalog.ZoneOf, c.now)
	for _, e := range change.Events {
		fmt.Println(e.Type)
	}
	fmt.Println(change.Orders[0].Status, err)
	// Output:
	// order_paid
	// subscription_opened
	// period_paid
	// period_began
	// lot_granted
	// paid <nil>
}

// The key shows that the result is a refund's.
func ExampleSettle_refund() {
	c := newCounter()
	_, o := c.open()
	_, err := c.Do(c.ctx, "chat", subscription.Cancel{Order: o.ID}, "cancel-1")
	must(err)
	// The bound service is told about the late payment, and doesn't request a refund itself.
	late := payment.Result{Key: string(o.Attempt), Status: payment.Succeeded, Amount: o.Amount}
	r, err := c.Bind(c.store).Settle(c.ctx, o.Attempt, late)
	fmt.Println(r.Status == subscription.OrderCanceled, r.RefundedAmount, err)
	all, err := c.store.Load(c.ctx, subscription.Read{Application: "chat", Orders: []subscription.OrderID{o.ID}})
	must(err)
	due := all[0].Application.Refunds[0]
	fmt.Println(due.Kind, due.Amount, due.Status)

	given := payment.Result{Key: due.Key, Status: payment.Succeeded, Amount: due.Amount}
	change, err := subscription.Settle(all[0], o.ID, given, c.catalog.ZoneOf, c.now)
	fmt.Println(change.Refunds[0].Status, err)
	// Output:
	// true 199.00 USD <nil>
	// late 199.00 USD due
	// made <nil>
}

// The gateway may have forgotten the key, so the outcome can no longer be looked up.
func ExampleSettle_unknown() {
	c := newCounter()
	s, o := c.open()
	forgotten := payment.Result{Key: string(o.Attempt), Status: payment.NotFound}
	change, err := subscription.Settle(s, o.ID, forgotten, c.catalog.ZoneOf, c.now)
	fmt.Println(change.Orders[0].Status, err)
	// Output: review <nil>
}

// Ask and Resolve are the two halves of Collect, for workers that process many orders at once.
func ExampleCollector_Ask() {
	c := newCounter()
	r, _ := c.Bind(c.store).Do(c.ctx, "chat", purchase, "buy-1")
	result, err := c.Collector().Ask(c.ctx, r.Order, true)
	fmt.Println(result.Status, err)
	o, err := c.Collector().Settle(c.ctx, "chat", r.Receipt.OrderID, result)
	fmt.Println(o.Status, err)
	// Output:
	// succeeded <nil>
	// paid <nil>
}

// LookUp only looks: where the gateway knows of no charge, the order stays as it is.
func ExampleCollector_LookUp() {
	c := newCounter()
	_, o := c.open()
	collector := c.Collector()
	before, err := collector.LookUp(c.ctx, o)
	fmt.Println(before.Status, err)

	_, err = collector.Ask(c.ctx, o, true) // the answer gets lost
	must(err)
	after, err := collector.LookUp(c.ctx, o)
	fmt.Println(after.Status, after.Amount, err)
	// Output:
	// pending <nil>
	// succeeded 199.00 USD <nil>
}

// What a gateway has answered is applied to the order, and applied once.
func ExampleCollector_Settle() {
	c := newCounter()
	_, o := c.open()
	declined := payment.Result{Key: string(o.Attempt), Status: payment.Declined, Reason: payment.InsufficientBalance}
	for range 2 {
		settled, err := c.Collector().Settle(c.ctx, "chat", o.ID, declined)
		fmt.Println(settled.Status, settled.Reason, err)
	}
	// Output:
	// declined insufficient_balance <nil>
	// declined insufficient_balance <nil>
}

// A decision is made at the clock's instant, or at that of the last change if the clock is slightly behind it.
func ExampleCollector_Now() {
	c := newCounter()
	app, err := c.Application(c.ctx, "chat")
	must(err)
	c.now = c.now.Add(-2 * time.Second)
	at, err := c.Collector().Now(c.ctx, app)
	fmt.Println(at.Equal(app.AsOf), err)
	// Output: true <nil>
}

// Two successive decisions become one change.
func ExampleSnapshot_After() {
	c := newCounter()
	s := c.snapshot()
	first, err := subscription.Accept{Agreement: "2025-06"}.Decide(s, c.catalog, c.now)
	must(err)
	s.Request = "buy-1"
	both, err := purchase.Decide(s.After(first), c.catalog, c.now)
	must(err)
	fmt.Println(both.Base, len(both.Events), both.Check(s.Application))
	// Output: 1 2 <nil>
}
