package balance

import (
	"context"
	"fmt"

	"github.com/prepaidkit/prepaid/internal/wallet"
	"github.com/prepaidkit/prepaid/pricing"
)

// deposit names one: the keys of each account are its own.
type deposit struct{ account, key string }

// Deposit adds amount to the account's balance, once per key of the account: the same deposit again returns nil and adds
// nothing. It fails, adding nothing, with
//
//   - [payment.ErrInvalid] for a bad key or an amount that isn't positive;
//   - [payment.ErrKeyConflict] for a key that was used for another amount;
//   - [ErrNoAccount];
//   - [pricing.ErrOverflow] where the balance can't take the amount;
//   - ctx's error if ctx is done.
func (a *Accounts) Deposit(ctx context.Context, id, key string, amount pricing.Money) error {
	d := wallet.Deposit{Key: key, Account: id, Amount: amount}
	if err := d.Validate(); err != nil {
		return err
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	if err := ctx.Err(); err != nil {
		return fmt.Errorf("balance: deposit %q: %w", key, err)
	}
	name := deposit{id, key}
	if made, ok := a.deposits[name]; ok {
		return made.Answer(d)
	}
	after, err := d.Decide(a.position(id, amount.Currency()))
	if err != nil {
		return err
	}
	a.move(Movement{Kind: Deposited, Account: id, Key: key, Amount: amount, Balance: after})
	a.deposits[name] = d
	return nil
}
