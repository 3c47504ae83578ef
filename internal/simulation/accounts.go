package simulation

import (
	"context"
	"fmt"

	"github.com/prepaidkit/prepaid/pricing"
)

// openAccounts opens the paying accounts; every third application shares its neighbor's.
func (w *world) openAccounts() error {
	for _, c := range w.customers {
		if err := w.accounts.Open(context.Background(), string(c.account)); err != nil {
			return err
		}
		c.bound = true
		if w.rich {
			if err := w.deposit(c, "initial", 5_000_000); err != nil {
				return err
			}
		}
	}
	return nil
}

// deposit adds money to an account, in both currencies.
func (w *world) deposit(c *customer, key string, minor int64) error {
	for _, currency := range []pricing.Currency{"USD", "JPY"} {
		amount, err := pricing.FromMinor(minor, currency)
		if err != nil {
			return err
		}
		id := fmt.Sprintf("%s %s %s", c.id, key, currency)
		if err := w.accounts.Deposit(context.Background(), c.payer(w), id, amount); err != nil {
			return err
		}
	}
	return nil
}
