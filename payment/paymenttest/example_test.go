package paymenttest_test

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"testing"
	"time"

	"github.com/prepaidkit/prepaid/payment"
	"github.com/prepaidkit/prepaid/payment/balance"
	"github.com/prepaidkit/prepaid/payment/paymenttest"
)

// counting is a gateway in front of another one: a minimal implementation.
type counting struct{ payment.Gateway }

// A test file contains this as TestCounting.
func ExampleRun() {
	test := func(t *testing.T) {
		paymenttest.Run(t, func(*testing.T) paymenttest.Harness {
			accounts := balance.New(nil)
			return paymenttest.Prepaid(counting{accounts}, accounts)
		})
	}
	fmt.Printf("%T\n", test)
	// Output: func(*testing.T)
}

// acme returns accounts in which "acme" has 500.00 USD.
func acme() *balance.Accounts {
	ctx := context.Background()
	accounts := balance.New(nil)
	if err := accounts.Open(ctx, "acme"); err != nil {
		fmt.Println(err)
	}
	if err := accounts.Deposit(ctx, "acme", "wire-1", usd(50000)); err != nil {
		fmt.Println(err)
	}
	return accounts
}

func ExamplePrepaid() {
	ctx := context.Background()
	accounts := balance.New(nil)
	h := paymenttest.Prepaid(counting{accounts}, accounts)
	fmt.Println(h.Deposit(ctx, "acme", usd(50000)))
	fmt.Println(h.Balance(ctx, "acme", "USD"))
	// Output:
	// <nil>
	// 500.00 USD <nil>
}

// Balances that a test can fill, wherever they are kept.
func ExampleAccounts() {
	ctx := context.Background()
	var accounts paymenttest.Accounts = balance.New(nil)
	fmt.Println(accounts.Open(ctx, "acme"))
	for range 2 { // one key is one deposit
		fmt.Println(accounts.Deposit(ctx, "acme", "wire-1", usd(50000)))
	}
	fmt.Println(accounts.Balance(ctx, "acme", "USD"))
	fmt.Println(accounts.SetPaymentMethod(ctx, "acme", false)) // charges are declined from now on
	// Output:
	// <nil>
	// <nil>
	// <nil>
	// 500.00 USD <nil>
	// <nil>
}

func ExampleNewHostile() {
	ctx := context.Background()
	gateway := paymenttest.NewHostile(acme(), &paymenttest.HostileOptions{
		Plan: paymenttest.Script(paymenttest.TimeoutAfter),
	})
	c := payment.Charge{Key: "order-1/1", Account: "acme", Amount: usd(19900)}
	_, err := gateway.Charge(ctx, c)
	fmt.Println(err)
	r, err := gateway.Charge(ctx, c)
	fmt.Println(r.Status, r.Amount, err)
	// Output:
	// paymenttest: no answer from the gateway: charge "order-1/1"
	// succeeded 199.00 USD <nil>
}

// A randomized gateway repeats its faults if the seed is the same.
func ExampleDefaultOdds() {
	odds := paymenttest.DefaultOdds()
	odds[paymenttest.WrongAmount] = 5
	gateway := paymenttest.NewHostile(acme(), &paymenttest.HostileOptions{Seed: 7, Odds: odds})
	fmt.Println(len(gateway.Met()), odds[paymenttest.TimeoutAfter])
	// Output: 0 60
}

func ExampleScript() {
	plan := paymenttest.Script(paymenttest.InFlight, paymenttest.Duplicate)
	for n := range 3 {
		fmt.Println(plan(n, payment.Charge{}))
	}
	// Output:
	// in_flight
	// duplicate
	// none
}

func ExampleFaults() {
	fmt.Println(len(paymenttest.Faults()), paymenttest.Faults()[0])
	// Output: 15 timeout_before
}

// The provider's notifications arrive later, without a request.
func ExampleHostile_Drain() {
	ctx := context.Background()
	now := time.Date(2025, 6, 16, 10, 0, 0, 0, time.UTC)
	gateway := paymenttest.NewHostile(acme(), &paymenttest.HostileOptions{
		Plan:       paymenttest.Script(paymenttest.PendingThenPaid, paymenttest.Duplicate),
		PendingFor: 24 * time.Hour,
		Now:        func() time.Time { return now },
	})
	for _, key := range []string{"order-1/1", "order-2/1"} {
		r, err := gateway.Charge(ctx, payment.Charge{Key: key, Account: "acme", Amount: usd(19900)})
		fmt.Println(key, r.Status, err)
	}
	for range 2 {
		results, err := gateway.Drain(ctx)
		for _, r := range results {
			fmt.Println("webhook:", r.Key, r.Status)
		}
		fmt.Println(len(results), err)
		now = now.AddDate(0, 0, 1)
	}
	// Output:
	// order-1/1 pending <nil>
	// order-2/1 succeeded <nil>
	// webhook: order-2/1 succeeded
	// webhook: order-2/1 succeeded
	// 2 <nil>
	// webhook: order-1/1 succeeded
	// 1 <nil>
}

