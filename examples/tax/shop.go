package main

import (
	"context"
	_ "embed"
	"fmt"
	"strings"
	"time"

	"github.com/prepaidkit/prepaid/payment/balance"
	"github.com/prepaidkit/prepaid/pricing"
	"github.com/prepaidkit/prepaid/renewal"
	"github.com/prepaidkit/prepaid/store/memory"
	"github.com/prepaidkit/prepaid/subscription"
)

//go:embed prices.json
var prices string

// shop is a service and a worker on one store, and their clock.
type shop struct {
	*subscription.Service
	catalog  *pricing.Catalog
	accounts *balance.Accounts
	store    *memory.Store
	worker   *renewal.Worker
	now      time.Time
	keys     int
}

// open opens a shop on 20 June 2020. Its prices include tax, as consumers are shown them, or don't, as between businesses. A
// seller who has both has a service for each, since a catalog says it for all of its prices.
func open(included bool) (*shop, error) {
	text := strings.Replace(prices, `"included": false`, fmt.Sprintf(`"included": %t`, included), 1)
	cat, err := pricing.ParseCatalog(strings.NewReader(text))
	if err != nil {
		return nil, err
	}
	s := &shop{catalog: cat, accounts: balance.New(nil), store: memory.New(), now: at(time.June, 20, 10)}
	s.Service, err = subscription.NewService(s.store, s.accounts, subscription.StaticCatalog(cat),
		&subscription.Options{Now: func() time.Time { return s.now }})
	if err != nil {
		return nil, err
	}
	s.worker, err = renewal.NewWorker(s.Service, s.store, nil)
	return s, err
}

// at returns an instant of 2020 in the summer time of Berlin.
func at(month time.Month, day, hour int) time.Time {
	return time.Date(2020, month, day, hour-2, 0, 0, 0, time.UTC)
}

// until advances time. The worker runs every hour, as with a ticker.
func (s *shop) until(ctx context.Context, t time.Time) error {
	for s.now.Before(t) {
		s.now = s.now.Add(time.Hour)
		if _, err := s.worker.Once(ctx); err != nil {
			return err
		}
	}
	return nil
}

// do runs a command with a new key, and returns the order that it placed, if any.
func (s *shop) do(ctx context.Context, app subscription.ApplicationID, cmd subscription.Command) (subscription.Order, error) {
	s.keys++
	o, err := s.Do(ctx, app, cmd, fmt.Sprintf("request-%d", s.keys))
	return o.Order, err
}

// customer opens an account with money, and an application with what is known of its taxes.
func (s *shop) customer(ctx context.Context, name string, facts subscription.SetTax) error {
	funds, err := pricing.ParseMoney("1000.00", "EUR")
	if err != nil {
		return err
	}
	if err := s.accounts.Open(ctx, name); err != nil {
		return err
	}
	if err := s.accounts.Deposit(ctx, name, "wire", funds); err != nil {
		return err
	}
	app := subscription.ApplicationID(name)
	if _, err := s.do(ctx, app, subscription.Create{Account: subscription.AccountID(name)}); err != nil {
		return err
	}
	_, err = s.do(ctx, app, facts)
	return err
}

// buy buys a month of Lite.
func (s *shop) buy(ctx context.Context, app subscription.ApplicationID) (subscription.Order, error) {
	return s.do(ctx, app, subscription.Purchase{
		Product: "meet", Version: "lite", Term: pricing.Months(1), Currency: "EUR", Agreement: s.catalog.AgreementVersion(),
	})
}
