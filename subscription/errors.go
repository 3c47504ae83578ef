package subscription

import (
	"errors"
	"fmt"
	"strings"

	"github.com/prepaidkit/prepaid/payment"
)

// Errors that carry no facts but their text. They are wrapped with the case at hand; test for them
// with [errors.Is]. None of them leaves anything changed.
var (
	// ErrInvalid is bad input: an identifier, a key or a field that can't be one.
	ErrInvalid = errors.New("subscription: invalid input")
	// ErrNotFound is an application, subscription, order or attempt that doesn't exist.
	ErrNotFound = errors.New("subscription: not found")
	// ErrExists is returned for what already exists: an application, a claim, a mode, an order.
	ErrExists = errors.New("subscription: exists already")
	// ErrConflict is an application that others kept changing: nothing was done, try again.
	ErrConflict = errors.New("subscription: conflict")
	// ErrKeyReused is a key that came before with another command.
	ErrKeyReused = errors.New("subscription: key reused for another request")
	// ErrQuoteStale is a quote that doesn't hold any more: ask for a new one.
	ErrQuoteStale = errors.New("subscription: stale quote")
	// ErrNoOrder is a quote for a command that orders nothing.
	ErrNoOrder = errors.New("subscription: nothing to pay")
	// ErrPaymentPending is an order whose payment has no result yet. Repeat the request with its key, or
	// wait for the gateway's webhook. It never means that the payment failed.
	ErrPaymentPending = errors.New("subscription: payment pending")
	// ErrDeclined is an order whose payment the gateway declined. The decline is final for the request's key; a new request
	// needs a new one.
	ErrDeclined = errors.New("subscription: payment declined")
	// ErrRefunded is an order whose money goes back, or went: it was paid too late to be delivered, or its package was
	// given back.
	ErrRefunded = errors.New("subscription: paid but not deliverable, refunded")
	// ErrReview is an order that needs a person: its outcome can't be known, or another amount was collected.
	ErrReview = errors.New("subscription: order under review")
	// ErrCanceled is an order that was canceled before it was paid.
	ErrCanceled = errors.New("subscription: order canceled")
	// ErrAlreadySubscribed is a purchase of a product that the application holds a live subscription to.
	ErrAlreadySubscribed = errors.New("subscription: already subscribed to the product")
	// ErrOrderOpen is a command for a subscription that has an order still to be paid.
	ErrOrderOpen = errors.New("subscription: an order is still open")
	// ErrNotOnSale is a version that is withdrawn.
	ErrNotOnSale = errors.New("subscription: not on sale")
	// ErrTrialLimit is one trial more than the catalog allows an application.
	ErrTrialLimit = errors.New("subscription: trial limit reached")
	// ErrOffer is a discounted offer that this application can't have.
	ErrOffer = errors.New("subscription: offer not available")
	// ErrAgreementRequired is an order without acceptance of the agreement in force.
	ErrAgreementRequired = errors.New("subscription: agreement in force not accepted")
	// ErrNotEligible is an account that the eligibility hook refused.
	ErrNotEligible = errors.New("subscription: account not eligible")
	// ErrNotUpgradable is a product or a version, such as a trial, that is never upgraded.
	ErrNotUpgradable = errors.New("subscription: not upgradable")
	// ErrNotHigher is an upgrade to a version of the same or a lower rank.
	ErrNotHigher = errors.New("subscription: not a higher version")
	// ErrPeriodEnded is a command that needs a period in force.
	ErrPeriodEnded = errors.New("subscription: period has ended")
	// ErrTooLarge is what would make an application's document too large, see [MaxDocument].
	ErrTooLarge = errors.New("subscription: application too large")
	// ErrRefused is a change that the store's server won't take for a reason of its own, such as a trigger or a policy of
	// the host's on one row.
	ErrRefused = errors.New("subscription: refused by the store")
	// ErrNoAutoRenew is auto-renewal of something that never renews itself, such as a trial.
	ErrNoAutoRenew = errors.New("subscription: never renews itself")
	// ErrInvariant is a change that breaks an invariant, see [Change.Check]: a defect of the command
	// that decided it. It was not committed.
	ErrInvariant = errors.New("subscription: invariant broken")
)

// OrderError is an order that isn't paid. It matches, by the order's status, [ErrPaymentPending], [ErrDeclined],
// [ErrCanceled], [ErrReview] or [ErrRefunded].
type OrderError struct {
	Order  OrderID
	Status OrderStatus
	Reason payment.Reason // of a decline
	Note   string         // why it is given up, refunded or under review
}

// condition returns what the error matches.
func (e *OrderError) condition() error {
	switch e.Status {
	case OrderDeclined:
		return ErrDeclined
	case OrderCanceling, OrderCanceled:
		return ErrCanceled
	case OrderReview, OrderUnreconciled:
		return ErrReview
	case OrderRefundDue, OrderRefunded:
		return ErrRefunded
	case OrderOpen, OrderPaid:
	}
	return ErrPaymentPending
}

// Error says what became of which order, and why.
func (e *OrderError) Error() string {
	text := fmt.Sprintf("%v: order %s", e.condition(), named(e.Order))
	if e.Reason != "" && e.Status == OrderDeclined {
		text += ": " + named(e.Reason)
	}
	if e.Note != "" {
		text += ": " + e.Note
	}
	return text
}

// Is reports whether target is what became of the order.
func (e *OrderError) Is(target error) bool { return target == e.condition() }

// ConflictError names the applications whose changes were not committed because their revision had
// moved, or because somebody else holds them. A [Store] returns it; it matches [ErrConflict].
type ConflictError struct {
	Applications []ApplicationID
	// Held are those of them that another transaction held, as far as the store knows: to wait for them may take long.
	Held []ApplicationID
}

// Error names the applications.
func (e *ConflictError) Error() string {
	names := make([]string, 0, 4)
	for i, a := range e.Applications {
		if i == 3 {
			names = append(names, fmt.Sprintf("and %d more", len(e.Applications)-3))
			break
		}
		names = append(names, named(a))
	}
	return "subscription: conflict: " + strings.Join(names, ", ")
}

// Is reports whether target is [ErrConflict].
func (e *ConflictError) Is(target error) bool { return target == ErrConflict }

// RefusedError names the applications whose changes a [Store] can't keep, now or later, and why: a document
// that is too large, [ErrTooLarge], text that it can't store, [ErrInvalid], or what its server won't accept, [ErrRefused].
// Nothing of these changes was written. It matches what the reasons match.
type RefusedError struct{ Changes []Refusal }

// Refusal is one change that can't be kept.
type Refusal struct {
	Application ApplicationID
	Err         error
}

// Error names the first application, with the reason, and says how many there are.
func (e *RefusedError) Error() string {
	if len(e.Changes) == 0 {
		return "subscription: refused by the store"
	}
	first := e.Changes[0]
	more := ""
	if n := len(e.Changes) - 1; n > 0 {
		more = fmt.Sprintf(" (and %d more)", n)
	}
	return fmt.Sprintf("subscription: refused by the store: %s: %v%s", named(first.Application), first.Err, more)
}

// Unwrap returns the reasons.
func (e *RefusedError) Unwrap() []error {
	errs := make([]error, len(e.Changes))
	for i := range e.Changes {
		errs[i] = e.Changes[i].Err
	}
	return errs
}
