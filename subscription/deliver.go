package subscription

import (
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/prepaidkit/prepaid/pricing"
)

// undeliverableError says why a paid order can't be delivered any more. Such an order is refunded.
type undeliverableError struct{ why string }

func (e *undeliverableError) Error() string { return "subscription: not deliverable: " + e.why }

// deliver gives everything that an order delivers, marks it paid, and notes it. Where one of the
// deliveries isn't possible any more it changes nothing and fails with an *undeliverableError.
func (d *Draft) deliver(o *Order, zones Zones) error {
	if why := d.Application.Obstacle(*o, d.Now); why != "" {
		return &undeliverableError{why}
	}
	o.Status, o.ClosedAt, o.Reason, o.Note = OrderPaid, d.Now, "", ""
	paid := len(d.events)
	d.noteOrder(EventOrderPaid, o)
	for _, v := range o.Deliveries {
		var err error
		switch {
		case v.Extend != nil:
			err = d.extend(o, *v.Extend, zones)
		case v.Raise != nil:
			err = d.raise(o, *v.Raise, zones)
		case v.Grant != nil:
			err = d.topUp(o, *v.Grant, zones)
		case v.Bill != nil:
			d.billed(o, *v.Bill)
		default:
			err = fmt.Errorf("%w: a delivery of nothing", ErrInvalid)
		}
		if err != nil {
			return err
		}
	}
	if err := d.coverToday(o, zones); err != nil {
		return err
	}
	d.events[paid].Period = o.Delivered.Period
	product := o.Product
	if g := o.grant(); g != nil && len(g.Products) > 0 {
		product = g.Products[0]
	}
	if product != "" {
		o.Delivered.Remaining = d.Application.Minutes(product, d.Now)
	}
	return nil
}

// Obstacle returns why an order couldn't be delivered if it were paid at t, "" if it could. Such an order
// isn't asked for any more; what was collected for it is refunded.
func (a Application) Obstacle(o Order, t time.Time) string {
	for _, v := range o.Deliveries {
		if why := a.obstacle(v, t); why != "" {
			return why
		}
	}
	return ""
}

func (a *Application) obstacle(v Delivery, t time.Time) string {
	switch {
	case v.Extend != nil && v.Extend.Open:
		if s := a.live(v.Extend.Product); s != nil && !replaces(v.Extend.Trial, s) {
			return "another subscription to the product is live"
		}
		if a.subscription(v.Extend.Subscription) != nil {
			return "the subscription was opened before"
		}
	case v.Extend != nil:
		s := a.subscription(v.Extend.Subscription)
		if s == nil || s.Status == Expired || s.Status == Refunded {
			return "the subscription is over"
		}
		if from := v.Extend.From; !from.IsZero() {
			if from.Before(s.End()) {
				return "the period is already paid for"
			}
			if s.Status != Interrupted && !from.Equal(s.End()) {
				return "the period doesn't follow what is paid for"
			}
		}
	case v.Raise != nil:
		r := v.Raise
		s := a.subscription(r.Subscription)
		if s == nil || !s.Status.Live() {
			return "the subscription is over"
		}
		i := s.current(t)
		if i < 0 || s.Cycles[i].Number != r.Cycle {
			return "the period has ended"
		}
		if s.Cycles[i].Version != r.From || len(s.Cycles)-i-1 != len(r.Ahead) {
			return "the version or the cycles paid ahead have changed"
		}
	}
	return ""
}

// replaces reports whether opening a subscription may take the place of a live one: a paid version
// takes that of a trial.
func replaces(trial bool, live *Subscription) bool { return live.Trial && !trial }

// extend opens or finds the subscription and adds the periods that were paid for.
func (d *Draft) extend(o *Order, e Extend, zones Zones) error {
	zone, err := zones(e.Zone)
	if err != nil {
		return err
	}
	var s *Subscription
	resumed := false
	if e.Open {
		s = d.open(o, e, zone)
	} else {
		s = d.Application.subscription(e.Subscription)
		if resumed, err = d.resume(s, e, zone); err != nil {
			return err
		}
		d.setStatus(s, Active, d.Now)
	}
	s.Renewal = Renewal{}
	for i := range e.Count {
		period, err := s.Anchor.Period(s.Next, zone)
		if err != nil {
			return err
		}
		s.Next++
		number := 1
		if n := len(s.Cycles); n > 0 {
			number = s.Cycles[n-1].Number + 1
		}
		s.Cycles = append(s.Cycles, Cycle{
			Number: number, Period: period, Version: e.Version, Price: e.Price, Minutes: e.Minutes,
			Order: o.ID, Resumed: resumed && i == 0,
		})
		if i == 0 {
			o.Delivered.Period = period
		}
		d.note(EventPeriodPaid, s, d.Now, Event{Version: e.Version, Period: period, Order: o.ID, Amount: e.Price})
		if !period.Start.After(d.Now) {
			o.Delivered.Increment += d.begin(s, len(s.Cycles)-1, d.Now)
		}
	}
	if i := s.current(d.Now); i >= 0 {
		o.Delivered.Total = s.Cycles[i].Granted
	}
	return nil
}

