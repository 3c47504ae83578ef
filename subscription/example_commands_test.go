package subscription_test

import (
	"context"
	"fmt"
	"time"

	"github.com/prepaidkit/prepaid/pricing"
	"github.com/prepaidkit/prepaid/subscription"
)

func ExampleCreate() {
	c := newCounter()
	_, err := c.Do(c.ctx, "chat", subscription.Create{Account: "acme"}, "create-2")
	fmt.Println(err)
	// Output: subscription: already exists: chat
}

func ExampleAccept() {
	c := newCounter()
	_, err := c.Do(c.ctx, "chat", subscription.Accept{Agreement: c.catalog.AgreementVersion()}, "accept-1")
	must(err)
	a, err := c.Application(c.ctx, "chat")
	fmt.Println(a.Accepted.Agreement, a.Accepted.At.Format(time.DateOnly), err)
	// Output: 2025-06 2025-07-16 <nil>
}

func ExamplePurchase() {
	c := newCounter()
	trial := subscription.Purchase{Product: "call", Version: "trial", Term: pricing.Days(7), Currency: "USD", Agreement: "2025-06"}
	r, err := c.Do(c.ctx, "chat", trial, "try-1")
	fmt.Println(r.Order.Amount, r.Order.Delivered.Period, err)

	// A paid version replaces the trial, at full price, from today.
	r, err = c.Do(c.ctx, "chat", purchase, "buy-1")
	fmt.Println(r.Order.Amount, r.Order.Delivered.Period, err)

	// The same product doesn't stack.
	_, err = c.Do(c.ctx, "chat", purchase, "buy-2")
	fmt.Println(err)
	// Output:
	// 0.00 USD [2025-07-16, 2025-07-23) UTC <nil>
	// 199.00 USD [2025-07-16, 2025-08-16) UTC <nil>
	// subscription: already subscribed to the product: chat holds call-2
}

func ExampleUpgrade() {
	c := newCounter()
	_, err := c.Do(c.ctx, "chat", purchase, "buy-1")
	must(err)
	c.now = time.Date(2025, time.August, 1, 9, 0, 0, 0, time.UTC) // 15 of 31 days are left
	r, err := c.Do(c.ctx, "chat", subscription.Upgrade{Product: "call", To: "group-call"}, "up-1")
	fmt.Println(r.Order.Lines[0].Formula(), "=", r.Order.Amount, err)
	fmt.Println("minutes more:", r.Order.Delivered.Increment, "in all:", r.Order.Delivered.Total)
	// Output:
	// (597.00 − 199.00) × 15/31 = 192.58 USD <nil>
	// minutes more: 96774 in all: 196774
}

func ExampleAutoRenew() {
	c := newCounter()
	_, err := c.Do(c.ctx, "chat", purchase, "buy-1")
	must(err)
	_, err = c.Do(c.ctx, "chat", subscription.AutoRenew{Product: "call", On: false}, "auto-1")
	must(err)
	a, err := c.Application(c.ctx, "chat")
	fmt.Println(a.Subscriptions[0].AutoRenew, err)
	// Output: false <nil>
}

// A canceled order may still be collected; then the money goes back.
func ExampleCancel() {
	c := newCounter()
	r, _ := c.Bind(c.store).Do(c.ctx, "chat", purchase, "buy-1")
	result, err := c.Collector().Ask(c.ctx, r.Order, true) // the gateway collects, and its answer is on its way
	must(err)
	_, err = c.Do(c.ctx, "chat", subscription.Cancel{Order: r.Receipt.OrderID}, "cancel-1")
	must(err)
	settled, err := c.Settle(c.ctx, r.Order.Attempt, result)
	fmt.Println(settled.Status == subscription.OrderCanceled, settled.Note, err)
	refunds, err := c.Refunds(c.ctx, "chat", settled.ID)
	fmt.Println(refunds[0].Kind, refunds[0].Amount, refunds[0].Status, err)
	left, err := c.accounts.Balance(context.Background(), "acme", "USD")
	fmt.Println("left:", left, err)
	// Output:
	// true paid after it was closed <nil>
	// late 199.00 USD made <nil>
	// left: 1000.00 USD <nil>
}

// The provider reports a new card: what had been declined is tried again at once.
func ExamplePaymentMethodChanged() {
	c := newCounter()
	_, err := c.Do(c.ctx, "chat", purchase, "buy-1")
	must(err)
	_, err = c.Do(c.ctx, "chat", subscription.PaymentMethodChanged{}, "card-1")
	fmt.Println(err)
	// Output: <nil>
}

func ExamplePaymentMethodChanged_Kind() {
	fmt.Println(subscription.PaymentMethodChanged{}.Kind())
	// Output: payment_method_changed
}

func ExamplePaymentMethodChanged_Decide() {
	c := newCounter()
	change, err := subscription.PaymentMethodChanged{}.Decide(c.snapshot(), c.catalog, c.now)
	fmt.Println(change.Events[0].Type, err)
	// Output: payment_method_changed <nil>
}
