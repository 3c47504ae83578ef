package wallet

import (
	"errors"
	"fmt"

	"github.com/prepaidkit/prepaid/payment"
	"github.com/prepaidkit/prepaid/pricing"
)

// ErrNoAccount is an account that was never opened. Its name to users is balance.ErrNoAccount.
var ErrNoAccount = errors.New("balance: no such account")

// Position is an account as a decision sees it: in the currency of the request.
type Position struct {
	Open    bool
	Bound   bool          // has a payment method
	Balance pricing.Money // never negative; the zero Money where that currency was never deposited
}

// DecideCharge returns the result of c, which is final, without reference and time, and the balance after it.
func DecideCharge(p Position, c payment.Charge) (payment.Result, pricing.Money) {
	if !p.Open || !p.Bound {
		return declined(c.Key, payment.NoPaymentMethod), p.Balance
	}
	after, err := p.Balance.Sub(c.Amount)
	if err != nil || after.Sign() < 0 {
		return declined(c.Key, payment.InsufficientBalance), p.Balance
	}
	return succeeded(c.Key, c.Amount), after
}

// DecideRefund returns the result of r, which is final, without reference and time, and the balance after it. made
// is the charge to be refunded. It fails with [pricing.ErrOverflow] where the balance can't take the amount, which
// leaves r undecided: it can once some of the balance has been spent.
func DecideRefund(p Position, made Charge, r payment.Refund) (payment.Result, pricing.Money, error) {
	c := made.Request
	if r.Account != c.Account || r.Amount.Currency() != c.Amount.Currency() {
		return declined(r.Key, payment.Mismatch), p.Balance, nil
	}
	// A declined charge collected 0.
	if left := made.Result.Amount.Minor() - made.Refunded; left < r.Amount.Minor() {
		return declined(r.Key, payment.ExceedsCharge), p.Balance, nil
	}
	after, err := p.Balance.Add(r.Amount)
	if err != nil {
		return payment.Result{}, pricing.Money{}, RefundOverflow(r, err)
	}
	return succeeded(r.Key, r.Amount), after, nil
}

// Decide returns the balance after d was added. It fails with [ErrNoAccount], or with [pricing.ErrOverflow] where
// the balance can't take it.
func (d Deposit) Decide(p Position) (pricing.Money, error) {
	if !p.Open {
		return pricing.Money{}, NoAccount(d.Account)
	}
	if p.Balance.IsZero() {
		return d.Amount, nil
	}
	after, err := p.Balance.Add(d.Amount)
	if err != nil {
		return pricing.Money{}, DepositOverflow(d, err)
	}
	return after, nil
}

func succeeded(key string, amount pricing.Money) payment.Result {
	return payment.Result{Key: key, Status: payment.Succeeded, Amount: amount}
}

func declined(key string, reason payment.Reason) payment.Result {
	return payment.Result{Key: key, Status: payment.Declined, Reason: reason}
}

// NoAccount is [ErrNoAccount] with the account's ID.
func NoAccount(id string) error { return fmt.Errorf("%w: %q", ErrNoAccount, id) }

// RefundOverflow is the error for a refund that the balance can't take. err wraps [pricing.ErrOverflow].
func RefundOverflow(r payment.Refund, err error) error {
	return fmt.Errorf("balance: refund %q: %w", r.Key, err)
}

// DepositOverflow is the error for a deposit that the balance can't take. err wraps [pricing.ErrOverflow].
func DepositOverflow(d Deposit, err error) error {
	return fmt.Errorf("balance: deposit to %q: %w", d.Account, err)
}
