package subscription

import (
	"context"
	"fmt"
	"time"

	"github.com/prepaidkit/prepaid/pricing"
)

// ResetClock sets the time of an application's last change back to now, after a wrong clock moved it so far ahead
// that nothing can be done anymore ([ErrClock]). It is for staff.
//
// Everything done under the wrong clock stands: what it began, ended, collected or let expire. Anything that would still
// wait for the wrong time no longer does: attempts, reminders, bills, automatic top-ups and usage continue from now, and
// an interrupted service that is paid for resumes. What follows is recorded as of now, earlier than what came before.
//
// It fails with [ErrNotFound], and with [ErrInvalid] if the application's last change isn't ahead of the clock.
type ResetClock struct {
	Note string `json:"note,omitzero"` // who, and why
}

// Kind returns "reset_clock".
func (ResetClock) Kind() string { return "reset_clock" }

// resetsClock marks the command that is allowed even though the application's last change is far ahead of the clock.
func (ResetClock) resetsClock() {}

// Decide implements [Command].
func (c ResetClock) Decide(s Snapshot, cat *pricing.Catalog, now time.Time) (Change, error) {
	if err := s.Exists(); err != nil {
		return Change{}, err
	}
	if !s.Application.AsOf.After(now) {
		return Change{}, fmt.Errorf("%w: %s was last changed at %s, which isn't in the future", ErrInvalid, named(s.Application.ID),
			s.Application.AsOf.Format(time.RFC3339))
	}
	d := Begin(s, now)
	d.Now = now.UTC()
	d.AddEvent(Event{Type: EventClockReset, Note: c.Note})
	a := &d.Application
	for i := range a.Subscriptions {
		d.resetSubscription(&a.Subscriptions[i])
	}
	for _, t := range []*time.Time{&a.PayAsYouGo.Since, &a.Arrears.Since, &a.Arrears.LastAttemptAt, &a.Billing.BackoffUntil} {
		d.notAhead(t)
	}
	for i := range a.AutoTopUps {
		d.notAhead(&a.AutoTopUps[i].Since)
		d.notAhead(&a.AutoTopUps[i].HeldUntil)
	}
	if today := cat.Zone().StartOf(cat.Zone().DateOf(d.Now)); a.ClosedUntil.After(today) {
		a.ClosedUntil = today
	}
	return d.Change(), nil
}

// resetSubscription lets a subscription continue from now.
func (d *Draft) resetSubscription(s *Subscription) {
	r := &s.Renewal
	ahead := r.LastAttemptAt.After(d.Now)
	if ahead {
		r.Attempts, r.LastAttemptAt, r.Stopped = 0, time.Time{}, "" // no attempt was made at a real time
	}
	d.notAhead(&r.RemindedAt)
	d.notAhead(&r.BackoffUntil)
	if d.Now.Before(s.End()) && (s.Status == Interrupted || s.Status == Ended || s.Status == PastDue && (ahead || r.Attempts == 0)) {
		d.setStatus(s, Active, d.Now)
	}
}

// notAhead sets a time that is ahead back to now.
func (d *Draft) notAhead(t *time.Time) {
	if t.After(d.Now) {
		*t = d.Now
	}
}

// clockAlone is the clock for commands that are allowed even though the application's last change is far ahead.
func (s *Service) clockAlone(ctx context.Context, _ Application) (time.Time, error) {
	return s.now(ctx)
}

// checked returns a decision that is checked, but made on an application that isn't brought up to date first.
func checked(decide decision) decision {
	return func(snapshot Snapshot, cat *pricing.Catalog, now time.Time) (Change, error) {
		change, err := decide(snapshot, cat, now)
		if err != nil || change.IsZero() {
			return Change{}, err
		}
		return change, change.CheckAt(snapshot.Application, now)
	}
}
