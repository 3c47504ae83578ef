package subscription

import (
	"fmt"
	"slices"
	"time"

	"github.com/prepaidkit/prepaid/internal/clone"
	"github.com/prepaidkit/prepaid/pricing"
)

// MaxCount is the maximum number of periods that one order can pay for.
const MaxCount = 120

// ExtendDelivery adds periods of a version, in one of three ways:
//
//   - Open: to a new subscription, whose first period begins on the day of payment.
//   - From: exactly the period that begins at From, counted from the subscription's anchor. Nothing else may have
//     paid for it.
//   - Neither: the periods that follow the time already paid for.
//
// A subscription that is out of service, because it was interrupted or has ended and its grace time has passed,
// restarts on the day of payment, with a new anchor. Periods that no worker renewed in time are handled differently:
// with CatchUp, From is the period that contains that day; with Missed, it is any period, which is paid for even though
// no service was given.
type ExtendDelivery struct {
	Subscription SubscriptionID    `json:"subscription"`
	Product      pricing.ProductID `json:"product"`
	Version      pricing.VersionID `json:"version"`
	Term         pricing.Term      `json:"term"`
	Zone         string            `json:"zone"` // the calendar for a new subscription
	Open         bool              `json:"open,omitzero"`
	Trial        bool              `json:"trial,omitzero"`
	AutoRenew    bool              `json:"auto_renew,omitzero"`
	From         time.Time         `json:"from,omitzero"`
	Day          pricing.Date      `json:"day,omitzero"`       // the first day of the period that begins at From
	Automatic    bool              `json:"automatic,omitzero"` // placed by the worker, not by a request
	CatchUp      bool              `json:"catch_up,omitzero"`
	Missed       bool              `json:"missed,omitzero"`
	Count        int               `json:"count"`              // number of periods
	Price        pricing.Money     `json:"price"`              // per period, and recorded with it
	Total        pricing.Money     `json:"total,omitzero"`     // per period, including taxes; zero: the same as Price
	Minutes      int64             `json:"minutes"`            // per period, granted when it begins
	Deal         *Deal             `json:"deal,omitempty"`     // deal that a new subscription begins with; nil: none
	Dealt        bool              `json:"dealt,omitzero"`     // the price comes from the subscription's deal
	Beyond       *BeyondDeal       `json:"beyond,omitempty"`   // price of the periods that the deal doesn't cover; nil: it covers all
	Imported     *Imported         `json:"imported,omitempty"` // what another system had, see [Import]; nil: bought here
	Offer        pricing.OfferID   `json:"offer,omitzero"`     // offer under which a new subscription was bought
}

// possible checks that all periods exist, even if the subscription restarts on a later day.
func (e *ExtendDelivery) possible(d *Draft, zones Zones) error {
	zone, err := zones(e.Zone)
	if err != nil {
		return err
	}
	if err := e.importable(zone.DateOf(d.Now)); err != nil {
		return err
	}
	if e.Count < 1 || e.Count > MaxCount || e.Minutes < 0 || e.Price.Sign() < 0 {
		return fmt.Errorf("%w: %d periods of %d minutes at %s", ErrInvalid, e.Count, e.Minutes, e.Price)
	}
	anchor, last := pricing.Anchor{Date: zone.DateOf(d.Now), Term: e.Term}, e.Count
	if _, err := anchor.Period(last, zone); err != nil {
		return err
	}
	s := d.Application.subscription(e.Subscription)
	if err := e.dealPossible(s); err != nil || s == nil {
		return err // it will be opened
	}
	if e.Zone != s.Zone || e.Product != s.Product || e.Price.Currency() != s.Currency || !s.mayBecome(e.Term) {
		return fmt.Errorf("%w: %s can't be extended by %s of %s in %s for %s", ErrInvalid, s.ID, e.Term, e.Product, e.Zone, e.Price)
	}
	if e.Term == s.Anchor.Term {
		_, err = s.Anchor.Period(s.Next+last, zone)
		return err
	}
	if anchor, err = s.Anchor.Changed(s.Next, e.Term); err == nil {
		_, err = anchor.Period(last, zone)
	}
	return err
}

