package subscription

import (
	"slices"
	"time"

	"github.com/prepaidkit/prepaid/pricing"
)

// A version of the catalog may let its customers use more minutes than there are: overdraft minutes while the period is
// paid for, grace minutes in the grace time. They are a lot of the subscription with the source [FromOverdraft], which is
// opened when it is first needed, and lends as much as the catalog in force allows. What was consumed of it is owed. The
// minutes of packages, upgrades and packs repay it when they are granted, and what is repaid can be used again. The lot
// leaves the document with its subscription.

// Overdraft is what can be used of a product beyond its minutes at an instant. It is never part of the minutes.
type Overdraft struct {
	Limit Quantity `json:"limit,omitzero"` // the most that may be owed at that instant; 0 in pay-as-you-go mode
	Owed  Quantity `json:"owed,omitzero"`  // used and not repaid
	Left  Quantity `json:"left,omitzero"`  // that can be used
}

// Overdraft returns what can be used of a product beyond [Application.Minutes] at t, by a catalog. The limit is the
// version's [pricing.Version] OverdraftMinutes if a period contains t, and its GraceMinutes if t is in the grace time after
// one. More than the limit can be owed, if it was higher before: in the grace time, what is owed from before counts.
func (a Application) Overdraft(product pricing.ProductID, cat *pricing.Catalog, t time.Time) Overdraft {
	var o Overdraft
	if !a.payAsYouGo(t) {
		_, o.Limit, _ = a.lender(product, cat, t)
	}
	for i := range a.Lots {
		if l := &a.Lots[i]; l.Source == FromOverdraft && l.Covers(product) {
			o.Owed += l.Consumed
		}
	}
	o.Left = max(0, o.Limit-o.Owed)
	return o
}

// lender returns the subscription whose overdraft usage at an instant may take, how much may be owed for it, and when the
// time ends that it is lent for. The usage's own time decides, as with any lot: it is in a period, or in the grace time
// after one. There is no grace time after a trial, or after a period whose payment was reversed.
func (a *Application) lender(product pricing.ProductID, cat *pricing.Catalog, at time.Time) (*Subscription, Quantity, time.Time) {
	s := a.latest(product)
	if s == nil || s.Status.Over() {
		return nil, 0, time.Time{}
	}
	for i := len(s.Cycles) - 1; i >= 0; i-- {
		c := &s.Cycles[i]
		if !c.Begun || at.Before(c.Period.Start) {
			continue
		}
		v, err := cat.Version(product, c.Version)
		switch {
		case err != nil: // it is no longer in the catalog
			return nil, 0, time.Time{}
		case at.Before(c.Period.End):
			return s, Minutes(v.OverdraftMinutes), c.Period.End
		}
		grace := c.Period.End.Add(cat.ServiceTerms().Grace)
		if s.Trial || !c.Promised.IsZero() || !at.Before(grace) {
			return nil, 0, time.Time{}
		}
		return s, Minutes(v.GraceMinutes), grace
	}
	return nil, 0, time.Time{}
}

// draw is what a record takes of an overdraft.
type draw struct {
	of       SubscriptionID
	limit    Quantity
	quantity Quantity
	until    time.Time // the end of the period, or of the grace time, that the usage is in
}

// overdraw plans to take from the overdraft what no lot covers of a record, in prepaid mode. It returns what the overdraft
// doesn't cover either.
func (s *spender) overdraw(c *UsageCounter, short Quantity, at time.Time) Quantity {
	s.draw = draw{}
	a := &s.draft.Application
	if short == 0 || !c.Covered || a.payAsYouGo(at) {
		return short
	}
	sub, limit, until := a.lender(c.Product, s.catalog, at)
	if sub == nil {
		return short
	}
	left := limit
	if l := a.overdraft(sub.ID); l != nil {
		left -= l.Consumed
	}
	quantity := min(short, left)
	if quantity <= 0 {
		return short
	}
	s.draw = draw{of: sub.ID, limit: limit, quantity: quantity, until: until}
	return short - quantity
}

