package customcommand_test

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/prepaidkit/prepaid/examples/catalog"
	"github.com/prepaidkit/prepaid/examples/customcommand"
	"github.com/prepaidkit/prepaid/payment/balance"
	"github.com/prepaidkit/prepaid/pricing"
	"github.com/prepaidkit/prepaid/store/memory"
	"github.com/prepaidkit/prepaid/subscription"
)

// shop is a service with the hook of this package. The application "chat" has a package, and its account 101.00 USD.
type shop struct {
	*subscription.Service
	ctx      context.Context
	catalog  *pricing.Catalog
	accounts *balance.Accounts
	store    *memory.Store
	now      time.Time
}

func open() *shop {
	cat, err := catalog.Load()
	must(err)
	s := &shop{
		ctx: context.Background(), catalog: cat, accounts: balance.New(nil), store: memory.New(),
		now: time.Date(2025, time.July, 16, 4, 0, 0, 0, time.UTC),
	}
	s.Service, err = subscription.NewService(s.store, s.accounts, subscription.StaticCatalog(cat), &subscription.Options{
		Now: func() time.Time { return s.now }, Eligible: customcommand.Once(s.store),
	})
	must(err)
	must(s.accounts.Open(s.ctx, "acme"))
	s.deposit("300.00")
	_, err = s.Do(s.ctx, "chat", subscription.Create{Account: "acme"}, "create")
	must(err)
	_, err = s.Do(s.ctx, "chat", subscription.Purchase{
		Product: "call", Version: "one-to-one", Term: pricing.Months(1), Currency: "USD", Agreement: cat.AgreementVersion(),
	}, "buy")
	must(err)
	return s
}

func (s *shop) deposit(amount string) {
	m, err := pricing.ParseMoney(amount, "USD")
	must(err)
	must(s.accounts.Deposit(s.ctx, "acme", "wire of "+amount, m))
}

func must(err error) {
	if err != nil {
		panic(err)
	}
}

// spring is a row of the host's table of vouchers.
func spring() customcommand.Voucher {
	until, err := pricing.ParseDate("2025-07-31")
	must(err)
	return customcommand.Voucher{Code: "SPRING-25", Pack: "rtc-engine-250k", Percent: 25, Until: until}
}

// A command of the host's own is quoted, confirmed and repeated with its key, like any other.
func ExampleRedeem() {
	s := open()
	s.deposit("100.00")
	redeem := customcommand.Redeem{Voucher: spring(), Currency: "USD"}
	q, err := s.Quote(s.ctx, "chat", redeem)
	must(err)
	fmt.Println(q.Lines[0].Item, q.Lines[0].Formula(), "=", q.Amount)
	for range 2 {
		o, err := s.Confirm(s.ctx, "chat", redeem, q, "redeem-1")
		must(err)
		fmt.Println(o.Order.Kind, o.Order.Status, o.Order.Collected, o.Order.Delivered.Increment, o.Order.Delivered.Period)
	}
	left, err := s.accounts.Balance(s.ctx, "acme", "USD")
	fmt.Println("left:", left, err)
	// Output:
	// SPRING-25 227.00 × 75/100 = 170.25 USD
	// voucher paid 170.25 USD 250000 [2025-07-16, 2026-08-01) Asia/Shanghai
	// voucher paid 170.25 USD 250000 [2025-07-16, 2026-08-01) Asia/Shanghai
	// left: 30.75 USD <nil>
}

// A voucher is redeemed once, whatever the key; but a payment that was declined has used nothing up.
func ExampleOnce() {
	s := open()
	redeem := customcommand.Redeem{Voucher: spring(), Currency: "USD"}
	_, err := s.Do(s.ctx, "chat", redeem, "redeem-1")
	fmt.Println(subscription.CodeOf(err))
	s.deposit("400.00")
	_, err = s.Do(s.ctx, "chat", redeem, "redeem-2")
	fmt.Println(err)
	_, err = s.Do(s.ctx, "chat", redeem, "redeem-3")
	fmt.Println(subscription.CodeOf(err), errors.Is(err, customcommand.ErrVoucherUsed), errors.Is(err, subscription.ErrNotEligible))
	// Output:
	// declined
	// <nil>
	// voucher_used true true
}

// The customer's reason is an event, after the SDK's own; what is off already stays off, and nothing is recorded again.
func ExamplePause() {
	s := open()
	for _, key := range []string{"pause-1", "pause-2"} {
		o, err := s.As("ada", "by phone").Do(s.ctx, "chat", customcommand.Pause{Product: "call", Reason: "on holiday until October"}, key)
		fmt.Println(o.Receipt.Revision, err)
	}
	for e, err := range s.store.Events(s.ctx, "chat") {
		must(err)
		if e.By != "" {
			fmt.Println(e.Type, e.Subscription, e.Note, "by", e.By)
		}
	}
	_, err := s.Do(s.ctx, "chat", customcommand.Pause{Product: "call"}, "pause-3")
	fmt.Println(subscription.CodeOf(err))
	// Output:
	// 4 <nil>
	// 0 <nil>
	// auto_renew_off call-1  by ada
	// acme_renewal_paused call-1 on holiday until October by ada
	// reason_required
}