// mayBecome reports whether the next periods may be of a term: its own, the one that is planned or, when it restarts, any.
func (s *Subscription) mayBecome(term pricing.Term) bool {
	return term == s.Anchor.Term || !s.InService() || s.Planned != nil && s.Planned.Term == term
}

func (e *ExtendDelivery) undeliverable(a *Application, _ time.Time) string {
	s := a.subscription(e.Subscription)
	switch {
	case e.Open:
		if live := a.live(e.Product); live != nil && !replaces(e.Trial, live) {
			return "another subscription to the product is live"
		}
		if s != nil {
			return "the subscription was opened before"
		}
	case s == nil || s.Status.Over():
		return "the subscription is over"
	case e.From.IsZero():
	case e.From.Before(s.End()):
		return "the period is already paid for"
	case s.InService() && !e.From.Equal(s.End()):
		return "the period doesn't follow what is paid for"
	}
	return ""
}

// replaces reports whether opening a subscription may replace a live one: a paid version replaces a trial.
func replaces(trial bool, live *Subscription) bool { return live.Trial && !trial }

// give opens or finds the subscription and adds the paid periods.
func (e *ExtendDelivery) give(d *Draft, o *Order, zones Zones) error {
	zone, err := zones(e.Zone)
	if err != nil {
		return err
	}
	var s *Subscription
	var start time.Time // of the first period, if not the start of its first day
	resumed, changed := false, false
	if e.Open {
		s = d.open(o, *e, zone)
		if e.Imported != nil {
			return e.importPeriods(d, o, s, zone)
		}
	} else {
		s = d.Application.subscription(e.Subscription)
		version, term := s.Last()
		changed = version != e.Version || term != e.Term
		if err := s.retime(e.Term); err != nil {
			return err
		}
		if start, resumed, err = d.resume(s, *e, zone); err != nil {
			return err
		}
		if s.Status != Interrupted || !d.Now.Before(s.End()) || s.current(d.Now) >= 0 {
			d.setStatus(s, Active, d.Now)
		} // else there is no service yet: the payment of the period that contains now was reversed
	}
	s.Renewal, s.Suspended = Renewal{}, nil // if the payment of those that were suspended is reinstated, a person is told
	if err := e.addPeriods(d, o, s, zone, start, resumed); err != nil {
		return err
	}
	if i := s.current(d.Now); i >= 0 {
		o.Delivered.Total = s.Cycles[i].Granted
	}
	d.agreed(s, e, o, changed)
	return nil
}

// addPeriods adds the paid periods to a subscription, and begins those whose time has come. The first one begins at start,
// unless that is zero, and there may be a gap before it if it is resumed.
func (e *ExtendDelivery) addPeriods(d *Draft, o *Order, s *Subscription, zone pricing.Zone, start time.Time, resumed bool) error {
	for i := range e.Count {
		days, err := s.Anchor.Days(s.Next)
		if err != nil {
			return err
		}
		period, err := s.Anchor.Period(s.Next, zone)
		if err != nil {
			return err
		}
		if !start.IsZero() {
			period.Start = start // as promised, whatever the zone's rules are now
		}
		start = period.End
		s.Next++
		number := 1
		if n := len(s.Cycles); n > 0 {
			number = s.Cycles[n-1].Number + 1
		}
		price, total := e.at(i)
		s.Cycles = append(s.Cycles, Cycle{
			Number: number, Period: period, Days: days, Version: e.Version, Price: price, Total: total, Minutes: e.Minutes,
			Order: o.ID, Resumed: resumed && i == 0,
		})
		if i == 0 {
			o.Delivered.Period = period
		}
		d.addSubscriptionEvent(EventPeriodPaid, s, d.Now, Event{Version: e.Version, Period: period, Order: o.ID, Amount: price})
		if !period.Start.After(d.Now) {
			o.Delivered.Increment += d.begin(s, len(s.Cycles)-1, d.Now)
		}
	}
	return nil
}

