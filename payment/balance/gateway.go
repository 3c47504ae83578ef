package balance

import (
	"context"
	"fmt"
	"strconv"
	"time"

	"github.com/prepaidkit/prepaid/internal/wallet"
	"github.com/prepaidkit/prepaid/payment"
)

// Charge implements [payment.Gateway]. The result is always final. It returns [payment.ErrInvalid],
// [payment.ErrKeyConflict], or ctx's error if ctx is done when the call begins; in each case no money moved.
func (a *Accounts) Charge(ctx context.Context, c payment.Charge) (payment.Result, error) {
	if err := c.Validate(); err != nil {
		return payment.Result{}, err
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	if err := ctx.Err(); err != nil {
		return payment.Result{}, fmt.Errorf("balance: charge %q: %w", c.Key, err)
	}
	if made := a.charges[c.Key]; made != nil {
		return made.Answer(c)
	}
	result, after := wallet.DecideCharge(a.position(c.Account, c.Amount.Currency()), c)
	if result.Status == payment.Succeeded {
		out, _ := c.Amount.Mul(-1) // can't fail: every Money has a negative
		m := a.move(Movement{
			Kind: Charged, Account: c.Account, Key: c.Key, Amount: out, Balance: after,
			Order: c.Order, Application: c.Application, Description: c.Description,
		})
		result.Reference, result.At = strconv.Itoa(m.Number), m.At
	} else {
		result.At = a.now()
	}
	a.charges[c.Key] = &wallet.Charge{Request: c, Result: result}
	return result, nil
}

// Lookup implements [payment.Gateway]. The result is final, or NotFound if the key was never charged. It returns
// [payment.ErrInvalid] if the key is invalid, and ctx's error if ctx is done.
func (a *Accounts) Lookup(ctx context.Context, key string) (payment.Result, error) {
	if err := payment.ValidateKey(key); err != nil {
		return payment.Result{}, err
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	if err := ctx.Err(); err != nil {
		return payment.Result{}, fmt.Errorf("balance: lookup %q: %w", key, err)
	}
	if made := a.charges[key]; made != nil {
		return made.Result, nil
	}
	return payment.Result{Key: key, Status: payment.NotFound}, nil
}

// Refund implements [payment.Gateway]. The result is final, or NotFound if the charge was never made. It returns the
// errors of [Accounts.Charge], and [pricing.ErrOverflow] if the balance would be out of range; the same refund then
// succeeds once some of the balance has been spent.
func (a *Accounts) Refund(ctx context.Context, r payment.Refund) (payment.Result, error) {
	if err := r.Validate(); err != nil {
		return payment.Result{}, err
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	if err := ctx.Err(); err != nil {
		return payment.Result{}, fmt.Errorf("balance: refund %q: %w", r.Key, err)
	}
	if given, ok := a.refunds[r.Key]; ok {
		return given.Answer(r)
	}
	made := a.charges[r.Charge]
	if made == nil {
		return payment.Result{Key: r.Key, Status: payment.NotFound}, nil
	}
	result, after, err := wallet.DecideRefund(a.position(r.Account, r.Amount.Currency()), *made, r)
	if err != nil {
		return payment.Result{}, err
	}
	if result.Status == payment.Succeeded {
		made.Refunded += r.Amount.Minor()
		m := a.move(Movement{
			Kind: Refunded, Account: r.Account, Key: r.Key, Charge: r.Charge, Amount: r.Amount, Balance: after,
			Order: made.Request.Order, Application: made.Request.Application, Description: r.Reason,
		})
		result.Reference, result.At = strconv.Itoa(m.Number), m.At
	} else {
		result.At = a.now()
	}
	a.refunds[r.Key] = wallet.Refund{Request: r, Result: result}
	return result, nil
}

// Retention implements [payment.Gateway]. It returns 0: keys are never forgotten.
func (a *Accounts) Retention() time.Duration { return 0 }
