package simulation

import (
	"errors"

	"github.com/prepaidkit/prepaid/pricing"
	"github.com/prepaidkit/prepaid/renewal"
	"github.com/prepaidkit/prepaid/subscription"
)

// This file says which errors are final answers, and which call for a retry.

// tryAgain reports whether a request should be retried after an error: it was injected, or a clock is far behind the
// application's last change, which is counted.
func (w *world) tryAgain(err error) bool {
	if errors.Is(err, subscription.ErrClock) {
		w.figures.WrongClock++
	}
	return isTransient(err)
}

func isTransient(err error) bool { return isInjected(err) || errors.Is(err, subscription.ErrClock) }

// isInjected reports whether an error was injected by the world.
func isInjected(err error) bool {
	return errors.Is(err, errCrashed) || errors.Is(err, errFailed)
}

// expected reports whether an error is a final answer that a customer must expect.
func expected(err error) bool {
	for _, known := range []error{
		subscription.ErrDeclined, subscription.ErrNotFound, subscription.ErrExists, subscription.ErrQuoteStale, subscription.ErrNoOrder,
		subscription.ErrRefunded, subscription.ErrCanceled, subscription.ErrAlreadySubscribed, subscription.ErrOrderOpen,
		subscription.ErrNotOnSale, subscription.ErrTrialLimit, subscription.ErrOffer, subscription.ErrAgreementRequired,
		subscription.ErrNotUpgradable, subscription.ErrNotHigher, subscription.ErrPeriodEnded, subscription.ErrNoAutoRenew,
		renewal.ErrNotRenewable, pricing.ErrNoPrice, pricing.ErrBelowLeast, pricing.ErrUnknownOffer, pricing.ErrUnknownVersion,
		pricing.ErrPackSize, subscription.ErrNotRefundable, subscription.ErrNotChangeable,
	} {
		if errors.Is(err, known) {
			return true
		}
	}
	return false
}

// refusedUsage reports whether an error refuses usage.
func refusedUsage(err error) bool {
	if _, ok := errors.AsType[*subscription.ExhaustedError](err); ok {
		return true
	}
	for _, known := range []error{
		subscription.ErrTooLate, subscription.ErrTooEarly, subscription.ErrArrears, subscription.ErrInvalid,
		pricing.ErrUnknownKind, pricing.ErrUnknownProduct,
	} {
		if errors.Is(err, known) {
			return true
		}
	}
	return false
}

// expectedOf reports whether an error is a final answer to a command.
func expectedOf(cmd subscription.Command, err error) bool {
	switch cmd.(type) {
	case subscription.Cancel:
		return expected(err) || errors.Is(err, subscription.ErrInvalid) // it bills usage
	case subscription.SetAutoTopUp:
		return expected(err) || errors.Is(err, subscription.ErrInvalid) // the pack is for another product
	case subscription.SetDeal:
		return expected(err) || errors.Is(err, pricing.ErrCurrencyMismatch) // another subscription has taken its place
	case subscription.Reserve, subscription.Release:
		return expected(err) || refusedUsage(err)
	case subscription.ClaimFree, subscription.EnablePayAsYouGo:
		return expected(err) || errors.Is(err, subscription.ErrArrears)
	case subscription.ChangeAccount, subscription.Close, subscription.Erase:
		return expected(err) || errors.Is(err, subscription.ErrArrears) || errors.Is(err, subscription.ErrInvalid)
	case subscription.Import: // its days may be wrong by the clock that it meets
		return expected(err) || errors.Is(err, subscription.ErrInvalid)
	}
	return expected(err)
}

// Refusal reports whether an error is a final answer to a command, or about a usage record, that a customer must
// expect.
func Refusal(err error) bool { return expected(err) || refusedUsage(err) }
