package renewal

import (
	"fmt"
	"slices"
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
	r := round{policy: p, catalog: cat, now: now, state: state, change: advanced}
	if err := r.giveUpOrders(); err != nil {
		return subscription.Change{}, err
	}
	for i := range state.Subscriptions {
		r.subscription(i)
	}
	if err := r.usage(); err != nil {
		return subscription.Change{}, err
	}
	change := r.change
	state = r.state
	due := Due(state, p, cat, now)
	switch {
	case !change.IsZero():
		change.Next.Due = due
	case !due.Equal(app.Due):
		change = subscription.Reschedule(app, due)
	}
	return change, nil
}

// round is one pass over an application: each step decides on the state that those before it left.
type round struct {
	policy  Policy
	catalog *pricing.Catalog
	now     time.Time
	state   subscription.Application // after change, at the base revision
	change  subscription.Change      // so far; zero if nothing is to be done
}

// begin returns a draft on the state so far.
func (r *round) begin() *subscription.Draft {
	return subscription.Begin(subscription.Snapshot{Application: r.state}, r.now)
}

// end makes a draft part of the change.
func (r *round) end(d *subscription.Draft) {
	next := d.Change()
	if next.IsZero() {
		return
	}
	r.change = r.change.Then(next)
	revision := r.state.Revision
	r.state = r.change.Next
	r.state.Revision = revision
}

// giveUpOrders cancels the open orders that couldn't be delivered any more, before they are asked for: an
// upgrade whose period has ended, a renewal of a subscription that is over.
func (r *round) giveUpOrders() error {
	for _, o := range r.state.Orders {
		if o.Status != subscription.OrderOpen || r.state.Obstacle(o, r.now) == "" {
			continue
		}
		d := r.begin()
		if err := d.Cancel(o.ID); err != nil {
			return err
		}
		r.end(d)
	}
	return nil
}

// usage orders the pay-as-you-go usage of the days that are closed.
func (r *round) usage() error {
	for _, day := range r.state.Unbilled(r.catalog) {
		if r.now.Before(billed(day, r.state.Arrears, r.policy)) {
			continue
		}
		d := r.begin()
		if err := d.BillUsage(r.catalog, day.Day); err != nil {
			return err
		}
		r.end(d)
	}
	return nil
}

// billed returns when the usage of a day is collected: when the day is closed, or some time after an
// attempt that failed.
func billed(day subscription.Closing, arrears subscription.Arrears, p Policy) time.Time {
	if again := arrears.TriedAt.Add(p.UsageRetry); !arrears.TriedAt.IsZero() && again.After(day.At) {
		return again
	}
	return day.At
}

// subscription does what is due for the subscription at index i. What fails is noted and tried again later,
// and keeps nothing else of the application from being done.
func (r *round) subscription(i int) {
	s := &r.state.Subscriptions[i]
	if over(s) || blocked(&r.state, s, r.now) || r.now.Before(s.Renewal.HeldUntil) || !r.due(s) {
		return
	}
	d := r.begin()
	err := r.decide(d, &d.Application.Subscriptions[i])
	if err != nil {
		d = r.begin()
		held := &d.Application.Subscriptions[i]
		held.Renewal.HeldUntil = r.now.Add(r.policy.SetAside)
		d.Note(subscription.Event{
			Type: subscription.EventSetAside, Subscription: held.ID, Product: held.Product, Note: err.Error(),
		})
	}
	r.end(d)
}

// blocked reports whether an order for the subscription may still be collected. One under review that can't
// be delivered any more keeps nothing from being renewed.
func blocked(app *subscription.Application, s *subscription.Subscription, now time.Time) bool {
	return slices.ContainsFunc(app.Orders, func(o subscription.Order) bool {
		return o.Subscription == s.ID && o.Status.Blocking() && (o.Status == subscription.OrderOpen || app.Obstacle(o, now) == "")
	})
}

// due reports whether there is anything to decide for a subscription.
func (r *round) due(s *subscription.Subscription) bool {
	return whole(s) != nil || !r.now.Before(nextAttempt(s, r.policy, r.catalog)) || !r.reminder(s).IsZero()
}

// reminder returns the instant of the reminder that is due, the zero time if none is.
func (r *round) reminder(s *subscription.Subscription) time.Time {
	at := lastUpTo(s.End(), r.policy.Reminders, r.now)
	if s.Status == subscription.Interrupted || !at.After(reminded(s)) {
		return time.Time{}
	}
	return at
}

// decide does what is due for a subscription that nothing blocks.
func (r *round) decide(d *subscription.Draft, s *subscription.Subscription) error {
	if err := whole(s); err != nil {
		return err
	}
	if !r.now.Before(nextAttempt(s, r.policy, r.catalog)) {
		return r.renew(d, s)
	}
	return r.remind(d, s, r.reminder(s))
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

// renewsItself reports whether automatic attempts are made at all. After an interruption only the one that
// was never made is: nobody ran a worker.
func renewsItself(s *subscription.Subscription) bool {
	return s.AutoRenew && !s.Trial && !over(s) && (s.Status != subscription.Interrupted || s.Owed())
}

// nextAttempt returns when the next automatic attempt is due, never if there will be none. The first one
// isn't made before the last period that is paid for begins. One that was missed is due at once.
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
	switch {
	case !at.IsZero() && at.Before(s.End().Add(cat.Service().Grace)):
		return at
	case s.Owed(): // a price was announced, and no worker ran to charge it
		return s.Renewal.TriedAt
	}
	return never
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
func (r *round) remind(d *subscription.Draft, s *subscription.Subscription, at time.Time) error {
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
func (r *round) renew(d *subscription.Draft, s *subscription.Subscription) error {
	zone, err := r.catalog.ZoneOf(s.Zone)
	if err != nil {
		return err
	}
	s.Renewal.TriedAt = r.now
	s.Renewal.RemindedAt = r.now // the attempt tells more than a reminder of the same time
	s.Renewal.Tries++
	last := nextAttempt(s, r.policy, r.catalog).Equal(never)
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
			s.Renewal.Tries-- // the customer hears of it before the next attempt charges it
			return nil
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
	return place(d, r.catalog, *s, version, h, subscription.Extend{
		From: period.Start, Automatic: true, Missed: missed,
		CatchUp: !missed && s.Status == subscription.Interrupted, Count: 1,
	}, "")
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
		o := &app.Orders[i]
		if o.Status.Asked() {
			sooner(p.again(later(o.PlacedAt, o.ClosedAt), now))
		}
		if o.Status == subscription.OrderOpen {
			sooner(ends(&app, o, now))
		}
	}
	for i := range app.Subscriptions {
		s := &app.Subscriptions[i]
		if over(s) || blocked(&app, s, now) {
			continue
		}
		if s.Renewal.HeldUntil.After(now) {
			sooner(s.Renewal.HeldUntil)
			continue
		}
		if whole(s) != nil {
			continue
		}
		if s.Status != subscription.Interrupted {
			sooner(firstAfter(s.End(), p.Reminders, reminded(s)))
		}
		sooner(nextAttempt(s, p, cat))
	}
	for _, day := range app.Unbilled(cat) {
		sooner(billed(day, app.Arrears, p))
	}
	if due.Equal(never) {
		return time.Time{}
	}
	return due
}

// ends returns when an open upgrade can't be delivered any more: at the end of the period that contains now.
// It is the zero time for any other order.
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
