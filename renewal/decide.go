package renewal

import (
	"fmt"
	"time"

	"github.com/prepaidkit/prepaid/pricing"
	"github.com/prepaidkit/prepaid/subscription"
)

// Decide returns what is to be done for an application at now, all of it: what time does to it
// ([subscription.Advance]), reminders, announcements of another price, missed periods, and the orders of
// renewals that are due. The change's next state says in Due when to come back; the zero time is never.
// The zero Change means that nothing is to be done before the Due that the application already has.
//
// An order that is placed, or that was open before, is then brought to its end by whoever called: see
// [Worker], or subscription.Service.Collect. While an order for a subscription may still be collected, no
// other is placed for it. An upgrade that is still open at the end of its period is cancelled.
//
// It is pure. It fails with [ErrPolicy], and with the errors of the catalogue for a zone that can't be
// loaded.
func Decide(app subscription.Application, p Policy, cat *pricing.Catalog, now time.Time) (subscription.Change, error) {
	if err := p.Validate(); err != nil {
		return subscription.Change{}, err
	}
	return decide(app, p.filled(), cat, now)
}

// decide is Decide for a policy that is valid and complete.
func decide(app subscription.Application, p Policy, cat *pricing.Catalog, now time.Time) (subscription.Change, error) {
	advanced, err := subscription.Advance(app, cat, now)
	if err != nil {
		return subscription.Change{}, err
	}
	state := app
	if !advanced.IsZero() {
		state = advanced.Next
		state.Revision = app.Revision
	}
	r := round{policy: p, catalog: cat, now: now, state: state}
	for i := range state.Subscriptions {
		if err := r.subscription(i); err != nil {
			return subscription.Change{}, err
		}
	}
	change := advanced
	if r.draft != nil {
		change = advanced.Then(r.draft.Change())
		state = change.Next
	}
	due := Due(state, p, cat, now)
	switch {
	case !change.IsZero():
		change.Next.Due = due
	case !due.Equal(app.Due):
		change = subscription.Reschedule(app, due)
	}
	return change, nil
}

// round is one pass over the subscriptions of an application.
type round struct {
	policy  Policy
	catalog *pricing.Catalog
	now     time.Time
	state   subscription.Application
	draft   *subscription.Draft // nil until something is to be done
}

// begin returns the draft, and in it the subscription at index i.
func (r *round) begin(i int) (*subscription.Draft, *subscription.Subscription) {
	if r.draft == nil {
		r.draft = subscription.Begin(subscription.Snapshot{Application: r.state}, r.now)
	}
	return r.draft, &r.draft.Application.Subscriptions[i]
}

// subscription does what is due for the subscription at index i.
func (r *round) subscription(i int) error {
	s := &r.state.Subscriptions[i]
	if over(s) {
		return nil
	}
	if err := whole(s); err != nil {
		return err
	}
	if open, blocked := r.state.Blocking(s.ID); blocked {
		if open.Kind != subscription.UpgradeOrder || r.now.Before(s.End()) {
			return nil
		}
		d, _ := r.begin(i)
		if err := d.Cancel(open.ID); err != nil {
			return err
		}
	}
	next := nextAttempt(s, r.policy, r.catalog)
	if !r.now.Before(next) {
		return r.renew(i)
	}
	if next.Equal(never) && renewsItself(s) {
		r.giveUp(i)
	}
	if at := lastUpTo(s.End(), r.policy.Reminders, r.now); at.After(reminded(s)) && s.Status != subscription.Interrupted {
		return r.remind(i, at)
	}
	return nil
}

// giveUp notes that no attempt is left, which the last one didn't know: the schedule has become shorter, or
// auto-renewal was turned off and on after it.
func (r *round) giveUp(i int) {
	d, s := r.begin(i)
	s.Renewal.Over = true
	d.Note(subscription.Event{
		Type: subscription.EventNotRenewable, Subscription: s.ID, Product: s.Product, Note: "no attempt is left",
	})
}

// reminded returns up to when nothing is to be reminded of any more: the last reminder, or the purchase.
func reminded(s *subscription.Subscription) time.Time {
	if s.OpenedAt.After(s.Renewal.RemindedAt) {
		return s.OpenedAt
	}
	return s.Renewal.RemindedAt
}

// over reports whether nothing is to be done for a subscription any more.
func over(s *subscription.Subscription) bool {
	return s.Status == subscription.Expired || s.Status == subscription.Refunded
}

// whole returns an error for a subscription that no change can have made, since it has no period.
func whole(s *subscription.Subscription) error {
	if len(s.Cycles) == 0 {
		return fmt.Errorf("%w: %s has no period", subscription.ErrInvariant, s.ID)
	}
	return nil
}

// never is later than every instant.
//
//nolint:gochecknoglobals // a constant that Go has no syntax for
var never = time.Date(10000, 1, 1, 0, 0, 0, 0, time.UTC)

// renewsItself reports whether automatic attempts are still to come.
func renewsItself(s *subscription.Subscription) bool {
	return s.AutoRenew && !s.Trial && !s.Renewal.Over && !over(s)
}

