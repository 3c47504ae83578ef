package sqlite_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/prepaidkit/prepaid/payment"
	"github.com/prepaidkit/prepaid/payment/balance"
	"github.com/prepaidkit/prepaid/pricing"
	"github.com/prepaidkit/prepaid/store/sqlite"
)

func note(err error) {
	if err != nil {
		fmt.Println(err)
	}
}

func cents(n int64) pricing.Money {
	m, err := pricing.FromMinor(n, "USD")
	note(err)
	return m
}

// acme calls use with the accounts of a new file, in which "acme" has 500.00 USD.
func acme(use func(ctx context.Context, accounts *sqlite.Accounts)) {
	ctx := context.Background()
	dir, err := os.MkdirTemp("", "accounts-")
	note(err)
	defer os.RemoveAll(dir)
	store, err := sqlite.Open(ctx, filepath.Join(dir, "prepaid.db"), nil)
	note(err)
	defer store.Close()
	note(store.Migrate(ctx))
	accounts := store.Accounts(&balance.Options{Now: func() time.Time {
		return time.Date(2025, 6, 16, 10, 0, 0, 0, time.UTC)
	}})
	note(accounts.Open(ctx, "acme"))
	note(accounts.Deposit(ctx, "acme", "wire-1", cents(50000)))
	use(ctx, accounts)
}

// Balances in the file are a gateway, for a service that needs no other.
func ExampleStore_Accounts() {
	acme(func(ctx context.Context, accounts *sqlite.Accounts) {
		var gateway payment.Gateway = accounts
		r, err := gateway.Charge(ctx, payment.Charge{Key: "order-1/1", Account: "acme", Amount: cents(19900)})
		fmt.Println(r.Status, r.Amount, err)
	})
	// Output: succeeded 199.00 USD <nil>
}

func ExampleAccounts_Open() {
	acme(func(ctx context.Context, accounts *sqlite.Accounts) {
		fmt.Println(accounts.Balance(ctx, "globex", "USD"))
		fmt.Println(accounts.Open(ctx, "globex"))
		fmt.Println(accounts.Balance(ctx, "globex", "USD"))
	})
	// Output:
	//  balance: no such account: "globex"
	// <nil>
	// 0.00 USD <nil>
}

// A deposit counts once per key.
func ExampleAccounts_Deposit() {
	acme(func(ctx context.Context, accounts *sqlite.Accounts) {
		note(accounts.Deposit(ctx, "acme", "wire-2", cents(1000)))
		note(accounts.Deposit(ctx, "acme", "wire-2", cents(1000)))
		fmt.Println(accounts.Balance(ctx, "acme", "USD"))
		fmt.Println(accounts.Deposit(ctx, "acme", "wire-2", cents(2000)))
	})
	// Output:
	// 510.00 USD <nil>
	// payment: key was used for another request: deposit "wire-2"
}

func ExampleAccounts_Balance() {
	acme(func(ctx context.Context, accounts *sqlite.Accounts) {
		fmt.Println(accounts.Balance(ctx, "acme", "USD"))
		fmt.Println(accounts.Balance(ctx, "acme", "JPY"))
	})
	// Output:
	// 500.00 USD <nil>
	// 0 JPY <nil>
}

func ExampleAccounts_SetPaymentMethod() {
	acme(func(ctx context.Context, accounts *sqlite.Accounts) {
		note(accounts.SetPaymentMethod(ctx, "acme", false))
		r, err := accounts.Charge(ctx, payment.Charge{Key: "order-1/1", Account: "acme", Amount: cents(19900)})
		fmt.Println(r.Status, r.Reason, err)
	})
	// Output: declined no_payment_method <nil>
}

// A decline is final for its key; after a deposit, a new key succeeds.
func ExampleAccounts_Charge() {
	acme(func(ctx context.Context, accounts *sqlite.Accounts) {
		for _, key := range []string{"order-1/1", "order-1/1", "order-1/2"} {
			r, err := accounts.Charge(ctx, payment.Charge{Key: key, Account: "acme", Amount: cents(59700)})
			fmt.Println(key, r.Status, r.Reason, err)
			note(accounts.Deposit(ctx, "acme", "wire-2", cents(10000)))
		}
	})
	// Output:
	// order-1/1 declined insufficient_balance <nil>
	// order-1/1 declined insufficient_balance <nil>
	// order-1/2 succeeded  <nil>
}

// After a crash, the key tells whether the charge happened.
func ExampleAccounts_Lookup() {
	acme(func(ctx context.Context, accounts *sqlite.Accounts) {
		_, err := accounts.Charge(ctx, payment.Charge{Key: "order-1/1", Account: "acme", Amount: cents(19900)})
		note(err)
		for _, key := range []string{"order-1/1", "order-2/1"} {
			r, err := accounts.Lookup(ctx, key)
			fmt.Println(key, r.Status, r.Amount, err)
		}
	})
	// Output:
	// order-1/1 succeeded 199.00 USD <nil>
	// order-2/1 not_found  <nil>
}

func ExampleAccounts_Refund() {
	acme(func(ctx context.Context, accounts *sqlite.Accounts) {
		_, err := accounts.Charge(ctx, payment.Charge{Key: "order-1/1", Account: "acme", Amount: cents(19900)})
		note(err)
		for _, refund := range []payment.Refund{
			{Key: "refund-1", Charge: "order-1/1", Account: "acme", Amount: cents(9900)},
			{Key: "refund-2", Charge: "order-1/1", Account: "acme", Amount: cents(10001)},
		} {
			r, err := accounts.Refund(ctx, refund)
			fmt.Println(refund.Key, r.Status, r.Amount, r.Reason, err)
		}
	})
	// Output:
	// refund-1 succeeded 99.00 USD  <nil>
	// refund-2 declined  exceeds_charge <nil>
}

func ExampleAccounts_Retention() {
	acme(func(_ context.Context, accounts *sqlite.Accounts) { fmt.Println(accounts.Retention()) })
	// Output: 0s
}

func ExampleAccounts_Statement() {
	acme(func(ctx context.Context, accounts *sqlite.Accounts) {
		_, err := accounts.Charge(ctx, payment.Charge{Key: "order-1/1", Account: "acme", Amount: cents(19900)})
		note(err)
		for m, err := range accounts.Statement(ctx, "acme") {
			note(err)
			fmt.Println(m.Number, m.At.Format(time.DateOnly), m.Kind, m.Amount, m.Balance)
		}
	})
	// Output:
	// 1 2025-06-16 deposited 500.00 USD 500.00 USD
	// 2 2025-06-16 charged -199.00 USD 301.00 USD
}

// An auditor sums the journal.
func ExampleAccounts_Journal() {
	acme(func(ctx context.Context, accounts *sqlite.Accounts) {
		_, err := accounts.Charge(ctx, payment.Charge{Key: "order-1/1", Account: "acme", Amount: cents(19900)})
		note(err)
		sum := cents(0)
		for m, err := range accounts.Journal(ctx) {
			note(err)
			sum, err = sum.Add(m.Amount)
			note(err)
		}
		fmt.Println(sum)
		fmt.Println(accounts.Balance(ctx, "acme", "USD"))
	})
	// Output:
	// 301.00 USD
	// 301.00 USD <nil>
}
