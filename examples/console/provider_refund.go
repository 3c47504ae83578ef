package main

import (
	"cmp"
	"context"
	"fmt"

	"github.com/prepaidkit/prepaid/payment"
)

// Refund implements [payment.Gateway]. Money goes back to where it came from.
func (p *ownProvider) Refund(ctx context.Context, r payment.Refund) (payment.Result, error) {
	if err := cmp.Or(r.Validate(), ctx.Err()); err != nil {
		return payment.Result{}, err
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	var m, of movement
	known, err := p.notes.get(ctx, refundNotes+r.Key, &m)
	if err != nil {
		return payment.Result{}, err
	}
	if known && m.Refund != r {
		return payment.Result{}, fmt.Errorf("%w: refund %q", payment.ErrKeyConflict, r.Key)
	}
	if known {
		return m.Result, nil
	}
	charged, err := p.notes.get(ctx, chargeNotes+r.Charge, &of)
	switch {
	case err != nil:
		return payment.Result{}, err
	case charged && of.byBalance():
		return p.accounts.Refund(ctx, r)
	case !charged || !of.Result.Status.Final():
		return payment.Result{Key: r.Key, Status: payment.NotFound}, nil // not final, so not remembered
	}
	m = movement{Charge: of.Charge, Refund: r, Method: of.Method, Result: payment.Result{Key: r.Key, Status: payment.Declined}}
	if m.Result.Reason, err = p.obstacle(ctx, r, of); err != nil {
		return payment.Result{}, err
	}
	if m.Result.Reason == "" {
		m.Result.Status, m.Result.Amount, m.Result.At = payment.Succeeded, r.Amount, p.now()
	}
	return m.Result, p.notes.put(ctx, refundNotes+r.Key, m)
}

// obstacle returns the reason why a charge can't be refunded, or "" if it can.
func (p *ownProvider) obstacle(ctx context.Context, r payment.Refund, of movement) (payment.Reason, error) {
	if of.Result.Status != payment.Succeeded {
		return payment.ExceedsCharge, nil
	}
	if r.Account != of.Charge.Account || r.Amount.Currency() != of.Charge.Amount.Currency() {
		return payment.Mismatch, nil
	}
	left, err := p.left(ctx, of)
	if err != nil {
		return "", err
	}
	if r.Amount.Minor() > left.Minor() {
		return payment.ExceedsCharge, nil
	}
	return "", nil
}
