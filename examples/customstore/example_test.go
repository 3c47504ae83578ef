package customstore_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/prepaidkit/prepaid/examples/catalog"
	"github.com/prepaidkit/prepaid/examples/customstore"
	"github.com/prepaidkit/prepaid/payment/balance"
	"github.com/prepaidkit/prepaid/pricing"
	"github.com/prepaidkit/prepaid/renewal"
	"github.com/prepaidkit/prepaid/store/audit"
	"github.com/prepaidkit/prepaid/subscription"
)

// A service and a worker use the store like any other, and package store/audit proves what is in it. Whoever opens the file again
// finds what was committed.
func ExampleOpen() {
	ctx := context.Background()
	dir, err := os.MkdirTemp("", "customstore")
	must(err)
	defer os.RemoveAll(dir)
	cat, err := catalog.Load()
	must(err)
	now := time.Date(2025, time.July, 16, 4, 0, 0, 0, time.UTC)
	accounts := balance.New(nil)
	must(accounts.Open(ctx, "acme"))
	funds, err := pricing.ParseMoney("500.00", "USD")
	must(err)
	must(accounts.Deposit(ctx, "acme", "wire-1", funds))

	for range 2 { // as two processes, one after the other
		st, err := customstore.Open(filepath.Join(dir, "store.jsonl"))
		must(err)
		service, err := subscription.NewService(st, accounts, subscription.StaticCatalog(cat),
			&subscription.Options{Now: func() time.Time { return now }})
		must(err)
		_, err = service.Do(ctx, "chat", subscription.Create{Account: "acme"}, "create")
		must(err)
		o, err := service.Do(ctx, "chat", subscription.Purchase{
			Product: "call", Version: "one-to-one", Term: pricing.Months(1), Currency: "USD", Agreement: cat.AgreementVersion(),
		}, "buy")
		must(err)
		fmt.Println("bought on", o.Order.PaidAt.Format(time.DateOnly), "for", o.Order.Collected)

		now = time.Date(2025, time.August, 15, 4, 0, 0, 0, time.UTC) // a day before the end
		worker, err := renewal.NewWorker(service, st, nil)
		must(err)
		stats, err := worker.Once(ctx)
		must(err)
		fmt.Println("renewed:", stats.Paid)
		for f, err := range audit.Store(ctx, st, nil) {
			must(err)
			fmt.Println("found:", f)
		}
		must(st.Close())
	}
	// Output:
	// bought on 2025-07-16 for 199.00 USD
	// renewed: 1
	// bought on 2025-07-16 for 199.00 USD
	// renewed: 0
}

func must(err error) {
	if err != nil {
		panic(err)
	}
}
