package paymenttest

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"sync/atomic"

	"github.com/prepaidkit/prepaid/payment"
	"github.com/prepaidkit/prepaid/payment/balance"
	"github.com/prepaidkit/prepaid/pricing"
)

// Accounts is implemented by the prepaid balances of package payment/balance and of the stores.
type Accounts interface {
	Open(ctx context.Context, id string) error
	SetPaymentMethod(ctx context.Context, id string, bound bool) error
	Deposit(ctx context.Context, id, key string, amount pricing.Money) error
	Balance(ctx context.Context, id string, c pricing.Currency) (pricing.Money, error)
}

// Prepaid returns the harness for a gateway that collects from accounts, directly or through wrappers that log, count,
// limit or retry. Only the harness may deposit there. It has no Fail, because there is no provider that could fail.
func Prepaid(gateway payment.Gateway, accounts Accounts) Harness {
	var deposits atomic.Int64
	return Harness{
		Gateway: gateway,
		Deposit: func(ctx context.Context, account string, amount pricing.Money) error {
			if err := accounts.Open(ctx, account); err != nil {
				return err
			}
			if err := accounts.SetPaymentMethod(ctx, account, true); err != nil {
				return err
			}
			return accounts.Deposit(ctx, account, "deposit "+strconv.FormatInt(deposits.Add(1), 10), amount)
		},
		Balance: func(ctx context.Context, account string, c pricing.Currency) (pricing.Money, error) {
			m, err := accounts.Balance(ctx, account, c)
			if errors.Is(err, balance.ErrNoAccount) {
				return pricing.FromMinor(0, c)
			}
			return m, err
		},
		Decline: func(ctx context.Context, account string, reason payment.Reason) error {
			if reason != payment.NoPaymentMethod {
				return fmt.Errorf("paymenttest: decline for %s: %w", reason, errors.ErrUnsupported)
			}
			return accounts.SetPaymentMethod(ctx, account, false)
		},
	}
}
