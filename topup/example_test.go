package topup_test

import (
	"context"
	"fmt"
	"log"
	"os"
	"time"

	"github.com/prepaidkit/prepaid/payment/balance"
	"github.com/prepaidkit/prepaid/pricing"
	"github.com/prepaidkit/prepaid/store/memory"
	"github.com/prepaidkit/prepaid/subscription"
	"github.com/prepaidkit/prepaid/topup"
)

// Three packs of 250,000 minutes, and a custom one of 30,000. Each order is a lot of its own.
func ExampleBuy() {
	ctx := context.Background()
	file, err := os.Open("testdata/catalog.json")
	must(err)
	defer func() { must(file.Close()) }()
	cat, err := pricing.ParseCatalog(file)
	must(err)
	now := time.Date(2025, time.July, 10, 10, 0, 0, 0, time.UTC)
	accounts := balance.New(nil)
	service, err := subscription.NewService(memory.New(), accounts, subscription.StaticCatalog(cat),
		&subscription.Options{Now: func() time.Time { return now }})
	must(err)
	funds, err := pricing.ParseMoney("1000.00", "USD")
	must(err)
	must(accounts.Open(ctx, "acme"))
	must(accounts.Deposit(ctx, "acme", "wire-1", funds))
	_, err = service.Do(ctx, "video-chat", subscription.Create{Account: "acme"}, "key-1")
	must(err)

	for i, buy := range []topup.Buy{
		{Pack: "rtc-250k", Quantity: 3, Currency: "USD", Agreement: cat.AgreementVersion()},
		{Pack: "custom", Minutes: 30_000, Currency: "USD"},
	} {
		receipt, err := service.Do(ctx, "video-chat", buy, fmt.Sprint("pack-", i))
		must(err)
		o := receipt.Order
		fmt.Println(o.Lines[0].Formula(), "=", o.Amount, "for", o.Delivered.Increment, "minutes,", o.Delivered.Period)
	}
	// Output:
	// 227.00 × 3 = 681.00 USD for 750000 minutes, [2025-07-10, 2026-08-01) UTC
	// 0.96 × 30000/1000 = 28.80 USD for 30000 minutes, [2025-07-10, 2026-07-10) UTC
}

func must(err error) {
	if err != nil {
		log.Fatal(err) //nolint:revive // an example has nothing else to do with it
	}
}
