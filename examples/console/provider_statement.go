package main

import (
	"context"

	"github.com/prepaidkit/prepaid/payment"
	"github.com/prepaidkit/prepaid/payment/balance"
	"github.com/prepaidkit/prepaid/pricing"
	"github.com/prepaidkit/prepaid/store/reconcile"
)

// statement implements [stating]: what cards, transfers and balances paid and got back.
func (p *ownProvider) statement(ctx context.Context) ([]reconcile.Line, error) {
	charges, err := p.charges(ctx, func(m movement) bool { return m.Result.Status == payment.Succeeded })
	if err != nil {
		return nil, err
	}
	lines := chargeLines(charges)
	for m, err := range notesOf[movement](ctx, p.notes, refundNotes) {
		if err != nil {
			return nil, err
		}
		if m.Result.Status == payment.Succeeded || !m.MadeAt.IsZero() {
			lines = append(lines, reconcile.Line{Kind: reconcile.Refund, Key: m.Refund.Key, Amount: m.Refund.Amount})
		}
		if !m.MadeAt.IsZero() { // and it came back
			lines = append(lines, reconcile.Line{Kind: reconcile.Reinstated, Key: m.Refund.Key, Amount: m.Refund.Amount})
		}
	}
	for r, err := range notesOf[payment.Reversal](ctx, p.notes, reversalNotes) {
		if err != nil {
			return nil, err
		}
		lines = append(lines, reversalLines(r)...)
	}
	for cu, err := range notesOf[customer](ctx, p.notes, customerNotes) {
		if err != nil {
			return nil, err
		}
		for m, err := range p.accounts.Statement(ctx, cu.ID) {
			if err != nil {
				return nil, err
			}
			l := reconcile.Line{Kind: reconcile.Refund, Key: m.Key, Amount: m.Amount, At: m.At}
			switch m.Kind {
			case balance.Deposited:
				continue
			case balance.Charged:
				l.Kind = reconcile.Charge
				if l.Amount, err = pricing.FromMinor(-m.Amount.Minor(), m.Amount.Currency()); err != nil {
					return nil, err
				}
			case balance.Refunded:
			}
			lines = append(lines, l)
		}
	}
	return lines, nil
}

// statement implements [stating].
func (p *stripeProvider) statement(ctx context.Context) ([]reconcile.Line, error) {
	charges, err := p.charges(ctx, func(m movement) bool { return m.Result.Status == payment.Succeeded })
	if err != nil {
		return nil, err
	}
	lines := chargeLines(charges)
	for _, m := range charges {
		for _, took := range p.fake.Taken(p.intent(m.Charge.Key)) {
			amount, err := stripeMoney(took.Amount, m.Result.Amount.Currency())
			if err != nil {
				return nil, err
			}
			r := payment.Reversal{ID: took.ID, Charge: m.Charge.Key, Status: payment.GivenBack, Amount: amount}
			if took.Dispute {
				r.Status = payment.Reversed
			}
			if !took.Keeps() {
				r.Status = payment.Reinstated
			}
			if key := took.Metadata["prepaid_key"]; key != "" {
				r.ID, r.Charge = "", key
			}
			all := reversalLines(r)
			if !took.Dispute {
				all[0].Kind = reconcile.Refund
			}
			lines = append(lines, all...)
		}
	}
	return lines, nil
}

func chargeLines(charges []movement) []reconcile.Line {
	var lines []reconcile.Line
	for _, m := range charges {
		lines = append(lines, reconcile.Line{Kind: reconcile.Charge, Key: m.Charge.Key, Amount: m.Result.Amount, At: m.Result.At})
	}
	return lines
}

// reversalLines returns the lines of money that was taken and, perhaps, came back.
func reversalLines(r payment.Reversal) []reconcile.Line {
	l := reconcile.Line{Kind: reconcile.Reversal, Key: r.Charge, ID: r.ID, Amount: r.Amount}
	if r.Status == payment.GivenBack {
		l.Kind = reconcile.Refund
	}
	if r.Status != payment.Reinstated {
		return []reconcile.Line{l}
	}
	came := l
	came.Kind = reconcile.Reinstated
	return []reconcile.Line{l, came}
}
