package subscription_test

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/prepaidkit/prepaid/payment"
	"github.com/prepaidkit/prepaid/payment/paymenttest"
	"github.com/prepaidkit/prepaid/subscription"
)

// waiting returns a snapshot whose order waits for the customer to confirm the payment.
func (c *counter) waiting() (subscription.Snapshot, subscription.Order) {
	s, o := c.open()
	d := subscription.Begin(s, c.now)
	_, err := d.Settle(o.ID, payment.Result{
		Key: string(o.Attempt), Status: payment.Pending,
		Action: payment.Action{Kind: payment.ActionRedirect, Value: "https://bank.example/confirm?token=secret"},
	}, c.catalog.ZoneOf)
	must(err)
	s.Application = d.Change().Next
	return s, s.Application.Orders[0]
}

// A card issuer wants the customer to confirm a payment: the host sends the customer's browser there. Then, or when the
// gateway notifies, it repeats the request with the same key.
func ExampleOrder_action() {
	c := newCounter()
	gateway := paymenttest.NewHostile(c.accounts, &paymenttest.HostileOptions{
		Plan: paymenttest.Script(paymenttest.ActionThenPaid), PendingAsks: 1,
	})
	service, err := subscription.NewService(c.store, gateway, subscription.StaticCatalog(c.catalog),
		&subscription.Options{Now: func() time.Time { return c.now }})
	must(err)
	for {
		outcome, err := service.Do(context.Background(), "chat", purchase, "buy-1")
		if action := outcome.Order.Action; errors.Is(err, subscription.ErrPaymentPending) && action != nil {
			fmt.Println("redirect the customer:", *action) // to action.Value, which isn't printed
			continue                                       // once the customer is back
		}
		fmt.Println(outcome.Order.Status, err)
		return
	}
	// Output:
	// redirect the customer: redirect (hidden)
	// redirect the customer: redirect (hidden)
	// paid <nil>
}

func ExampleApplication_GivenUpAt() {
	c := newCounter()
	s, o := c.waiting()
	fmt.Println(o.PlacedAt.Format(time.DateTime))
	fmt.Println(s.Application.GivenUpAt(o, c.catalog.ServiceTerms()).Format(time.DateTime))
	o.Action = nil // merely under way
	fmt.Println(s.Application.GivenUpAt(o, c.catalog.ServiceTerms()).IsZero())
	// Output:
	// 2025-07-16 12:00:00
	// 2025-07-17 12:00:00
	// true
}

func ExampleDraft_GiveUp() {
	c := newCounter()
	s, o := c.waiting()
	for _, hours := range []int{23, 24} {
		d := subscription.Begin(s, c.now.Add(time.Duration(hours)*time.Hour))
		given, err := d.GiveUp(o.ID, c.catalog.ServiceTerms())
		fmt.Println(hours, given, err)
		for _, o := range d.Change().Orders {
			fmt.Printf("%q: %s\n", o.Status, o.Note)
		}
	}
	// Output:
	// 23 false <nil>
	// 24 true <nil>
	// "cancelling": the customer didn't confirm the payment in time
}

// A command of one's own that pays for a subscription by hand makes way for its order first.
func ExampleDraft_Replace() {
	c := newCounter()
	s, o := c.waiting()
	d := subscription.Begin(s, c.now)
	fmt.Println(d.Replace("call-7"))
	fmt.Println(errors.Is(d.Replace(o.Subscription), subscription.ErrOrderOpen)) // not automatic
	// Output:
	// <nil>
	// true
}
