package main

import (
	"context"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/prepaidkit/prepaid/pricing"
	"github.com/prepaidkit/prepaid/renewal"
	"github.com/prepaidkit/prepaid/subscription"
)

// The customers. Each has an account and an application of its name.
const (
	berlin = "spree" // pays VAT
	vienna = "donau" // owes it herself: a business in another member state
)

// run runs the summer twice, and prints it.
func run(w io.Writer) error {
	ctx := context.Background()
	for _, included := range []bool{false, true} {
		s, err := open(included)
		if err != nil {
			return err
		}
		if err := (&summer{shop: s, w: w}).run(ctx); err != nil {
			return err
		}
	}
	return nil
}

// summer is June to September in a shop.
type summer struct {
	*shop
	w       io.Writer
	bought  subscription.Order
	upgrade subscription.Order
}

func (s *summer) linef(format string, args ...any) { fmt.Fprintf(s.w, format+"\n", args...) }

func (s *summer) run(ctx context.Context) error {
	how := "on top"
	if s.catalog.TaxIncluded() {
		how = "included"
	}
	s.linef("== Prices with tax %s", how)
	for _, step := range []func(context.Context) error{s.june, s.july, s.august, s.september, s.report} {
		if err := step(ctx); err != nil {
			return err
		}
	}
	s.linef("")
	return nil
}

// june sells a month to each. Where tax is on top, an exempt customer pays the net; where it is included, the same total.
func (s *summer) june(ctx context.Context) (err error) {
	if err := s.customer(ctx, berlin, subscription.SetTax{Region: "DE"}); err != nil {
		return err
	}
	if err := s.customer(ctx, vienna, subscription.SetTax{Region: "AT", Exempt: "reverse charge", Number: "ATU12345678"}); err != nil {
		return err
	}
	if s.bought, err = s.buy(ctx, berlin); err != nil {
		return err
	}
	s.order(berlin, s.bought)
	o, err := s.buy(ctx, vienna)
	if err != nil {
		return err
	}
	s.order(vienna, o)
	app, err := s.Application(ctx, berlin)
	if err != nil {
		return err
	}
	for u := range renewal.Preview(app, renewal.Policy{}, s.catalog, s.now, s.now.AddDate(0, 2, 0)) {
		if u.Charge.Sign() > 0 {
			s.linef("%s  %s is going to pay %s, %s of it tax", day(u.At), berlin, u.Charge, u.Taxes[0].Amount)
		}
	}
	return nil
}

// july renews. Where the total changes with the rate, that is announced days before.
func (s *summer) july(ctx context.Context) error {
	if err := s.until(ctx, at(time.August, 1, 9)); err != nil {
		return err
	}
	for e, err := range s.store.Events(ctx, berlin) {
		if err != nil {
			return err
		}
		if e.Type == subscription.EventPriceChange || e.Type == subscription.EventReminder {
			s.linef("%s  %s is told of %s: %s", day(e.At), berlin, e.Amount, e.Type)
		}
	}
	for o, err := range s.store.Orders(ctx, berlin) {
		if err != nil {
			return err
		}
		if o.Kind == subscription.RenewalOrder {
			s.order(berlin, o)
		}
	}
	return nil
}

// august renews by hand, a month ahead, and upgrades both months: two lines, one tax.
func (s *summer) august(ctx context.Context) (err error) {
	o, err := s.do(ctx, berlin, renewal.Renew{Product: "meet"})
	if err != nil {
		return err
	}
	s.order(berlin, o)
	if err := s.until(ctx, at(time.August, 4, 12)); err != nil {
		return err
	}
	s.upgrade, err = s.do(ctx, berlin, subscription.Upgrade{Product: "meet", To: "pro"})
	if err != nil {
		return err
	}
	s.order(berlin, s.upgrade)
	for _, l := range s.upgrade.Lines {
		s.linef("            %s = %s", l.Formula(), l.Amount)
	}
	return nil
}

// september refunds the upgrade in three parts, and a part of what was bought in June at another rate.
func (s *summer) september(ctx context.Context) error {
	if err := s.until(ctx, at(time.September, 10, 9)); err != nil {
		return err
	}
	for _, part := range []struct {
		of     subscription.Order
		amount string
	}{{s.upgrade, "30.00"}, {s.upgrade, "30.00"}, {s.upgrade, ""}, {s.bought, "10.00"}} {
		refund := subscription.RefundOrder{Order: part.of.ID}
		if part.amount != "" { // otherwise all that is left
			amount, err := pricing.ParseMoney(part.amount, "EUR")
			if err != nil {
				return err
			}
			refund.Amount = amount
		}
		if _, err := s.do(ctx, berlin, refund); err != nil {
			return err
		}
	}
	for f, err := range s.store.Refunds(ctx, berlin) {
		if err != nil {
			return err
		}
		s.linef("%s  %s gets back %s = %s", day(f.DueAt), berlin, parts(f.Net(), f.Taxes), f.Amount)
	}
	return s.until(ctx, at(time.October, 1, 0))
}

// report prints the third quarter.
func (s *summer) report(ctx context.Context) error {
	figures, err := quarter(ctx, s.store, func(id subscription.ApplicationID) (subscription.TaxFacts, error) {
		app, err := s.Application(ctx, id)
		if err != nil || app.Tax == nil {
			return subscription.TaxFacts{}, err
		}
		return *app.Tax, nil
	}, at(time.July, 1, 0), at(time.October, 1, 0))
	if err != nil {
		return err
	}
	s.linef("The third quarter, which agrees with the journal:")
	for _, f := range figures {
		what := fmt.Sprintf("%s %s %%", f.Name, f.Percent)
		if f.Name == "" {
			what = fmt.Sprintf("none: %s, %s", f.Exempt, f.Number)
		}
		s.linef("  %-34s %11s %10s", what, f.Base, f.Tax)
	}
	return nil
}

func (s *summer) order(who string, o subscription.Order) {
	s.linef("%s  %s pays %s = %s (%s)", day(o.PlacedAt), who, parts(o.Net(), o.Taxes), o.Amount, o.Kind)
}

// parts formats a net amount and its taxes.
func parts(net pricing.Money, taxes []pricing.Tax) string {
	all := []string{net.Amount()}
	for _, t := range taxes {
		all = append(all, fmt.Sprintf("%s (%s %s %%)", t.Amount.Amount(), t.Name, t.Percent))
	}
	return strings.Join(all, " + ")
}

// day formats the day of an instant in Berlin.
func day(t time.Time) string { return t.In(time.FixedZone("CEST", 2*60*60)).Format(time.DateOnly) }
