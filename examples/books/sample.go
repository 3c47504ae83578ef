package main

import (
	"bytes"
	"context"
	_ "embed"
	"errors"
	"fmt"
	"time"

	"github.com/prepaidkit/prepaid/payment"
	"github.com/prepaidkit/prepaid/payment/balance"
	"github.com/prepaidkit/prepaid/pricing"
	"github.com/prepaidkit/prepaid/renewal"
	"github.com/prepaidkit/prepaid/store/memory"
	"github.com/prepaidkit/prepaid/subscription"
	"github.com/prepaidkit/prepaid/topup"
)

//go:embed prices.json
var prices []byte

// sampleEnd is the day after the sample's last one.
func sampleEnd() time.Time { return time.Date(2026, time.February, 1, 0, 0, 0, 0, time.UTC) }

// year is a year of four customers, day by day.
type year struct {
	ctx     context.Context //nolint:containedctx // the year is made by one call
	now     time.Time
	service *subscription.Service
	orders  map[string]subscription.Order
	err     error
}

// sample makes the year in a store in memory.
func sample(ctx context.Context) (*memory.Store, error) {
	cat, err := pricing.ParseCatalog(bytes.NewReader(prices))
	if err != nil {
		return nil, err
	}
	st, accounts := memory.New(), balance.New(nil)
	y := &year{ctx: ctx, now: time.Date(2025, time.January, 1, 9, 0, 0, 0, time.UTC), orders: map[string]subscription.Order{}}
	y.service, err = subscription.NewService(st, accounts, subscription.StaticCatalog(cat), &subscription.Options{
		Now: func() time.Time { return y.now },
	})
	if err != nil {
		return nil, err
	}
	worker, err := renewal.NewWorker(y.service, st, nil)
	if err != nil {
		return nil, err
	}
	for account, money := range map[string]string{
		"acme": "5000.00 EUR", "nova": "5000.00 EUR", "kyoto": "99999 JPY", "gulf": "999.000 KWD",
	} {
		var funds pricing.Money
		if err := errors.Join(funds.UnmarshalText([]byte(money)), accounts.Open(ctx, account)); err != nil {
			return nil, err
		}
		if err := accounts.Deposit(ctx, account, "wire", funds); err != nil {
			return nil, err
		}
		y.do(subscription.ApplicationID(account), "", subscription.Create{Account: subscription.AccountID(account)})
	}
	for ; y.err == nil && y.now.Before(sampleEnd()); y.now = y.now.AddDate(0, 0, 1) {
		if happens := y.diary()[y.now.Format("01-02")]; happens != nil && y.now.Year() == 2025 {
			happens()
		}
		if _, err := worker.Once(ctx); err != nil {
			return nil, err
		}
	}
	return st, y.err
}

// diary is what customers and staff do on a day. Whatever else happens is done by the worker, day after day.
func (y *year) diary() map[string]func() {
	return map[string]func(){
		// acme is taxed, upgrades, tops up, uses half of that, and lets some minutes expire.
		"01-10": func() {
			y.do("acme", "", subscription.SetTax{Region: "DE"})
			y.buy("acme", "lite", "call", "lite", pricing.Months(1), "EUR")
		},
		"01-15": func() { y.use("acme", 250) },
		"01-26": func() { y.do("acme", "upgrade", subscription.Upgrade{Product: "call", To: "pro"}) },
		"02-05": func() { y.use("acme", 1100) },
		"02-08": func() { y.do("acme", "renewed", renewal.Renew{Product: "call"}) },
		"02-20": func() { y.do("acme", "pack", topup.Buy{Pack: "p500", Currency: "EUR"}) },
		"03-01": func() { y.use("acme", 3250) },
		"03-05": func() { y.refund("acme", "renewed", "23.80", subscription.TakeNothing) },
		"06-03": func() { y.buy("acme", "beauty", "beauty", "basic", pricing.Months(1), "EUR") },
		"06-12": func() { y.refund("acme", "beauty", "21.42", subscription.TakeAll) },

		// kyoto buys a year without minutes.
		"04-01": func() { y.buy("kyoto", "year", "beauty", "basic", pricing.Months(12), "JPY") },

		// gulf uses a few minutes a month, and renews until it leaves.
		"05-01": func() {
			y.do("gulf", "first", subscription.Purchase{Product: "call", Version: "lite", Term: pricing.Months(1), Currency: "KWD"})
		},
		"05-20": func() { y.use("gulf", 333) },
		"06-20": func() { y.use("gulf", 777) },
		"07-20": func() { y.do("gulf", "", subscription.AutoRenew{Product: "call"}) },

		// nova pays for usage as it goes, and has its bank take a payment back, which the seller disputes.
		"09-01": func() { y.buy("nova", "pro", "call", "pro", pricing.Months(1), "EUR") },
		"09-10": func() { y.use("nova", 1200) },
		"09-15": func() { y.dispute("nova", "pro", payment.Reversed) },
		"09-20": func() { y.dispute("nova", "pro", payment.Reinstated) },
		"10-10": func() {
			y.do("nova", "", subscription.EnablePayAsYouGo{Currency: "EUR"})
			y.use("nova", 100)
		},
	}
}

// do runs a command, and names the order that it places.
func (y *year) do(app subscription.ApplicationID, name string, command subscription.Command) {
	if y.err != nil {
		return
	}
	key := fmt.Sprintf("%s/%s/%s", y.now.Format(time.DateOnly), command.Kind(), name)
	out, err := y.service.Do(y.ctx, app, command, key)
	if err != nil {
		y.err = fmt.Errorf("%s of %s on %s: %w", command.Kind(), app, y.now.Format(time.DateOnly), err)
	}
	y.orders[name] = out.Order
}

// buy buys a package that isn't renewed.
func (y *year) buy(
	app subscription.ApplicationID, name string, product pricing.ProductID, version pricing.VersionID, term pricing.Term,
	currency pricing.Currency,
) {
	y.do(app, name, subscription.Purchase{Product: product, Version: version, Term: term, Currency: currency, NoAutoRenew: true})
}

// use uses minutes of calls.
func (y *year) use(app subscription.ApplicationID, minutes int64) {
	if y.err != nil {
		return
	}
	results, err := y.service.Consume(y.ctx, app, subscription.Usage{
		ID: y.now.Format(time.DateOnly), Product: "call", Kind: "audio", At: y.now, Seconds: 60 * minutes,
	})
	if y.err = err; err == nil {
		y.err = results[0].Err
	}
}

// refund returns a part of an order.
func (y *year) refund(app subscription.ApplicationID, name, amount string, take subscription.Take) {
	money, err := pricing.ParseMoney(amount, "EUR")
	if err != nil {
		y.err = err
		return
	}
	y.do(app, name+" refund", subscription.RefundOrder{Order: y.orders[name].ID, Amount: money, Take: take})
}

// dispute is what a bank tells about an order's payment.
func (y *year) dispute(app subscription.ApplicationID, name string, status payment.ReversalStatus) {
	if y.err != nil {
		return
	}
	o := y.orders[name]
	_, err := y.service.Reverse(y.ctx, o.Attempt, payment.Reversal{
		ID: "dp_1", Charge: string(o.Attempt), Status: status, Amount: o.Amount,
	})
	if err != nil {
		y.err = fmt.Errorf("dispute of %s: %w", app, err)
	}
}
