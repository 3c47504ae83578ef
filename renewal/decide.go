package renewal

import (
	"fmt"
	"slices"
	"time"

	"github.com/prepaidkit/prepaid/pricing"
	"github.com/prepaidkit/prepaid/subscription"
)

// Decide returns everything that is due for an application at now, given the application's snapshot from a store: the
// effects of time ([subscription.Advance]), reminders, announcements of a changed price, missed periods, and the orders
// of due renewals. The Due field of the change's next state is the time of the next decision; the zero time means
// never. The zero Change means that nothing is due before the application's existing Due.
//
// The caller then completes the orders that were placed or were already open: see [Worker] or
// subscription.Service.Collect. While an order for a subscription may still be collected, no other order is placed for
// it. An upgrade that is still open at the end of its period is canceled.
//
// Decide is pure. It returns [ErrPolicy], and the catalog's error if a zone can't be loaded.
func Decide(s subscription.Snapshot, p Policy, cat *pricing.Catalog, now time.Time) (subscription.Change, error) {
	if err := p.Validate(); err != nil {
		return subscription.Change{}, err
	}
	if cat == nil {
		return subscription.Change{}, fmt.Errorf("%w: no catalog", subscription.ErrInvalid)
	}
	return decide(s, p.filled(), cat, now)
}

// decide implements Decide for a valid and complete policy.
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

// round is one pass over an application. Each step decides on the state that the previous steps left.
type round struct {
	policy  Policy
	catalog *pricing.Catalog
	now     time.Time
	store   string                   // the store's identity
	state   subscription.Application // after change, at the base revision
	change  subscription.Change      // so far; zero if nothing is due
}

// begin returns a draft of the current state.
func (r *round) begin() *subscription.Draft {
	return subscription.Begin(subscription.Snapshot{Application: r.state, Store: r.store}, r.now)
}

// end adds a draft to the change.
func (r *round) end(d *subscription.Draft) {
	if next := d.Change(); !next.IsZero() {
		r.change = r.change.Then(next)
		r.state = r.change.After(r.state)
	}
}

// giveUpOrders cancels, before collection, the open orders that can no longer be delivered: an upgrade whose period has
// ended, or a renewal of a subscription that is over.
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

// subscription does what is due for the subscription at index i. A failure is recorded and retried later, and does not
// block the rest of the application.
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

// blocked reports whether an order for the subscription may still be collected. An order under review that can no
// longer be delivered does not block renewals.
func blocked(app *subscription.Application, s *subscription.Subscription, now time.Time) bool {
	return slices.ContainsFunc(app.Orders, func(o subscription.Order) bool {
		return o.Subscription == s.ID && o.Status.Blocking() && (o.Status == subscription.OrderOpen || app.Undeliverable(o, now) == "")
	})
}

// due reports whether a decision is due for a subscription.
func (r *round) due(s *subscription.Subscription) bool {
	return whole(s) != nil || !r.now.Before(nextAttempt(s, r.policy, r.catalog)) || !r.reminder(s).IsZero()
}

// decide does what is due for a subscription that is not blocked.
func (r *round) decide(d *subscription.Draft, s *subscription.Subscription) error {
	if err := whole(s); err != nil {
		return err
	}
	if !r.now.Before(nextAttempt(s, r.policy, r.catalog)) {
		return r.renew(d, s)
	}
	return r.remind(d, s, r.reminder(s))
}

// over reports whether nothing remains to be done for a subscription.
func over(s *subscription.Subscription) bool {
	return s.Status == subscription.Expired || s.Status == subscription.Refunded
}

// whole returns an error if a subscription has no period, which no change can have caused.
func whole(s *subscription.Subscription) error {
	if len(s.Cycles) == 0 {
		return fmt.Errorf("%w: %s has no period", subscription.ErrInvariant, s.ID)
	}
	return nil
}
