package subscription

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/prepaidkit/prepaid/pricing"
)

// Erase removes what identifies a person from a closed application and from every row and event of it: the account, tax
// facts, notes, the names of staff and their reasons, and the gateway's references. What the books need stays: IDs,
// amounts, taxes, instants and reasons of declines. It can't be undone.
//
// IDs stay, so they must be opaque: those of applications, requests, usage records, reservations and notices from
// providers never have a name, an address or anything else in them that identifies a person. So must the payments at the
// provider and the balances of a store's Accounts, which are no part of this.
//
// The account is needed to return money through the gateway. Erase when nothing can come any more: afterward,
// [RefundOrder] only records what was returned by other means, and a payment that arrives late has an [EventNeedsPerson].
// Copies that were made before, such as backups and write-ahead logs, keep what they have until they are overwritten or
// deleted.
//
// It fails with [ErrNotFound], with [ErrOrderOpen] while something is unresolved, and with [ErrInvalid] for an application
// that isn't closed, or a store that isn't an [Eraser]. It has nothing to do if the application was erased before.
type Erase struct{}

// Kind returns "erase".
func (Erase) Kind() string { return "erase" }

// Decide implements [Command].
func (Erase) Decide(s Snapshot, _ *pricing.Catalog, now time.Time) (Change, error) {
	if err := s.Exists(); err != nil {
		return Change{}, err
	}
	d := Begin(s, now)
	a := &d.Application
	switch {
	case !a.ErasedAt.IsZero():
		return Change{}, nil
	case a.ClosedAt.IsZero():
		return Change{}, fmt.Errorf("%w: application %s isn't closed", ErrInvalid, named(a.ID))
	}
	if err := a.settled(); err != nil {
		return Change{}, err
	}
	a.Account, a.Tax, a.ErasedAt = "", nil, d.Now
	for i := range a.Subscriptions {
		if deal := a.Subscriptions[i].Deal; deal != nil {
			deal.Reason = ""
		}
	}
	d.AddEvent(Event{Type: EventErased})
	return d.Change(), nil
}

// Eraser is a [Store] that can remove what identifies a person. The stores of this module are.
type Eraser interface {
	// Erase commits a change that erases its application ([Change.Erases]), as Commit would commit it alone, with the same
	// errors. In the same transaction, it replaces every order, refund, event and row of a subscription that was written
	// for the application before with what its method Erased returns. Receipts, entries and usage records stay. If it fails
	// with a [*ConflictError] or a [*RefusedError], nothing was changed.
	Erase(ctx context.Context, c Change) error
}

// Erases reports whether the change erases the application. [Service] has an [Eraser] commit such a change.
func (c *Change) Erases() bool { return c.tells(EventErased) }

// write commits a change.
func (s *Service) write(ctx context.Context, c Change) error {
	if !c.Erases() {
		return s.store.Commit(ctx, c)
	}
	eraser, can := s.store.(Eraser)
	if !can {
		return fmt.Errorf("%w: the store can't erase", ErrInvalid)
	}
	return eraser.Erase(ctx, c)
}

// Erased returns the order without what identifies a person: its account, note and reference, and the reasons of deals.
func (o Order) Erased() Order {
	o.Account, o.Note, o.Reference, o.Action = "", "", "", nil
	if slices.ContainsFunc(o.Deliveries, func(v Delivery) bool { return v.Extend != nil && v.Extend.Deal != nil }) {
		o.Deliveries = cloneDeliveries(o.Deliveries)
		for _, v := range o.Deliveries {
			if v.Extend != nil && v.Extend.Deal != nil {
				v.Extend.Deal.Reason = ""
			}
		}
	}
	return o
}

// Erased returns the refund without what identifies a person: its account, note and reference, and who asked for it.
func (r Refund) Erased() Refund {
	r.Account, r.Note, r.Reference, r.By = "", "", "", ""
	return r
}

// Erased returns the event without what identifies a person: its note, and who acted and why.
func (e Event) Erased() Event {
	e.Note, e.By, e.Why = "", "", ""
	return e
}

// Erased returns the row without the account.
func (r SubscriptionRow) Erased() SubscriptionRow {
	r.Account = ""
	return r
}

// forget removes what identifies a person from a change of an erased application. What a person is to do stays in its
// event.
func (c *Change) forget() {
	if c.Next.ErasedAt.IsZero() {
		return
	}
	for _, orders := range [][]Order{c.Orders, c.Next.Orders} {
		for i := range orders {
			orders[i] = orders[i].Erased()
		}
	}
	for _, refunds := range [][]Refund{c.Refunds, c.Next.Refunds} {
		for i := range refunds {
			refunds[i] = refunds[i].Erased()
		}
	}
	for i := range c.Events {
		c.Events[i] = c.Events[i].forgotten()
	}
	for i := range c.Subscriptions {
		c.Subscriptions[i] = c.Subscriptions[i].Erased()
	}
}

// forgotten returns an event of an erased application as it is written.
func (e Event) forgotten() Event {
	note := e.Note
	e = e.Erased()
	if e.Type == EventNeedsPerson {
		e.Note = note
	}
	return e
}

// unreturnable reports whether money of the order can't be returned by the gateway, because the account was erased.
func (o *Order) unreturnable(a *Application) bool {
	return !a.ErasedAt.IsZero() && o.Collected.Sign() > 0 && o.Status != OrderPaid
}
