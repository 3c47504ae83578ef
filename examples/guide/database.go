package main

import (
	"context"

	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/prepaidkit/prepaid/payment"
	"github.com/prepaidkit/prepaid/payment/balance"
	"github.com/prepaidkit/prepaid/pricing"
	"github.com/prepaidkit/prepaid/store"
	"github.com/prepaidkit/prepaid/store/postgres"
	"github.com/prepaidkit/prepaid/store/relay"
	"github.com/prepaidkit/prepaid/store/sqlite"
)

// database is what the shop needs of a store.
type database interface {
	store.Store        // for the service and the worker, and the history
	store.Reports      // questions about all applications
	store.ProviderKeys // for payment/stripe
	relay.Store        // for relays
}

// accounts is a gateway that charges balances, and what fills them.
type accounts interface {
	payment.Gateway
	Open(ctx context.Context, id string) error
	Deposit(ctx context.Context, id, key string, amount pricing.Money) error
}

func openSQLite(ctx context.Context, file string, o *balance.Options) (*sqlite.Store, accounts, error) {
	st, err := sqlite.Open(ctx, file, nil)
	if err != nil {
		return nil, nil, err
	}
	money := st.Accounts(o)
	err = st.Migrate(ctx)
	return st, money, err
}

func openPostgres(ctx context.Context, pool *pgxpool.Pool, o *balance.Options) (*postgres.Store, accounts, error) {
	st, err := postgres.New(pool, nil)
	if err != nil {
		return nil, nil, err
	}
	money := st.Accounts(o)
	err = st.Migrate(ctx)
	return st, money, err
}