// agreed records what the periods that were paid for mean for a change that was planned, and for a deal.
func (d *Draft) agreed(s *Subscription, e *ExtendDelivery, o *Order, changed bool) {
	if p := s.Planned; p != nil && p.Version == e.Version && p.Term == e.Term {
		s.Planned = nil
		d.addSubscriptionEvent(EventChanged, s, d.Now, Event{
			Version: e.Version, Period: o.Delivered.Period, Order: o.ID, Note: e.Term.String(),
		})
	}
	switch named := s.Deal.names(e.Version, e.Term); {
	case e.Open && e.Deal != nil:
		d.setDeal(s, clone.Pointer(e.Deal))
	case named:
		d.countDeal(s, e.dealt())
	case changed:
		d.endDeal(s, noteOtherTerms)
	}
}

// resume determines where a subscription's paid periods begin: at a promised instant or, if start is zero, on the
// first day of the next period. It also reports whether there may be a gap between them and the periods paid for
// before.
func (d *Draft) resume(s *Subscription, e ExtendDelivery, zone pricing.Zone) (start time.Time, resumed bool, err error) {
	end := s.End()
	if s.InService() || e.Missed || d.Now.Before(end) { // the last happens after a clock reset
		return end, false, nil
	}
	if e.CatchUp {
		n, err := s.missed(&e, zone)
		if err != nil {
			return start, false, err
		}
		period, err := s.Anchor.Period(n, zone)
		if err != nil {
			return start, false, err
		}
		if !d.Now.Before(e.From) && d.Now.Before(period.End) {
			s.Next = n
			return e.From, !e.From.Equal(end), nil
		}
	}
	s.Anchor, s.Next = pricing.Anchor{Date: zone.DateOf(d.Now), Term: e.Term}, 0
	if zone.StartOf(s.Anchor.Date).Before(end) {
		start = end // the same day as the end, which starts earlier under the zone's current rules
	}
	return start, true, nil
}

// missed returns the number of the period that a catch-up order pays for.
func (s *Subscription) missed(e *ExtendDelivery, zone pricing.Zone) (int, error) {
	if e.Day == 0 { // an order from before days were recorded
		return s.Anchor.Index(e.From, zone)
	}
	return s.Anchor.IndexOf(e.Day)
}

// open adds a new subscription, anchored today, in place of the previous one.
func (d *Draft) open(o *Order, e ExtendDelivery, zone pricing.Zone) *Subscription {
	a := &d.Application
	if old := a.latest(e.Product); old != nil {
		if !old.Status.Over() {
			d.setStatus(old, Expired, d.Now)
		}
		d.leaveBehind(old)
		d.rows = append(d.rows, a.row(old)) // it leaves the document
		if open := a.blocking(old.ID); open != nil && open.Status == OrderOpen {
			d.closeOrder(open, OrderCanceling, EventOrderCanceling, "another subscription has taken its place")
		}
		a.Subscriptions = slices.DeleteFunc(a.Subscriptions, func(s Subscription) bool { return s.Product == e.Product })
	}
	a.Subscriptions = append(a.Subscriptions, Subscription{
		ID: e.Subscription, Product: e.Product, Status: Active, Currency: e.Price.Currency(),
		Trial: e.Trial, AutoRenew: e.AutoRenew, Zone: e.Zone, OpenedAt: d.Now,
		Anchor: pricing.Anchor{Date: zone.DateOf(d.Now), Term: e.Term},
	})
	s := &a.Subscriptions[len(a.Subscriptions)-1]
	d.addSubscriptionEvent(EventOpened, s, d.Now, Event{Status: Active, Version: e.Version, Order: o.ID})
	i := slices.IndexFunc(a.PurchaseCounts, func(b PurchaseCount) bool {
		return b.Product == e.Product && b.Version == e.Version && b.Offer == e.Offer
	})
	if i < 0 {
		a.PurchaseCounts = append(a.PurchaseCounts, PurchaseCount{Product: e.Product, Version: e.Version, Offer: e.Offer, Trial: e.Trial})
		i = len(a.PurchaseCounts) - 1
	}
	a.PurchaseCounts[i].Count++
	return s
}