// nextAttempt returns when the next automatic attempt is due, never if there will be none. The first one
// isn't made before the last period that is paid for begins. An attempt that was missed is due at once, also
// after the interruption.
func nextAttempt(s *subscription.Subscription, p Policy, cat *pricing.Catalog) time.Time {
	if !renewsItself(s) {
		return never
	}
	if s.Renewal.TriedAt.IsZero() {
		at := s.End().Add(p.Attempts[0])
		if begins := s.Cycles[len(s.Cycles)-1].Period.Start; at.Before(begins) {
			return begins
		}
		return at
	}
	at := firstAfter(s.End(), p.Attempts, s.Renewal.TriedAt)
	if at.IsZero() || !at.Before(s.End().Add(cat.Service().Grace)) {
		return never
	}
	return at
}

// price returns what the next period costs: the current list price of the version in force then.
func price(s *subscription.Subscription, cat *pricing.Catalog) (pricing.Holding, pricing.VersionID, error) {
	version := s.Cycles[len(s.Cycles)-1].Version
	h, err := cat.List(s.Product, version, s.Anchor.Term, s.Currency)
	return h, version, err
}

// told returns the price that the customer expects of the next period.
func told(s *subscription.Subscription) pricing.Money {
	if !s.Renewal.Told.IsZero() {
		return s.Renewal.Told
	}
	return s.Cycles[len(s.Cycles)-1].Price
}

// remind notes a reminder, once for each of its instants. With it goes the price, if another is to come.
func (r *round) remind(i int, at time.Time) error {
	d, s := r.begin(i)
	s.Renewal.RemindedAt = at
	e := subscription.Event{Type: subscription.EventReminder, Subscription: s.ID, Product: s.Product, Note: "ends"}
	if renewsItself(s) {
		h, version, err := price(s, r.catalog)
		if err == nil {
			zone, err := r.catalog.ZoneOf(s.Zone)
			if err != nil {
				return err
			}
			if e.Period, err = s.Anchor.Period(s.Next, zone); err != nil {
				return err
			}
			e.Amount, e.Version, e.Note = h.Price, version, "renews itself"
			if h.Price != told(s) {
				announce(d, s, h.Price)
			}
		}
	}
	d.Note(e)
	return nil
}

// announce notes that the next period will cost another price.
func announce(d *subscription.Draft, s *subscription.Subscription, price pricing.Money) {
	s.Renewal.Told = price
	d.Note(subscription.Event{Type: subscription.EventPriceChange, Subscription: s.ID, Product: s.Product, Amount: price})
}

// renew places the order of the next period, or says why it can't.
func (r *round) renew(i int) error {
	d, s := r.begin(i)
	zone, err := r.catalog.ZoneOf(s.Zone)
	if err != nil {
		return err
	}
	s.Renewal.TriedAt = r.now
	s.Renewal.RemindedAt = r.now // the attempt tells more than a reminder of the same time
	s.Renewal.Tries++
	last := nextAttempt(s, r.policy, r.catalog).Equal(never)
	s.Renewal.Over = last
	h, version, err := price(s, r.catalog)
	if err != nil {
		d.Note(subscription.Event{
			Type: subscription.EventNotRenewable, Subscription: s.ID, Product: s.Product, Note: err.Error(),
		})
		return nil //nolint:nilerr // the event tells
	}
	if h.Price != told(s) {
		announce(d, s, h.Price)
		if !last {
			return nil // the customer hears of it before the next attempt charges it
		}
	}
	n, missed, err := r.missed(d, s, zone)
	if err != nil {
		return err
	}
	period, err := s.Anchor.Period(n, zone)
	if err != nil {
		return err
	}
	return place(d, r.catalog, *s, version, h, subscription.Extend{From: period.Start, Missed: missed, Count: 1}, "")
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
		period, err := s.Anchor.Period(n, zone)
		if err != nil {
			return 0, false, err
		}
		d.Note(subscription.Event{
			Type: subscription.EventSkipped, Subscription: s.ID, Product: s.Product, Period: period,
		})
	}
	return current, false, nil
}

// place orders periods of a subscription at list price.
func place(d *subscription.Draft, cat *pricing.Catalog, s subscription.Subscription, version pricing.VersionID,
	h pricing.Holding, e subscription.Extend, agreement string,
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
		if o := &app.Orders[i]; o.Status == subscription.OrderOpen || o.Status == subscription.OrderRefundDue {
			sooner(p.again(o.PlacedAt, now))
		}
	}
	for i := range app.Subscriptions {
		s := &app.Subscriptions[i]
		if over(s) || whole(s) != nil {
			continue
		}
		if open, blocked := app.Blocking(s.ID); blocked {
			if open.Kind == subscription.UpgradeOrder {
				sooner(s.End())
			}
			continue
		}
		if s.Status != subscription.Interrupted {
			sooner(firstAfter(s.End(), p.Reminders, reminded(s)))
		}
		sooner(nextAttempt(s, p, cat))
	}
	if due.Equal(never) {
		return time.Time{}
	}
	return due
}
