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
	"github.com/prepaidkit/prepaid/store/memory"
	"github.com/prepaidkit/prepaid/subscription"
	"github.com/prepaidkit/prepaid/topup"
)

const (
	account     = "acme"
	application = "video-chat"
)

// shop is a service with what it stands on, and a clock that the story sets.
type shop struct {
	*subscription.Service
	catalog  *pricing.Catalog
	accounts *balance.Accounts
	store    *memory.Store
	now      time.Time
	out      printer
}

// run tells the story, step by step.
func run(w io.Writer) error {
	cat, err := catalog.Load()
	if err != nil {
		return err
	}
	s := &shop{
		catalog: cat, accounts: balance.New(nil), store: memory.New(),
		now: time.Date(2025, time.July, 10, 2, 30, 0, 0, time.UTC), out: printer{w},
	}
	s.Service, err = subscription.NewService(s.store, s.accounts, subscription.StaticCatalog(cat),
		&subscription.Options{Now: func() time.Time { return s.now }})
	if err != nil {
		return err
	}
	ctx := context.Background()
	for _, step := range []func(context.Context) error{
		s.open, s.browse, s.buyWithoutFunds, s.buy, s.upgrade, s.staleQuote, s.topUp, s.use, s.report,
	} {
		if err := step(ctx); err != nil {
			return err
		}
	}
	return nil
}

// open makes an account with a balance and an application that it pays for.
func (s *shop) open(ctx context.Context) error {
	s.out.title("An account and an application")
	if err := s.accounts.Open(ctx, account); err != nil {
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
	if err := s.accounts.Deposit(ctx, account, key, amount); err != nil {
		return err
	}
	s.out.linef("%s deposits %s", account, amount)
	return nil
}

// browse shows what is sold, in upgrade order.
func (s *shop) browse(context.Context) error {
	s.out.title("The catalog: Call, one month, in upgrade order")
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

// purchase is what the customer wants. The agreement is accepted with it; auto-renewal is on by default.
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

// buy quotes, then confirms: the price shown is the price charged, or nothing is.
func (s *shop) buy(ctx context.Context) error {
	s.out.title("The same after a deposit: quoted, then confirmed")
	if err := s.deposit(ctx, "wire-2", "1000.00"); err != nil {
		return err
	}
	quote, err := s.Quote(ctx, application, s.purchase())
	if err != nil {
		return err
	}
	s.out.quote(quote)
	outcome, err := s.Confirm(ctx, application, s.purchase(), quote, "purchase-2")
	if err != nil {
		return err
	}
	s.out.outcome(outcome)
	again, err := s.Confirm(ctx, application, s.purchase(), quote, "purchase-2")
	if err != nil {
		return err
	}
	s.out.linef("confirmed again with the same key: the same order, %t", again.Order.ID == outcome.Order.ID)
	return s.funds(ctx)
}

// upgrade moves to a higher version in the middle of the period, for the prorated difference.
func (s *shop) upgrade(ctx context.Context) error {
	s.now = time.Date(2025, time.July, 25, 9, 0, 0, 0, time.UTC)
	s.out.title("25 July, 16 days left of 31: an upgrade")
	cmd := subscription.Upgrade{Product: "call", To: "group-call"}
	quote, err := s.Quote(ctx, application, cmd)
	if err != nil {
		return err
	}
	s.out.quote(quote)
	outcome, err := s.Confirm(ctx, application, cmd, quote, "upgrade-1")
	if err != nil {
		return err
	}
	s.out.outcome(outcome)
	return s.funds(ctx)
}

// staleQuote shows that a quote is never repriced silently: what it was for has changed.
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

// topUp buys minutes beside the package, once.
func (s *shop) topUp(ctx context.Context) error {
	s.out.title("A top-up package")
	buy := topup.Buy{Pack: "rtc-engine-25k", Currency: "USD"}
	outcome, err := s.Do(ctx, application, buy, "top-up-1")
	if err != nil {
		return err
	}
	s.out.lines(outcome.Order.Lines)
	s.out.outcome(outcome)
	return s.funds(ctx)
}

// use consumes minutes: seconds of a day add up, a weight makes them package minutes, the package is spent
// before the top-up, a record counts once, and what doesn't fit is refused.
func (s *shop) use(ctx context.Context) error {
	s.out.title("A day of usage")
	records := []subscription.Usage{
		s.record("call-1", "hd", 30), s.record("call-2", "hd", 20), s.record("call-3", "hd", 40),
		s.record("conference-1", "hd", 60*50_800),
		s.record("conference-2", "hd", 60*1_000),
		s.record("conference-2", "hd", 60*1_000),
		s.record("festival", "2k", 60*30_000),
	}
	results, err := s.Consume(ctx, application, records...)
	if err != nil {
		return err
	}
	for i, r := range results {
		s.out.usage(records[i], r)
	}
	return nil
}

func (s *shop) record(id string, kind pricing.UsageKindID, seconds int64) subscription.Usage {
	return subscription.Usage{ID: id, Product: "call", Kind: kind, At: s.now, Seconds: seconds}
}

func (s *shop) funds(ctx context.Context) error {
	m, err := s.accounts.Balance(ctx, account, "USD")
	if err != nil {
		return err
	}
	s.out.linef("balance of %s: %s", account, m)
	return nil
}

// report prints the books: orders with their lines, lots, and the event log.
func (s *shop) report(ctx context.Context) error {
	s.out.title("Orders")
	for o, err := range s.store.Orders(ctx, application) {
		if err != nil {
			return err
		}
		s.out.order(o)
	}
	app, err := s.Application(ctx, application)
	if err != nil {
		return err
	}
	s.out.title("Subscriptions and minutes")
	s.out.application(app, s.now)
	s.out.title("The ledger of minutes")
	for e, err := range s.store.Entries(ctx, application) {
		if err != nil {
			return err
		}
		s.out.entry(e)
	}
	s.out.title("Events")
	for e, err := range s.store.Events(ctx, application) {
		if err != nil {
			return err
		}
		s.out.event(e)
	}
	return nil
}
