package balance

import (
	"fmt"

	"github.com/prepaidkit/prepaid/payment"
	"github.com/prepaidkit/prepaid/pricing"
)

// The rules of this gateway, as pure functions of what is on record. Whoever keeps the record, in memory
// or in a database, reads a position, decides, and writes the balance and the result that come back.

// position is an account as a decision sees it: in the currency of the request.
type position struct {
	open    bool
	bound   bool          // has a payment method
	balance pricing.Money // never negative; the zero Money where that currency was never deposited
}

// collection is what is on record of a charge that got its final result.
type collection struct {
	charge   payment.Charge
	result   payment.Result
	refunded int64 // in minor units
}

// decideCharge returns the result of c, which is final, and the balance after it.
func decideCharge(p position, c payment.Charge) (payment.Result, pricing.Money) {
	if !p.open || !p.bound {
		return declined(c.Key, payment.NoPaymentMethod), p.balance
	}
	after, err := p.balance.Sub(c.Amount)
	if err != nil || after.Sign() < 0 {
		return declined(c.Key, payment.InsufficientBalance), p.balance
	}
	return succeeded(c.Key, c.Amount), after
}

// decideRefund returns the result of r, which is final, and the balance after it. made is the charge to be
// refunded. It fails with [pricing.ErrOverflow] where the balance can't take the amount, which leaves r
// undecided: it can once some of the balance has been spent.
func decideRefund(p position, made collection, r payment.Refund) (payment.Result, pricing.Money, error) {
	c := made.charge
	if r.Account != c.Account || r.Amount.Currency() != c.Amount.Currency() {
		return declined(r.Key, payment.Mismatch), p.balance, nil
	}
	// A declined charge collected 0.
	if left := made.result.Amount.Minor() - made.refunded; left < r.Amount.Minor() {
		return declined(r.Key, payment.ExceedsCharge), p.balance, nil
	}
	after, err := p.balance.Add(r.Amount)
	if err != nil {
		return payment.Result{}, pricing.Money{}, fmt.Errorf("balance: refund %q: %w", r.Key, err)
	}
	return succeeded(r.Key, r.Amount), after, nil
}

// decideDeposit returns the balance after amount was added. It fails with [ErrNoAccount], or with
// [pricing.ErrOverflow] where the balance can't take it.
func decideDeposit(p position, account string, amount pricing.Money) (pricing.Money, error) {
	if !p.open {
		return pricing.Money{}, fmt.Errorf("%w: %q", ErrNoAccount, account)
	}
	if p.balance.IsZero() {
		return amount, nil
	}
	after, err := p.balance.Add(amount)
	if err != nil {
		return pricing.Money{}, fmt.Errorf("balance: deposit to %q: %w", account, err)
	}
	return after, nil
}

func succeeded(key string, amount pricing.Money) payment.Result {
	return payment.Result{Key: key, Status: payment.Succeeded, Amount: amount}
}

func declined(key string, reason payment.Reason) payment.Result {
	return payment.Result{Key: key, Status: payment.Declined, Reason: reason}
}
