package subscription_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"time"

	"github.com/prepaidkit/prepaid/payment"
	"github.com/prepaidkit/prepaid/pricing"
	"github.com/prepaidkit/prepaid/subscription"
)

// A service asks for its catalog in every request. A host whose catalog never changes has it read once.
func ExampleStaticCatalog() {
	file, err := os.Open("testdata/catalog.json")
	must(err)
	defer file.Close()
	cat, err := pricing.ParseCatalog(file)
	must(err)
	inForce := subscription.StaticCatalog(cat)
	fmt.Println(inForce().Revision(), inForce() == cat)
	// Output: test-1 true
}

// Whoever has had a trial in one application doesn't get one in another, though the catalog would allow ten.
func ExampleEligibility_Taken() {
	c := newCounter()
	service, err := subscription.NewService(c.store, c.accounts, subscription.StaticCatalog(c.catalog), &subscription.Options{
		Now: func() time.Time { return c.now },
		Eligible: func(ctx context.Context, e subscription.Eligibility) error {
			if (e.Trial == pricing.Trial{}) {
				return nil // something else
			}
			n, err := e.Taken(ctx)
			if err == nil && n > 0 {
				err = fmt.Errorf("trials so far: %d", n)
			}
			return err
		},
	})
	must(err)
	_, err = service.Do(c.ctx, "video", subscription.Create{Account: "acme"}, "create-2")
	must(err)
	trial := subscription.Purchase{Product: "call", Version: "trial", Term: pricing.Days(7), Currency: "USD", Agreement: "2025-06"}
	for _, app := range []subscription.ApplicationID{"chat", "video"} {
		_, err = service.Do(c.ctx, app, trial, "try-1")
		fmt.Println(app, err)
	}
	// Output:
	// chat <nil>
	// video subscription: account not eligible: acme: trials so far: 1
}

func ExampleService_Quote() {
	c := newCounter()
	q, err := c.Quote(c.ctx, "chat", purchase)
	fmt.Println(q.Amount, "until", q.ExpiresAt.Format(time.TimeOnly), err)
	for _, l := range q.Lines {
		fmt.Println(l.Item, l.Formula())
	}
	// Output:
	// 199.00 USD until 12:15:00 <nil>
	// call/one-to-one 199.00
}

// The price shown is the price charged, or nothing is charged.
func ExampleService_Confirm() {
	c := newCounter()
	q, err := c.Quote(c.ctx, "chat", purchase)
	must(err)
	r, err := c.Confirm(c.ctx, "chat", purchase, q, "buy-1")
	fmt.Println(r.Order.Status, r.Order.Collected, err)

	// Repeated, it finds its receipt; under another key the quote is stale.
	again, err := c.Confirm(c.ctx, "chat", purchase, q, "buy-1")
	fmt.Println(again.Receipt.OrderID == r.Receipt.OrderID, err)
	_, err = c.Confirm(c.ctx, "chat", purchase, q, "buy-2")
	fmt.Println(errors.Is(err, subscription.ErrAlreadySubscribed))
	// Output:
	// paid 199.00 USD <nil>
	// true <nil>
	// true
}

// One key stands for one command, permanently.
func ExampleService_Do() {
	c := newCounter()
	r, err := c.Do(c.ctx, "chat", purchase, "buy-1")
	fmt.Println(r.Order.Status, r.Order.Delivered.Period, r.Order.Delivered.Increment, err)
	other := purchase
	other.Version = "group-call"
	_, err = c.Do(c.ctx, "chat", other, "buy-1")
	fmt.Println(errors.Is(err, subscription.ErrKeyReused))
	// Output:
	// paid [2025-07-16, 2025-08-16) UTC 100000 <nil>
	// true
}

// A webhook's result is applied once, however often it arrives.
func ExampleService_Settle() {
	c := newCounter()
	bound := c.Bind(c.store) // places orders, and leaves collecting to others
	r, err := bound.Do(c.ctx, "chat", purchase, "buy-1")
	fmt.Println(errors.Is(err, subscription.ErrPaymentPending))

	hook := payment.Result{Key: string(r.Order.Attempt), Status: payment.Succeeded, Amount: r.Order.Amount}
	for range 2 {
		settled, err := c.Settle(c.ctx, subscription.AttemptID(hook.Key), hook)
		fmt.Println(settled.Status, settled.Delivered.Total, err)
	}
	// Output:
	// true
	// paid 100000 <nil>
	// paid 100000 <nil>
}