// leaveBehind tells a person of periods that were paid for and haven't begun when another subscription takes their place:
// the one before was interrupted, since the payment of its current period was reversed.
func (d *Draft) leaveBehind(old *Subscription) {
	for i := range old.Cycles {
		c := &old.Cycles[i]
		if c.Begun || i > 0 && !old.Cycles[i-1].Begun && old.Cycles[i-1].Order == c.Order {
			continue // told with the first one of its order
		}
		d.addSubscriptionEvent(EventNeedsPerson, old, d.Now, Event{Version: c.Version, Order: c.Order, Note: fmt.Sprintf(
			"%d of its periods hadn't begun when another subscription took their place", 1+old.after(c))})
	}
}

func (e *ExtendDelivery) given(after after, order OrderID) bool {
	s := after.subscription(e.Subscription)
	if s == nil {
		return false
	}
	taken := s.taken(order)
	// Only the last past period is kept.
	return taken == e.Count || 0 < taken && taken < e.Count && s.Cycles[0].Order == order
}

func (e *ExtendDelivery) digest(h *digester) {
	h.text("extend")
	h.text(string(e.Subscription))
	h.text(string(e.Product))
	h.text(string(e.Version))
	h.number(int64(e.Term.Months))
	h.number(int64(e.Term.Days))
	h.text(e.Zone)
	h.flag(e.Open)
	h.flag(e.Trial)
	h.flag(e.AutoRenew)
	h.number(e.From.Unix())
	h.flag(e.Automatic)
	h.flag(e.CatchUp)
	h.flag(e.Missed)
	h.number(int64(e.Count))
	h.money(e.Price)
	h.number(e.Minutes)
	if e.Offer != "" {
		h.text(string(e.Offer))
	}
	if !e.Total.IsZero() {
		h.money(e.Total)
	}
	if e.Dealt {
		h.text("dealt")
	}
	if b := e.Beyond; b != nil {
		h.text("beyond")
		h.number(int64(b.Count))
		h.money(b.Price)
		h.money(b.Total)
	}
	if v := e.Deal; v != nil {
		h.text("deal")
		h.text(string(v.Version))
		h.number(int64(v.Term.Months))
		h.number(int64(v.Term.Days))
		h.money(v.Price)
		h.number(int64(v.Left))
		h.text(v.Reason)
	}
	if e.Imported != nil {
		e.Imported.digest(h)
	}
}

func (e *ExtendDelivery) size() int {
	n := textSize(e.Subscription) + textSize(e.Product) + textSize(e.Version) + textSize(e.Zone) + textSize(e.Offer) + e.Deal.size()
	if e.Imported != nil {
		n += textSize(e.Imported.Source)
	}
	if e.Beyond != nil {
		n += sizeOfBeyond
	}
	return n
}

func (e *ExtendDelivery) growth() int {
	return sizeOfSubscription + 2*textSize(e.Subscription) + 3*textSize(e.Product) + 2*textSize(e.Zone) + // including its first lot
		sizeOfOverdraft(e.Subscription, e.Product, e.Zone) + sizeOfLot + sizeOfBought + textSize(e.Offer) + sizeOfVersion + e.Deal.size() +
		e.Count*(sizeOfCycle+textSize(e.Version)+textSize(e.Zone)+sizeOfOrderID)
}

func (e *ExtendDelivery) equal(d Delivery) bool {
	if d.Extend == nil {
		return false
	}
	a, b := *e, *d.Extend
	same := a.From.Equal(b.From) && alike(a.Deal, b.Deal) && alike(a.Beyond, b.Beyond) && alike(a.Imported, b.Imported)
	a.From, a.Deal, a.Beyond, a.Imported = time.Time{}, nil, nil, nil
	b.From, b.Deal, b.Beyond, b.Imported = time.Time{}, nil, nil, nil
	return same && a == b
}

// alike reports whether both pointers are nil or point to equal values.
func alike[T comparable](p, q *T) bool { return p == q || p != nil && q != nil && *p == *q }

func (e *ExtendDelivery) clone() Delivery {
	c := *e
	c.Deal, c.Beyond, c.Imported = clone.Pointer(e.Deal), clone.Pointer(e.Beyond), clone.Pointer(e.Imported)
	return Delivery{Extend: &c}
}
