package subscription_test

import (
	"context"
	"fmt"
	"os"
	"time"

	"github.com/prepaidkit/prepaid/payment/balance"
	"github.com/prepaidkit/prepaid/pricing"
	"github.com/prepaidkit/prepaid/store/memory"
	"github.com/prepaidkit/prepaid/subscription"
)

// counter is a service with its dependencies, as the examples use it. The application "chat" exists, its account has
// 1,000.00 USD, and it is noon on 16 July 2025.
type counter struct {
	*subscription.Service
	ctx      context.Context
	catalog  *pricing.Catalog
	accounts *balance.Accounts
	store    *memory.Store
	now      time.Time
}

func newCounter() *counter {
	file, err := os.Open("testdata/catalog.json")
	must(err)
	defer file.Close()
	cat, err := pricing.ParseCatalog(file)
	must(err)
	c := &counter{
		ctx: context.Background(), catalog: cat, accounts: balance.New(nil), store: memory.New(),
		now: time.Date(2025, time.July, 16, 12, 0, 0, 0, time.UTC),
	}
	c.Service, err = subscription.NewService(c.store, c.accounts, subscription.StaticCatalog(cat),
		&subscription.Options{Now: func() time.Time { return c.now }})
	must(err)
	deposit, err := pricing.ParseMoney("1000.00", "USD")
	must(err)
	must(c.accounts.Open(c.ctx, "acme"))
	must(c.accounts.Deposit(c.ctx, "acme", "wire-1", deposit))
	_, err = c.Do(c.ctx, "chat", subscription.Create{Account: "acme"}, "create-1")
	must(err)
	return c
}

func must(err error) {
	if err != nil {
		panic(err)
	}
}

// snapshot loads what a pure decision needs.
func (c *counter) snapshot() subscription.Snapshot {
	s, err := c.store.Load(c.ctx, subscription.Read{Application: "chat"})
	must(err)
	return s[0]
}

// purchase is a month of 1-to-1 calls, with the agreement accepted.
var purchase = subscription.Purchase{
	Product: "call", Version: "one-to-one", Term: pricing.Months(1), Currency: "USD", Agreement: "2025-06",
}

// A customer buys a month, and upgrades fifteen days later.
func Example() {
	c := newCounter()
	q, err := c.Quote(c.ctx, "chat", purchase)
	must(err)
	bought, err := c.Confirm(c.ctx, "chat", purchase, q, "buy-1")
	must(err)
	fmt.Println(bought.Order.Amount, bought.Order.Delivered.Period)

	c.now = c.now.AddDate(0, 0, 15)
	raised, err := c.Do(c.ctx, "chat", subscription.Upgrade{Product: "call", To: "group-call"}, "upgrade-1")
	must(err)
	fmt.Println(raised.Order.Lines[0].Formula(), "=", raised.Order.Amount)
	fmt.Println("minutes:", raised.Order.Delivered.Increment, "more,", raised.Order.Delivered.Remaining, "remaining")
	// Output:
	// 199.00 USD [2025-07-16, 2025-08-16) UTC
	// (597.00 − 199.00) × 16/31 = 205.42 USD
	// minutes: 103225 more, 203225 remaining
}

func ExampleNewService() {
	file, err := os.Open("testdata/catalog.json")
	must(err)
	defer file.Close()
	cat, err := pricing.ParseCatalog(file)
	must(err)
	service, err := subscription.NewService(memory.New(), balance.New(nil), subscription.StaticCatalog(cat), nil)
	must(err)

	receipt, err := service.Do(context.Background(), "chat", subscription.Create{Account: "acme"}, "create-1")
	fmt.Println(receipt.Receipt.Application, receipt.Receipt.Kind, err)
	// Output: chat create <nil>
}
