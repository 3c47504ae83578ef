package main

import (
	"context"
	"errors"
	"fmt"

	"github.com/prepaidkit/prepaid/payment"
	"github.com/prepaidkit/prepaid/payment/stripe"
	"github.com/prepaidkit/prepaid/payment/stripe/stripefake"
	"github.com/prepaidkit/prepaid/pricing"
)

// play implements [backstage].
func (p *stripeProvider) play(ctx context.Context, a act) error {
	if err := p.perform(ctx, a); err != nil || a.Do == spendsAll {
		return err
	}
	return p.send(ctx, sendWaiting)
}

func (p *stripeProvider) perform(ctx context.Context, a act) error {
	intent := p.intent(a.Charge)
	switch a.Do {
	case approves, refuses:
		err := p.fake.Authenticate(intent, a.Do == approves)
		if errors.Is(err, stripefake.ErrState) {
			err = p.fake.Settle(intent, a.Do == approves)
		}
		return known(err, errNotPending)
	case chargesBack:
		if !a.Amount.IsZero() {
			return errWhole
		}
		_, err := p.fake.Dispute(intent, false)
		return known(err, errNothingLeft)
	case givesBack:
		return p.giveBack(ctx, a)
	case reinstates, keepsForGood:
		return known(p.fake.CloseDispute(a.ID, a.Do == reinstates), errNothingLeft)
	case failsToRefund:
		return known(p.fake.FailRefund(a.ID), errNothingLeft)
	case spendsAll:
		return p.setMethod(ctx, a.Account, payEmpty)
	}
	return errNoPage
}

// giveBack refunds an amount of a charge, or all that is left of it.
func (p *stripeProvider) giveBack(ctx context.Context, a act) error {
	result, err := p.Lookup(ctx, a.Charge)
	if err != nil {
		return err
	}
	if result.Status != payment.Succeeded {
		return errNothingLeft
	}
	t, err := p.takenOf(ctx, movement{Charge: payment.Charge{Key: a.Charge}, Result: result})
	if err != nil {
		return err
	}
	if a.Amount.IsZero() {
		a.Amount = t.Left
	}
	if over, err := a.Amount.Cmp(t.Left); err != nil || over > 0 {
		return errors.Join(err, errNothingLeft)
	}
	amount, err := stripe.Amount(a.Amount)
	if err != nil {
		return err
	}
	_, err = p.fake.RefundElsewhere(p.intent(a.Charge), amount)
	return known(err, errNothingLeft)
}

// takenOf implements [backstage].
func (p *stripeProvider) takenOf(_ context.Context, m movement) (taken, error) {
	t := taken{Left: m.Result.Amount}
	for _, took := range p.fake.Taken(p.intent(m.Charge.Key)) {
		amount, err := stripeMoney(took.Amount, m.Result.Amount.Currency())
		if err != nil {
			return taken{}, err
		}
		if took.Keeps() {
			if t.Left, err = t.Left.Sub(amount); err != nil {
				return taken{}, err
			}
		}
		if !took.Dispute && took.Metadata["prepaid_key"] != "" {
			if took.Keeps() {
				t.Refunds = append(t.Refunds, refunded{took.ID, amount})
			}
			continue
		}
		r := reversed{CanReturn: took.Open(), CanKeep: took.Open()}
		r.ID, r.Amount, r.At, r.Status = took.ID, amount, took.At, payment.GivenBack
		switch {
		case !took.Keeps():
			r.Status = payment.Reinstated
		case took.Dispute:
			r.Status = payment.Reversed
		}
		t.Reversals = append(t.Reversals, r)
	}
	return t, nil
}

// stripeMoney is an amount of the provider's units, which are those of ISO 4217 for nearly all currencies.
func stripeMoney(amount int64, c pricing.Currency) (pricing.Money, error) {
	m, err := pricing.FromMinor(amount, c)
	if err != nil {
		return m, err
	}
	if there, err := stripe.Amount(m); err != nil || there != amount {
		return m, errors.Join(err, fmt.Errorf("the demonstration has no amounts in %s", c))
	}
	return m, nil
}
