package renewal

import (
	"fmt"
	"time"

	"github.com/prepaidkit/prepaid/pricing"
	"github.com/prepaidkit/prepaid/subscription"
)

// never is later than any other instant.
//
//nolint:gochecknoglobals // a constant that Go has no syntax for
var never = time.Date(10000, 1, 1, 0, 0, 0, 0, time.UTC)

// renewsItself reports whether automatic attempts are made: none after a decline that made them pointless. For a
// subscription that is out of service, there is an attempt that was never made because no worker was running, and those
// of a policy that goes on.
func renewsItself(s *subscription.Subscription, p *Policy, cat *pricing.Catalog) bool {
	return s.AutoRenew && !s.Trial && !s.Status.Over() && s.Renewal.Stopped == "" &&
		(s.InService() || s.Owed() || p.goesOn(cat.ServiceTerms().Grace))
}

// nextAttempt returns when the next automatic attempt is due, or never if there is none. The first attempt is not made
// before the last paid period begins. A missed attempt is due immediately.
func nextAttempt(s *subscription.Subscription, p Policy, cat *pricing.Catalog) time.Time {
	if !renewsItself(s, &p, cat) || len(p.Attempts) == 0 {
		return never
	}
	if s.Renewal.LastAttemptAt.IsZero() {
		at := s.End().Add(p.Attempts[0])
		if begins := s.Cycles[len(s.Cycles)-1].Period.Start; at.Before(begins) {
			return begins
		}
		return at
	}
	terms, tried := cat.ServiceTerms(), s.Renewal.LastAttemptAt
	last := s.End().Add(terms.Grace)
	if !s.InService() && !s.Owed() {
		tried = later(tried, last.Add(-1)) // what was missed within the grace time stays missed
	}
	at := firstAfter(s.End(), p.Attempts, tried)
	if p.goesOn(terms.Grace) {
		last = last.Add(terms.Retention)
	}
	switch {
	case !at.IsZero() && at.Before(last):
		return at
	case s.Owed(): // a price was announced, but no worker ran to charge it
		return s.Renewal.LastAttemptAt
	}
	return never
}

// terms returns the terms of the next period, and the total with taxes that the customer will be charged.
func (r *round) terms(s *subscription.Subscription) (subscription.NextTerms, pricing.Money, error) {
	terms, err := s.NextTerms(r.catalog)
	if err != nil {
		return terms, pricing.Money{}, err
	}
	_, total, _, err := r.draft.Taxed(terms.Price, r.catalog)
	return terms, total, err
}

// counted returns a subscription whose periods from the next one on are counted as the terms say.
func counted(s *subscription.Subscription, terms subscription.NextTerms) *subscription.Subscription {
	next := *s
	next.Anchor, next.Next = terms.Anchor, terms.Next
	return &next
}

// renew makes an attempt: it places the order for the next period, or records why it can't. If the price differs from
// the one that the customer knows, it announces the price instead, unless no other attempt is left.
func (r *round) renew(s *subscription.Subscription) error {
	zone, err := r.catalog.ZoneOf(s.Zone)
	if err != nil {
		return err
	}
	s.Renewal.LastAttemptAt = r.now
	s.Renewal.RemindedAt = r.now // the attempt replaces a reminder due at the same time
	terms, total, err := r.terms(s)
	if terms.Dropped != "" {
		if err := r.draft.DropPlanned(s.ID, terms.Dropped); err != nil {
			return err
		}
	}
	if err != nil {
		s.Renewal.Attempts++
		r.draft.AddEvent(subscription.Event{
			Type: subscription.EventNotRenewable, Subscription: s.ID, Product: s.Product, Note: err.Error(),
		})
		return nil //nolint:nilerr // the event records the error
	}
	if total != told(s) {
		r.announce(s, total)
		if r.anotherAttempt(s) {
			return nil
		}
	}
	owed := s.Owed()
	s.Renewal.Attempts++
	extend, err := r.period(counted(s, terms), owed, zone)
	if err != nil {
		return err
	}
	return place(r.draft, r.catalog, *s, terms, extend, "")
}

// anotherAttempt reports whether another attempt follows the current one.
func (r *round) anotherAttempt(s *subscription.Subscription) bool {
	after := *s
	after.Renewal.Attempts++
	return !nextAttempt(&after, r.policy, r.catalog).Equal(never)
}

// period returns the period that the next order pays for. Out of service, unless that is a worker's fault, it begins on
// the day of payment; the order is numbered under the period that failed.
func (r *round) period(
	s *subscription.Subscription, owed bool, zone pricing.Zone,
) (subscription.ExtendDelivery, error) {
	if !s.InService() && !owed {
		days, err := s.Anchor.Days(s.Next)
		return subscription.ExtendDelivery{Day: days.First, Automatic: true, Count: 1}, err
	}
	n, missed, err := r.missed(s, zone)
	if err != nil {
		return subscription.ExtendDelivery{}, err
	}
	period, days, err := s.PeriodAt(n, zone)
	return subscription.ExtendDelivery{
		From: period.Start, Day: days.First, Automatic: true, Missed: missed,
		CatchUp: !missed && !s.InService(), Count: 1,
	}, err
}

// missed returns the number of the period to pay for, and whether it is a missed period that is billed although it had
// no service. The period is the next one or, if that one has passed without service because no worker ran, the one that
// contains now.
func (r *round) missed(s *subscription.Subscription, zone pricing.Zone) (int, bool, error) {
	if s.InService() {
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
		r.draft.AddEvent(subscription.Event{
			Type: subscription.EventSkipped, Subscription: s.ID, Product: s.Product, Period: period,
		})
	}
	return current, false, nil
}

// place places an order for periods of a subscription on the terms that hold for them: at the price of a deal, as far as
// there is one, and else at list price.
func place(d *subscription.Draft, cat *pricing.Catalog, s subscription.Subscription, terms subscription.NextTerms,
	e subscription.ExtendDelivery, agreement string,
) error {
	e.Subscription, e.Product, e.Version = s.ID, s.Product, terms.Version
	e.Term, e.Zone, e.Price, e.Minutes = terms.Term, s.Zone, terms.Price, terms.Minutes
	total, err := price(&e, terms, cat)
	if err != nil {
		return err
	}
	_, err = d.Place(subscription.Order{
		Kind: subscription.RenewalOrder, Subscription: s.ID, Product: s.Product, Version: terms.Version,
		Catalog: cat.Revision(), Agreement: agreement, Deliveries: []subscription.Delivery{{Extend: &e}},
	}, total, cat)
	if err != nil {
		return fmt.Errorf("renewal: %s: %w", s.ID, err)
	}
	return nil
}

// price returns the price of the periods of an order, and records in its delivery what a deal has to do with it.
func price(e *subscription.ExtendDelivery, terms subscription.NextTerms, cat *pricing.Catalog) (pricing.Price, error) {
	item := string(e.Product) + "/" + string(e.Version)
	if terms.Dealt == 0 {
		return pricing.PriceRenewal(item, terms.List, e.Count, cat.Rounding())
	}
	e.Dealt = true
	beyond := 0
	if terms.Dealt > 0 {
		beyond = max(0, e.Count-terms.Dealt)
	}
	if beyond > 0 {
		e.Beyond = &subscription.BeyondDeal{Count: beyond, Price: terms.List}
	}
	return pricing.PriceDeal(item, terms.Price, e.Count-beyond, terms.List, beyond, cat.Rounding())
}
