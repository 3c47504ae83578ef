package renewal

import (
	"fmt"
	"time"

	"github.com/prepaidkit/prepaid/pricing"
	"github.com/prepaidkit/prepaid/subscription"
)

// MaxCycles is how many cycles can be paid ahead, so that an application stays small.
const MaxCycles = 120

// Renew renews by hand, at any time: from the end of what is paid for, so that
// renewing early loses nothing, or, once the service was interrupted, from the day of payment. The price
// is the list price, today, of the version in force. Several cycles can be bought ahead; their minutes
// are granted as each begins.
//
// It fails with
//   - subscription.ErrNotFound: no such application, or it never had the product;
//   - [ErrNotRenewable]: a trial, or a subscription that is over, for which a new one is purchased;
//   - pricing.ErrNoPrice and its like: the version is not in the catalog any more;
//   - subscription.ErrOrderOpen: an order for the subscription still waits for its payment;
//   - subscription.ErrAgreementRequired: the agreement in force was not accepted;
//   - subscription.ErrInvalid: Cycles is negative, or there would be more than [MaxCycles] ahead.
type Renew struct {
	Product pricing.ProductID `json:"product"`
	Cycles  int               `json:"cycles,omitzero"` // 0 is 1; at most MaxCycles
	// Agreement is the version that the customer accepts; "" if subscription.Accept did before.
	Agreement string `json:"agreement,omitzero"`
}

// Kind returns "renew".
func (Renew) Kind() string { return "renew" }

// Decide implements subscription.Command.
func (c Renew) Decide(s subscription.Snapshot, cat *pricing.Catalog, now time.Time) (subscription.Change, error) {
	if err := s.Exists(); err != nil {
		return subscription.Change{}, err
	}
	sub, known := s.Application.Latest(c.Product)
	if !known {
		return subscription.Change{}, fmt.Errorf("%w: subscription to %.64q", subscription.ErrNotFound, string(c.Product))
	}
	if most := MaxCycles - ahead(&sub); c.Cycles < 0 || max(1, c.Cycles) > most {
		return subscription.Change{}, fmt.Errorf("%w: %d cycles, want 1 to %d", subscription.ErrInvalid, c.Cycles, most)
	}
	if sub.Trial || over(&sub) {
		return subscription.Change{}, fmt.Errorf("%w: %s is %s", ErrNotRenewable, sub.ID, sub.Status)
	}
	if err := whole(&sub); err != nil {
		return subscription.Change{}, err
	}
	if o, blocked := s.Application.Blocking(sub.ID); blocked {
		return subscription.Change{}, fmt.Errorf("%w: %s for %s", subscription.ErrOrderOpen, o.ID, sub.ID)
	}
	h, version, err := price(&sub, cat)
	if err != nil {
		return subscription.Change{}, err
	}
	d := subscription.Begin(s, now)
	agreement, err := d.Agree(cat, c.Agreement)
	if err != nil {
		return subscription.Change{}, err
	}
	extend := subscription.ExtendDelivery{Count: max(1, c.Cycles)}
	if sub.Status != subscription.Interrupted {
		days, err := sub.Anchor.Days(sub.Next)
		if err != nil {
			return subscription.Change{}, err
		}
		extend.From, extend.Day = sub.End(), days.First // a quote is for precisely that period
	}
	if err := place(d, cat, sub, version, h, extend, agreement); err != nil {
		return subscription.Change{}, err
	}
	return d.Change(), nil
}

// ahead returns how many cycles are paid for that haven't begun.
func ahead(s *subscription.Subscription) int {
	n := 0
	for i := range s.Cycles {
		if !s.Cycles[i].Begun {
			n++
		}
	}
	return n
}
