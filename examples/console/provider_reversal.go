package main

import (
	"cmp"
	"context"
	"fmt"
	"slices"

	"github.com/prepaidkit/prepaid/payment"
	"github.com/prepaidkit/prepaid/pricing"
)

// reversalNotes is the beginning of the names of the notes with reversals, followed by their IDs.
const reversalNotes = "provider/reversal/"

// play implements [backstage].
func (p *ownProvider) play(ctx context.Context, a act) error {
	switch a.Do { //nolint:exhaustive // the others follow
	case approves, refuses:
		return p.answer(ctx, a.Charge, a.Do == approves)
	case spendsAll: // a balance has what was deposited, and no more
		return nil
	}
	return p.tells(ctx, func() (notification, error) {
		switch a.Do {
		case chargesBack:
			return p.reverse(ctx, a.Charge, a.Amount, payment.Reversed)
		case givesBack:
			return p.reverse(ctx, a.Charge, a.Amount, payment.GivenBack)
		case reinstates:
			return p.reinstate(ctx, a.ID)
		case failsToRefund:
			return p.failRefund(ctx, a.ID)
		case keepsForGood, approves, refuses, spendsAll: // what its bank took stays so, unless it is reinstated
		}
		return notification{}, errNoPage
	})
}

// takenOf implements [backstage].
func (p *ownProvider) takenOf(ctx context.Context, m movement) (t taken, err error) {
	if t.Left, err = p.left(ctx, m); err != nil {
		return taken{}, err
	}
	refunds, err := p.refundsOf(ctx, m.Charge.Key)
	if err != nil {
		return taken{}, err
	}
	for _, r := range refunds {
		t.Refunds = append(t.Refunds, refunded{r.Key, r.Amount})
	}
	reversals, err := p.reversalsOf(ctx, m.Charge.Key)
	for _, r := range reversals {
		t.Reversals = append(t.Reversals, reversed{Reversal: r, CanReturn: r.Status == payment.Reversed})
	}
	return t, err
}

// tells does something, and tells the console about the charge and the reversal or the refund that it returns: not while the
// provider is locked, since the console asks back.
func (p *ownProvider) tells(ctx context.Context, do func() (notification, error)) error {
	p.mu.Lock()
	n, err := do()
	p.mu.Unlock()
	if err == nil {
		p.hooks.send(ctx, n)
	}
	return err
}

// reverse plays the payer's bank, which takes money of a charge back, or the provider's staff, who refund it. The zero
// amount is all that is left. It fails with errNothingLeft.
func (p *ownProvider) reverse(ctx context.Context, key string, amount pricing.Money, how payment.ReversalStatus) (notification, error) {
	var m movement
	_, err := p.notes.get(ctx, chargeNotes+key, &m)
	if err != nil || m.Result.Status != payment.Succeeded {
		return notification{}, cmp.Or(err, fmt.Errorf("%w: %.80q", errNothingLeft, key))
	}
	left, err := p.left(ctx, m)
	if err != nil {
		return notification{}, err
	}
	if amount.IsZero() {
		amount = left
	}
	if over, err := amount.Cmp(left); err != nil || over > 0 || amount.Sign() <= 0 {
		return notification{}, cmp.Or(err, fmt.Errorf("%w: %s of %s", errNothingLeft, amount, left))
	}
	r := payment.Reversal{ID: newKey(), Charge: key, Status: how, Amount: amount, At: p.now(), Reference: "fake:" + string(how)}
	if how == payment.Reversed {
		r.Reason = "disputed"
	}
	return notification{Key: key, Reversal: r.ID}, p.notes.put(ctx, reversalNotes+r.ID, r)
}

// reinstate plays the payer's bank, which returns what it had taken back. It fails with errNothingLeft if it hadn't.
func (p *ownProvider) reinstate(ctx context.Context, id string) (notification, error) {
	var r payment.Reversal
	_, err := p.notes.get(ctx, reversalNotes+id, &r)
	if err != nil || r.Status != payment.Reversed {
		return notification{}, cmp.Or(err, fmt.Errorf("%w: reversal %.80q", errNothingLeft, id))
	}
	r.Status, r.At = payment.Reinstated, p.now()
	return notification{Key: r.Charge, Reversal: r.ID}, p.notes.put(ctx, reversalNotes+r.ID, r)
}

// failRefund plays the payer's bank, which doesn't accept a refund that was made. The console then asks for the refund again. It fails
// with errNothingLeft if there is no such refund.
func (p *ownProvider) failRefund(ctx context.Context, key string) (notification, error) {
	var m movement
	_, err := p.notes.get(ctx, refundNotes+key, &m)
	if err != nil || m.Result.Status != payment.Succeeded {
		return notification{}, cmp.Or(err, fmt.Errorf("%w: refund %.80q", errNothingLeft, key))
	}
	m.MadeAt = m.Result.At
	m.Result = payment.Result{Key: key, Status: payment.Declined, Reason: payment.Other, Reference: m.Result.Reference}
	return notification{Key: key, Status: payment.Declined}, p.notes.put(ctx, refundNotes+key, m)
}

// reversal returns what has become of a charge's money under an ID, and whether there is anything.
func (p *ownProvider) reversal(ctx context.Context, id string) (r payment.Reversal, ok bool, err error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	ok, err = p.notes.get(ctx, reversalNotes+id, &r)
	return r, ok, err
}

// left returns what is left of a charge that succeeded.
func (p *ownProvider) left(ctx context.Context, m movement) (pricing.Money, error) {
	left := m.Result.Amount
	refunds, err := p.refundsOf(ctx, m.Charge.Key)
	if err != nil {
		return left, err
	}
	reversals, err := p.reversalsOf(ctx, m.Charge.Key)
	if err != nil {
		return left, err
	}
	for _, r := range refunds {
		if left, err = left.Sub(r.Amount); err != nil {
			return left, err
		}
	}
	for _, r := range reversals {
		if r.Status == payment.Reinstated {
			continue
		}
		if left, err = left.Sub(r.Amount); err != nil {
			return left, err
		}
	}
	return left, nil
}

// reversalsOf returns the reversals of a charge, the first one first.
func (p *ownProvider) reversalsOf(ctx context.Context, key string) ([]payment.Reversal, error) {
	all, err := list(notesOf[payment.Reversal](ctx, p.notes, reversalNotes), func(r payment.Reversal) bool { return r.Charge == key })
	if err != nil {
		return nil, err
	}
	slices.SortStableFunc(all, func(a, b payment.Reversal) int { return a.At.Compare(b.At) })
	return all, nil
}
