package main

import (
	"fmt"

	"github.com/prepaidkit/prepaid/payment"
	"github.com/prepaidkit/prepaid/pricing"
	"github.com/prepaidkit/prepaid/subscription"
)

// deposit adds to a balance. From then on, the account pays from its balances.
func (p *provider) deposit(account string, amount pricing.Money) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.balances[account] == nil {
		p.balances[account] = map[pricing.Currency]pricing.Money{}
	}
	return p.credit(account, amount)
}

// credit adds an amount, which may be negative, to the balance of an account that has balances.
func (p *provider) credit(account string, amount pricing.Money) error {
	sum, err := p.balance(account, amount.Currency()).Add(amount)
	if err == nil {
		p.balances[account][amount.Currency()] = sum
	}
	return err
}

// balance returns an account's balance, or zero if it never had any of that currency.
func (p *provider) balance(account string, c pricing.Currency) pricing.Money {
	if has, ok := p.balances[account][c]; ok {
		return has
	}
	nothing, _ := pricing.FromMinor(0, c) // there is an amount of this currency, so it is valid
	return nothing
}

// books is what the provider knows about an account's money in one currency.
type books struct {
	Balance   pricing.Money `json:"balance"` // absent: the account pays by card
	Collected pricing.Money `json:"collected"`
	Returned  pricing.Money `json:"returned"`
	Charges   int           `json:"charges"` // number of keys that moved money
	Asked     int           `json:"asked"`   // number of keys that were charged, with any result
}

// of returns the provider's books for an account in a currency.
func (p *provider) of(account string, c pricing.Currency) (b books, err error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if b.Collected, err = pricing.FromMinor(0, c); err != nil {
		return books{}, err
	}
	b.Returned = b.Collected
	if _, deposited := p.balances[account]; deposited {
		b.Balance = p.balance(account, c)
	}
	for key, asked := range p.asked {
		if asked.Account != account || asked.Amount.Currency() != c {
			continue
		}
		b.Asked++
		if m := p.charges[key]; m != nil && m.result.Status == payment.Succeeded {
			b.Charges++
			b.Collected, err = plus(b.Collected, m.result.Amount, err)
		}
	}
	for _, m := range p.refunds {
		if m.refund.Account == account && m.result.Status == payment.Succeeded {
			b.Returned, err = plus(b.Returned, m.result.Amount, err)
		}
	}
	for d, r := range p.back {
		if p.charges[d.charge].charge.Account == account {
			b.Returned, err = plus(b.Returned, r.gone, err)
		}
	}
	return b, err
}

// plus adds an amount of the same currency and ignores any other. It keeps the first error.
func plus(sum, amount pricing.Money, err error) (pricing.Money, error) {
	if err != nil || amount.Currency() != sum.Currency() {
		return sum, err
	}
	return sum.Add(amount)
}

// end completes the pending payment with this key and returns what the provider then says about the key. The amount
// may differ from the requested one. A final result doesn't change, except that a refund may still fail. For a
// different result, end only returns what to tell the SDK.
func (p *provider) end(key string, to ending) (payment.Result, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	m := p.charges[key]
	if m == nil {
		m = p.refunds[key]
	}
	if m == nil {
		return payment.Result{}, fmt.Errorf("%w: the provider knows nothing of %.200q", subscription.ErrNotFound, key)
	}
	late := m.back() && m.result.Status == payment.Succeeded && to.status == payment.Declined
	switch {
	case m.result.Status == payment.Pending && to.status == payment.Succeeded:
		err := p.move(m, to.amountOr(m.wanted()))
		return m.result, err
	case m.result.Status == payment.Pending && to.status == payment.Declined, late:
		return p.decline(m, to.reason, late)
	case m.result.Status == payment.Pending && !to.action.IsZero():
		m.result.Action = to.action
	}
	if to.status == m.result.Status && to.amountOr(m.result.Amount) == m.result.Amount {
		return m.result, nil
	}
	told := payment.Result{Key: key, Status: to.status}
	switch to.status { //nolint:exhaustive // a pending one has neither
	case payment.Succeeded:
		told.Amount, told.At = to.amountOr(m.wanted()), p.now()
	case payment.Declined:
		told.Reason = to.reason
	}
	return told, nil
}

// decline ends a movement without moving money. If a refund fails late, the account loses the refunded amount again.
func (p *provider) decline(m *movement, reason payment.Reason, late bool) (payment.Result, error) {
	if _, deposited := p.balances[m.charge.Account]; deposited && late {
		out, err := m.result.Amount.Mul(-1)
		if err == nil {
			err = p.credit(m.charge.Account, out)
		}
		if err != nil {
			return payment.Result{}, err
		}
	}
	m.result = payment.Result{Key: m.result.Key, Status: payment.Declined, Reason: reason}
	return m.result, nil
}

// ending is how a payment ends according to the story.
type ending struct {
	status payment.Status
	reason payment.Reason
	amount pricing.Money // absent: the requested amount
	action payment.Action
}

func (e ending) amountOr(wanted pricing.Money) pricing.Money {
	if e.amount.IsZero() {
		return wanted
	}
	return e.amount
}
