package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/prepaidkit/prepaid/examples/catalog"
	"github.com/prepaidkit/prepaid/payment/balance"
	"github.com/prepaidkit/prepaid/pricing"
	"github.com/prepaidkit/prepaid/renewal"
	"github.com/prepaidkit/prepaid/store/memory"
	"github.com/prepaidkit/prepaid/subscription"
)

const (
	account     = "acme"
	application = "video-chat"
)

// shop is a service and a worker, their dependencies, and a clock that the steps set.
type shop struct {
	*subscription.Service
	worker  *renewal.Worker
	catalog *pricing.Catalog
	bank    *bank
	store   *memory.Store
	now     time.Time
	out     printer

	pack subscription.OrderID // the order of the top-up
}

// at returns a time in July or August 2025.
func at(month time.Month, day, hour, minute int) time.Time {
	return time.Date(2025, month, day, hour, minute, 0, 0, shanghai())
}

// run runs all steps in order.
func run(w io.Writer) error {
	cat, err := catalog.Load()
	if err != nil {
		return err
	}
	s := &shop{catalog: cat, store: memory.New(), now: at(time.July, 10, 10, 30), out: printer{w}}
	clock := func() time.Time { return s.now }
	s.bank = newBank(balance.New(&balance.Options{Now: clock}))
	s.Service, err = subscription.NewService(s.store, s.bank, subscription.StaticCatalog(cat), &subscription.Options{Now: clock})
	if err != nil {
		return err
	}
	if s.worker, err = renewal.NewWorker(s.Service, s.store, nil); err != nil {
		return err
	}
	s.out.say("A customer of a seller of minutes, from the first package to its renewal. The time is virtual. Days and times are",
		"those of Shanghai, the zone of the catalog: a day begins at 00:00 there.")
	ctx := context.Background()
	for _, step := range []func(context.Context) error{
		s.open, s.browse, s.buyWithoutFunds, s.buy, s.upgrade, s.staleQuote, s.topUp, s.notified, s.use, s.refund, s.renew, s.report,
	} {
		if err := step(ctx); err != nil {
			return err
		}
	}
	return nil
}

// open opens an account with a balance, and an application that it pays for.
func (s *shop) open(ctx context.Context) error {
	s.out.title("10 July: an account and an application")
	s.out.say("The account pays; packages are bound to the application.")
	if err := s.bank.Open(ctx, account); err != nil {
		return err
	}
	if err := s.deposit(ctx, "wire-1", "150.00"); err != nil {
		return err
	}
	_, err := s.Do(ctx, application, subscription.Create{Account: account}, "create-1")
	return err
}

func (s *shop) deposit(ctx context.Context, key, text string) error {
	amount, err := pricing.ParseMoney(text, "USD")
	if err != nil {
		return err
	}
	if err := s.bank.Deposit(ctx, account, key, amount); err != nil {
		return err
	}
	s.out.linef("%s deposits %s", account, amount)
	return nil
}

// browse lists the packages on sale in upgrade order.
func (s *shop) browse(context.Context) error {
	s.out.title("The catalog: Call, in upgrade order")
	for _, v := range s.catalog.Versions("call") {
		for _, term := range s.catalog.Terms("call", v.ID) {
			h, err := s.catalog.List("call", v.ID, term, "USD")
			if err != nil {
				return err
			}
			s.out.linef("%-12s %-10s %12s %10d minutes", v.ID, term, h.Price, h.Minutes)
		}
	}
	s.out.linef("from one-to-one the upgrade path is %v", ids(s.catalog.UpgradePath("call", "one-to-one")))
	return nil
}

// purchase returns the customer's purchase. It accepts the agreement. Auto-renewal is on by default.
func (s *shop) purchase() subscription.Purchase {
	return subscription.Purchase{
		Product: "call", Version: "one-to-one", Term: pricing.Months(1), Currency: "USD",
		Agreement: s.catalog.AgreementVersion(),
	}
}

// buyWithoutFunds shows a declined payment: nothing is delivered, and the decline is final for its key.
func (s *shop) buyWithoutFunds(ctx context.Context) error {
	s.out.title("A purchase that the balance doesn't cover")
	_, err := s.Do(ctx, application, s.purchase(), "purchase-1")
	var declined *subscription.OrderError
	if !errors.As(err, &declined) || !errors.Is(err, subscription.ErrDeclined) {
		return fmt.Errorf("want a decline, got %w", err)
	}
	s.out.linef("declined: %s", declined.Reason)
	return nil
}

// buy gets a quote and confirms it. The customer is charged the quoted price or nothing.
func (s *shop) buy(ctx context.Context) error {
	s.out.title("The same after a deposit: quoted, then confirmed")
	if err := s.deposit(ctx, "wire-2", "1500.00"); err != nil {
		return err
	}
	outcome, err := s.confirm(ctx, s.purchase(), "purchase-2")
	if err != nil {
		return err
	}
	s.out.say("A key stands for one request, so repeating it after a timeout is safe: nothing is charged twice.")
	again, err := s.Do(ctx, application, s.purchase(), "purchase-2")
	if err != nil {
		return err
	}
	s.out.linef("repeated with the same key: the same order, %t", again.Order.ID == outcome.Order.ID)
	return s.funds(ctx)
}

// confirm quotes a command and confirms the quote, and prints both.
func (s *shop) confirm(ctx context.Context, cmd subscription.Command, key string) (subscription.Outcome, error) {
	quote, err := s.Quote(ctx, application, cmd)
	if err != nil {
		return subscription.Outcome{}, err
	}
	s.out.quote(quote)
	outcome, err := s.Confirm(ctx, application, cmd, quote, key)
	if err == nil {
		s.out.delivered(outcome.Order)
	}
	return outcome, err
}

// upgrade upgrades to a higher version in the middle of the period, for the prorated difference.
func (s *shop) upgrade(ctx context.Context) error {
	s.now = at(time.July, 25, 17, 0)
	s.out.title("25 July: an upgrade in the middle of the month")
	s.out.say("The month has 31 days, and 16 are left: this one, and 15 more to 9 August. So 16/31 of the price difference is paid,",
		"and 16/31 of the difference in minutes is added, rounded down. Money is rounded once, at the end.")
	if _, err := s.confirm(ctx, subscription.Upgrade{Product: "call", To: "group-call"}, "upgrade-1"); err != nil {
		return err
	}
	return s.funds(ctx)
}

// staleQuote shows that a quote is never silently repriced: it becomes stale when its subject changes.
func (s *shop) staleQuote(ctx context.Context) error {
	s.out.title("A quote that has become stale")
	buy := subscription.Purchase{Product: "live", Version: "lite", Term: pricing.Months(1), Currency: "USD"}
	quote, err := s.Quote(ctx, application, buy)
	if err != nil {
		return err
	}
	s.out.linef("live/lite is quoted at %s, until %s", quote.Amount, clock(quote.ExpiresAt))
	s.now = s.now.Add(20 * time.Minute)
	_, err = s.Confirm(ctx, application, buy, quote, "purchase-3")
	if !errors.Is(err, subscription.ErrQuoteStale) {
		return fmt.Errorf("want a stale quote, got %w", err)
	}
	s.out.linef("refused: %v", err)
	return nil
}
