package main

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/prepaidkit/prepaid/pricing"
	"github.com/prepaidkit/prepaid/renewal"
	"github.com/prepaidkit/prepaid/store/audit"
	"github.com/prepaidkit/prepaid/store/journal"
	"github.com/prepaidkit/prepaid/subscription"
	"github.com/prepaidkit/prepaid/topup"
)

// story is a customer of a shop, from the first package to the books.
type story struct {
	*shop

	accounts accounts
	clock    *clock
}

// clock is a time that only the story moves.
type clock struct{ time time.Time }

func (c *clock) now() time.Time { return c.time }

func (c *clock) set(month time.Month, day int) {
	c.time = time.Date(2026, month, day, 9, 0, 0, 0, time.UTC)
}

func (s *story) linef(format string, args ...any) { fmt.Fprintf(s.out, format+"\n", args...) }

func (s *story) tell(ctx context.Context) error {
	for _, step := range []struct {
		title string
		do    func(context.Context) error
	}{
		{"a price list with a mistake", s.mistake},
		{"an account and an application", s.create},
		{"a purchase without money", s.tooPoor},
		{"a purchase", s.buy},
		{"usage", s.use},
		{"more minutes, a higher version, another month", s.more},
		{"two months of the worker", s.months},
		{"staff", s.staff},
		{"the books", s.books},
		{"the audit", s.audit},
	} {
		s.linef("== %s", step.title)
		if err := step.do(ctx); err != nil {
			return fmt.Errorf("%s: %w", step.title, err)
		}
		if _, err := s.mails.Once(ctx); err != nil {
			return err
		}
	}
	return nil
}

func (s *story) mistake(context.Context) error {
	_, err := parse(strings.Replace(priceList, `"59.00"`, `"5.900"`, 1))
	s.linef("%v", err)
	return nil
}

func (s *story) create(ctx context.Context) error {
	create := subscription.Create{Account: "acme"}
	if _, err := s.billing.Do(ctx, "acme-meet", create, "create-1"); err != nil {
		return err
	}
	_, err := s.billing.Do(ctx, "acme-meet", subscription.SetTax{Region: "DE"}, "tax-1")
	return err
}

// starter is the smallest package, as a customer orders it who has seen the terms.
func (s *story) starter() subscription.Command {
	return subscription.Purchase{
		Product: "meet", Version: "starter", Term: pricing.Months(1), Currency: "EUR", Agreement: s.prices.AgreementVersion(),
	}
}

func (s *story) tooPoor(ctx context.Context) error {
	if err := s.accounts.Open(ctx, "acme"); err != nil {
		return err
	}
	outcome, err := s.billing.Do(ctx, "acme-meet", s.starter(), "buy-1")
	s.linef("HTTP %d: %s", status(err), outcome.Order.Reason)
	return nil
}

func (s *story) buy(ctx context.Context) error {
	funds, err := pricing.ParseMoney("200.00", "EUR")
	if err != nil {
		return err
	}
	if err := s.accounts.Deposit(ctx, "acme", "wire-1", funds); err != nil {
		return err
	}
	quote, err := s.billing.Quote(ctx, "acme-meet", s.starter())
	if err != nil {
		return err
	}
	s.linef("%s, of which %s is %s %s %%", quote.Amount, quote.Taxes[0].Amount, quote.Taxes[0].Name, quote.Taxes[0].Percent)
	outcome, err := s.billing.Confirm(ctx, "acme-meet", s.starter(), quote, "buy-2")
	if err != nil {
		return err
	}
	s.linef("%s, valid %s, %s minutes", outcome.Order.Status, outcome.Order.Delivered.Period, outcome.Order.Delivered.Total)
	return nil
}

