package renewal

import (
	"fmt"
	"time"

	"github.com/prepaidkit/prepaid/pricing"
	"github.com/prepaidkit/prepaid/subscription"
)

// never is later than every instant.
//
//nolint:gochecknoglobals // a constant that Go has no syntax for
var never = time.Date(10000, 1, 1, 0, 0, 0, 0, time.UTC)

// renewsItself reports whether automatic attempts are made at all. After an interruption only the one that
// was never made is: nobody ran a worker.
func renewsItself(s *subscription.Subscription) bool {
	return s.AutoRenew && !s.Trial && !over(s) && (s.Status != subscription.Interrupted || s.Owed())
}

// nextAttempt returns when the next automatic attempt is due, never if there will be none. The first one
// isn't made before the last period that is paid for begins. One that was missed is due at once.
func nextAttempt(s *subscription.Subscription, p Policy, cat *pricing.Catalog) time.Time {
	if !renewsItself(s) || len(p.Attempts) == 0 {
		return never
	}
	if s.Renewal.LastAttemptAt.IsZero() {
		at := s.End().Add(p.Attempts[0])
		if begins := s.Cycles[len(s.Cycles)-1].Period.Start; at.Before(begins) {
			return begins
		}
		return at
	}
	at := firstAfter(s.End(), p.Attempts, s.Renewal.LastAttemptAt)
	switch {
	case !at.IsZero() && at.Before(s.End().Add(cat.ServiceTerms().Grace)):
		return at
	case s.Owed(): // a price was announced, and no worker ran to charge it
		return s.Renewal.LastAttemptAt
	}
	return never
}

// price returns what the next period costs: the current list price of the version in force then.
func price(s *subscription.Subscription, cat *pricing.Catalog) (pricing.Package, pricing.VersionID, error) {
	version := s.Cycles[len(s.Cycles)-1].Version
	h, err := cat.List(s.Product, version, s.Anchor.Term, s.Currency)
	return h, version, err
}

// renew makes an attempt: it places the order of the next period, or notes why it can't. Another price than the customer knows
// is announced first, in place of the attempt, unless no other attempt is left.
func (r *round) renew(d *subscription.Draft, s *subscription.Subscription) error {
	zone, err := r.catalog.ZoneOf(s.Zone)
	if err != nil {
		return err
	}
	s.Renewal.LastAttemptAt = r.now
	s.Renewal.RemindedAt = r.now // the attempt tells more than a reminder of the same time
	list, version, err := price(s, r.catalog)
	if err != nil {
		s.Renewal.Attempts++
		d.AddEvent(subscription.Event{
			Type: subscription.EventNotRenewable, Subscription: s.ID, Product: s.Product, Note: err.Error(),
		})
		return nil //nolint:nilerr // the event tells
	}
	if list.Price != told(s) {
		announce(d, s, list.Price)
		if r.anotherAttempt(s) {
			return nil
		}
	}
	s.Renewal.Attempts++
	extend, err := r.period(d, s, zone)
	if err != nil {
		return err
	}
	return place(d, r.catalog, *s, version, list, extend, "")
}

// anotherAttempt reports whether another attempt follows the one that is made now.
func (r *round) anotherAttempt(s *subscription.Subscription) bool {
	after := *s
	after.Renewal.Attempts++
	return !nextAttempt(&after, r.policy, r.catalog).Equal(never)
}

// period returns what the next order extends the subscription by: the period that is to be paid for.
func (r *round) period(
	d *subscription.Draft, s *subscription.Subscription, zone pricing.Zone,
) (subscription.ExtendDelivery, error) {
	n, missed, err := r.missed(d, s, zone)
	if err != nil {
		return subscription.ExtendDelivery{}, err
	}
	period, days, err := s.PeriodAt(n, zone)
	return subscription.ExtendDelivery{
		From: period.Start, Day: days.First, Automatic: true, Missed: missed,
		CatchUp: !missed && s.Status == subscription.Interrupted, Count: 1,
	}, err
}

// missed returns which period is to be paid for: the next one, or, when it has passed without service since
// no worker ran, the one that contains now, and whether it is one without service that is billed all the
// same.
func (r *round) missed(d *subscription.Draft, s *subscription.Subscription, zone pricing.Zone) (int, bool, error) {
	if s.Status != subscription.Interrupted {
		return s.Next, false, nil
	}
	current, err := s.Anchor.Index(r.now, zone)
	if err != nil {
		return 0, false, err
	}
	if current <= s.Next {
		return s.Next, false, nil
	}
	if r.policy.CatchUp == BillEach {
		return s.Next, true, nil
	}
	for n := s.Next; n < current; n++ {
		period, _, err := s.PeriodAt(n, zone)
		if err != nil {
			return 0, false, err
		}
		d.AddEvent(subscription.Event{
			Type: subscription.EventSkipped, Subscription: s.ID, Product: s.Product, Period: period,
		})
	}
	return current, false, nil
}

// place orders periods of a subscription at list price.
func place(d *subscription.Draft, cat *pricing.Catalog, s subscription.Subscription, version pricing.VersionID,
	h pricing.Package, e subscription.ExtendDelivery, agreement string,
) error {
	total, err := pricing.PriceRenewal(string(s.Product)+"/"+string(version), h.Price, e.Count, cat.Rounding())
	if err != nil {
		return err
	}
	e.Subscription, e.Product, e.Version = s.ID, s.Product, version
	e.Term, e.Zone, e.Price, e.Minutes = s.Anchor.Term, s.Zone, h.Price, h.Minutes
	_, err = d.Place(subscription.Order{
		Kind: subscription.RenewalOrder, Subscription: s.ID, Product: s.Product, Version: version,
		Catalog: cat.Revision(), Agreement: agreement, Deliveries: []subscription.Delivery{{Extend: &e}},
	}, total, cat.ZoneOf)
	if err != nil {
		return fmt.Errorf("renewal: %s: %w", s.ID, err)
	}
	return nil
}
