package journal_test

import (
	"context"
	"fmt"
	"iter"
	"time"

	"github.com/prepaidkit/prepaid/payment/balance"
	"github.com/prepaidkit/prepaid/pricing"
	"github.com/prepaidkit/prepaid/store/journal"
	"github.com/prepaidkit/prepaid/store/memory"
	"github.com/prepaidkit/prepaid/subscription"
)

// sold returns a store in which acme has bought 1,000 minutes and used 400 of them.
func sold() *memory.Store {
	ctx := context.Background()
	cat, err := pricing.ParseCatalog(reader())
	must(err)
	st, accounts := memory.New(), balance.New(nil)
	must(accounts.Open(ctx, "acme"))
	must(accounts.Deposit(ctx, "acme", "wire", eur("500.00")))
	noon := time.Date(2025, time.January, 31, 12, 0, 0, 0, time.UTC)
	service, err := subscription.NewService(st, accounts, subscription.StaticCatalog(cat), &subscription.Options{
		Now: func() time.Time { return noon },
	})
	must(err)
	for i, command := range []subscription.Command{
		subscription.Create{Account: "acme"}, subscription.SetTax{Region: "DE"},
		subscription.Purchase{Product: "call", Version: "lite", Term: pricing.Months(1), Currency: "EUR"},
	} {
		_, err := service.Do(ctx, "video-chat", command, fmt.Sprint("key-", i))
		must(err)
	}
	noon = noon.AddDate(0, 0, 1)
	_, err = service.Consume(ctx, "video-chat", subscription.Usage{ID: "u", Product: "call", Kind: "audio", At: noon, Seconds: 24_000})
	must(err)
	return st
}

func ExamplePostings() {
	january, march := time.Date(2025, time.January, 1, 0, 0, 0, 0, time.UTC), time.Date(2025, time.March, 1, 0, 0, 0, 0, time.UTC)
	for p, err := range journal.Postings(context.Background(), sold(), january, march) {
		must(err)
		fmt.Println(p.At.Format(time.DateOnly), p.Debit, "to", p.Credit, p.Amount)
	}
	// Output:
	// 2025-01-31 assets:cash to liabilities:tax:VAT 19.00 EUR
	// 2025-01-31 assets:cash to liabilities:deferred revenue 100.00 EUR
	// 2025-02-01 liabilities:deferred revenue to revenue:usage 40.00 EUR
}

func ExamplePostingsOf() {
	february, march := time.Date(2025, time.February, 1, 0, 0, 0, 0, time.UTC), time.Date(2025, time.March, 1, 0, 0, 0, 0, time.UTC)
	for p, err := range journal.PostingsOf(context.Background(), sold(), "video-chat", february, march) {
		must(err)
		fmt.Println(p.At.Format(time.DateOnly), p.Debit, "to", p.Credit, p.Amount)
	}
	// Output: 2025-02-01 liabilities:deferred revenue to revenue:usage 40.00 EUR
}

// Revenue by month is the balances of these ledgers, with the sign turned.
func ExampleMonthly() {
	until := time.Date(2025, time.March, 1, 0, 0, 0, 0, time.UTC)
	months, err := journal.Monthly(journal.Postings(context.Background(), sold(), time.Time{}, until), pricing.Zone{})
	must(err)
	for _, b := range months {
		fmt.Println(b.Month.String()[:7], b.Ledger, b.Amount, b.Ledger.Revenue())
	}
	// Output:
	// 2025-01 assets:cash 119.00 EUR false
	// 2025-01 liabilities:deferred revenue -100.00 EUR false
	// 2025-01 liabilities:tax:VAT -19.00 EUR false
	// 2025-02 liabilities:deferred revenue 40.00 EUR false
	// 2025-02 revenue:usage -40.00 EUR true
}

func ExampleBalances() {
	var postings iter.Seq2[journal.Posting, error] = func(yield func(journal.Posting, error) bool) {
		_ = yield(journal.Posting{Debit: journal.Cash, Credit: journal.Deferred, Amount: eur("100.00")}, nil) &&
			yield(journal.Posting{Debit: journal.Deferred, Credit: journal.Usage, Amount: eur("40.00")}, nil)
	}
	all, err := journal.Balances(postings)
	for _, b := range all {
		fmt.Println(b.Ledger, b.Amount)
	}
	fmt.Println(err)
	// Output:
	// assets:cash 100.00 EUR
	// liabilities:deferred revenue -60.00 EUR
	// revenue:usage -40.00 EUR
	// <nil>
}

func ExampleTax() {
	fmt.Println(journal.Tax("VAT"))
	// Output: liabilities:tax:VAT
}

func ExampleLedger_Revenue() {
	fmt.Println(journal.Breakage.Revenue(), journal.Tax("VAT").Revenue())
	// Output: true false
}
