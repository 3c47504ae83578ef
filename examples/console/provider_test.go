package main

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/prepaidkit/prepaid/payment"
	"github.com/prepaidkit/prepaid/payment/balance"
	"github.com/prepaidkit/prepaid/payment/paymenttest"
	"github.com/prepaidkit/prepaid/pricing"
)

// The fake provider satisfies the contract of gateways with each of its methods.
func TestProviderConformance(t *testing.T) {
	for _, how := range []method{payBalance, payCard, payTransfer} {
		t.Run(string(how), func(t *testing.T) {
			paymenttest.Run(t, func(t *testing.T) paymenttest.Harness { t.Helper(); return harness(how) })
		})
	}
}

// harness is a provider whose accounts pay by one method.
func harness(how method) paymenttest.Harness {
	now := func() time.Time { return time.Date(2026, time.September, 16, 2, 0, 0, 0, time.UTC) }
	accounts := balance.New(&balance.Options{Now: now})
	p := &ownProvider{accounts: accounts, notes: newMemoryNotes(), now: now, hooks: newHooks([]byte("secret"))}
	deposits := 0
	return paymenttest.Harness{
		Gateway: p,
		Credit:  how != payBalance,
		Deposit: func(ctx context.Context, account string, amount pricing.Money) error {
			if err := p.setMethod(ctx, account, how); err != nil {
				return err
			}
			deposits++
			return accounts.Deposit(ctx, account, fmt.Sprintf("deposit-%d", deposits), amount)
		},
		Balance: func(ctx context.Context, account string, c pricing.Currency) (pricing.Money, error) {
			return booked(ctx, p, account, c)
		},
		Decline: func(ctx context.Context, account string, reason payment.Reason) error {
			switch reason {
			case payment.NoPaymentMethod:
				return p.setMethod(ctx, account, payNothing)
			case payment.Other:
				return p.setMethod(ctx, account, payBadCard)
			case payment.ExpiredMethod:
				return p.setMethod(ctx, account, payExpired)
			}
			return fmt.Errorf("%w: %s", errors.ErrUnsupported, reason)
		},
		NeedPayer: func(ctx context.Context, account string) error { return p.setMethod(ctx, account, payAsks) },
		Confirm:   p.answer,
		Advance: func(ctx context.Context) error {
			waiting, err := p.pending(ctx)
			for _, m := range waiting {
				if answered := p.answer(ctx, m.Charge.Key, true); !errors.Is(answered, errNotPending) {
					err = errors.Join(err, answered)
				}
			}
			return err
		},
	}
}

// booked returns an account's balance, minus what its cards and transfers paid, plus what was refunded to them.
func booked(ctx context.Context, p *ownProvider, account string, c pricing.Currency) (pricing.Money, error) {
	sum, err := p.accounts.Balance(ctx, account, c)
	if errors.Is(err, balance.ErrNoAccount) {
		sum, err = pricing.FromMinor(0, c)
	}
	if err != nil {
		return sum, err
	}
	charged, err := p.charges(ctx, func(m movement) bool {
		return m.Charge.Account == account && m.Charge.Amount.Currency() == c && m.Result.Status == payment.Succeeded
	})
	if err != nil {
		return sum, err
	}
	for _, m := range charged {
		if sum, err = sum.Sub(m.Result.Amount); err != nil {
			return sum, err
		}
		refunds, err := p.refundsOf(ctx, m.Charge.Key)
		if err != nil {
			return sum, err
		}
		for _, r := range refunds {
			if sum, err = sum.Add(r.Amount); err != nil {
				return sum, err
			}
		}
	}
	return sum, nil
}
