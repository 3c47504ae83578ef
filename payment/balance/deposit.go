package balance

import (
	"context"
	"fmt"

	"github.com/prepaidkit/prepaid/payment"
	"github.com/prepaidkit/prepaid/pricing"
)

// Deposit adds amount to the account's balance, once per key: the same deposit again returns nil and adds
// nothing. It fails, adding nothing, with
//
//   - [payment.ErrInvalid] for a bad key or an amount that isn't positive;
//   - [payment.ErrKeyConflict] for a key that was used for another account or amount;
//   - [ErrNoAccount];
//   - [pricing.ErrOverflow] where the balance can't take the amount;
//   - ctx's error if ctx is done.
func (a *Accounts) Deposit(ctx context.Context, id, key string, amount pricing.Money) error {
	// A deposit is bounded by the rules of a charge: it is the same move the other way.
	if err := (payment.Charge{Key: key, Account: id, Amount: amount}).Validate(); err != nil {
		return fmt.Errorf("balance: deposit: %w", err)
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	if err := ctx.Err(); err != nil {
		return fmt.Errorf("balance: deposit %q: %w", key, err)
	}
	if made, ok := a.deposits[key]; ok {
		if made != (deposit{id, amount}) {
			return fmt.Errorf("%w: deposit %q", payment.ErrKeyConflict, key)
		}
		return nil
	}
	after, err := decideDeposit(a.position(id, amount.Currency()), id, amount)
	if err != nil {
		return err
	}
	a.move(Movement{Kind: Deposited, Account: id, Key: key, Amount: amount, Balance: after})
	a.deposits[key] = deposit{id, amount}
	return nil
}
