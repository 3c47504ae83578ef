package main

import (
	"cmp"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/prepaidkit/prepaid/payment"
	"github.com/prepaidkit/prepaid/payment/balance"
	"github.com/prepaidkit/prepaid/subscription"
)

// ownProvider is a payment provider that asks nobody for money: a [payment.Gateway], and the provider's own side of it. A
// charge is made by the method that was chosen for it or, without a choice, by the one that the account has when the
// charge is first requested. Balances are those of the store; the rest is
// in notes, so a console that starts again finds every charge as it was.
type ownProvider struct {
	accounts accounts
	notes    notes
	now      func() time.Time
	hooks    *hooks // tells the console what became of a charge that was pending

	mu sync.Mutex
}

var _ provider = (*ownProvider)(nil)

// withOwn has a console collect by an ownProvider.
func withOwn() opening {
	return opening{"", func(c *console) (provider, error) {
		secret := make([]byte, 32)
		_, _ = rand.Read(secret) // never fails
		return &ownProvider{accounts: c.accounts, notes: c.notes, now: c.clock.now, hooks: newHooks(secret)}, nil
	}}
}

// Names of notes, followed by the account or by the key.
const (
	methodNotes = "provider/method/"
	onceNotes   = "provider/once/"
	chargeNotes = "provider/charge/"
	refundNotes = "provider/refund/"
)

// byBalance reports whether the money is the store's, which also knows the result.
func (m movement) byBalance() bool { return m.Method == payBalance || m.Method == payNothing }

// methods implements [wallet].
func (*ownProvider) methods() []method {
	return []method{payBalance, payCard, payAsks, payTransfer, payBadCard, payExpired}
}

// choices implements [wallet]: an order can be paid by any method.
func (p *ownProvider) choices(method) []method { return p.methods() }

// Retention implements [payment.Gateway]. Keys are never forgotten.
func (*ownProvider) Retention() time.Duration { return 0 }

// Charge implements [payment.Gateway].
func (p *ownProvider) Charge(ctx context.Context, c payment.Charge) (payment.Result, error) {
	if err := cmp.Or(c.Validate(), ctx.Err()); err != nil {
		return payment.Result{}, err
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	var m movement
	known, err := p.notes.get(ctx, chargeNotes+c.Key, &m)
	if err != nil {
		return payment.Result{}, err
	}
	if known && m.Charge != c {
		return payment.Result{}, fmt.Errorf("%w: charge %q", payment.ErrKeyConflict, c.Key)
	}
	if !known {
		if m, err = p.begin(ctx, c); err != nil {
			return payment.Result{}, err
		}
	}
	if !m.byBalance() {
		return m.Result, nil
	}
	err = p.accounts.SetPaymentMethod(ctx, c.Account, m.Method == payBalance)
	if err != nil && !errors.Is(err, balance.ErrNoAccount) { // which is declined
		return payment.Result{}, err
	}
	return p.accounts.Charge(ctx, c)
}

// begin decides how a new charge is made, and remembers it before the answer is given.
func (p *ownProvider) begin(ctx context.Context, c payment.Charge) (movement, error) {
	var how method
	chosen, err := p.notes.get(ctx, onceNotes+c.Key, &how)
	if err == nil && !chosen {
		how, err = p.method(ctx, c.Account)
	}
	if err != nil {
		return movement{}, err
	}
	m := movement{Charge: c, Method: how, Result: payment.Result{Key: c.Key, Reference: "fake:" + string(how)}}
	switch how { //nolint:exhaustive // the others aren't offered
	case payBalance, payNothing:
		m.Result = payment.Result{}
	case payCard:
		m.Result.Status, m.Result.Amount, m.Result.At = payment.Succeeded, c.Amount, p.now()
	case payBadCard:
		m.Result.Status, m.Result.Reason = payment.Declined, payment.Other
	case payExpired:
		m.Result.Status, m.Result.Reason = payment.Declined, payment.ExpiredMethod
	case payAsks:
		m.Result.Status = payment.Pending
		if m.Result.Action, err = p.ask(ctx, c.Key); err != nil {
			return movement{}, err
		}
	case payTransfer:
		m.Result.Status = payment.Pending
	}
	return m, p.notes.put(ctx, chargeNotes+c.Key, m)
}

// Lookup implements [payment.Gateway].
func (p *ownProvider) Lookup(ctx context.Context, key string) (payment.Result, error) {
	if err := cmp.Or(payment.ValidateKey(key), ctx.Err()); err != nil {
		return payment.Result{}, err
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	m, err := p.movement(ctx, key)
	return m.Result, err
}

// movement returns what is known of a charge, which may be that it isn't found.
func (p *ownProvider) movement(ctx context.Context, key string) (m movement, err error) {
	known, err := p.notes.get(ctx, chargeNotes+key, &m)
	switch {
	case err != nil:
		return movement{}, err
	case !known:
		m.Result = payment.Result{Key: key, Status: payment.NotFound}
	case m.byBalance():
		m.Result, err = p.accounts.Lookup(ctx, key)
	}
	return m, err
}

// method implements [wallet].
func (p *ownProvider) method(ctx context.Context, account string) (method, error) {
	how := payNothing
	_, err := p.notes.get(ctx, methodNotes+account, &how)
	return how, err
}

// setMethod implements [wallet].
func (p *ownProvider) setMethod(ctx context.Context, account string, how method) error {
	if how != payNothing && !slices.Contains(p.methods(), how) {
		return fmt.Errorf("%w: no payment method is called %.32q", payment.ErrInvalid, how)
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if err := p.accounts.Open(ctx, account); err != nil {
		return err
	}
	return p.notes.put(ctx, methodNotes+account, how)
}

// setMethodOnce implements [gateway].
func (p *ownProvider) setMethodOnce(ctx context.Context, key subscription.AttemptID, how method) error {
	return p.notes.put(ctx, onceNotes+string(key), how)
}

// methodOf implements [gateway].
func (p *ownProvider) methodOf(ctx context.Context, key subscription.AttemptID) (method, error) {
	var m movement
	_, err := p.notes.get(ctx, chargeNotes+string(key), &m)
	return m.Method, err
}

// charges implements [backstage].
func (p *ownProvider) charges(ctx context.Context, keep func(movement) bool) ([]movement, error) {
	return list(notesOf[movement](ctx, p.notes, chargeNotes), func(m movement) bool { return keep(m) })
}

// refundsOf returns the refunds of a charge that weren't declined.
func (p *ownProvider) refundsOf(ctx context.Context, key string) ([]payment.Refund, error) {
	var refunds []payment.Refund
	for m, err := range notesOf[movement](ctx, p.notes, refundNotes) {
		if err != nil {
			return nil, err
		}
		if m.Refund.Charge == key && m.Result.Status != payment.Declined {
			refunds = append(refunds, m.Refund)
		}
	}
	return refunds, nil
}
