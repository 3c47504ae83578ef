package wallet

import (
	"fmt"

	"github.com/prepaidkit/prepaid/payment"
	"github.com/prepaidkit/prepaid/pricing"
)

// What is on record of a key answers the same request again, and refuses another.

// Charge is what is on record of a charge.
type Charge struct {
	Request  payment.Charge
	Result   payment.Result // final
	Refunded int64          // what was given back of it, in minor units
}

// Answer returns the result of c, a later request with the same key. It fails with [payment.ErrKeyConflict] if c is
// another request than the one on record.
func (made Charge) Answer(c payment.Charge) (payment.Result, error) {
	if made.Request != c {
		return payment.Result{}, fmt.Errorf("%w: charge %q", payment.ErrKeyConflict, c.Key)
	}
	return made.Result, nil
}

// Refund is what is on record of a refund.
type Refund struct {
	Request payment.Refund
	Result  payment.Result // final
}

// Answer returns the result of r as [Charge.Answer] does.
func (made Refund) Answer(r payment.Refund) (payment.Result, error) {
	if made.Request != r {
		return payment.Result{}, fmt.Errorf("%w: refund %q", payment.ErrKeyConflict, r.Key)
	}
	return made.Result, nil
}

// Deposit is a request to add to an account, and all that is on record of one.
type Deposit struct {
	Key     string
	Account string
	Amount  pricing.Money
}

// Validate reports, wrapping [payment.ErrInvalid], what makes d impossible: it is bounded by the rules of a charge,
// since it is the same move the other way.
func (d Deposit) Validate() error {
	if err := (payment.Charge{Key: d.Key, Account: d.Account, Amount: d.Amount}).Validate(); err != nil {
		return fmt.Errorf("balance: deposit: %w", err)
	}
	return nil
}

// Answer returns nil for the same deposit again, and [payment.ErrKeyConflict] for another with its key.
func (d Deposit) Answer(again Deposit) error {
	if d != again {
		return fmt.Errorf("%w: deposit %q", payment.ErrKeyConflict, again.Key)
	}
	return nil
}

// ValidateAccount refuses, with [payment.ErrInvalid], an ID that no charge could name.
func ValidateAccount(id string) error {
	if err := payment.ValidateKey(id); err != nil {
		return fmt.Errorf("balance: account %.64q: %w", id, err)
	}
	return nil
}
