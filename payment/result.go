package payment

import (
	"fmt"
	"time"

	"github.com/prepaidkit/prepaid/pricing"
)

// Status is what is known about a charge or a refund. The zero value is no status and invalid.
type Status string

// The statuses. Pending becomes Succeeded or Declined; those two never change.
const (
	Succeeded Status = "succeeded" // the money moved; final
	Declined  Status = "declined"  // it didn't and never will with this key; final
	Pending   Status = "pending"   // it may yet
	NotFound  Status = "not_found" // no record of the charge, which is not definite
)

// Final reports whether s is an outcome that never changes: [Succeeded] or [Declined].
func (s Status) Final() bool { return s == Succeeded || s == Declined }

// Valid reports whether s is one of the four statuses.
func (s Status) Valid() bool {
	switch s {
	case Succeeded, Declined, Pending, NotFound:
		return true
	}
	return false
}

// Reason says why a request was declined, for programs. The set is open: a gateway may have reasons of
// its own, and a caller treats one that it doesn't know as [Other].
type Reason string

// The reasons that gateways have in common.
const (
	InsufficientBalance Reason = "insufficient_balance" // the account or card has too little
	NoPaymentMethod     Reason = "no_payment_method"    // the account is unknown, or has nothing to pay with
	Suspected           Reason = "suspected"            // fraud, a stolen card, a blocked account
	Canceled            Reason = "canceled"             // the payer gave up, or let it lapse
	ExceedsCharge       Reason = "exceeds_charge"       // a refund of more than is left of the charge
	Mismatch            Reason = "mismatch"             // a refund to another account or in another currency than the charge's
	Other               Reason = "other"
)

// Result is what a gateway says about a key, as the answer to a call or in a notification (a webhook)
// afterward. A notification that anybody could have sent says nothing: an adapter makes a Result of one only once its
// signature was verified with the gateway's secret, over the bytes that came, and its age. It is plain data and comparable
// with ==, but for At, which may need [time.Time.Equal].
type Result struct {
	Key       string        `json:"key"` // of the charge or the refund
	Status    Status        `json:"status"`
	Amount    pricing.Money `json:"amount,omitzero"`     // what really moved; the zero Money unless Succeeded
	Reason    Reason        `json:"reason,omitempty"`    // set if Declined, else empty
	Reference string        `json:"reference,omitempty"` // the provider's own name for it, for support
	At        time.Time     `json:"at,omitzero"`         // when it happened, if the provider says so
}

// Validate reports, wrapping [ErrInvalid], what makes r impossible as a gateway's answer: a bad key (see
// [ValidateKey]), no valid status, an amount that isn't positive although it succeeded or that is there
// although it didn't, or a reason where nothing was declined, or none where it was.
func (r Result) Validate() error {
	if err := ValidateKey(r.Key); err != nil {
		return err
	}
	switch {
	case !r.Status.Valid():
		return fmt.Errorf("%w: status %.32q", ErrInvalid, string(r.Status))
	case r.Status != Succeeded && !r.Amount.IsZero():
		return fmt.Errorf("%w: %s with an amount, %s", ErrInvalid, r.Status, r.Amount)
	case (r.Status == Declined) != (r.Reason != ""):
		return fmt.Errorf("%w: %s with the reason %.32q", ErrInvalid, r.Status, string(r.Reason))
	case r.Status == Succeeded:
		return positive(r.Amount)
	}
	return nil
}

// Paid reports whether r says that exactly amount moved: it succeeded, in that currency, neither more nor
// less. Nothing may be delivered for any other result.
func (r Result) Paid(amount pricing.Money) bool {
	return r.Status == Succeeded && !amount.IsZero() && r.Amount == amount
}
