package payment

import (
	"cmp"
	"fmt"
	"time"

	"github.com/prepaidkit/prepaid/pricing"
)

// ReversalStatus says what happened to the money of a charge after it was collected. The zero value is invalid.
type ReversalStatus string

// The statuses of a reversal.
const (
	Reversed   ReversalStatus = "reversed"   // the payer's bank took it back (a chargeback)
	Reinstated ReversalStatus = "reinstated" // the bank returned what it had taken back
	GivenBack  ReversalStatus = "given_back" // the provider refunded it by itself, or somebody did at the provider
)

// Reversal is a provider's notice that money of a charge went back, or came again, without a request for it. It stands
// beside the charge's [Result], which stays [Succeeded]. Like a Result, a notice that anyone could have sent is not
// evidence: verify its signature, or ask the provider, before you pass it on. Reversal is plain data and comparable with
// ==, except for At.
type Reversal struct {
	// ID is the provider's own name for the dispute or the refund, at most MaxKey bytes. All notices about one have the
	// same ID.
	ID        string         `json:"id"`
	Charge    string         `json:"charge"` // the key of the charge
	Status    ReversalStatus `json:"status"`
	Amount    pricing.Money  `json:"amount"`              // positive: all that went back under this ID
	Reason    Reason         `json:"reason,omitempty"`    // why, if the provider says so
	Reference string         `json:"reference,omitempty"` // the provider's own reference, for support
	At        time.Time      `json:"at,omitzero"`         // the time of the movement, if the provider reports it
}

// Validate returns an error that wraps [ErrInvalid] for the first problem that makes r impossible: a missing or malformed
// ID or charge, an unknown status, an amount that isn't positive, or text that is too long or not UTF-8.
func (r Reversal) Validate() error {
	switch r.Status {
	case Reversed, Reinstated, GivenBack:
	default:
		return fmt.Errorf("%w: status %.32q of a reversal", ErrInvalid, string(r.Status))
	}
	return cmp.Or(
		required("ID", r.ID),
		ValidateKey(r.Charge),
		positive(r.Amount),
		text("reason", string(r.Reason), MaxKey),
		text("reference", r.Reference, MaxText),
	)
}
