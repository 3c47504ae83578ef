package main

import (
	"fmt"

	"github.com/prepaidkit/prepaid/payment"
	"github.com/prepaidkit/prepaid/pricing"
	"github.com/prepaidkit/prepaid/subscription"
)

// dispute names a reversal: the charge, and the provider's own ID.
type dispute struct{ charge, id string }

// reversal is money of a charge that went back without a request.
type reversal struct {
	amount pricing.Money // that went back
	gone   pricing.Money // what of it hasn't come again; the zero Money if it was reinstated before it went back
}

// reverse moves the money of a notice, unless the dispute has moved it before, and returns what to tell the SDK. Without an
// amount, it is what the dispute is about or, for a new one, all that was collected.
func (p *provider) reverse(r payment.Reversal) (payment.Reversal, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	m := p.charges[r.Charge]
	if m == nil || m.result.Status != payment.Succeeded {
		return r, fmt.Errorf("%w: the provider has collected nothing for this order", subscription.ErrNotFound)
	}
	about := dispute{r.Charge, r.ID}
	known := p.back[about]
	if r.At = p.now(); r.Amount.IsZero() {
		r.Amount = m.result.Amount
		if known != nil {
			r.Amount = known.amount
		}
	}
	if err := r.Validate(); err != nil {
		return r, badStep("%w", err)
	}
	switch {
	case known == nil && r.Status == payment.Reinstated: // told in the wrong order
		p.back[about] = &reversal{amount: r.Amount}
	case known == nil:
		p.back[about] = &reversal{amount: r.Amount, gone: r.Amount}
		return r, p.give(m.charge.Account, r.Amount)
	case known.gone.Sign() > 0 && r.Status == payment.Reinstated:
		out, err := known.gone.Mul(-1)
		if err != nil {
			return r, err
		}
		known.gone = pricing.Money{}
		return r, p.give(m.charge.Account, out)
	}
	return r, nil
}

// give adds an amount, which may be negative, to the balance of an account, unless it pays by card.
func (p *provider) give(account string, amount pricing.Money) error {
	if _, deposited := p.balances[account]; !deposited {
		return nil
	}
	return p.credit(account, amount)
}
