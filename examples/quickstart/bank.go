package main

import (
	"context"

	"github.com/prepaidkit/prepaid/payment"
	"github.com/prepaidkit/prepaid/payment/balance"
)

// bank is a gateway that charges balances, except that a payment by bank transfer is pending until it has arrived. It shows
// what a host sees of such a gateway; examples/gateways has adapters to copy.
type bank struct {
	*balance.Accounts
	byTransfer bool // the next charge is a transfer
	under      map[string]payment.Charge
}

func newBank(accounts *balance.Accounts) *bank {
	return &bank{Accounts: accounts, under: map[string]payment.Charge{}}
}

// Charge answers that a transfer is under way, and charges the balance for anything else.
func (b *bank) Charge(ctx context.Context, c payment.Charge) (payment.Result, error) {
	if b.byTransfer {
		b.byTransfer, b.under[c.Key] = false, c
	}
	if _, ok := b.under[c.Key]; ok {
		return payment.Result{Key: c.Key, Status: payment.Pending}, nil
	}
	return b.Accounts.Charge(ctx, c)
}

// Lookup says what has become of a charge.
func (b *bank) Lookup(ctx context.Context, key string) (payment.Result, error) {
	if _, ok := b.under[key]; ok {
		return payment.Result{Key: key, Status: payment.Pending}, nil
	}
	return b.Accounts.Lookup(ctx, key)
}

// arrive completes a transfer.
func (b *bank) arrive(ctx context.Context, key string) error {
	c := b.under[key]
	delete(b.under, key)
	_, err := b.Accounts.Charge(ctx, c)
	return err
}
