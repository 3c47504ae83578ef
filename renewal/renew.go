package renewal

import (
	"fmt"
	"time"

	"github.com/prepaidkit/prepaid/pricing"
	"github.com/prepaidkit/prepaid/subscription"
)

// MaxCycles is the maximum number of cycles paid in advance. It keeps an application small.
const MaxCycles = 120

// Renew renews a subscription manually, at any time. The renewal continues from the end of the paid time, so renewing
// early loses nothing; out of service it starts on the day of payment. The price is the current list price of the version
// in force. A change that was chosen for the renewal applies ([subscription.ChangeAtRenewal]), and so does the price of a
// deal, for as many cycles as it has ([subscription.SetDeal]). Several cycles can be paid in advance; their minutes are
// granted when each cycle begins.
//
// It fails with:
//
//   - subscription.ErrNotFound: there is no such application, or it never had the product;
//   - [ErrNotRenewable]: the subscription is a trial or is over, and a new one must be purchased;
//   - pricing.ErrNoPrice and similar errors: the version is no longer in the catalog;
//   - subscription.ErrOrderOpen: an order for the subscription is still awaiting payment, unless it is an automatic renewal
//     that waits for the customer, which this one replaces;
//   - subscription.ErrAgreementRequired: the current agreement was not accepted;
//   - subscription.ErrInvalid: Cycles is negative, or more than [MaxCycles] cycles would be paid in advance;
//   - subscription.ErrNotEligible: subscription.Options.Eligible refuses;
//   - the errors of subscription.Draft.Place.
type Renew struct {
	Product pricing.ProductID `json:"product"`
	Cycles  int               `json:"cycles,omitzero"` // 0 means 1; at most MaxCycles
	// Agreement is the version that the customer accepts; "" if it was already accepted with subscription.Accept.
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
	if sub.Trial || sub.Status.Over() {
		return subscription.Change{}, fmt.Errorf("%w: %s is %s", ErrNotRenewable, sub.ID, sub.Status)
	}
	if err := whole(&sub); err != nil {
		return subscription.Change{}, err
	}
	d := subscription.Begin(s, now)
	if err := d.Replace(sub.ID); err != nil {
		return subscription.Change{}, err
	}
	terms, err := sub.NextTerms(cat)
	if err != nil {
		return subscription.Change{}, err
	}
	if terms.Dropped != "" {
		if err := d.DropPlanned(sub.ID, terms.Dropped); err != nil {
			return subscription.Change{}, err
		}
	}
	agreement, err := d.Agree(cat, c.Agreement)
	if err != nil {
		return subscription.Change{}, err
	}
	extend := subscription.ExtendDelivery{Count: max(1, c.Cycles)}
	if sub.InService() {
		days, err := terms.Anchor.Days(terms.Next)
		if err != nil {
			return subscription.Change{}, err
		}
		extend.From, extend.Day = sub.End(), days.First // a quote is for exactly that period
	}
	if err := place(d, cat, sub, terms, extend, agreement); err != nil {
		return subscription.Change{}, err
	}
	return d.Change(), nil
}

// ahead returns the number of paid cycles that have not begun.
func ahead(s *subscription.Subscription) int {
	n := 0
	for i := range s.Cycles {
		if !s.Cycles[i].Begun {
			n++
		}
	}
	return n
}
