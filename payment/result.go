package payment

import (
	"fmt"
	"time"

	"github.com/prepaidkit/prepaid/pricing"
)

// Status is the known state of a charge or a refund. The zero value is invalid.
type Status string

// The statuses. Pending becomes Succeeded or Declined; those two never change.
const (
	Succeeded Status = "succeeded" // the money moved; final
	Declined  Status = "declined"  // it did not move and never will with this key; final
	Pending   Status = "pending"   // it may still move
	NotFound  Status = "not_found" // no record of the charge; not final
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

// Reason is a machine-readable reason for a decline. The set is open: a gateway may define its own reasons, and callers
// treat an unknown one as [Other].
type Reason string

// The common reasons.
const (
	InsufficientBalance Reason = "insufficient_balance"    // insufficient funds in the account or on the card
	NoPaymentMethod     Reason = "no_payment_method"       // unknown account, or no payment method
	ExpiredMethod       Reason = "expired_method"          // the payment method has expired
	LostOrStolen        Reason = "lost_or_stolen"          // the card was reported lost or stolen
	Suspected           Reason = "suspected"               // suspected fraud, or a blocked account
	NeedsAuthentication Reason = "authentication_required" // the payer must confirm the payment in person
	TryLater            Reason = "try_later"               // the payer's bank or the network can't answer now
	Canceled            Reason = "canceled"                // the payer canceled it or let it expire
	ExceedsCharge       Reason = "exceeds_charge"          // a refund exceeds the remainder of the charge
	Mismatch            Reason = "mismatch"                // a refund's account or currency differs from the charge's
	Other               Reason = "other"
)

// Hard reports whether another attempt with the same payment method is pointless: there is no method, or it has expired,
// was reported lost or stolen, or is suspected of fraud. Any other reason is soft, an unknown one too.
func (r Reason) Hard() bool {
	return r == NoPaymentMethod || r == ExpiredMethod || r == LostOrStolen || r == Suspected
}

// Result is the state of a key as reported by a gateway, either in the answer to a call or in a later notification (a
// webhook). A notification that anyone could have sent is not evidence: an adapter creates a Result from one only after
// it has verified the signature with the gateway's secret over the bytes received, and the notification's age. Result
// is plain data and comparable with ==, except for At, which may need [time.Time.Equal], and likewise Action.Until.
type Result struct {
	Key       string        `json:"key"` // of the charge or the refund
	Status    Status        `json:"status"`
	Amount    pricing.Money `json:"amount,omitzero"`     // the amount that moved; the zero Money unless Succeeded
	Reason    Reason        `json:"reason,omitempty"`    // set if Declined, else empty
	Reference string        `json:"reference,omitempty"` // the provider's own reference, for support
	At        time.Time     `json:"at,omitzero"`         // the time of the movement, if the provider reports it
	// Action is what the payer still has to do; only if Pending. Without one, the payment is merely under way.
	Action Action `json:"action,omitzero"`
}

// Validate returns an error that wraps [ErrInvalid] if r cannot be a gateway's answer: it has an invalid key (see
// [ValidateKey]) or status, a status of Succeeded without a positive amount, an amount with any other status, a status
// of Declined without a reason, a reason with any other status, or an action that is invalid ([Action.Validate]) or comes
// with any other status than Pending.
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
	case r.Status != Pending && !r.Action.IsZero():
		return fmt.Errorf("%w: %s with an action", ErrInvalid, r.Status)
	case r.Status == Succeeded:
		return positive(r.Amount)
	case !r.Action.IsZero():
		return r.Action.Validate()
	}
	return nil
}

// Paid reports whether exactly amount moved: r succeeded, in that currency, with neither more nor less. Deliver nothing
// for any other result.
func (r Result) Paid(amount pricing.Money) bool {
	return r.Status == Succeeded && !amount.IsZero() && r.Amount == amount
}
