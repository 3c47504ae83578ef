package postgres

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/prepaidkit/prepaid/internal/wallet"
	"github.com/prepaidkit/prepaid/payment"
	"github.com/prepaidkit/prepaid/payment/balance"
	"github.com/prepaidkit/prepaid/pricing"
)

// Accounts are prepaid balances in the database, and the [payment.Gateway] that collects from them: package
// payment/balance, to last. They are safe for concurrent use, also by several processes. Use [Store.Accounts].
//
// Each request is one statement and one transaction, with what became of its key, so that it happens once, however
// often it is repeated and whatever is cut off. Keys are remembered for as long as the schema.
//
// Beside the errors that are named, each method fails with ctx's error if ctx is done, with [context.DeadlineExceeded]
// after [Options.Timeout], and with those of the connection and the server. They leave the outcome unknown: the same
// request again brings it to light.
type Accounts struct {
	store *Store
	now   func() time.Time
}

var _ payment.Gateway = (*Accounts)(nil)

// Accounts returns the account balances of the schema. They are independent of its applications. o may be nil.
func (s *Store) Accounts(o *balance.Options) *Accounts {
	if o == nil {
		o = new(balance.Options)
	}
	return &Accounts{store: s, now: wallet.Clock(o.Now)}
}

// Open opens an account with a payment method bound and nothing on its balance. An account that is open
// already stays as it is. It fails with [payment.ErrInvalid] for an ID that no charge could name.
func (a *Accounts) Open(ctx context.Context, id string) error {
	if err := wallet.ValidateAccount(id); err != nil {
		return err
	}
	_, err := ask(ctx, a, "open", id, pgx.RowTo[bool], openAccount, id, a.now())
	return err
}

// SetPaymentMethod says whether the account has a payment method bound. Without one its charges are
// declined with [payment.NoPaymentMethod], whatever its balance; refunds and deposits still arrive. It
// fails with balance.ErrNoAccount.
func (a *Accounts) SetPaymentMethod(ctx context.Context, id string, bound bool) error {
	if wallet.ValidateAccount(id) != nil {
		return wallet.NoAccount(id) // nothing else could have been opened
	}
	known, err := ask(ctx, a, "payment method of", id, pgx.RowTo[bool], bindAccount, id, bound)
	if err == nil && known == nil {
		return wallet.NoAccount(id)
	}
	return err
}

// Balance returns what the account has in that currency, zero of it if it never had any. It fails with
// balance.ErrNoAccount or [pricing.ErrCurrency].
func (a *Accounts) Balance(ctx context.Context, id string, c pricing.Currency) (pricing.Money, error) {
	zero, err := pricing.FromMinor(0, c)
	if err != nil {
		return pricing.Money{}, err
	}
	if wallet.ValidateAccount(id) != nil {
		return pricing.Money{}, wallet.NoAccount(id)
	}
	amount, err := ask(ctx, a, "balance of", id, pgx.RowTo[*int64], getBalance, id, string(c))
	switch {
	case err != nil:
		return pricing.Money{}, err
	case amount == nil:
		return pricing.Money{}, wallet.NoAccount(id)
	case *amount == nil:
		return zero, nil
	}
	return pricing.FromMinor(**amount, c)
}

// ask runs a statement that returns at most one row, and returns what scan makes of it, nil if there is none. It
// sends again what the server rolled back for another's sake.
func ask[T any](ctx context.Context, a *Accounts, verb, id string, scan pgx.RowToFunc[T], statement string, args ...any) (*T, error) {
	for try := 0; ; try++ {
		answer, err := once(ctx, a.store, scan, statement, args)
		if err == nil {
			return answer, nil
		}
		if anothersSake(err) && try < a.store.retries {
			if err = wait(ctx, try); err == nil {
				continue
			}
		}
		return nil, fmt.Errorf("postgres: %s %.80q: %w", verb, id, err)
	}
}

func once[T any](ctx context.Context, s *Store, scan pgx.RowToFunc[T], statement string, args []any) (*T, error) {
	ctx, cancel := s.limit(ctx)
	defer cancel()
	rows, err := s.pool.rows(ctx, s.sql(statement), args)
	if err != nil {
		return nil, ended(ctx, err)
	}
	answer, err := pgx.CollectOneRow(rows, scan)
	if errors.Is(err, pgx.ErrNoRows) {
		return nil, nil //nolint:nilnil // no row and no error: there is nothing
	}
	if err != nil {
		return nil, ended(ctx, err)
	}
	return &answer, nil
}

// anothersSake reports whether a statement left nothing because of one that ran at the same time: a deadlock, a
// serialization failure, or one with the same key, which is on record now.
func anothersSake(err error) bool {
	return rolledBack(err) || coded(err, codeUnique)
}
