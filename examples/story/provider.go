package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/prepaidkit/prepaid/payment"
	"github.com/prepaidkit/prepaid/pricing"
)

// provider is the gateway and everything behind it: balances for accounts that have made deposits, cards that never
// fail for the others, and answers that a story has scripted. Keys are never forgotten.
type provider struct {
	now func() time.Time

	mu       sync.Mutex
	balances map[string]map[pricing.Currency]pricing.Money // of the accounts that have made deposits
	charges  map[string]*movement                          // by key
	refunds  map[string]*movement                          // by key
	back     map[dispute]*reversal
	asked    map[string]payment.Charge // every charge that was ever requested, by key
	script   []*scripted
}

// movement is the money of a charge or a refund. It is still to move, has moved, or never will.
type movement struct {
	charge payment.Charge // as requested; for a refund, the charge that it refunds
	refund payment.Refund // the zero value means that this is a charge
	result payment.Result
}

// errNoAnswer is a timeout.
var errNoAnswer = errors.New("the provider doesn't answer")

func newProvider(now func() time.Time) *provider {
	return &provider{
		now: now, balances: map[string]map[pricing.Currency]pricing.Money{},
		charges: map[string]*movement{}, refunds: map[string]*movement{}, back: map[dispute]*reversal{},
		asked: map[string]payment.Charge{},
	}
}

// Retention implements [payment.Gateway]. Keys are never forgotten.
func (*provider) Retention() time.Duration { return 0 }

// Charge implements [payment.Gateway].
func (p *provider) Charge(ctx context.Context, c payment.Charge) (payment.Result, error) {
	if err := cmp.Or(c.Validate(), ctx.Err()); err != nil {
		return payment.Result{}, err
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	m := p.charges[c.Key]
	if m != nil && m.charge != c {
		return payment.Result{}, fmt.Errorf("%w: charge %q", payment.ErrKeyConflict, c.Key)
	}
	p.asked[c.Key] = c
	a := p.next(onCharge, c.Account)
	if m == nil && a.answer != timeoutBefore {
		m = &movement{charge: c, result: a.begin(c.Key)}
		if err := p.decide(m, p.enough); err != nil {
			return payment.Result{}, err
		}
		p.charges[c.Key] = m
	}
	return a.hear(m)
}

// Lookup implements [payment.Gateway].
func (p *provider) Lookup(ctx context.Context, key string) (payment.Result, error) {
	if err := cmp.Or(payment.ValidateKey(key), ctx.Err()); err != nil {
		return payment.Result{}, err
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	asked, known := p.asked[key]
	a, m := p.next(onLookup, asked.Account), p.charges[key]
	if decided := a.begin(key); m == nil && known && decided.Status != "" {
		m = &movement{charge: asked, result: decided} // a request that arrived despite the timeout
		p.charges[key] = m
	}
	if a.answer == notFound || m == nil {
		m = &movement{result: payment.Result{Key: key, Status: payment.NotFound}}
	}
	return a.hear(m)
}

// Refund implements [payment.Gateway].
func (p *provider) Refund(ctx context.Context, r payment.Refund) (payment.Result, error) {
	if err := cmp.Or(r.Validate(), ctx.Err()); err != nil {
		return payment.Result{}, err
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	m, of := p.refunds[r.Key], p.charges[r.Charge]
	if m != nil && m.refund != r {
		return payment.Result{}, fmt.Errorf("%w: refund %q", payment.ErrKeyConflict, r.Key)
	}
	a := p.next(onRefund, r.Account)
	switch {
	case m != nil || a.answer == timeoutBefore:
	case of == nil || !of.result.Status.Final():
		m = &movement{result: payment.Result{Key: r.Key, Status: payment.NotFound}} // not final, so not remembered
	default:
		m = &movement{charge: of.charge, refund: r, result: a.begin(r.Key)}
		if err := p.decide(m, p.left); err != nil {
			return payment.Result{}, err
		}
		p.refunds[r.Key] = m
	}
	return a.hear(m)
}

// decide ends a movement that no script has decided. Its money moves unless obstacle gives a reason why it can't.
func (p *provider) decide(m *movement, obstacle func(*movement) payment.Reason) error {
	if m.result.Status != "" {
		return nil
	}
	if reason := obstacle(m); reason != "" {
		m.result.Status, m.result.Reason = payment.Declined, reason
		return nil
	}
	return p.move(m, m.wanted())
}

// wanted returns the requested amount.
func (m *movement) wanted() pricing.Money {
	if m.back() {
		return m.refund.Amount
	}
	return m.charge.Amount
}

// back reports whether the movement is a refund.
func (m *movement) back() bool { return m.refund.Key != "" }

// enough returns the reason why an account can't pay, or "" if it can.
func (p *provider) enough(m *movement) payment.Reason {
	c := m.charge
	if _, deposited := p.balances[c.Account]; !deposited {
		return ""
	}
	if p.balance(c.Account, c.Amount.Currency()).Minor() < c.Amount.Minor() {
		return payment.InsufficientBalance
	}
	return ""
}

// left returns the reason why a charge can't be refunded, or "" if it can.
func (p *provider) left(m *movement) payment.Reason {
	of := p.charges[m.refund.Charge].result
	if of.Status == payment.Succeeded && (m.refund.Account != m.charge.Account || m.refund.Amount.Currency() != of.Amount.Currency()) {
		return payment.Mismatch
	}
	rest := of.Amount.Minor()
	for _, other := range p.refunds {
		if other.refund.Charge == m.refund.Charge && other.result.Status != payment.Declined {
			rest -= other.refund.Amount.Minor()
		}
	}
	for d, r := range p.back {
		if d.charge == m.refund.Charge {
			rest -= r.gone.Minor()
		}
	}
	if m.refund.Amount.Minor() > rest {
		return payment.ExceedsCharge
	}
	return ""
}

// move moves the money and ends the movement, whatever the balance.
func (p *provider) move(m *movement, amount pricing.Money) error {
	out := amount
	if !m.back() {
		var err error
		if out, err = amount.Mul(-1); err != nil {
			return err
		}
	}
	if _, deposited := p.balances[m.charge.Account]; deposited {
		if err := p.credit(m.charge.Account, out); err != nil {
			return err
		}
	}
	m.result = payment.Result{Key: m.result.Key, Status: payment.Succeeded, Amount: amount, At: p.now()}
	return nil
}
