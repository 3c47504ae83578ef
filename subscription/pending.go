package subscription

import (
	"cmp"
	"context"
	"fmt"
	"time"

	"github.com/prepaidkit/prepaid/payment"
	"github.com/prepaidkit/prepaid/pricing"
)

// noteUnconfirmed is the note on an order that waited for the customer too long.
const noteUnconfirmed = "the customer didn't confirm the payment in time"

// GivenUpAt returns when an open order that waits for the customer is given up: the gateway's last answer carried an
// action, which is still to be taken. An automatic renewal waits until the grace time of its subscription ends; one that
// was placed after that, and any other order, for [pricing.ServiceTerms.Pending] from its placing. At that instant it is
// canceled, and a payment that arrives all the same is refunded.
//
// It returns the zero time for any other order, such as one whose payment is merely under way, and while so many orders
// that were given up are still being looked up that there is no room for another.
func (a Application) GivenUpAt(o Order, terms pricing.ServiceTerms) time.Time {
	return a.givenUpAt(&o, terms)
}

func (a *Application) givenUpAt(o *Order, terms pricing.ServiceTerms) time.Time {
	if o.Status != OrderOpen || o.Action == nil || a.roomForGivenUp(o) != nil {
		return time.Time{}
	}
	if s := a.subscription(o.Subscription); s != nil && o.automatic() {
		if end := s.End().Add(terms.Grace); o.PlacedAt.Before(end) {
			return end
		}
	}
	return o.PlacedAt.Add(cmp.Or(terms.Pending, pricing.DefaultPending))
}

// whyGivenUp returns why an open order is given up at t, or "" if it isn't.
func (a *Application) whyGivenUp(o *Order, terms pricing.ServiceTerms, t time.Time) string {
	if why := a.undeliverable(o, t); why != "" {
		return why
	}
	if at := a.givenUpAt(o, terms); !at.IsZero() && !t.Before(at) {
		return noteUnconfirmed
	}
	return ""
}

// GiveUp cancels an open order that can no longer be delivered, or has waited for the customer for too long
// ([Application.GivenUpAt]), and reports whether it did. A bill that is given up counts as unpaid, as if it had been
// declined. It fails with [ErrTooLarge] if there is no room to look up another canceled order.
func (d *Draft) GiveUp(id OrderID, terms pricing.ServiceTerms) (bool, error) {
	o := d.Application.order(id)
	if o == nil || o.Status != OrderOpen {
		return false, nil
	}
	why := d.Application.whyGivenUp(o, terms, d.Now)
	if why == "" {
		return false, nil
	}
	if err := d.Application.roomForGivenUp(o); err != nil {
		return false, err
	}
	return true, d.giveUp(*o, why)
}

func (d *Draft) giveUp(o Order, why string) error {
	if err := d.cancel(o, why); err != nil {
		return err
	}
	if o.Kind == UsageOrder {
		d.recordArrears(&o)
	}
	return nil
}

// Replace makes way for a payment by hand: it cancels the automatic renewal of a subscription if that waits for the
// customer, who is about to pay in another way. It does nothing if no order for the subscription may still be collected.
// It fails with [ErrOrderOpen] if there is any other, and with [ErrTooLarge] like [Draft.Cancel].
func (d *Draft) Replace(id SubscriptionID) error {
	switch o := d.Application.blocking(id); {
	case o == nil:
		return nil
	case o.Action == nil || !o.automatic():
		return fmt.Errorf("%w: %s for %s", ErrOrderOpen, o.ID, id)
	default:
		return d.Cancel(o.ID)
	}
}

// settlePending applies a pending result to an order. One that says nothing new changes nothing.
func (d *Draft) settlePending(o Order, r payment.Result) {
	if o.Status != OrderOpen {
		return
	}
	action := kept(r.Action)
	if !action.IsZero() && d.Application.roomForAction(&o, action) != nil {
		action = payment.Action{} // it is in the gateway's next answer again
	}
	event := o.event(EventPaymentPending)
	switch was := o.Action; {
	case !action.IsZero() && (was == nil || !was.Equal(action)):
		event.Type, event.Note = EventActionNeeded, string(action.Kind)
		if !action.Until.IsZero() {
			event.Note += " until " + action.Until.Format(time.RFC3339)
		}
		o.Action = &action
	case action.IsZero() && was != nil:
		o.Action = nil
	case r.Reference != o.Reference:
	default:
		return
	}
	o.Reference = r.Reference
	d.AddEvent(event)
	d.update(o)
}

// kept returns an action in the form in which every store keeps it. A deadline that no calendar has is unknown.
func kept(a payment.Action) payment.Action {
	if a.Until = a.Until.UTC().Truncate(time.Microsecond); a.Until.Year() < 1 || a.Until.Year() > 9999 {
		a.Until = time.Time{}
	}
	return a
}

// giveUp cancels an open order that can no longer be delivered, or has waited for the customer for too long, before it is
// charged. It also returns the orders that must be canceled first, because this one takes their place.
func (s *Service) giveUp(ctx context.Context, o Order) (Order, []Order, error) {
	var first []Order
	decide := func(snapshot Snapshot, cat *pricing.Catalog, now time.Time) (Change, error) {
		first = nil
		open := snapshot.Application.order(o.ID)
		if open == nil || open.Status != OrderOpen {
			return Change{}, nil
		}
		if why := snapshot.Application.whyGivenUp(open, cat.ServiceTerms(), now); why != "" {
			d := Begin(snapshot, now)
			err := d.giveUp(*open, why)
			return d.Change(), err
		}
		for i := range snapshot.Application.Orders {
			if p := &snapshot.Application.Orders[i]; p.Status == OrderCanceling && p.Subscription == open.Subscription {
				first = append(first, p.Clone())
			}
		}
		return Change{}, nil
	}
	now, err := s.apply(ctx, o.Application, o.ID, false, s.decided(decide))
	return now, first, err
}

// cancelFirst asks the gateway to cancel those of the orders that were given up, before anything is charged in their
// place. What it can't tell is left to a worker, and keeps nothing from being paid.
func (s *Service) cancelFirst(ctx context.Context, orders []Order) {
	if _, can := s.gateway.(payment.Canceler); !can || s.bound {
		return
	}
	for i := range orders {
		if orders[i].Status == OrderCanceling {
			_, _ = s.collect(ctx, orders[i].Clone(), false) // its order keeps the outcome; an error leaves it as it is
		}
	}
}

// cancelOrLookUp has the charge of an order that was given up canceled, if the gateway can do that, or else looks it up.
func (s *Service) cancelOrLookUp(ctx context.Context, attempt AttemptID) (payment.Result, error) {
	if g, can := s.gateway.(payment.Canceler); can {
		return s.gatewayCancel(ctx, g, string(attempt))
	}
	return s.gatewayLookup(ctx, string(attempt))
}
