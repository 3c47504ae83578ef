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

// Accounts holds prepaid balances in the database and is the [payment.Gateway] that collects from them. It is the
// durable version of package payment/balance. It is safe for concurrent use, also by several processes. Create it
// with [Store.Accounts].
//
// Each request is one statement and one transaction that also records the result for its key. The request therefore
// takes effect once, no matter how often it is repeated or where it is interrupted. Keys are remembered for as long
// as the schema exists.
//
// In addition to the errors it documents, each method fails with ctx's error if ctx is done, with
// [context.DeadlineExceeded] after [Options.Timeout], and with errors of the connection and the server. These errors
// leave the outcome unknown; repeat the same request to find out.
type Accounts struct {
	store *Store
	now   func() time.Time
}

var _ payment.Gateway = (*Accounts)(nil)

// Accounts returns the account balances in the schema. They are independent of its applications. o may be nil.
func (s *Store) Accounts(o *balance.Options) *Accounts {
	if o == nil {
		o = new(balance.Options)
	}
	return &Accounts{store: s, now: wallet.Clock(o.Now)}
}

// Open opens an account with a payment method bound and an empty balance. It leaves an account that is already open
// unchanged. It fails with [payment.ErrInvalid] for an ID that no charge could name.
func (a *Accounts) Open(ctx context.Context, id string) error {
	if err := wallet.ValidateAccount(id); err != nil {
		return err
	}
	_, err := ask(ctx, a, "open", id, pgx.RowTo[bool], openAccount, id, a.now())
	return err
}

// SetPaymentMethod sets whether the account has a payment method bound. Without one, its charges are declined with
// [payment.NoPaymentMethod], whatever its balance; refunds and deposits still arrive. It fails with
// balance.ErrNoAccount.
func (a *Accounts) SetPaymentMethod(ctx context.Context, id string, bound bool) error {
	if wallet.ValidateAccount(id) != nil {
		return wallet.NoAccount(id) // no other account could have been opened
	}
	known, err := ask(ctx, a, "payment method of", id, pgx.RowTo[bool], bindAccount, id, bound)
	if err == nil && known == nil {
		return wallet.NoAccount(id)
	}
	return err
}

// Balance returns the account's balance in that currency, or zero of it if it never had any. It fails with
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

// ask runs a statement and returns its one row, or nil if there is none. It retries a statement that failed because of a
// concurrent one. verb and id name the request in errors.
func ask[T any](ctx context.Context, a *Accounts, verb, id string, scan pgx.RowToFunc[T], statement string, args ...any) (*T, error) {
	for try := 0; ; try++ {
		answer, err := once(ctx, a.store, scan, statement, args)
		if err == nil {
			return answer, nil
		}
		if lostRace(err) && try < a.store.retries {
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
		return nil, nil //nolint:nilnil // no row and no error: nothing was found
	}
	if err != nil {
		return nil, ended(ctx, err)
	}
	return &answer, nil
}

// lostRace reports whether a statement failed, and changed nothing, because of a concurrent one: a deadlock, a
// serialization failure, or a request with the same key, which is now on record.
func lostRace(err error) bool {
	return rolledBack(err) || coded(err, codeUnique)
}
