package subscription

import (
	"fmt"
	"slices"

	"github.com/prepaidkit/prepaid/pricing"
)

// Imported is what a subscription had in the system it came from.
type Imported struct {
	Anchor    pricing.Date `json:"anchor"`     // day from which its periods are counted
	PaidUntil pricing.Date `json:"paid_until"` // day after the last paid day
	Minutes   Quantity     `json:"minutes"`    // left in the current period
	Source    string       `json:"source"`     // the system it came from
}

func (i *Imported) digest(h *digester) {
	h.text("imported")
	h.number(int64(i.Anchor))
	h.number(int64(i.PaidUntil))
	h.number(int64(i.Minutes))
	h.text(i.Source)
}

// importedPeriods are the periods with which an imported subscription begins: the current one and those that are paid
// ahead. next is the number of the period after them, counted from the anchor.
type importedPeriods struct {
	anchor pricing.Anchor
	days   []pricing.DayRange
	next   int
}

// periods returns the periods that are imported on a day. They are the anchor's if one of those ends with the last paid
// day; otherwise the end is the anchor, and the current period began one term before it.
func (i *Imported) periods(term pricing.Term, today pricing.Date) (importedPeriods, error) {
	switch {
	case i.PaidUntil <= today:
		return importedPeriods{}, fmt.Errorf("%w: on %s", ErrPeriodEnded, i.PaidUntil)
	case i.Anchor > today:
		return importedPeriods{}, fmt.Errorf("%w: its first day, %s, is ahead", ErrInvalid, i.Anchor)
	}
	b := importedPeriods{anchor: pricing.Anchor{Date: i.Anchor, Term: term}}
	first, err := b.anchor.IndexOf(today)
	if err != nil {
		return importedPeriods{}, err
	}
	last, err := b.anchor.IndexOf(i.PaidUntil - 1)
	if err != nil {
		return importedPeriods{}, err
	}
	if last-first >= MaxCount {
		return importedPeriods{}, fmt.Errorf("%w: %d periods, at most %d", ErrInvalid, last-first+1, MaxCount)
	}
	for n := first; n <= last; n++ {
		days, err := b.anchor.Days(n)
		if err != nil {
			return importedPeriods{}, err
		}
		b.days = append(b.days, days)
	}
	b.next = last + 1
	if b.days[len(b.days)-1].Until == i.PaidUntil {
		return b, nil
	}
	began, err := before(i.PaidUntil, term)
	if err != nil {
		return importedPeriods{}, err
	}
	if began > today {
		return importedPeriods{}, fmt.Errorf("%w: paid until %s, which is no day of a period from %s and more than %s ahead",
			ErrInvalid, i.PaidUntil, i.Anchor, term)
	}
	current := pricing.DayRange{First: began, Until: i.PaidUntil}
	return importedPeriods{anchor: pricing.Anchor{Date: i.PaidUntil, Term: term}, days: []pricing.DayRange{current}}, nil
}

// before returns the day one term before another.
func before(d pricing.Date, term pricing.Term) (pricing.Date, error) {
	if term.Days != 0 {
		return d.AddDays(-term.Days)
	}
	return d.AddMonths(-term.Months)
}

// importable returns why a delivery can't be imported on a day; nil if it can, or if it isn't imported.
func (e *ExtendDelivery) importable(today pricing.Date) error {
	if e.Imported == nil {
		return nil
	}
	i := e.Imported
	if !e.Open || e.Trial || i.Minutes < 0 || i.Minutes > Minutes(MaxGift) || plain(i.Source) != i.Source {
		return fmt.Errorf("%w: an import of %s minutes from %.40q", ErrInvalid, i.Minutes, i.Source)
	}
	b, err := i.periods(e.Term, today)
	if err == nil && len(b.days) != e.Count {
		err = fmt.Errorf("%w: an import of %d periods instead of %d", ErrInvalid, e.Count, len(b.days))
	}
	return err
}

// importPeriods gives a new subscription the periods that were paid for elsewhere, and what is left of the current one's
// minutes as one lot.
func (e *ExtendDelivery) importPeriods(d *Draft, o *Order, s *Subscription, zone pricing.Zone) error {
	b, err := e.Imported.periods(e.Term, zone.DateOf(d.Now))
	if err != nil {
		return err
	}
	s.Anchor, s.Next = b.anchor, b.next
	for i, days := range b.days {
		period := pricing.Period{Start: zone.StartOf(days.First), End: zone.StartOf(days.Until), Zone: zone.Name()}
		s.Cycles = append(s.Cycles, Cycle{
			Number: i + 1, Period: period, Days: days, Version: e.Version, Price: e.Price, Total: e.Total, Minutes: e.Minutes, Order: o.ID,
		})
		d.addSubscriptionEvent(EventPeriodPaid, s, d.Now, Event{Version: e.Version, Period: period, Order: o.ID, Note: "imported"})
	}
	c := &s.Cycles[0]
	c.Begun, c.Granted = true, e.Imported.Minutes
	d.addSubscriptionEvent(EventPeriodBegan, s, d.Now, Event{Version: c.Version, Period: c.Period, Order: o.ID})
	d.grant(Lot{
		Source: FromPackage, Products: []pricing.ProductID{s.Product}, Subscription: s.ID, Order: o.ID,
		Period: c.Period, Granted: c.Granted,
	}, d.Now)
	o.Delivered = Delivered{Period: c.Period, Increment: c.Granted, Total: c.Granted}
	return nil
}

// importOf returns what an order that the change places imports, or nil if it imports nothing.
func (c *Change) importOf(id OrderID) *Imported {
	o := find(c.Orders, id)
	if o == nil || o.Kind != ImportOrder || !c.settles(o) {
		return nil
	}
	i := slices.IndexFunc(o.Deliveries, func(v Delivery) bool { return v.Extend != nil })
	if i < 0 {
		return nil
	}
	return o.Deliveries[i].Extend.Imported
}
