package renewal

import (
	"errors"
	"fmt"
	"time"

	"github.com/prepaidkit/prepaid/pricing"
	"github.com/prepaidkit/prepaid/subscription"
)

// Due returns when an application must next be processed: when time changes its state, a reminder or an attempt is due,
// an open order must be looked up again or given up, a refund must be requested again, or a bill or an automatic top-up is
// due. The zero time means never.
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
			sooner(app.GivenUpAt(*o, cat.ServiceTerms()))
		}
	}
	for i := range app.Refunds {
		sooner(p.again(app.Refunds[i].DueAt, now))
	}
	for i := range app.Subscriptions {
		s := &app.Subscriptions[i]
		if s.Status.Over() || blocked(&app, s, now) || !app.ClosedAt.IsZero() {
			continue
		}
		if s.Renewal.BackoffUntil.After(now) {
			sooner(s.Renewal.BackoffUntil)
			continue
		}
		if whole(s) != nil {
			continue
		}
		if isReminded(s) {
			sooner(firstAfter(s.End(), p.Reminders, reminded(s)))
		}
		sooner(nextAttempt(s, p, cat))
	}
	if !app.BillsWait() {
		for _, day := range app.Unbilled(cat) {
			sooner(billed(day, &app, p))
		}
	}
	sooner(app.TopUpDue(cat, now))
	if due.Equal(never) {
		return time.Time{}
	}
	return due
}

// ends returns when an open upgrade can no longer be delivered, which is the end of the period that contains now. For
// any other order it returns the zero time.
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

// usage places orders for the pay-as-you-go usage of closed days. If a day couldn't be billed in an earlier pass, the
// failure is recorded and retried later, and does not block the rest of the application. It returns a day that fails.
func (r *round) usage() (failed string, err error) {
	if r.now.Before(r.app.Billing.BackoffUntil) {
		return "", nil
	}
	for _, day := range r.app.Unbilled(r.catalog) {
		step := day.Day.String()
		if why, failed := r.failed[step]; failed {
			err = fmt.Errorf("usage of %s: %w", step, why)
			continue
		}
		if r.app.BillsWait() || r.now.Before(billed(day, r.app, r.policy)) {
			continue
		}
		err := r.draft.BillUsage(r.catalog, day.Day)
		if errors.Is(err, subscription.ErrNotFound) {
			continue // another bill of this round has made room, so the rest of the day waits for a renewal
		}
		if err != nil {
			return step, err
		}
	}
	if err != nil {
		r.app.Billing.BackoffUntil = r.now.Add(r.policy.FailureBackoff)
		r.draft.AddEvent(subscription.Event{Type: subscription.EventDecisionFailed, Kind: subscription.UsageOrder, Note: err.Error()})
	}
	return "", nil
}

// billed returns when the usage of a day is collected: when the day is closed, or a pause after the last failed
// attempt, or never, after a decline that made further attempts pointless.
func billed(day subscription.BillableDay, app *subscription.Application, p Policy) time.Time {
	if app.Arrears.Stopped != "" {
		return never
	}
	at := later(day.At, app.Billing.BackoffUntil)
	if tried := app.Arrears.LastAttemptAt; !tried.IsZero() {
		at = later(at, tried.Add(p.UsageRetry))
	}
	return at
}
