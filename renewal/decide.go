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
// of due renewals, bills and automatic top-ups. The Due field of the change's next state is the time of the next decision;
// the zero time means never. The zero Change means that nothing is due before the application's existing Due.
//
// The caller then completes the orders that were placed or were already open: see [Worker] or
// subscription.Service.Collect. While an order for a subscription may still be collected, no other order is placed for
// it. An upgrade that is still open at the end of its period is canceled, and so is an order that has waited for the
// customer for too long.
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

// decide implements Decide for a valid and complete policy. A step that fails must leave no trace but the record of its
// failure, so the whole round is decided again without it.
func decide(s subscription.Snapshot, p Policy, cat *pricing.Catalog, now time.Time) (subscription.Change, error) {
	failed := map[string]error(nil)
	for {
		r := round{policy: p, catalog: cat, draft: subscription.Begin(s, now), failed: failed}
		r.now, r.app = r.draft.Now, &r.draft.Application
		step, err := r.steps()
		switch {
		case err == nil:
			return r.change(&s.Application), nil
		case step == "":
			return subscription.Change{}, err
		}
		if failed == nil {
			failed = map[string]error{}
		}
		failed[step] = err
	}
}

// round is one pass over an application. Each step decides on the state that the previous steps left.
type round struct {
	policy  Policy
	catalog *pricing.Catalog
	draft   *subscription.Draft
	now     time.Time                 // the draft's
	app     *subscription.Application // the draft's
	failed  map[string]error          // the steps that failed in an earlier pass, by subscription, day of a bill or top-up
}

// steps takes every step that is due. If one fails that can be left out, it returns that step.
func (r *round) steps() (failed string, err error) {
	if err := r.draft.Advance(r.catalog); err != nil {
		return "", err
	}
	if err := r.giveUpOrders(); err != nil {
		return "", err
	}
	if !r.app.ClosedAt.IsZero() {
		return "", nil
	}
	for i := range r.app.Subscriptions {
		s := &r.app.Subscriptions[i]
		if err := r.subscription(s); err != nil {
			return string(s.ID), err
		}
	}
	if failed, err := r.usage(); err != nil {
		return failed, err
	}
	return r.topUps()
}

// change returns the change, which makes the application due when something is to be done next.
func (r *round) change(stored *subscription.Application) subscription.Change {
	change := r.draft.Change()
	due := Due(*r.app, r.policy, r.catalog, r.now)
	switch {
	case !change.IsZero():
		change.Next.Due = due
	case !due.Equal(stored.Due):
		return subscription.Reschedule(*stored, due)
	}
	return change
}

// giveUpOrders cancels, before collection, the open orders that can no longer be delivered (an upgrade whose period has
// ended, or a renewal of a subscription that is over) and those that have waited for the customer for too long.
func (r *round) giveUpOrders() error {
	for _, o := range slices.Clone(r.app.Orders) {
		if _, err := r.draft.GiveUp(o.ID, r.catalog.ServiceTerms()); err != nil {
			return err
		}
	}
	return nil
}

// subscription does what is due for a subscription. If that failed in an earlier pass, the failure is recorded and
// retried later, and does not block the rest of the application.
func (r *round) subscription(s *subscription.Subscription) error {
	if s.Status.Over() || blocked(r.app, s, r.now) || r.now.Before(s.Renewal.BackoffUntil) {
		return nil
	}
	if why, failed := r.failed[string(s.ID)]; failed {
		s.Renewal.BackoffUntil = r.now.Add(r.policy.FailureBackoff)
		r.draft.AddEvent(subscription.Event{
			Type: subscription.EventDecisionFailed, Subscription: s.ID, Product: s.Product, Note: why.Error(),
		})
		return nil
	}
	if err := whole(s); err != nil {
		return err
	}
	if !r.now.Before(nextAttempt(s, r.policy, r.catalog)) {
		return r.renew(s)
	}
	if at := r.reminder(s); !at.IsZero() {
		return r.remind(s, at)
	}
	return nil
}

// blocked reports whether an order for the subscription may still be collected. An order under review that can no
// longer be delivered does not block renewals.
func blocked(app *subscription.Application, s *subscription.Subscription, now time.Time) bool {
	return slices.ContainsFunc(app.Orders, func(o subscription.Order) bool {
		return o.Subscription == s.ID && o.Status.Blocking() && (o.Status == subscription.OrderOpen || app.Undeliverable(o, now) == "")
	})
}

// whole returns an error if a subscription has no period, which no change can have caused.
func whole(s *subscription.Subscription) error {
	if len(s.Cycles) == 0 {
		return fmt.Errorf("%w: %s has no period", subscription.ErrInvariant, s.ID)
	}
	return nil
}
