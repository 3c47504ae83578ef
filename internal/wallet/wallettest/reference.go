package wallettest

import (
	"context"
	"iter"

	"github.com/prepaidkit/prepaid/payment/balance"
	"github.com/prepaidkit/prepaid/pricing"
)

// Reference gives balances in memory the methods of those in a database.
func Reference(a *balance.Accounts) Accounts { return reference{a} }

type reference struct{ *balance.Accounts }

func (r reference) Balance(_ context.Context, id string, c pricing.Currency) (pricing.Money, error) {
	return r.Accounts.Balance(id, c)
}

func (r reference) Statement(ctx context.Context, id string) iter.Seq2[balance.Movement, error] {
	return withContext(ctx, r.Accounts.Statement(id))
}

func (r reference) Journal(ctx context.Context) iter.Seq2[balance.Movement, error] {
	return withContext(ctx, r.Accounts.Journal())
}

func withContext(ctx context.Context, s iter.Seq[balance.Movement]) iter.Seq2[balance.Movement, error] {
	return func(yield func(balance.Movement, error) bool) {
		for m := range s {
			if err := ctx.Err(); err != nil {
				yield(balance.Movement{}, err)
				return
			}
			if !yield(m, nil) {
				return
			}
		}
	}
}
