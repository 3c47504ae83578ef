package subscription

import (
	"fmt"
	"time"

	"github.com/prepaidkit/prepaid/pricing"
)

// AutoRenew turns automatic renewal of a subscription on or off. It is allowed at any time while the subscription can
// be renewed. It takes effect with the next cycle and never checks the balance.
//
// Turned off, nothing is owed any more: a subscription that is past due has ended or, before the end of its period, is
// active. Turned on within the grace time, one that has ended is past due, and its renewal is due at once; later only the
// customer's own payment resumes the service.
//
// It fails with [ErrNotFound], and with [ErrNoAutoRenew] for a trial or a subscription that is over.
type AutoRenew struct {
	Product pricing.ProductID `json:"product"`
	On      bool              `json:"on"`
}

// Kind returns "auto_renew".
func (AutoRenew) Kind() string { return "auto_renew" }

// Decide implements [Command].
func (c AutoRenew) Decide(s Snapshot, _ *pricing.Catalog, now time.Time) (Change, error) {
	if err := s.Exists(); err != nil {
		return Change{}, err
	}
	d := Begin(s, now)
	sub := d.Application.latest(c.Product)
	switch {
	case sub == nil:
		return Change{}, fmt.Errorf("%w: subscription to %.64q", ErrNotFound, string(c.Product))
	case sub.Trial:
		return Change{}, fmt.Errorf("%w: %s is a trial", ErrNoAutoRenew, sub.ID)
	case sub.Status.Over():
		return Change{}, fmt.Errorf("%w: %s is %s", ErrNoAutoRenew, sub.ID, sub.Status)
	}
	if c.On && !sub.AutoRenew && !sub.InService() {
		// Count it as attempted, so nothing is owed: only the customer's own payment resumes the service.
		sub.Renewal.Attempts, sub.Renewal.LastAttemptAt = sub.Renewal.Attempts+1, d.Now
	}
	sub.AutoRenew = c.On
	event := EventAutoRenewOff
	if c.On {
		event = EventAutoRenewOn
	}
	d.addSubscriptionEvent(event, sub, d.Now, Event{})
	if c.On && sub.Status == Ended && sub.InService() {
		d.setStatus(sub, PastDue, d.Now)
	}
	d.stopOwing(sub)
	return d.Change(), nil
}

// stopOwing ends the past due status of a subscription whose auto-renewal is off, since it owes no renewal: it is active
// before the end of its period, and has ended after it.
func (d *Draft) stopOwing(s *Subscription) {
	switch {
	case s.AutoRenew || s.Status != PastDue:
	case d.Now.Before(s.End()):
		d.setStatus(s, Active, d.Now)
	default:
		d.setStatus(s, Ended, d.Now)
	}
}
