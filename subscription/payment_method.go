package subscription

import (
	"time"

	"github.com/prepaidkit/prepaid/pricing"
)

// PaymentMethodChanged reports that the account has another payment method, or that its method works again. Automatic
// attempts that a decline had stopped go on, and whatever failed before is due at once: the renewal of a subscription
// that is in service, or whose schedule goes on after the interruption, the usage of past days, and automatic top-ups.
// Otherwise, after an interruption, only the customer's own payment resumes the service.
//
// A host calls it when its payment provider reports a new card. It fails with [ErrNotFound].
type PaymentMethodChanged struct{}

// Kind returns "payment_method_changed".
func (PaymentMethodChanged) Kind() string { return "payment_method_changed" }

// Decide implements [Command].
func (PaymentMethodChanged) Decide(s Snapshot, _ *pricing.Catalog, now time.Time) (Change, error) {
	if err := s.Exists(); err != nil {
		return Change{}, err
	}
	d := Begin(s, now)
	d.resumeAttempts()
	d.resumeTopUps()
	for i := range d.Application.Subscriptions {
		if r := &d.Application.Subscriptions[i].Renewal; r.Attempts > 0 {
			r.LastAttemptAt = time.Time{} // the next one is due at once
		}
	}
	d.Application.Arrears.LastAttemptAt = time.Time{}
	d.AddEvent(Event{Type: EventPaymentMethod})
	return d.Change(), nil
}

// resumeAttempts lets automatic attempts go on that a decline had stopped.
func (d *Draft) resumeAttempts() {
	for i := range d.Application.Subscriptions {
		d.Application.Subscriptions[i].Renewal.Stopped = ""
	}
	d.Application.Arrears.Stopped = ""
}
