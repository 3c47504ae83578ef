package sqlite

import (
	"context"
	"fmt"
	"time"

	"github.com/prepaidkit/prepaid/internal/wallet"
	"github.com/prepaidkit/prepaid/payment"
	"github.com/prepaidkit/prepaid/payment/balance"
	"github.com/prepaidkit/prepaid/pricing"
)

// Accounts holds prepaid balances in the file and is the [payment.Gateway] that collects from them. It is the durable
// version of package payment/balance. It is safe for concurrent use, also by several processes. Create it with
// [Store.Accounts].
//
// Each request is one transaction that also records the result for its key. The request therefore takes effect once,
// no matter how often it is repeated or where it is interrupted. Keys are remembered for as long as the file exists.
//
// In addition to the errors it documents, each method fails with ctx's error if ctx is done before it begins, in
// which case nothing has happened, and with the errors of the file ([ErrBusy], [ErrFull], [ErrNotMigrated],
// [ErrClosed], and SQLite's own). If the commit failed, the outcome is unknown; repeat the same request to find out.
type Accounts struct {
	store *Store
	now   func() time.Time
}

var _ payment.Gateway = (*Accounts)(nil)

// Accounts returns the account balances in the file. They are independent of its applications. o may be nil.
func (s *Store) Accounts(o *balance.Options) *Accounts {
	if o == nil {
		o = new(balance.Options)
	}
	return &Accounts{store: s, now: wallet.Clock(o.Now)}
}

const (
	openAccount = `INSERT INTO prepaid_accounts (id, bound, opened_at) VALUES (?, 1, ?) ON CONFLICT DO NOTHING`
	bindAccount = `UPDATE prepaid_accounts SET bound = ? WHERE id = ?`
	getPosition = `SELECT a.bound, b.amount FROM prepaid_accounts a
		LEFT JOIN prepaid_balances b ON b.account = a.id AND b.currency = ? WHERE a.id = ?`
)

// Open opens an account with a payment method bound and an empty balance. It leaves an account that is already open
// unchanged. It fails with [payment.ErrInvalid] for an ID that no charge could name.
func (a *Accounts) Open(ctx context.Context, id string) error {
	if err := wallet.ValidateAccount(id); err != nil {
		return err
	}
	return a.write(ctx, "open", id, func(q session) error {
		_, err := q.exec(openAccount, id, a.now().UnixMicro())
		return err
	})
}

// SetPaymentMethod sets whether the account has a payment method bound. Without one, its charges are declined with
// [payment.NoPaymentMethod], whatever its balance; refunds and deposits still arrive. It fails with
// balance.ErrNoAccount.
func (a *Accounts) SetPaymentMethod(ctx context.Context, id string, bound bool) error {
	var n, flag int64
	if bound {
		flag = 1
	}
	if wallet.ValidateAccount(id) != nil {
		return wallet.NoAccount(id) // no other account could have been opened
	}
	err := a.write(ctx, "payment method of", id, func(q session) (err error) {
		n, err = q.exec(bindAccount, flag, id)
		return err
	})
	if err == nil && n == 0 {
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
	var p wallet.Position
	if err := a.read(ctx, "balance of", id, func(q session) (err error) {
		p, err = position(q, id, c)
		return err
	}); err != nil {
		return pricing.Money{}, err
	}
	switch {
	case !p.Open:
		return pricing.Money{}, wallet.NoAccount(id)
	case p.Balance.IsZero():
		return zero, nil
	}
	return p.Balance, nil
}

// position returns the facts about an account that a decision needs.
func position(q session, id string, c pricing.Currency) (wallet.Position, error) {
	var p wallet.Position
	err := q.query(getPosition, func(r row) (err error) {
		p.Open, p.Bound = true, r.number(0) == 1
		if r[1] != nil {
			p.Balance, err = pricing.FromMinor(r.number(1), c)
		}
		return err
	}, string(c), id)
	return p, err
}

// read calls do with a read-only connection.
func (a *Accounts) read(ctx context.Context, verb, id string, do func(q session) error) error {
	if err := a.store.read(ctx, do); err != nil {
		return fmt.Errorf("sqlite: %s %.80q: %w", verb, id, err)
	}
	return nil
}

// write calls do in a transaction. do may be called again, and returns an error only if something failed.
func (a *Accounts) write(ctx context.Context, verb, id string, do func(q session) error) error {
	const rows = 4
	if err := a.store.write(ctx, rows, do); err != nil {
		return fmt.Errorf("sqlite: %s %.80q: %w", verb, id, err)
	}
	return nil
}
