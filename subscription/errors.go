package subscription

import (
	"errors"
	"fmt"
	"strings"

	"github.com/prepaidkit/prepaid/payment"
)

// Errors without structured facts. They are wrapped with the details of each case; test for them with [errors.Is].
// None of them leaves anything changed.
var (
	// ErrInvalid means bad input: an identifier, a key or a field that isn't valid.
	ErrInvalid = errors.New("subscription: invalid input")
	// ErrNotFound means that an application, subscription, order or attempt doesn't exist.
	ErrNotFound = errors.New("subscription: not found")
	// ErrExists means that something already exists: an application, a claim, a mode, an order.
	ErrExists = errors.New("subscription: already exists")
	// ErrConflict means that other writers kept changing the application. Nothing was done; try again.
	ErrConflict = errors.New("subscription: conflict")
	// ErrKeyReused means that the key was used before with another command.
	ErrKeyReused = errors.New("subscription: key reused for another request")
	// ErrQuoteStale means that the quote is no longer valid. Get a new one.
	ErrQuoteStale = errors.New("subscription: stale quote")
	// ErrNoOrder means that a quote was requested for a command that orders nothing.
	ErrNoOrder = errors.New("subscription: nothing to pay")
	// ErrPaymentPending means that the order's payment has no result yet. It never means that the payment failed. If the
	// order that comes with the error has an [Order.Action], the customer must do that first. Then, and otherwise, repeat
	// the request with the same key, or wait for the gateway's webhook.
	ErrPaymentPending = errors.New("subscription: payment pending")
	// ErrDeclined means that the gateway declined the order's payment. The decline is final for the request's key; a
	// new request needs a new key.
	ErrDeclined = errors.New("subscription: payment declined")
	// ErrRefunded means that the order wasn't delivered and its money is being or was returned, because it was paid too
	// late. The order's note says why.
	ErrRefunded = errors.New("subscription: order refunded")
	// ErrReview means that the order needs a person: its outcome can't be known, or another amount was collected.
	ErrReview = errors.New("subscription: order under review")
	// ErrCanceled means that the order was canceled before it was paid.
	ErrCanceled = errors.New("subscription: order canceled")
	// ErrAlreadySubscribed means that the application already has a live subscription to the product.
	ErrAlreadySubscribed = errors.New("subscription: already subscribed to the product")
	// ErrOrderOpen means that the subscription has an order that isn't paid yet or, for [ChangeAccount], [Close] and
	// [Erase], that something of the application is unresolved.
	ErrOrderOpen = errors.New("subscription: an order is still open")
	// ErrNotOnSale means that the version is withdrawn.
	ErrNotOnSale = errors.New("subscription: not on sale")
	// ErrTrialLimit means that the catalog allows the application, or its account, no more trials.
	ErrTrialLimit = errors.New("subscription: trial limit reached")
	// ErrOffer means that the discounted offer isn't available to the application, or its account has used it up.
	ErrOffer = errors.New("subscription: offer not available")
	// ErrAgreementRequired means that the agreement in force wasn't accepted.
	ErrAgreementRequired = errors.New("subscription: agreement in force not accepted")
	// ErrNotEligible means that the eligibility hook refused the account.
	ErrNotEligible = errors.New("subscription: account not eligible")
	// ErrNotUpgradable means that the product, or the version, such as a trial, can never be upgraded.
	ErrNotUpgradable = errors.New("subscription: not upgradable")
	// ErrNotHigher means that the version to upgrade to has the same or a lower rank.
	ErrNotHigher = errors.New("subscription: not a higher version")
	// ErrPeriodEnded means that the command needs a period in force.
	ErrPeriodEnded = errors.New("subscription: period has ended")
	// ErrTooLarge means that the application's document would become too large; see [MaxDocument].
	ErrTooLarge = errors.New("subscription: application too large")
	// ErrRefused means that the store's server refused the change for its own reason, such as a trigger or a
	// row-level policy of the host.
	ErrRefused = errors.New("subscription: refused by the store")
	// ErrNoAutoRenew means that auto-renewal was turned on for something that never renews automatically, such as a
	// trial.
	ErrNoAutoRenew = errors.New("subscription: never renews automatically")
	// ErrInvariant means that a change breaks an invariant (see [Change.Check]), which is a bug in the command that
	// decided it. The change was not committed.
	ErrInvariant = errors.New("subscription: invariant broken")
)

// OrderError is returned for an order that isn't paid. Depending on the order's status it matches
// [ErrPaymentPending], [ErrDeclined], [ErrCanceled], [ErrReview] or [ErrRefunded].
type OrderError struct {
	Order  OrderID
	Status OrderStatus
	Reason payment.Reason // why it was declined
	Note   string         // why it was abandoned, refunded or put under review
}

// condition returns the error that e matches.
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

// Error says what happened to which order, and why.
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

// Is reports whether target matches the order's status.
func (e *OrderError) Is(target error) bool { return target == e.condition() }

// ObstacleError says what stands in the way of taking back what an order delivered. It matches [ErrNotRefundable].
type ObstacleError struct {
	Order OrderID
	Why   string
	By    OrderID // the order that must be taken back or closed first; "" if it isn't an order
}

// Error names the order, the reason, and the order that stands in the way.
func (e *ObstacleError) Error() string {
	text := fmt.Sprintf("%v: order %s: %s", ErrNotRefundable, named(e.Order), e.Why)
	if e.By != "" {
		text += ": order " + named(e.By)
	}
	return text
}

// Is reports whether target is [ErrNotRefundable].
func (e *ObstacleError) Is(target error) bool { return target == ErrNotRefundable }

// ConflictError names the applications whose changes weren't committed because their revision had moved or another
// transaction holds them. A [Store] returns it. It matches [ErrConflict].
type ConflictError struct {
	Applications []ApplicationID
	// Held lists those that another transaction held, as far as the store knows. Waiting for them may take a long
	// time.
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

// RefusedError names the applications whose changes a [Store] can't keep, now or later, and why: the document is too
// large ([ErrTooLarge]), the store can't represent the text ([ErrInvalid]), or its server won't accept the change
// ([ErrRefused]). None of these changes was written. It matches the errors that the reasons match.
type RefusedError struct{ Changes []Refusal }

// Refusal is one change that a store can't keep.
type Refusal struct {
	Application ApplicationID
	Err         error
}

// Error names the first application and the reason, and says how many more there are.
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
