package balance_test

import (
	"context"
	"fmt"
	"time"

	"github.com/prepaidkit/prepaid/payment"
	"github.com/prepaidkit/prepaid/payment/balance"
	"github.com/prepaidkit/prepaid/pricing"
)

func usd(cents int64) pricing.Money {
	m, err := pricing.FromMinor(cents, "USD")
	check(err)
	return m
}

func check(err error) {
	if err != nil {
		fmt.Println(err)
	}
}

// acme returns accounts in which "acme" has 500.00 USD.
func acme() *balance.Accounts {
	ctx := context.Background()
	accounts := balance.New(&balance.Options{Now: func() time.Time {
		return time.Date(2025, 6, 16, 10, 0, 0, 0, time.UTC)
	}})
	check(accounts.Open(ctx, "acme"))
	check(accounts.Deposit(ctx, "acme", "wire-1", usd(50000)))
	return accounts
}

func ExampleNew() {
	ctx := context.Background()
	accounts := balance.New(nil)
	check(accounts.Open(ctx, "acme"))
	check(accounts.Deposit(ctx, "acme", "wire-1", usd(50000)))

	var gateway payment.Gateway = accounts
	r, err := gateway.Charge(ctx, payment.Charge{Key: "order-1/1", Account: "acme", Amount: usd(19900)})
	fmt.Println(r.Status, r.Amount, err)
	// Output: succeeded 199.00 USD <nil>
}

func ExampleAccounts_Open() {
	ctx := context.Background()
	accounts := balance.New(nil)
	fmt.Println(accounts.Balance(ctx, "acme", "USD"))
	fmt.Println(accounts.Open(ctx, "acme"))
	fmt.Println(accounts.Balance(ctx, "acme", "USD"))
	// Output:
	//  balance: no such account: "acme"
	// <nil>
	// 0.00 USD <nil>
}

// A deposit counts once per key.
func ExampleAccounts_Deposit() {
	ctx := context.Background()
	accounts := acme()
	check(accounts.Deposit(ctx, "acme", "wire-2", usd(1000)))
	check(accounts.Deposit(ctx, "acme", "wire-2", usd(1000)))
	fmt.Println(accounts.Balance(ctx, "acme", "USD"))
	fmt.Println(accounts.Deposit(ctx, "acme", "wire-2", usd(2000)))
	// Output:
	// 510.00 USD <nil>
	// payment: key was used for another request: deposit "wire-2"
}

func ExampleAccounts_Balance() {
	ctx := context.Background()
	accounts := acme()
	fmt.Println(accounts.Balance(ctx, "acme", "USD"))
	fmt.Println(accounts.Balance(ctx, "acme", "JPY"))
	// Output:
	// 500.00 USD <nil>
	// 0 JPY <nil>
}

func ExampleAccounts_SetPaymentMethod() {
	ctx := context.Background()
	accounts := acme()
	check(accounts.SetPaymentMethod(ctx, "acme", false))
	r, err := accounts.Charge(ctx, payment.Charge{Key: "order-1/1", Account: "acme", Amount: usd(19900)})
	fmt.Println(r.Status, r.Reason, err)
	// Output: declined no_payment_method <nil>
}

// A decline is final for its key; after a deposit, a new key succeeds.
func ExampleAccounts_Charge() {
	ctx := context.Background()
	accounts := acme()
	c := payment.Charge{Key: "order-1/1", Account: "acme", Amount: usd(59700)}
	for _, key := range []string{"order-1/1", "order-1/1", "order-1/2"} {
		c.Key = key
		r, err := accounts.Charge(ctx, c)
		fmt.Println(key, r.Status, r.Reason, err)
		if key == "order-1/1" {
			check(accounts.Deposit(ctx, "acme", "wire-2", usd(10000)))
		}
	}
	// Output:
	// order-1/1 declined insufficient_balance <nil>
	// order-1/1 declined insufficient_balance <nil>
	// order-1/2 succeeded  <nil>
}

func ExampleAccounts_Lookup() {
	ctx := context.Background()
	accounts := acme()
	_, err := accounts.Charge(ctx, payment.Charge{Key: "order-1/1", Account: "acme", Amount: usd(19900)})
	check(err)
	for _, key := range []string{"order-1/1", "order-2/1"} {
		r, err := accounts.Lookup(ctx, key)
		fmt.Println(key, r.Status, r.Amount, err)
	}
	// Output:
	// order-1/1 succeeded 199.00 USD <nil>
	// order-2/1 not_found  <nil>
}

func ExampleAccounts_Refund() {
	ctx := context.Background()
	accounts := acme()
	_, err := accounts.Charge(ctx, payment.Charge{Key: "order-1/1", Account: "acme", Amount: usd(19900)})
	check(err)
	for _, refund := range []payment.Refund{
		{Key: "refund-1", Charge: "order-1/1", Account: "acme", Amount: usd(9900)},
		{Key: "refund-2", Charge: "order-1/1", Account: "acme", Amount: usd(10001)},
	} {
		r, err := accounts.Refund(ctx, refund)
		fmt.Println(refund.Key, r.Status, r.Amount, r.Reason, err)
	}
	// Output:
	// refund-1 succeeded 99.00 USD  <nil>
	// refund-2 declined  exceeds_charge <nil>
}

func ExampleAccounts_Retention() {
	fmt.Println(acme().Retention())
	// Output: 0s
}

func ExampleAccounts_Statement() {
	ctx := context.Background()
	accounts := acme()
	_, err := accounts.Charge(ctx, payment.Charge{Key: "order-1/1", Account: "acme", Amount: usd(19900)})
	check(err)
	for m, err := range accounts.Statement(ctx, "acme") {
		check(err)
		fmt.Println(m.At.Format(time.DateOnly), m.Kind, m.Amount, m.Balance)
	}
	// Output:
	// 2025-06-16 deposited 500.00 USD 500.00 USD
	// 2025-06-16 charged -199.00 USD 301.00 USD
}

// An auditor sums the journal.
func ExampleAccounts_Journal() {
	ctx := context.Background()
	accounts := acme()
	_, err := accounts.Charge(ctx, payment.Charge{Key: "order-1/1", Account: "acme", Amount: usd(19900)})
	check(err)
	sum := usd(0)
	for m, err := range accounts.Journal(ctx) {
		check(err)
		sum, err = sum.Add(m.Amount)
		check(err)
	}
	fmt.Println(sum)
	fmt.Println(accounts.Balance(ctx, "acme", "USD"))
	// Output:
	// 301.00 USD
	// 301.00 USD <nil>
}
