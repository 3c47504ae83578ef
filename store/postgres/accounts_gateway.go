package postgres

import (
	"context"
	"time"

	"github.com/prepaidkit/prepaid/internal/wallet"
	"github.com/prepaidkit/prepaid/payment"
	"github.com/prepaidkit/prepaid/pricing"
)

// Charge implements [payment.Gateway]. The result is always final. It fails with [payment.ErrInvalid] or
// [payment.ErrKeyConflict]; in either case no money has moved.
func (a *Accounts) Charge(ctx context.Context, c payment.Charge) (payment.Result, error) {
	if err := c.Validate(); err != nil {
		return payment.Result{}, err
	}
	made, err := ask(ctx, a, "charge", c.Key, scanCharge(c.Key), chargeAccount, c.Key, c.Account, c.Amount.Minor(),
		string(c.Amount.Currency()), a.now(), wallet.OrNull(c.Order), wallet.OrNull(c.Application), wallet.OrNull(c.Description), c.Present)
	if err != nil {
		return payment.Result{}, err
	}
	return made.Answer(c)
}

// Lookup implements [payment.Gateway]. The result is final, or NotFound if that key was never charged. It fails with
// [payment.ErrInvalid] for an invalid key.
func (a *Accounts) Lookup(ctx context.Context, key string) (payment.Result, error) {
	if err := payment.ValidateKey(key); err != nil {
		return payment.Result{}, err
	}
	made, err := ask(ctx, a, "lookup", key, scanCharge(key), lookupCharge, key)
	if err != nil {
		return payment.Result{}, err
	}
	if made == nil {
		return payment.Result{Key: key, Status: payment.NotFound}, nil
	}
	return made.Result, nil
}

// Refund implements [payment.Gateway]. The result is final, or NotFound if the charge was never made. It fails like
// [Accounts.Charge], and with [pricing.ErrOverflow] if the amount would overflow the balance; the same refund then
// succeeds once some of the balance has been spent.
func (a *Accounts) Refund(ctx context.Context, r payment.Refund) (payment.Result, error) {
	if err := r.Validate(); err != nil {
		return payment.Result{}, err
	}
	made, err := ask(ctx, a, "refund", r.Key, scanRefund(r.Key), refundCharge, r.Key, r.Charge, r.Account, r.Amount.Minor(),
		string(r.Amount.Currency()), a.now(), wallet.OrNull(r.Reason))
	switch {
	case overflows(err):
		return payment.Result{}, wallet.RefundOverflow(r, pricing.ErrOverflow)
	case err != nil:
		return payment.Result{}, err
	case made == nil:
		return payment.Result{Key: r.Key, Status: payment.NotFound}, nil
	}
	return made.Answer(r)
}

// Retention implements [payment.Gateway]. It returns 0, since keys are never forgotten.
func (a *Accounts) Retention() time.Duration { return 0 }

// Deposit adds amount to the account's balance, once per key of the account: repeating the same deposit returns nil
// and adds nothing. If it fails, it adds nothing. It fails with
//
//   - [payment.ErrInvalid] for a bad key or an amount that isn't positive;
//   - [payment.ErrKeyConflict] for a key that was used for another amount;
//   - balance.ErrNoAccount;
//   - [pricing.ErrOverflow] if the amount would overflow the balance.
func (a *Accounts) Deposit(ctx context.Context, id, key string, amount pricing.Money) error {
	d := wallet.Deposit{Key: key, Account: id, Amount: amount}
	if err := d.Validate(); err != nil {
		return err
	}
	made, err := ask(ctx, a, "deposit", key, scanDeposit(key), depositAmount, key, id, amount.Minor(),
		string(amount.Currency()), a.now())
	switch {
	case overflows(err):
		return wallet.DepositOverflow(d, pricing.ErrOverflow)
	case err != nil:
		return err
	case made == nil:
		return wallet.NoAccount(id)
	}
	return made.Answer(d)
}

// overflows reports whether a balance would have exceeded a bigint.
func overflows(err error) bool { return coded(err, codeOutOfRange) }
