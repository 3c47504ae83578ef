package renewal

import (
	"fmt"
	"slices"
	"time"

	"github.com/prepaidkit/prepaid/pricing"
	"github.com/prepaidkit/prepaid/subscription"
)

// Decide returns what is to be done for an application, as a store gave it, at now, all of it: what time does to it
// ([subscription.Advance]), reminders, announcements of another price, missed periods, and the orders of
// renewals that are due. The change's next state says in Due when to come back; the zero time is never.
// The zero Change means that nothing is to be done before the Due that the application already has.
//
// An order that is placed, or that was open before, is then completed by the caller: see
// [Worker], or subscription.Service.Collect. While an order for a subscription may still be collected, no
// other is placed for it. An upgrade that is still open at the end of its period is canceled.
//
// It is pure. It fails with [ErrPolicy], and with the errors of the catalog for a zone that can't be
// loaded.
func Decide(s subscription.Snapshot, p Policy, cat *pricing.Catalog, now time.Time) (subscription.Change, error) {
	if err := p.Validate(); err != nil {
		return subscription.Change{}, err
	}
	if cat == nil {
		return subscription.Change{}, fmt.Errorf("%w: no catalog", subscription.ErrInvalid)
	}
	return decide(s, p.filled(), cat, now)
}

// decide is Decide for a policy that is valid and complete.
func decide(s subscription.Snapshot, p Policy, cat *pricing.Catalog, now time.Time) (subscription.Change, error) {
	app := s.Application
	if app.AsOf.After(now) {
		now = app.AsOf
	}
	advanced, err := subscription.Advance(app, cat, now)
	if err != nil {
		return subscription.Change{}, err
	}
	state := advanced.After(app)
	r := round{policy: p, catalog: cat, now: now, store: s.Store, state: state, change: advanced}
	if err := r.giveUpOrders(); err != nil {
		return subscription.Change{}, err
	}
	for i := range state.Subscriptions {
		r.subscription(i)
	}
	r.usage()
	change := r.change
	state = r.state
	due := Due(state, p, cat, now)
	switch {
	case !change.IsZero():
		change.Next.Due = due
	case !due.Equal(app.Due):
		change = subscription.Reschedule(app, due)
	}
	return change, nil
}

// round is one pass over an application: each step decides on the state that those before it left.
type round struct {
	policy  Policy
	catalog *pricing.Catalog
	now     time.Time
	store   string                   // the store's identity
	state   subscription.Application // after change, at the base revision
	change  subscription.Change      // so far; zero if nothing is to be done
}

// begin returns a draft on the state so far.
func (r *round) begin() *subscription.Draft {
	return subscription.Begin(subscription.Snapshot{Application: r.state, Store: r.store}, r.now)
}

// end makes a draft part of the change.
func (r *round) end(d *subscription.Draft) {
	if next := d.Change(); !next.IsZero() {
		r.change = r.change.Then(next)
		r.state = r.change.After(r.state)
	}
}

// giveUpOrders cancels the open orders that couldn't be delivered any more, before they are asked for: an
// upgrade whose period has ended, a renewal of a subscription that is over.
func (r *round) giveUpOrders() error {
	for _, o := range r.state.Orders {
		if o.Status != subscription.OrderOpen || r.state.Undeliverable(o, r.now) == "" {
			continue
		}
		d := r.begin()
		if err := d.Cancel(o.ID); err != nil {
			return err
		}
		r.end(d)
	}
	return nil
}

// subscription does what is due for the subscription at index i. What fails is noted and tried again later,
// and keeps nothing else of the application from being done.
func (r *round) subscription(i int) {
	s := &r.state.Subscriptions[i]
	if over(s) || blocked(&r.state, s, r.now) || r.now.Before(s.Renewal.BackoffUntil) || !r.due(s) {
		return
	}
	d := r.begin()
	err := r.decide(d, &d.Application.Subscriptions[i])
	if err != nil {
		d = r.begin()
		held := &d.Application.Subscriptions[i]
		held.Renewal.BackoffUntil = r.now.Add(r.policy.FailureBackoff)
		d.AddEvent(subscription.Event{
			Type: subscription.EventDecisionFailed, Subscription: held.ID, Product: held.Product, Note: err.Error(),
		})
	}
	r.end(d)
}

// blocked reports whether an order for the subscription may still be collected. One under review that can't
// be delivered any more keeps nothing from being renewed.
func blocked(app *subscription.Application, s *subscription.Subscription, now time.Time) bool {
	return slices.ContainsFunc(app.Orders, func(o subscription.Order) bool {
		return o.Subscription == s.ID && o.Status.Blocking() && (o.Status == subscription.OrderOpen || app.Undeliverable(o, now) == "")
	})
}

// due reports whether there is anything to decide for a subscription.
func (r *round) due(s *subscription.Subscription) bool {
	return whole(s) != nil || !r.now.Before(nextAttempt(s, r.policy, r.catalog)) || !r.reminder(s).IsZero()
}

// decide does what is due for a subscription that nothing blocks.
func (r *round) decide(d *subscription.Draft, s *subscription.Subscription) error {
	if err := whole(s); err != nil {
		return err
	}
	if !r.now.Before(nextAttempt(s, r.policy, r.catalog)) {
		return r.renew(d, s)
	}
	return r.remind(d, s, r.reminder(s))
}

// over reports whether nothing is to be done for a subscription any more.
func over(s *subscription.Subscription) bool {
	return s.Status == subscription.Expired || s.Status == subscription.Refunded
}

// whole returns an error for a subscription that no change can have made, since it has no period.
func whole(s *subscription.Subscription) error {
	if len(s.Cycles) == 0 {
		return fmt.Errorf("%w: %s has no period", subscription.ErrInvariant, s.ID)
	}
	return nil
}
