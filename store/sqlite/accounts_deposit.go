package sqlite

import (
	"context"

	"github.com/prepaidkit/prepaid/internal/wallet"
	"github.com/prepaidkit/prepaid/payment/balance"
	"github.com/prepaidkit/prepaid/pricing"
)

// Deposit adds amount to the account's balance, once per key of the account: repeating the same deposit returns nil
// and adds nothing. If it fails, it adds nothing. It fails with
//
//   - payment.ErrInvalid for a bad key or an amount that isn't positive;
//   - payment.ErrKeyConflict for a key that was used for another amount;
//   - [balance.ErrNoAccount];
//   - [pricing.ErrOverflow] if the amount would overflow the balance.
func (a *Accounts) Deposit(ctx context.Context, id, key string, amount pricing.Money) error {
	d := wallet.Deposit{Key: key, Account: id, Amount: amount}
	if err := d.Validate(); err != nil {
		return err
	}
	var refusal error
	if err := a.write(ctx, "deposit", key, func(q session) (err error) {
		refusal, err = a.deposit(q, d)
		return err
	}); err != nil {
		return err
	}
	return refusal
}

// deposit makes d, or returns the reason to refuse it. An error means that the database failed.
func (a *Accounts) deposit(q session, d wallet.Deposit) (refusal, err error) {
	made, err := deposited(q, d.Account, d.Key)
	if err != nil {
		return nil, err
	}
	if made != nil {
		return made.Answer(d), nil
	}
	p, err := position(q, d.Account, d.Amount.Currency())
	if err != nil {
		return nil, err
	}
	after, refusal := d.Decide(p)
	if refusal != nil {
		return refusal, nil
	}
	n, err := move(q, balance.Movement{
		At: a.now(), Kind: balance.Deposited, Account: d.Account, Key: d.Key, Amount: d.Amount, Balance: after,
	})
	if err == nil {
		_, err = q.exec(addDeposit, d.Key, d.Account, string(d.Amount.Currency()), d.Amount.Minor(), n)
	}
	return nil, err
}
