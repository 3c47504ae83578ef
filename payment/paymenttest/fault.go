package paymenttest

import (
	"math/rand/v2"
	"slices"

	"github.com/prepaidkit/prepaid/payment"
)

// Fault is one way in which a provider misbehaves. One that makes no sense for a call (a refund of a wrong
// amount, say) counts as [None], and so does an unknown one.
type Fault string

// The faults. Each but the first four concerns the first charge with a key; to a repetition they are None.
const (
	// None is an honest answer.
	None Fault = "none"
	// TimeoutBefore is an error, and the request never arrives. For charges, lookups and refunds.
	TimeoutBefore Fault = "timeout_before"
	// TimeoutAfter is an error, but the money has moved. For charges, lookups and refunds.
	TimeoutAfter Fault = "timeout_after"
	// Silent is TimeoutAfter without a notification: nobody ever tells unless asked.
	Silent Fault = "silent"
	// InFlight is an error, then Lookup finds nothing, and a while later the money moves after all.
	InFlight Fault = "in_flight"
	// PendingThenPaid is answered Pending for a while; then the money moves. For charges and refunds.
	PendingThenPaid Fault = "pending_then_paid"
	// PendingThenDeclined is answered Pending for a while; then it is declined, [payment.Canceled].
	PendingThenDeclined Fault = "pending_then_declined"
	// Duplicate is an honest answer that is notified twice.
	Duplicate Fault = "duplicate"
	// WrongAmount collects one minor unit less than asked, or two where one was asked, notifies that amount,
	// and answers with it.
	WrongAmount Fault = "wrong_amount"
	// DeclineInsufficient is declined, [payment.InsufficientBalance], whatever the balance.
	DeclineInsufficient Fault = "decline_insufficient"
	// DeclineNoMethod is declined, [payment.NoPaymentMethod].
	DeclineNoMethod Fault = "decline_no_method"
	// DeclineSuspected is declined, [payment.Suspected].
	DeclineSuspected Fault = "decline_suspected"
	// DeclineOther is declined, [payment.Other].
	DeclineOther Fault = "decline_other"
)

// Faults returns every fault but None, in the order in which a seeded draw goes through them.
func Faults() []Fault {
	return []Fault{
		TimeoutBefore, TimeoutAfter, Silent, InFlight, PendingThenPaid, PendingThenDeclined, Duplicate, WrongAmount,
		DeclineInsufficient, DeclineNoMethod, DeclineSuspected, DeclineOther,
	}
}

// DefaultOdds returns how many calls in a thousand meet each fault unless [HostileOptions] say otherwise:
// four in ten meet one, and WrongAmount, which no provider excuses, none.
func DefaultOdds() map[Fault]int {
	return map[Fault]int{
		TimeoutBefore: 60, TimeoutAfter: 60, Silent: 40, InFlight: 40, PendingThenPaid: 50, PendingThenDeclined: 20,
		Duplicate: 50, DeclineInsufficient: 40, DeclineNoMethod: 10, DeclineSuspected: 20, DeclineOther: 10,
	}
}

// draw returns the fault that the next number of rng stands for.
func draw(rng *rand.Rand, odds map[Fault]int) Fault {
	n := rng.IntN(1000)
	for _, f := range Faults() {
		if n -= max(0, odds[f]); n < 0 {
			return f
		}
	}
	return None
}

// orNone returns f, or None if there is no such fault.
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
	return f == InFlight || f == PendingThenPaid || f == PendingThenDeclined
}

// reason returns why the provider declines without looking at the balance, "" if it doesn't.
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
	case None, TimeoutBefore, TimeoutAfter, Silent, InFlight, PendingThenPaid, Duplicate, WrongAmount:
	}
	return ""
}
