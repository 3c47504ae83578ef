package prepaid_test

import (
	"context"
	"fmt"
	"log"
	"time"

	"github.com/prepaidkit/prepaid/examples/catalog"
	"github.com/prepaidkit/prepaid/payment/balance"
	"github.com/prepaidkit/prepaid/pricing"
	"github.com/prepaidkit/prepaid/store/memory"
	"github.com/prepaidkit/prepaid/subscription"
)

// Sell a package, and upgrade it fifteen days later for the prorated difference.
func Example() {
	ctx := context.Background()
	now := time.Date(2025, time.July, 10, 12, 0, 0, 0, time.UTC)
	cat, err := catalog.Load()
	check(err)
	accounts := balance.New(nil)
	service, err := subscription.NewService(memory.New(), accounts, subscription.StaticCatalog(cat),
		&subscription.Options{Now: func() time.Time { return now }})
	check(err)

	funds, err := pricing.ParseMoney("500.00", "USD")
	check(err)
	check(accounts.Open(ctx, "acme"))
	check(accounts.Deposit(ctx, "acme", "wire-1", funds))
	_, err = service.Do(ctx, "video-chat", subscription.Create{Account: "acme"}, "key-1")
	check(err)

	buy := subscription.Purchase{
		Product: "call", Version: "one-to-one", Term: pricing.Months(1), Currency: "USD",
		Agreement: cat.AgreementVersion(),
	}
	quote, err := service.Quote(ctx, "video-chat", buy)
	check(err)
	receipt, err := service.Confirm(ctx, "video-chat", buy, quote, "key-2")
	check(err)
	fmt.Println("bought for", receipt.Order.Amount, "valid", receipt.Order.Delivered.Period)

	now = now.AddDate(0, 0, 15)
	receipt, err = service.Do(ctx, "video-chat", subscription.Upgrade{Product: "call", To: "group-call"}, "key-3")
	check(err)
	line := receipt.Order.Lines[0]
	fmt.Println("upgraded for", receipt.Order.Amount, "=", line.Formula())
	fmt.Println("minutes:", receipt.Order.Delivered.Increment, "more,", receipt.Order.Delivered.Remaining, "remaining")
	// Output:
	// bought for 199.00 USD valid [2025-07-10, 2025-08-10) Asia/Shanghai
	// upgraded for 205.42 USD = (597.00 − 199.00) × 16/31
	// minutes: 103225 more, 203225 remaining
}

func check(err error) {
	if err != nil {
		log.Fatal(err) //nolint:revive // an example has nothing else to do with it
	}
}
