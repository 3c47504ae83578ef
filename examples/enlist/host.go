package main

import (
	"context"
	"database/sql"
	"errors"
	"path/filepath"
	"time"

	"github.com/prepaidkit/prepaid/examples/catalog"
	"github.com/prepaidkit/prepaid/payment/balance"
	"github.com/prepaidkit/prepaid/pricing"
	"github.com/prepaidkit/prepaid/renewal"
	"github.com/prepaidkit/prepaid/store/sqlite"
	"github.com/prepaidkit/prepaid/subscription"
)

// host is a service that has tables of its own in the database that it shares with the billing.
type host struct {
	db       *sql.DB
	store    *sqlite.Store
	billing  *subscription.Service
	worker   *renewal.Worker
	accounts *sqlite.Accounts
	catalog  *pricing.Catalog
	now      time.Time
}

// open opens the file twice: once for the billing, once for the host's own transactions. The latter begin as
// writers, since a reader that becomes one may find that somebody else was faster.
func open(ctx context.Context, dir string) (*host, error) {
	cat, err := catalog.Load()
	if err != nil {
		return nil, err
	}
	path := filepath.Join(dir, "service.db")
	h := &host{catalog: cat, now: time.Date(2025, time.July, 10, 2, 30, 0, 0, time.UTC)}
	if h.store, err = sqlite.Open(ctx, path, nil); err != nil {
		return nil, err
	}
	if err := h.store.Migrate(ctx); err != nil {
		return nil, err
	}
	dsn, err := sqlite.DSN(path, nil)
	if err != nil {
		return nil, err
	}
	if h.db, err = sql.Open("sqlite", dsn); err != nil {
		return nil, err
	}
	if _, err := h.db.ExecContext(ctx, `CREATE TABLE signups (email TEXT PRIMARY KEY, application TEXT NOT NULL)`); err != nil {
		return nil, err
	}
	clock := func() time.Time { return h.now }
	h.accounts = h.store.Accounts(&balance.Options{Now: clock})
	h.billing, err = subscription.NewService(h.store, h.accounts, subscription.StaticCatalog(cat), &subscription.Options{Now: clock})
	if err != nil {
		return nil, err
	}
	h.worker, err = renewal.NewWorker(h.billing, h.store, nil)
	return h, err
}

func (h *host) close() error { return errors.Join(h.db.Close(), h.store.Close()) }

// transact runs do in a transaction of the host's, with a billing service that is bound to it, and commits unless
// do returns an error.
func (h *host) transact(ctx context.Context, do func(tx *sql.Tx, billing *subscription.Service) error) error {
	tx, err := h.store.BeginTx(ctx, h.db, nil)
	if err != nil {
		return err
	}
	if err := do(tx, h.billing.Bind(h.store.WithTx(tx))); err != nil {
		return errors.Join(err, tx.Rollback())
	}
	return tx.Commit()
}

// signUp writes the host's row, and the application with its first package, which isn't paid for yet.
func (h *host) signUp(ctx context.Context, email string, app subscription.ApplicationID) func(*sql.Tx, *subscription.Service) error {
	return func(tx *sql.Tx, billing *subscription.Service) error {
		if _, err := tx.ExecContext(ctx, `INSERT INTO signups VALUES (?, ?)`, email, app); err != nil {
			return err
		}
		if _, err := billing.Do(ctx, app, subscription.Create{Account: "acme"}, "create"); err != nil {
			return err
		}
		_, err := billing.Do(ctx, app, subscription.Purchase{
			Product: "call", Version: "one-to-one", Term: pricing.Months(1), Currency: "USD", Agreement: h.catalog.AgreementVersion(),
		}, "first package")
		if errors.Is(err, subscription.ErrPaymentPending) {
			return nil // as it must be: nobody is charged before the commit
		}
		return err
	}
}
