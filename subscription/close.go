package subscription

import (
	"errors"
	"fmt"
	"time"

	"github.com/prepaidkit/prepaid/pricing"
)

// ErrClosed means that the application was closed ([Close]). Only what concerns the past is still possible.
var ErrClosed = errors.New("subscription: application closed")

// Close closes an application for good: the customer has left. From then on nothing is sold to it, renewed, granted or
// counted, and everything else fails with [ErrClosed]. What concerns the past still works: [RefundOrder] and
// [ReturnPackage], notices of reversals, results that arrive late, [CloseReview], [Flag], [ResetClock] and [Erase]. Time
// goes on too: subscriptions reach their end and lots expire.
//
// It is refused while anything is unresolved: cancel open orders and wait until it is known what became of them, wait for
// refunds and reservations, and have usage paid. Auto-renewal is turned off, claims of free minutes end, and what is left
// of paid periods is lost, unless it is refunded.
//
// It fails with [ErrNotFound], with [ErrOrderOpen] while an order is unresolved, a refund is due, or minutes are reserved,
// with [ErrArrears] while usage is owed, and with [ErrClosed] if it was closed before.
type Close struct{}

// Kind returns "close".
func (Close) Kind() string { return "close" }

// Decide implements [Command].
func (Close) Decide(s Snapshot, _ *pricing.Catalog, now time.Time) (Change, error) {
	if err := s.Exists(); err != nil {
		return Change{}, err
	}
	d := Begin(s, now)
	a := &d.Application
	if err := a.closable(); err != nil {
		return Change{}, err
	}
	for i := range a.Subscriptions {
		if s := &a.Subscriptions[i]; s.AutoRenew {
			s.AutoRenew = false
			d.addSubscriptionEvent(EventAutoRenewOff, s, d.Now, Event{})
			d.stopOwing(s)
		}
		d.dropPlanned(&a.Subscriptions[i], "the application is closed")
	}
	for i := range a.Free {
		a.Free[i].NextAt = time.Time{}
	}
	a.AutoTopUps = nil
	a.ClosedAt = d.Now
	d.AddEvent(Event{Type: EventClosed})
	return d.Change(), nil
}

// closable returns why an application can't be closed.
func (a *Application) closable() error {
	if !a.ClosedAt.IsZero() {
		return closedError(a)
	}
	if err := a.settled(); err != nil {
		return err
	}
	if len(a.Reservations) > 0 {
		return fmt.Errorf("%w: minutes are reserved by %.80q", ErrOrderOpen, a.Reservations[0].ID)
	}
	for i := range a.Counters {
		if c := &a.Counters[i]; c.Excess > 0 {
			return fmt.Errorf("%w: usage of %s", ErrArrears, c.Day)
		}
	}
	return nil
}

func closedError(a *Application) error {
	return fmt.Errorf("%w: %s on %s", ErrClosed, named(a.ID), a.ClosedAt.Format(time.RFC3339))
}

// lasting is a command that concerns the past, so that it is possible after the application was closed.
type lasting interface{ lasts() }

func (RefundOrder) lasts() {}

func (ReturnPackage) lasts() {}

func (CloseReview) lasts() {}

func (Flag) lasts() {}

func (ResetClock) lasts() {}

func (Erase) lasts() {}

// admit fails with [ErrClosed] for a command that a closed application has no use for.
func admit(a *Application, cmd Command) error {
	if _, still := cmd.(lasting); a.ClosedAt.IsZero() || still {
		return nil
	}
	return closedError(a)
}