func (s *story) use(ctx context.Context) error {
	may, err := s.billing.Entitlement(ctx, "acme-meet", "meet")
	if err != nil {
		return err
	}
	s.linef("in service: %t, %s", may.Service, may.Version)
	call := subscription.Usage{ID: "call-2", Product: "meet", Kind: "video", At: s.now(), Seconds: 100} // At: when it ended
	results, err := s.billing.Consume(ctx, "acme-meet",
		subscription.Usage{ID: "call-1", Product: "meet", Kind: "audio", At: s.now(), Seconds: 100},
		call,
		call, // sent again, as it was
		subscription.Usage{ID: "call-3", Product: "meet", Kind: "video", At: s.now(), Seconds: 36_000},
	)
	if err != nil {
		return err
	}
	for _, r := range results {
		s.linef("%s takes %s minutes, counted before: %t, refused: %t", r.ID, r.Deducted, r.Duplicate, r.Err != nil)
	}
	return nil
}

func (s *story) more(ctx context.Context) error {
	s.clock.set(time.March, 17)
	if err := s.order(ctx, topup.Buy{Pack: "extra", Currency: "EUR"}, "pack-1"); err != nil {
		return err
	}
	if err := s.order(ctx, subscription.Upgrade{Product: "meet", To: "team"}, "upgrade-1"); err != nil {
		return err
	}
	return s.order(ctx, renewal.Renew{Product: "meet"}, "renew-1")
}

// order quotes, confirms, and shows how the price came about.
func (s *story) order(ctx context.Context, cmd subscription.Command, key string) error {
	quote, err := s.billing.Quote(ctx, "acme-meet", cmd)
	if err != nil {
		return err
	}
	outcome, err := s.billing.Confirm(ctx, "acme-meet", cmd, quote, key)
	if err != nil {
		return err
	}
	for _, l := range outcome.Order.Lines {
		s.linef("%s %s: %s = %s", outcome.Order.Kind, l.Item, l.Formula(), l.Amount)
	}
	return nil
}

func (s *story) months(ctx context.Context) error {
	for range 61 {
		s.clock.time = s.clock.time.AddDate(0, 0, 1)
		if _, err := s.worker.Once(ctx); err != nil {
			return err
		}
	}
	app, err := s.billing.Application(ctx, "acme-meet")
	if err != nil {
		return err
	}
	sub, _ := app.Latest("meet")
	current, _ := sub.Current(s.now())
	s.linef("%s is %s, %s, with %s minutes", sub.Version(), sub.Status, current.Period, app.Minutes("meet", s.now()))
	return nil
}

func (s *story) staff(ctx context.Context) error {
	orders := s.db.PaymentsBetween(ctx, time.Date(2026, time.March, 10, 0, 0, 0, 0, time.UTC), s.now())
	var pack subscription.Order
	for o, err := range orders {
		if err != nil {
			return err
		}
		if o.Kind == subscription.TopUpOrder {
			pack = o
		}
	}
	part, err := pricing.ParseMoney("5.00", "EUR")
	if err != nil {
		return err
	}
	ada := s.billing.As("ada", "ticket 17: sound was bad")
	_, err = ada.Do(ctx, "acme-meet", subscription.RefundOrder{Order: pack.ID, Amount: part}, "refund-1")
	return err
}

func (s *story) books(ctx context.Context) error {
	s.clock.set(time.May, 18)
	totals, err := s.db.TotalsBetween(ctx, time.Time{}, s.now())
	if err != nil {
		return err
	}
	for _, t := range totals {
		s.linef("%-8s %d paid: %10s, tax %9s; went back: %s", t.Kind, t.Paid.Count, t.Paid.Amount, t.Paid.Tax, t.Refunded.Amount)
	}
	months, err := journal.Monthly(journal.Postings(ctx, s.db, time.Time{}, s.now()), s.prices.Zone())
	if err != nil {
		return err
	}
	for _, m := range months {
		s.linef("%.7s %-28s %11s", m.Month, m.Ledger, m.Amount)
	}
	return nil
}

func (s *story) audit(ctx context.Context) error {
	findings := 0
	for f, err := range audit.Store(ctx, s.db, &audit.Options{Catalogs: []*pricing.Catalog{s.prices}}) {
		if err != nil {
			return err
		}
		s.linef("%s", f)
		findings++
	}
	s.linef("findings: %d", findings)
	return nil
}
