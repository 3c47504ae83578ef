package main

import (
	"context"
	"path/filepath"
	"time"

	"github.com/prepaidkit/prepaid/examples/catalog"
	"github.com/prepaidkit/prepaid/payment"
	"github.com/prepaidkit/prepaid/payment/balance"
	"github.com/prepaidkit/prepaid/pricing"
	"github.com/prepaidkit/prepaid/store/sqlite"
	"github.com/prepaidkit/prepaid/subscription"
)

// shop is what each process opens: a service, on a file that they share. The balances of the customers are in it, too.
type shop struct {
	*subscription.Service
	store    *sqlite.Store
	accounts *sqlite.Accounts
	catalog  *pricing.Catalog
	now      time.Time
}

// open opens the file in a directory, and makes it if it doesn't exist. between, if it isn't nil, stands between the service and
// its gateway.
func open(ctx context.Context, dir string, between func(payment.Gateway) payment.Gateway) (*shop, error) {
	cat, err := catalog.Load()
	if err != nil {
		return nil, err
	}
	st, err := sqlite.Open(ctx, filepath.Join(dir, "billing.db"), nil)
	if err != nil {
		return nil, err
	}
	if err := st.Migrate(ctx); err != nil {
		return nil, err
	}
	s := &shop{store: st, catalog: cat, now: start()}
	clock := func() time.Time { return s.now }
	s.accounts = st.Accounts(&balance.Options{Now: clock})
	gateway := payment.Gateway(s.accounts)
	if between != nil {
		gateway = between(gateway)
	}
	s.Service, err = subscription.NewService(st, gateway, subscription.StaticCatalog(cat), &subscription.Options{Now: clock})
	return s, err
}

// start is when the customers buy: all at once, so that all are to be renewed at once.
func start() time.Time { return time.Date(2025, time.July, 16, 4, 0, 0, 0, time.UTC) }
