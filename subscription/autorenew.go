package subscription

import (
	"fmt"
	"time"

	"github.com/prepaidkit/prepaid/pricing"
)

// AutoRenew turns automatic renewal of a subscription on or off. It is allowed at any time while the subscription can
// be renewed. It takes effect with the next cycle and never checks the balance.
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
	case sub.Status == Expired || sub.Status == Refunded:
		return Change{}, fmt.Errorf("%w: %s is %s", ErrNoAutoRenew, sub.ID, sub.Status)
	}
	if c.On && !sub.AutoRenew && sub.Status == Interrupted {
		// Count it as attempted, so nothing is owed: only the customer's own payment resumes the service.
		sub.Renewal.Attempts, sub.Renewal.LastAttemptAt = sub.Renewal.Attempts+1, d.Now
	}
	sub.AutoRenew = c.On
	event := EventAutoRenewOff
	if c.On {
		event = EventAutoRenewOn
	}
	d.addSubscriptionEvent(event, sub, d.Now, Event{})
	return d.Change(), nil
}
