package paymenttest

import (
	"math/rand/v2"
	"slices"

	"github.com/prepaidkit/prepaid/payment"
)

// Fault is a way for a provider to misbehave. A fault that does not apply to a call (a wrong amount for a refund, for
// example) counts as [None], and so does an unknown one.
type Fault string

// The faults. Except for the first four, each applies to the first request with a key, and to charges unless it says
// otherwise; for a repeated one it counts as None.
const (
	// None is a correct answer.
	None Fault = "none"
	// TimeoutBefore returns an error, and the request never arrives. It applies to charges, lookups and refunds.
	TimeoutBefore Fault = "timeout_before"
	// TimeoutAfter returns an error, but the money has moved. It applies to charges, lookups and refunds.
	TimeoutAfter Fault = "timeout_after"
	// Silent is TimeoutAfter without a notification: the outcome is known only by asking.
	Silent Fault = "silent"
	// InFlight returns an error, then Lookup finds nothing, and later the money moves after all.
	InFlight Fault = "in_flight"
	// PendingThenPaid returns Pending for a while; then the money moves. It applies to charges and refunds.
	PendingThenPaid Fault = "pending_then_paid"
	// PendingThenDeclined returns Pending for a while; then the charge is declined with [payment.Canceled]. It applies to
	// charges and refunds.
	PendingThenDeclined Fault = "pending_then_declined"
	// Duplicate returns a correct answer, but sends the notification twice.
	Duplicate Fault = "duplicate"
	// WrongAmount collects one minor unit less than requested, or two if one was requested. Notification and answer
	// have the collected amount.
	WrongAmount Fault = "wrong_amount"
	// DeclineInsufficient is declined with [payment.InsufficientBalance], whatever the balance.
	DeclineInsufficient Fault = "decline_insufficient"
	// DeclineNoMethod is declined with [payment.NoPaymentMethod].
	DeclineNoMethod Fault = "decline_no_method"
	// DeclineSuspected is declined with [payment.Suspected].
	DeclineSuspected Fault = "decline_suspected"
	// DeclineOther is declined with [payment.Other]. It applies to charges and refunds.
	DeclineOther Fault = "decline_other"
	// ActionThenPaid is PendingThenPaid, and while it is pending, the payer has something to do.
	ActionThenPaid Fault = "action_then_paid"
	// ActionThenDeclined returns Pending with an action for a while; then the charge is declined with
	// [payment.NeedsAuthentication].
	ActionThenDeclined Fault = "action_then_declined"
	// RefundWithdrawn returns a correct answer to a refund, and later the payer's bank doesn't take the money: it comes
	// back, and the refund is declined with [payment.Other] from then on. It applies to refunds.
	RefundWithdrawn Fault = "refund_withdrawn"
)

// Faults returns every fault except None, in the order used for random selection.
func Faults() []Fault {
	return []Fault{
		TimeoutBefore, TimeoutAfter, Silent, InFlight, PendingThenPaid, PendingThenDeclined, Duplicate, WrongAmount,
		DeclineInsufficient, DeclineNoMethod, DeclineSuspected, DeclineOther, ActionThenPaid, ActionThenDeclined,
		RefundWithdrawn,
	}
}

// DefaultOdds returns the default number of calls per thousand for each fault. Of a thousand charges, 440 have a fault.
// WrongAmount, which breaks the gateway contract, is never selected.
func DefaultOdds() map[Fault]int {
	return map[Fault]int{
		TimeoutBefore: 60, TimeoutAfter: 60, Silent: 40, InFlight: 40, PendingThenPaid: 50, PendingThenDeclined: 20,
		Duplicate: 50, DeclineInsufficient: 40, DeclineNoMethod: 10, DeclineSuspected: 20, DeclineOther: 10,
		ActionThenPaid: 20, ActionThenDeclined: 20,
		RefundWithdrawn: 20,
	}
}

// draw selects the fault for the next number of rng.
func draw(rng *rand.Rand, odds map[Fault]int) Fault {
	n := rng.IntN(1000)
	for _, f := range Faults() {
		if n -= max(0, odds[f]); n < 0 {
			return f
		}
	}
	return None
}

// orNone returns f, or None if f is unknown.
func (f Fault) orNone() Fault {
	if slices.Contains(Faults(), f) {
		return f
	}
	return None
}

// timeout reports whether the caller gets no answer although the request arrived.
func (f Fault) timeout() bool { return f == TimeoutAfter || f == Silent }

// deferred reports whether the provider decides later.
func (f Fault) deferred() bool {
	return f == InFlight || f == PendingThenPaid || f == PendingThenDeclined || f.acts()
}

// acts reports whether the payer has something to do while the request is pending.
func (f Fault) acts() bool { return f == ActionThenPaid || f == ActionThenDeclined }

// reason returns the reason why the provider declines regardless of the balance, or "".
func (f Fault) reason() payment.Reason {
	switch f {
	case PendingThenDeclined:
		return payment.Canceled
	case DeclineInsufficient:
		return payment.InsufficientBalance
	case DeclineNoMethod:
		return payment.NoPaymentMethod
	case DeclineSuspected:
		return payment.Suspected
	case DeclineOther:
		return payment.Other
	case ActionThenDeclined:
		return payment.NeedsAuthentication
	case None, TimeoutBefore, TimeoutAfter, Silent, InFlight, PendingThenPaid, Duplicate, WrongAmount, ActionThenPaid,
		RefundWithdrawn:
	}
	return ""
}
