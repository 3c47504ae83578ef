package wallet

import (
	"fmt"

	"github.com/prepaidkit/prepaid/payment"
	"github.com/prepaidkit/prepaid/pricing"
)

// The record of a key answers a repeated request, and refuses a different one.

// Charge is the record of a charge.
type Charge struct {
	Request  payment.Charge
	Result   payment.Result // final
	Refunded int64          // refunded amount, in minor units
}

// Answer returns the recorded result for c, a later request with the same key. It returns [payment.ErrKeyConflict] if c
// differs from the recorded request.
func (made Charge) Answer(c payment.Charge) (payment.Result, error) {
	if made.Request != c {
		return payment.Result{}, fmt.Errorf("%w: charge %q", payment.ErrKeyConflict, c.Key)
	}
	return made.Result, nil
}

// Refund is the record of a refund.
type Refund struct {
	Request payment.Refund
	Result  payment.Result // final
}

// Answer returns the recorded result for r; see [Charge.Answer].
func (made Refund) Answer(r payment.Refund) (payment.Result, error) {
	if made.Request != r {
		return payment.Result{}, fmt.Errorf("%w: refund %q", payment.ErrKeyConflict, r.Key)
	}
	return made.Result, nil
}

// Deposit is a request to add to an account, and also its record.
type Deposit struct {
	Key     string
	Account string
	Amount  pricing.Money
}

// Validate returns an error that wraps [payment.ErrInvalid] if d is invalid. The rules are those of a charge, since a
// deposit is the same movement in the opposite direction.
func (d Deposit) Validate() error {
	if err := (payment.Charge{Key: d.Key, Account: d.Account, Amount: d.Amount}).Validate(); err != nil {
		return fmt.Errorf("balance: deposit: %w", err)
	}
	return nil
}

// Answer returns nil if the same deposit is repeated, and [payment.ErrKeyConflict] if a different one has the same key.
func (d Deposit) Answer(again Deposit) error {
	if d != again {
		return fmt.Errorf("%w: deposit %q", payment.ErrKeyConflict, again.Key)
	}
	return nil
}

// ValidateAccount returns an error that wraps [payment.ErrInvalid] if no charge could use the ID.
func ValidateAccount(id string) error {
	if err := payment.ValidateKey(id); err != nil {
		return fmt.Errorf("balance: account %.64q: %w", id, err)
	}
	return nil
}
