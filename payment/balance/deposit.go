package balance

import (
	"context"
	"fmt"

	"github.com/prepaidkit/prepaid/internal/wallet"
	"github.com/prepaidkit/prepaid/pricing"
)

// deposit identifies a deposit. Each account has its own keys.
type deposit struct{ account, key string }

// Deposit adds amount to the account's balance, once per key of the account. Repeating the same deposit returns nil and
// adds nothing. On error it adds nothing. It returns
//
//   - [payment.ErrInvalid] if the key is invalid or the amount isn't positive;
//   - [payment.ErrKeyConflict] if the key was used with a different amount;
//   - [ErrNoAccount];
//   - [pricing.ErrOverflow] if the balance would be out of range;
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
