package main

import (
	"context"
	"fmt"
	"time"

	"github.com/prepaidkit/prepaid/examples/catalog"
	"github.com/prepaidkit/prepaid/payment/balance"
	"github.com/prepaidkit/prepaid/pricing"
	"github.com/prepaidkit/prepaid/renewal"
	"github.com/prepaidkit/prepaid/store/memory"
	"github.com/prepaidkit/prepaid/subscription"
)

// shop is a service and a worker on one store, and the clock that both go by.
type shop struct {
	*subscription.Service
	catalog  *pricing.Catalog
	accounts *balance.Accounts
	store    *memory.Store
	worker   *renewal.Worker
	now      time.Time
	keys     int
}

func open(start time.Time) (*shop, error) {
	cat, err := catalog.Load()
	if err != nil {
		return nil, err
	}
	s := &shop{catalog: cat, store: memory.New(), now: start}
	clock := func() time.Time { return s.now }
	s.accounts = balance.New(&balance.Options{Now: clock})
	s.Service, err = subscription.NewService(s.store, s.accounts, subscription.StaticCatalog(cat), &subscription.Options{Now: clock})
	if err != nil {
		return nil, err
	}
	s.worker, err = renewal.NewWorker(s.Service, s.store, nil)
	return s, err
}

// until lets time pass. The worker has a look every hour, as a ticker would make it.
func (s *shop) until(ctx context.Context, t time.Time) error {
	for s.now.Before(t) {
		s.now = s.now.Add(time.Hour).Truncate(time.Hour)
		if _, err := s.worker.Once(ctx); err != nil {
			return err
		}
	}
	s.now = t
	return nil
}

// do is a request of a customer, under a key of its own.
func (s *shop) do(ctx context.Context, app subscription.ApplicationID, cmd subscription.Command) error {
	s.keys++
	_, err := s.Do(ctx, app, cmd, fmt.Sprintf("request-%d", s.keys))
	return err
}

// deposit adds to a customer's balance.
func (s *shop) deposit(ctx context.Context, customer, text string) error {
	amount, err := pricing.ParseMoney(text, "USD")
	if err != nil {
		return err
	}
	s.keys++
	return s.accounts.Deposit(ctx, customer, fmt.Sprintf("wire-%d", s.keys), amount)
}

// purchase is a month of 1-to-1 calls at its list price. Auto-renewal is on by default.
func (s *shop) purchase() subscription.Purchase {
	return subscription.Purchase{
		Product: "call", Version: "one-to-one", Term: pricing.Months(1), Currency: "USD",
		Agreement: s.catalog.AgreementVersion(),
	}
}