// lend opens the planned overdraft, or raises what it lends to the limit, as far as that is needed. It returns the portion
// that is taken.
func (s *spender) lend() portion {
	d, w := s.draft, s.draw
	a := &d.Application
	i := a.overdraftIndex(w.of)
	if i < 0 {
		sub := a.subscription(w.of)
		i = len(a.Lots)
		a.LastLot++
		a.Lots = append(a.Lots, Lot{
			ID: a.LastLot, Source: FromOverdraft, Products: []pricing.ProductID{sub.Product}, Subscription: sub.ID, GrantedAt: d.Now,
			Period: pricing.Period{Start: sub.Cycles[0].Period.Start, End: endOfOverdrafts, Zone: sub.Cycles[0].Period.Zone},
		})
	}
	if l := &a.Lots[i]; l.Remaining < w.quantity {
		e := Entry{At: d.Now, Kind: EntryLent, Lot: l.ID, Quantity: w.limit - l.Granted, Product: l.Products[0]}
		l.move(&e)
		d.entries = slices.Insert(d.entries, s.first, e) // before what earlier records took, to which this one may add
		d.AddEvent(Event{Type: EventOverdraftLent, Lot: l.ID, Quantity: e.Quantity, Subscription: l.Subscription, Product: e.Product})
	}
	return portion{i, w.quantity}
}

// endOfOverdrafts is when the period of an overdraft's lot ends: no period of a subscription ends later. The lot ends with
// its subscription.
//
//nolint:gochecknoglobals // a constant that Go has no syntax for
var endOfOverdrafts = time.Date(9999, 12, 31, 0, 0, 0, 0, time.UTC)

// tellOverdrawn notes how much the records took of each overdraft.
func (s *spender) tellOverdrawn() {
	d := s.draft
	for i := range d.Application.Lots {
		l := &d.Application.Lots[i]
		if l.Source != FromOverdraft {
			continue
		}
		var taken Quantity
		for j := s.first; j < len(d.entries); j++ {
			if e := &d.entries[j]; e.Lot == l.ID && e.Kind == EntryConsumed {
				taken += e.Quantity
			}
		}
		if taken > 0 {
			d.AddEvent(Event{Type: EventOverdrawn, Lot: l.ID, Quantity: taken, Subscription: l.Subscription, Product: l.Products[0]})
		}
	}
}

// overdraft returns the lot of a subscription's overdraft, or nil if nothing was ever taken of it.
func (a *Application) overdraft(of SubscriptionID) *Lot {
	if i := a.overdraftIndex(of); i >= 0 {
		return &a.Lots[i]
	}
	return nil
}

func (a *Application) overdraftIndex(of SubscriptionID) int {
	for i := range a.Lots {
		if l := &a.Lots[i]; l.Source == FromOverdraft && l.Subscription == of {
			return i
		}
	}
	return -1
}

// repays reports whether a lot's minutes repay an overdraft when they are granted. What was given for nothing doesn't.
func (s Source) repays() bool { return s == FromPackage || s == FromUpgrade || s == FromTopUp }

// repay takes from a lot that was just granted what is owed for its products: the minutes count as used.
func (d *Draft) repay(l *Lot, at time.Time) {
	if !l.Source.repays() {
		return
	}
	for i := range d.Application.Lots {
		o := &d.Application.Lots[i]
		quantity := min(o.Consumed, l.Remaining)
		if o.Source != FromOverdraft || quantity == 0 || !l.Covers(o.Products[0]) {
			continue
		}
		d.move(l, Entry{At: at, Kind: EntryConsumed, Quantity: quantity, Product: o.Products[0]})
		d.move(o, Entry{At: at, Kind: EntryRepaid, Quantity: quantity, Order: l.Order})
		d.AddEvent(Event{
			Type: EventOverdraftRepaid, At: at, Lot: o.ID, Quantity: quantity, Subscription: o.Subscription, Product: o.Products[0],
			Order: l.Order,
		})
	}
}

// lapseOverdrafts closes the overdrafts of subscriptions that are over, or that others have replaced. What wasn't repaid
// lapses.
func (d *Draft) lapseOverdrafts(at time.Time) {
	a := &d.Application
	for i := len(a.Lots) - 1; i >= 0; i-- {
		l := &a.Lots[i]
		if s := a.subscription(l.Subscription); l.Source != FromOverdraft || s != nil && !s.Status.Over() {
			continue
		}
		if l.Consumed > 0 {
			d.AddEvent(Event{
				Type: EventOverdraftLapsed, At: at, Lot: l.ID, Quantity: l.Consumed, Subscription: l.Subscription, Product: l.Products[0],
			})
		}
		d.expire(i, at)
	}
}