// resume finds where the paid periods of a subscription begin, and reports whether they need not follow
// what was paid for before.
func (d *Draft) resume(s *Subscription, e Extend, zone pricing.Zone) (bool, error) {
	if s.Status != Interrupted || e.Missed {
		return false, nil
	}
	if e.CatchUp {
		n, err := s.Anchor.Index(e.From, zone)
		if err != nil {
			return false, err
		}
		period, err := s.Anchor.Period(n, zone)
		if err != nil {
			return false, err
		}
		if period.Start.Equal(e.From) && period.Contains(d.Now) {
			s.Next = n
			return !e.From.Equal(s.End()), nil
		}
	}
	s.Anchor, s.Next = pricing.Anchor{Date: zone.DateOf(d.Now), Term: e.Term}, 0
	return true, nil
}

// open adds a new subscription, whose anchor is today, in place of the one before it.
func (d *Draft) open(o *Order, e Extend, zone pricing.Zone) *Subscription {
	a := &d.Application
	if old := a.latest(e.Product); old != nil {
		if old.Status != Expired && old.Status != Refunded {
			d.setStatus(old, Expired, d.Now)
		}
		if open := a.blocking(old.ID); open != nil && open.Status == OrderOpen {
			d.cancel(*open, "another subscription has taken its place")
		}
		a.Subscriptions = slices.DeleteFunc(a.Subscriptions, func(s Subscription) bool { return s.Product == e.Product })
	}
	a.Subscriptions = append(a.Subscriptions, Subscription{
		ID: e.Subscription, Product: e.Product, Status: Active, Currency: e.Price.Currency(),
		Trial: e.Trial, AutoRenew: e.AutoRenew, Zone: e.Zone, OpenedAt: d.Now,
		Anchor: pricing.Anchor{Date: zone.DateOf(d.Now), Term: e.Term},
	})
	s := &a.Subscriptions[len(a.Subscriptions)-1]
	d.note(EventOpened, s, d.Now, Event{Status: Active, Version: e.Version, Order: o.ID})
	i := slices.IndexFunc(a.Bought, func(b Bought) bool { return b.Product == e.Product && b.Version == e.Version })
	if i < 0 {
		a.Bought = append(a.Bought, Bought{Product: e.Product, Version: e.Version, Trial: e.Trial})
		i = len(a.Bought) - 1
	}
	a.Bought[i].Count++
	return s
}

// begin grants the minutes of a cycle whose time has come, and returns how many.
func (d *Draft) begin(s *Subscription, i int, at time.Time) Quantity {
	c := &s.Cycles[i]
	c.Begun, c.Granted = true, Minutes(c.Minutes)
	if s.Status == PastDue {
		d.setStatus(s, Active, at) // what it begins is paid for
	}
	d.note(EventPeriodBegan, s, at, Event{Version: c.Version, Period: c.Period, Order: c.Order})
	d.grant(Lot{
		Source: FromPackage, Products: []pricing.ProductID{s.Product}, Subscription: s.ID, Order: c.Order,
		Period: c.Period, Granted: c.Granted,
	}, at)
	granted := c.Granted
	// Of the cycles that have ended only the last is kept.
	if ended := i - 1; ended > 0 {
		s.Cycles = slices.Delete(s.Cycles, 0, ended)
	}
	return granted
}

// raise moves the current cycle and those paid ahead to the higher version. The lot of the additional
// minutes covers the whole day of the upgrade, which is a remaining day.
func (d *Draft) raise(o *Order, r Raise, zones Zones) error {
	s := d.Application.subscription(r.Subscription)
	zone, err := zones(s.Zone)
	if err != nil {
		return err
	}
	i := s.current(d.Now)
	c := &s.Cycles[i]
	c.Version, c.Price, c.Minutes = r.To, r.Price, r.Minutes
	c.Granted += Minutes(r.Grant)
	for n, minutes := range r.Ahead {
		ahead := &s.Cycles[i+1+n]
		ahead.Version, ahead.Price, ahead.Minutes = r.To, r.Price, ahead.Minutes+minutes
	}
	d.note(EventUpgraded, s, d.Now, Event{Version: r.To, Order: o.ID, Period: c.Period})
	covered := c.Period
	if day := zone.StartOf(zone.DateOf(d.Now)); day.After(covered.Start) {
		covered.Start = day
	}
	d.grant(Lot{
		Source: FromUpgrade, Products: []pricing.ProductID{s.Product}, Subscription: s.ID, Order: o.ID,
		Period: covered, Granted: Minutes(r.Grant),
	}, d.Now)
	o.Delivered = Delivered{Period: c.Period, Increment: Minutes(r.Grant), Total: c.Granted}
	return nil
}

// topUp opens the lot of a pack. Its time is counted from the day of payment, which it covers whole.
func (d *Draft) topUp(o *Order, g Grant, zones Zones) error {
	zone, err := zones(g.Zone)
	if err != nil {
		return err
	}
	period, err := g.Validity.Period(zone.DateOf(d.Now), zone)
	if err != nil {
		return err
	}
	minutes := Minutes(g.Minutes)
	d.grant(Lot{Source: g.Source, Products: slices.Clone(g.Products), Order: o.ID, Period: period, Granted: minutes}, d.Now)
	o.Delivered = Delivered{Period: period, Increment: minutes, Total: minutes}
	return nil
}

// isUndeliverable returns the reason of an *undeliverableError.
func isUndeliverable(err error) (string, bool) {
	u, ok := errors.AsType[*undeliverableError](err)
	if !ok {
		return "", false
	}
	return u.why, true
}
