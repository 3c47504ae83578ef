package wallet

import (
	"errors"
	"fmt"

	"github.com/prepaidkit/prepaid/payment"
	"github.com/prepaidkit/prepaid/pricing"
)

// ErrNoAccount means that the account was never opened. It is exported to users as balance.ErrNoAccount.
var ErrNoAccount = errors.New("balance: no such account")

// Position is the state of an account for a decision, in the currency of the request.
type Position struct {
	Open    bool
	Bound   bool          // has a payment method
	Balance pricing.Money // never negative; the zero Money if that currency was never deposited
}

// DecideCharge returns the final result of c, without reference and time, and the new balance.
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

// DecideRefund returns the final result of r, without reference and time, and the new balance. made is the charge to be
// refunded. It returns [pricing.ErrOverflow] if the new balance is out of range. r is then undecided: it can succeed
// once some of the balance has been spent.
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

// Decide returns the balance after the deposit d. It returns [ErrNoAccount], or [pricing.ErrOverflow] if the new
// balance is out of range.
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

// NoAccount returns an error that wraps [ErrNoAccount] and has the account's ID.
func NoAccount(id string) error { return fmt.Errorf("%w: %q", ErrNoAccount, id) }

// RefundOverflow returns the error for a refund whose new balance is out of range. err wraps [pricing.ErrOverflow].
func RefundOverflow(r payment.Refund, err error) error {
	return fmt.Errorf("balance: refund %q: %w", r.Key, err)
}

// DepositOverflow returns the error for a deposit whose new balance is out of range. err wraps [pricing.ErrOverflow].
func DepositOverflow(d Deposit, err error) error {
	return fmt.Errorf("balance: deposit to %q: %w", d.Account, err)
}
