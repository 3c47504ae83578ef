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
	switch a.Do {
	case approves, refuses:
		return p.answer(ctx, a.Charge, a.Do == approves)
	case chargesBack:
		return p.reverse(ctx, a.Charge, a.Amount, payment.Reversed)
	case givesBack:
		return p.reverse(ctx, a.Charge, a.Amount, payment.GivenBack)
	case reinstates:
		return p.reinstate(ctx, a.ID)
	case failsToRefund:
		return p.failRefund(ctx, a.ID)
	case spendsAll: // a balance has what was deposited, and no more
		return nil
	case keepsForGood: // what its bank took stays so, unless it is reinstated
	}
	return errNoPage
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

// reverse plays the payer's bank, which takes money of a charge back, or the provider's staff, who refund it. The zero
// amount is all that is left. It tells the console. It fails with errNothingLeft.
func (p *ownProvider) reverse(ctx context.Context, key string, amount pricing.Money, how payment.ReversalStatus) error {
	r, err := p.takeBack(ctx, key, amount, how)
	if err != nil {
		return err
	}
	p.hooks.send(ctx, notification{Key: key, Reversal: r.ID})
	return nil
}

func (p *ownProvider) takeBack(
	ctx context.Context, key string, amount pricing.Money, how payment.ReversalStatus,
) (payment.Reversal, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	var m movement
	_, err := p.notes.get(ctx, chargeNotes+key, &m)
	if err != nil || m.Result.Status != payment.Succeeded {
		return payment.Reversal{}, cmp.Or(err, fmt.Errorf("%w: %.80q", errNothingLeft, key))
	}
	left, err := p.left(ctx, m)
	if err != nil {
		return payment.Reversal{}, err
	}
	if amount.IsZero() {
		amount = left
	}
	if over, err := amount.Cmp(left); err != nil || over > 0 || amount.Sign() <= 0 {
		return payment.Reversal{}, cmp.Or(err, fmt.Errorf("%w: %s of %s", errNothingLeft, amount, left))
	}
	r := payment.Reversal{ID: newKey(), Charge: key, Status: how, Amount: amount, At: p.now(), Reference: "fake:" + string(how)}
	if how == payment.Reversed {
		r.Reason = "disputed"
	}
	return r, p.notes.put(ctx, reversalNotes+r.ID, r)
}

// reinstate plays the payer's bank, which returns what it had taken back. It fails with errNothingLeft if it hadn't.
func (p *ownProvider) reinstate(ctx context.Context, id string) error {
	r, err := p.giveAgain(ctx, id)
	if err != nil {
		return err
	}
	p.hooks.send(ctx, notification{Key: r.Charge, Reversal: r.ID})
	return nil
}

func (p *ownProvider) giveAgain(ctx context.Context, id string) (payment.Reversal, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	var r payment.Reversal
	_, err := p.notes.get(ctx, reversalNotes+id, &r)
	if err != nil || r.Status != payment.Reversed {
		return r, cmp.Or(err, fmt.Errorf("%w: reversal %.80q", errNothingLeft, id))
	}
	r.Status, r.At = payment.Reinstated, p.now()
	return r, p.notes.put(ctx, reversalNotes+id, r)
}

// reversal returns what has become of a charge's money under an ID, and whether there is anything.
func (p *ownProvider) reversal(ctx context.Context, id string) (r payment.Reversal, ok bool, err error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	ok, err = p.notes.get(ctx, reversalNotes+id, &r)
	return r, ok, err
}

// failRefund plays the payer's bank, which doesn't accept a refund that was made. It tells the console, which then asks
// for the refund again. It fails with errNothingLeft if there is no such refund.
func (p *ownProvider) failRefund(ctx context.Context, key string) error {
	if err := p.declineRefund(ctx, key); err != nil {
		return err
	}
	p.hooks.send(ctx, notification{Key: key, Status: payment.Declined})
	return nil
}

func (p *ownProvider) declineRefund(ctx context.Context, key string) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	var m movement
	_, err := p.notes.get(ctx, refundNotes+key, &m)
	if err != nil || m.Result.Status != payment.Succeeded {
		return cmp.Or(err, fmt.Errorf("%w: refund %.80q", errNothingLeft, key))
	}
	m.MadeAt = m.Result.At
	m.Result = payment.Result{Key: key, Status: payment.Declined, Reason: payment.Other, Reference: m.Result.Reference}
	return p.notes.put(ctx, refundNotes+key, m)
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