func ExampleHostile_Settle() {
	ctx := context.Background()
	gateway := paymenttest.NewHostile(acme(), &paymenttest.HostileOptions{
		Plan: paymenttest.Script(paymenttest.InFlight),
	})
	_, err := gateway.Charge(ctx, payment.Charge{Key: "order-1/1", Account: "acme", Amount: usd(19900)})
	fmt.Println(err)
	r, err := gateway.Lookup(ctx, "order-1/1")
	fmt.Println(r.Status, err)
	fmt.Println(gateway.Settle(ctx))
	r, err = gateway.Lookup(ctx, "order-1/1")
	fmt.Println(r.Status, err)
	// Output:
	// paymenttest: no answer from the gateway: charge "order-1/1"
	// not_found <nil>
	// <nil>
	// succeeded <nil>
}

// The caller got no answer, but the money was collected anyway.
func ExampleHostile_Collected() {
	ctx := context.Background()
	gateway := paymenttest.NewHostile(acme(), &paymenttest.HostileOptions{
		Plan: paymenttest.Script(paymenttest.Silent),
	})
	_, err := gateway.Charge(ctx, payment.Charge{Key: "order-1/1", Account: "acme", Amount: usd(19900)})
	fmt.Println(err)
	for _, c := range gateway.Collected() {
		fmt.Println(c.Charge.Key, c.Amount)
	}
	// Output:
	// paymenttest: no answer from the gateway: charge "order-1/1"
	// order-1/1 199.00 USD
}

// Repeating a key beyond the retention causes a double charge.
func ExampleHostile_DoubleCharged() {
	ctx := context.Background()
	now := time.Date(2025, 6, 16, 10, 0, 0, 0, time.UTC)
	gateway := paymenttest.NewHostile(acme(), &paymenttest.HostileOptions{
		Plan:      paymenttest.Script(),
		Retention: 24 * time.Hour,
		Now:       func() time.Time { return now },
	})
	for range 3 {
		_, err := gateway.Charge(ctx, payment.Charge{Key: "order-1/1", Account: "acme", Amount: usd(19900)})
		fmt.Println(now.Format(time.DateTime), gateway.DoubleCharged(), err)
		now = now.Add(18 * time.Hour)
	}
	// Output:
	// 2025-06-16 10:00:00 [] <nil>
	// 2025-06-17 04:00:00 [] <nil>
	// 2025-06-17 22:00:00 [order-1/1] <nil>
}

func ExampleHostile_Met() {
	ctx := context.Background()
	gateway := paymenttest.NewHostile(acme(), &paymenttest.HostileOptions{
		Plan: paymenttest.Script(paymenttest.TimeoutBefore, paymenttest.Duplicate),
	})
	for range 3 {
		r, err := gateway.Charge(ctx, payment.Charge{Key: "order-1/1", Account: "acme", Amount: usd(19900)})
		fmt.Println(r.Status, err)
	}
	met := gateway.Met()
	for _, fault := range slices.Sorted(maps.Keys(met)) {
		fmt.Println(fault, met[fault])
	}
	// Output:
	//  paymenttest: no answer from the gateway: charge "order-1/1"
	// succeeded <nil>
	// succeeded <nil>
	// duplicate 1
	// timeout_before 1
}

func ExampleHostile_Charge() {
	ctx := context.Background()
	gateway := paymenttest.NewHostile(acme(), &paymenttest.HostileOptions{
		Plan: paymenttest.Script(paymenttest.DeclineSuspected),
	})
	r, err := gateway.Charge(ctx, payment.Charge{Key: "order-1/1", Account: "acme", Amount: usd(19900)})
	fmt.Println(r.Status, r.Reason, err)
	// Output: declined suspected <nil>
}

func ExampleHostile_Lookup() {
	ctx := context.Background()
	gateway := paymenttest.NewHostile(acme(), &paymenttest.HostileOptions{
		Plan: paymenttest.Script(paymenttest.PendingThenPaid), PendingAsks: 1,
	})
	r, err := gateway.Charge(ctx, payment.Charge{Key: "order-1/1", Account: "acme", Amount: usd(19900)})
	fmt.Println(r.Status, err)
	for range 2 {
		r, err = gateway.Lookup(ctx, "order-1/1")
		fmt.Println(r.Status, err)
	}
	// Output:
	// pending <nil>
	// pending <nil>
	// succeeded <nil>
}

