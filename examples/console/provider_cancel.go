package main

import (
	"cmp"
	"context"

	"github.com/prepaidkit/prepaid/payment"
)

// Cancel implements [payment.Canceler]. A payment that its payer hasn't confirmed yet never succeeds then. A transfer that
// the bank is working on can't be called back, so it stays pending.
func (p *ownProvider) Cancel(ctx context.Context, key string) (payment.Result, error) {
	if err := cmp.Or(payment.ValidateKey(key), ctx.Err()); err != nil {
		return payment.Result{}, err
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	m, err := p.movement(ctx, key)
	if err != nil || m.byBalance() || m.Result.Status != payment.Pending || m.Result.Action.IsZero() {
		return m.Result, err
	}
	m.Result.Status, m.Result.Reason, m.Result.Action = payment.Declined, payment.Canceled, payment.Action{}
	return m.Result, p.notes.put(ctx, chargeNotes+key, m)
}
