package renewal

import (
	"fmt"
	"time"

	"github.com/prepaidkit/prepaid/pricing"
	"github.com/prepaidkit/prepaid/subscription"
)

// Due returns when an application is to be looked at again, the zero time for never: when time changes
// something by itself, a reminder or an attempt is due, or an open order is to be looked up again.
func Due(app subscription.Application, p Policy, cat *pricing.Catalog, now time.Time) time.Time {
	p = p.filled()
	due := never
	sooner := func(t time.Time) {
		if !t.IsZero() && t.Before(due) {
			due = t
		}
	}
	sooner(subscription.NextStep(app, cat))
	for i := range app.Orders {
		o := &app.Orders[i]
		if o.Status.AwaitsGateway() {
			sooner(p.again(later(o.PlacedAt, o.ClosedAt), now))
		}
		if o.Status == subscription.OrderOpen {
			sooner(ends(&app, o, now))
		}
	}
	for i := range app.Subscriptions {
		s := &app.Subscriptions[i]
		if over(s) || blocked(&app, s, now) {
			continue
		}
		if s.Renewal.BackoffUntil.After(now) {
			sooner(s.Renewal.BackoffUntil)
			continue
		}
		if whole(s) != nil {
			continue
		}
		if s.Status != subscription.Interrupted {
			sooner(firstAfter(s.End(), p.Reminders, reminded(s)))
		}
		sooner(nextAttempt(s, p, cat))
	}
	if !app.BillsWait() {
		for _, day := range app.Unbilled(cat) {
			sooner(billed(day, &app, p))
		}
	}
	if due.Equal(never) {
		return time.Time{}
	}
	return due
}

// ends returns when an open upgrade can't be delivered any more: at the end of the period that contains now.
// It is the zero time for any other order.
func ends(app *subscription.Application, o *subscription.Order, now time.Time) time.Time {
	if o.Kind != subscription.UpgradeOrder {
		return time.Time{}
	}
	for i := range app.Subscriptions {
		if s := &app.Subscriptions[i]; s.ID == o.Subscription {
			cycle, _ := s.Current(now)
			return cycle.Period.End
		}
	}
	return time.Time{}
}

func later(t, u time.Time) time.Time {
	if u.After(t) {
		return u
	}
	return t
}

// usage orders the pay-as-you-go usage of the days that are closed. A day that can't be billed is noted and tried again
// later, and keeps nothing else of the application from being done.
func (r *round) usage() {
	if r.now.Before(r.state.Billing.BackoffUntil) {
		return
	}
	var failed error
	for _, day := range r.state.Unbilled(r.catalog) {
		if r.state.BillsWait() || r.now.Before(billed(day, &r.state, r.policy)) {
			continue
		}
		d := r.begin()
		if err := d.BillUsage(r.catalog, day.Day); err != nil {
			failed = fmt.Errorf("usage of %s: %w", day.Day, err)
			continue
		}
		r.end(d)
	}
	if failed == nil {
		return
	}
	d := r.begin()
	d.Application.Billing.BackoffUntil = r.now.Add(r.policy.FailureBackoff)
	d.AddEvent(subscription.Event{Type: subscription.EventDecisionFailed, Kind: subscription.UsageOrder, Note: failed.Error()})
	r.end(d)
}

// billed returns when the usage of a day is collected: when the day is closed, or some time after an attempt that failed.
func billed(day subscription.BillableDay, app *subscription.Application, p Policy) time.Time {
	at := later(day.At, app.Billing.BackoffUntil)
	if tried := app.Arrears.LastAttemptAt; !tried.IsZero() {
		at = later(at, tried.Add(p.UsageRetry))
	}
	return at
}
