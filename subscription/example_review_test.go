package subscription_test

import (
	"errors"
	"fmt"
	"time"

	"github.com/prepaidkit/prepaid/payment"
	"github.com/prepaidkit/prepaid/pricing"
	"github.com/prepaidkit/prepaid/renewal"
	"github.com/prepaidkit/prepaid/subscription"
)

// One cent less than the price was collected, so a person looks at it, and accepts the amount.
func ExampleCloseReview() {
	c := newCounter()
	_, o := c.open()
	less, err := pricing.ParseMoney("198.99", "USD")
	must(err)
	o, err = c.Settle(c.ctx, o.Attempt, payment.Result{Key: string(o.Attempt), Status: payment.Succeeded, Amount: less})
	fmt.Println(o.Status, o.Collected, err)

	_, err = c.As("ada", "ticket 17").Do(c.ctx, "chat", subscription.CloseReview{Order: o.ID, Deliver: true, Note: "a bank's fee"}, "close-1")
	must(err)
	o, err = c.Order(c.ctx, "chat", o.ID)
	fmt.Println(o.Status, o.Collected, o.Delivered.Period, err)
	// Output:
	// review 198.99 USD <nil>
	// paid 198.99 USD [2025-07-16, 2025-08-16) UTC <nil>
}

// Orders that wait for something are in the document, with what is needed to show them.
func ExampleApplication_OpenOrder() {
	c := newCounter()
	s, placed := c.open()
	o, found := s.Application.OpenOrder(placed.ID)
	fmt.Println(o.Kind, o.Status, o.Amount, found)

	_, err := c.Collect(c.ctx, "chat", placed.ID)
	must(err)
	_, found = c.snapshot().Application.OpenOrder(placed.ID)
	fmt.Println("once it is paid:", found)
	// Output:
	// purchase open 199.00 USD true
	// once it is paid: false
}

// An upgrade that waits for its payment is worth nothing once its period has ended. No payment is requested for it any more.
func ExampleApplication_Undeliverable() {
	c := newCounter()
	_, err := c.Do(c.ctx, "chat", purchase, "buy-1")
	must(err)
	r, err := c.Bind(c.store).Do(c.ctx, "chat", subscription.Upgrade{Product: "call", To: "group-call"}, "up-1")
	fmt.Println(r.Order.Status, errors.Is(err, subscription.ErrPaymentPending))

	a := c.snapshot().Application
	for _, at := range []time.Time{c.now, c.now.AddDate(0, 2, 0)} {
		fmt.Printf("%s %q\n", at.Format(time.DateOnly), a.Undeliverable(r.Order, at))
	}
	// Output:
	// open true
	// 2025-07-16 ""
	// 2025-09-16 "the period has ended"
}

// A store that prunes keeps the orders that the document refers to.
func ExampleApplication_References() {
	c := newCounter()
	r, err := c.Do(c.ctx, "chat", purchase, "buy-1")
	must(err)
	a := c.snapshot().Application
	fmt.Println(a.References(r.Order.ID), a.References("1-another"))
	// Output: true false
}

// A renewal says which period it pays for, so that no other order can pay for the same one. A purchase begins when it is paid.
func ExampleOrder_PaysFrom() {
	c := newCounter()
	bought, err := c.Do(c.ctx, "chat", purchase, "buy-1")
	must(err)
	renewed, err := c.Do(c.ctx, "chat", renewal.Renew{Product: "call"}, "renew-1")
	must(err)
	fmt.Println(bought.Order.PaysFrom().IsZero(), renewed.Order.PaysFrom().Format(time.DateOnly))
	// Output: true 2025-08-16
}

// No worker ran, so nobody tried the renewal that was promised.
func ExampleSubscription_Owed() {
	c := newCounter()
	_, err := c.Do(c.ctx, "chat", purchase, "buy-1")
	must(err)
	c.now = c.now.AddDate(1, 0, 0)
	a, err := c.Application(c.ctx, "chat")
	must(err)
	sub, _ := a.Latest("call")
	fmt.Println(sub.Status, sub.Owed())
	// Output: interrupted true
}