// A webhook that doesn't trust its body: only the attempt is used, and the gateway is asked for the result.
func ExampleService_Notify() {
	c := newCounter()
	r, err := c.Bind(c.store).Do(c.ctx, "chat", purchase, "buy-1")
	fmt.Println(errors.Is(err, subscription.ErrPaymentPending))

	forged, err := c.Notify(c.ctx, r.Order.Attempt) // nothing was paid
	fmt.Println(forged.Status, err)

	_, err = c.accounts.Charge(c.ctx, payment.Charge{
		Key: string(r.Order.Attempt), Account: "acme", Amount: r.Order.Amount,
		Order: string(r.Receipt.OrderID), Application: "chat", Description: r.Order.Lines[0].Item,
	})
	fmt.Println("charged:", err)
	now, err := c.Notify(c.ctx, r.Order.Attempt)
	fmt.Println(now.Status, err)
	// Output:
	// true
	// open <nil>
	// charged: <nil>
	// paid <nil>
}

func ExampleService_Collect() {
	c := newCounter()
	r, err := c.Bind(c.store).Do(c.ctx, "chat", purchase, "buy-1")
	fmt.Println(r.Order.Status, errors.Is(err, subscription.ErrPaymentPending))
	o, err := c.Collect(c.ctx, "chat", r.Receipt.OrderID)
	fmt.Println(o.Status, err)
	// Output:
	// open true
	// paid <nil>
}

// Bind takes a store that is bound to the caller's transaction; nothing is charged before its commit.
func ExampleService_Bind() {
	c := newCounter()
	r, err := c.Bind(c.store).Do(c.ctx, "chat", purchase, "buy-1")
	fmt.Println(r.Order.Status, errors.Is(err, subscription.ErrPaymentPending))
	left, err := c.accounts.Balance(context.Background(), "acme", "USD")
	fmt.Println("left:", left, err)
	// Output:
	// open true
	// left: 1000.00 USD <nil>
}

// What is read is correct at that instant, whether or not a worker has run since.
func ExampleService_Application() {
	c := newCounter()
	_, err := c.Do(c.ctx, "chat", purchase, "buy-1")
	must(err)
	for _, days := range []int{0, 31, 32} {
		c.now = time.Date(2025, time.July, 16+days, 0, 0, 0, 0, time.UTC)
		a, err := c.Application(c.ctx, "chat")
		must(err)
		sub, known := a.Latest("call")
		fmt.Println(c.now.Format(time.DateOnly), sub.Status, sub.InService(), a.Minutes("call", c.now), known)
	}
	// Output:
	// 2025-07-16 active true 100000 true
	// 2025-08-16 past_due true 0 true
	// 2025-08-17 interrupted false 0 true
}

func ExampleService_Order() {
	c := newCounter()
	r, err := c.Do(c.ctx, "chat", purchase, "buy-1")
	must(err)
	o, err := c.Order(c.ctx, "chat", r.Receipt.OrderID)
	fmt.Println(o.Kind, o.Amount, o.Agreement, err)
	_, err = c.Order(c.ctx, "chat", "7-abc")
	fmt.Println(errors.Is(err, subscription.ErrNotFound))
	// Output:
	// purchase 199.00 USD 2025-06 <nil>
	// true
}

// What a customer is told depends on the code, which stays the same from version to version.
func ExampleCodeOf() {
	c := newCounter()
	_, err := c.Do(c.ctx, "chat", subscription.Upgrade{Product: "call", To: "group-call"}, "upgrade-1")
	fmt.Println(subscription.CodeOf(err))
	fmt.Println(subscription.CodeOf(context.DeadlineExceeded), subscription.CodeOf(nil) == "")
	// Output:
	// not_found
	// internal true
}

// The hook implements an allow-list, or a limit per account that only the caller can count.
func ExampleOptions() {
	c := newCounter()
	service, err := subscription.NewService(c.store, c.accounts, subscription.StaticCatalog(c.catalog), &subscription.Options{
		Now: func() time.Time { return c.now },
		Eligible: func(_ context.Context, e subscription.Eligibility) error {
			return fmt.Errorf("%s is not on the list", e.Account)
		},
	})
	must(err)
	_, err = service.Quote(c.ctx, "chat", purchase)
	fmt.Println(err)
	// Output: subscription: account not eligible: acme: acme is not on the list
}

func ExampleService_Catalog() {
	c := newCounter()
	cat, err := c.Catalog()
	fmt.Println(cat.Revision(), err)
	// Output: test-1 <nil>
}