func ExampleHostile_Refund() {
	ctx := context.Background()
	gateway := paymenttest.NewHostile(acme(), &paymenttest.HostileOptions{
		Refunds: func(n int, _ payment.Refund) paymenttest.Fault {
			return []paymenttest.Fault{paymenttest.TimeoutAfter, paymenttest.None}[n]
		},
	})
	r, err := gateway.Charge(ctx, payment.Charge{Key: "order-1/1", Account: "acme", Amount: usd(19900)})
	fmt.Println(r.Status, err)
	for range 2 {
		r, err = gateway.Refund(ctx, payment.Refund{Key: "refund-1", Charge: "order-1/1", Account: "acme", Amount: usd(19900)})
		fmt.Println(r.Status, err)
	}
	// Output:
	// succeeded <nil>
	//  paymenttest: no answer from the gateway: refund "refund-1"
	// succeeded <nil>
}

func ExampleHostile_Retention() {
	gateway := paymenttest.NewHostile(acme(), &paymenttest.HostileOptions{Retention: 24 * time.Hour})
	fmt.Println(gateway.Retention())
	// Output: 24h0m0s
}

func ExampleHostile_Returned() {
	ctx := context.Background()
	gateway := paymenttest.NewHostile(acme(), &paymenttest.HostileOptions{
		Refunds: func(int, payment.Refund) paymenttest.Fault { return paymenttest.RefundWithdrawn },
	})
	_, err := gateway.Charge(ctx, payment.Charge{Key: "order-1/1", Account: "acme", Amount: usd(19900)})
	fmt.Println(err)
	r, err := gateway.Refund(ctx, payment.Refund{Key: "refund-1", Charge: "order-1/1", Account: "acme", Amount: usd(19900)})
	fmt.Println(r.Status, err)
	fmt.Println(gateway.Settle(ctx)) // the payer's bank doesn't take it
	for _, r := range gateway.Returned() {
		fmt.Println(r.Refund.Key, r.Amount, "stayed:", r.WithdrawnAt.IsZero())
	}
	// Output:
	// <nil>
	// succeeded <nil>
	// <nil>
	// refund-1 199.00 USD stayed: false
}

// A chargeback, which is lost: the money is reinstated.
func ExampleHostile_Reverse() {
	ctx := context.Background()
	gateway := paymenttest.NewHostile(acme(), &paymenttest.HostileOptions{Plan: paymenttest.Script()})
	_, err := gateway.Charge(ctx, payment.Charge{Key: "order-1/1", Account: "acme", Amount: usd(19900)})
	fmt.Println(err)
	notice := payment.Reversal{ID: "dispute-1", Charge: "order-1/1", Status: payment.Reversed, Amount: usd(19900)}
	fmt.Println(gateway.Reverse(notice))
	fmt.Println(gateway.Collected()[0].Reversed)
	notice.Status = payment.Reinstated
	fmt.Println(gateway.Reverse(notice))
	fmt.Println(gateway.Collected()[0].Reversed)
	// Output:
	// <nil>
	// <nil>
	// 199.00 USD
	// <nil>
	// 0.00 USD
}

func ExampleHostile_Notices() {
	ctx := context.Background()
	gateway := paymenttest.NewHostile(acme(), &paymenttest.HostileOptions{Plan: paymenttest.Script()})
	_, err := gateway.Charge(ctx, payment.Charge{Key: "order-1/1", Account: "acme", Amount: usd(19900)})
	fmt.Println(err)
	fmt.Println(gateway.Reverse(payment.Reversal{ID: "dispute-1", Charge: "order-1/1", Status: payment.Reversed, Amount: usd(500)}))
	for _, notice := range gateway.Notices() {
		fmt.Println(notice.ID, notice.Status, notice.Amount)
	}
	fmt.Println(len(gateway.Notices()))
	// Output:
	// <nil>
	// <nil>
	// dispute-1 reversed 5.00 USD
	// 0
}

func ExampleHostile_Reversals() {
	ctx := context.Background()
	gateway := paymenttest.NewHostile(acme(), &paymenttest.HostileOptions{Plan: paymenttest.Script()})
	_, err := gateway.Charge(ctx, payment.Charge{Key: "order-1/1", Account: "acme", Amount: usd(19900)})
	fmt.Println(err)
	fmt.Println(gateway.Reverse(payment.Reversal{ID: "refund-9", Charge: "order-1/1", Status: payment.GivenBack, Amount: usd(500)}))
	for _, r := range gateway.Reversals() {
		fmt.Println(r.ID, r.Status, r.Amount, "reinstated:", !r.ReinstatedAt.IsZero())
	}
	// Output:
	// <nil>
	// <nil>
	// refund-9 given_back 5.00 USD reinstated: false
}
