package subscription

import (
	"cmp"
	"slices"

	"github.com/prepaidkit/prepaid/pricing"
)

// Usage of a product in the grace time of its subscription can still be covered: a renewal that is paid then grants its
// minutes from the start of the period. So it isn't billed before the grace time ends.

// held reports whether the usage of a counter can still be covered by the minutes of a renewal, within the grace time.
func (a *Application) held(c *UsageCounter) bool {
	if !c.Covered || c.Order != "" {
		return false
	}
	s := a.latest(c.Product)
	if s == nil || !s.inGrace() || len(s.Cycles) == 0 {
		return false
	}
	days := s.Cycles[len(s.Cycles)-1].Days
	return !days.IsZero() && c.Day >= days.Until
}

// heldBack reports whether a counter is left out of the bills for now. If half of the room for counters is used, nothing
// is: usage that isn't billed must not keep other usage from being counted.
func (a *Application) heldBack(c *UsageCounter) bool { return a.held(c) && !a.crowded() }

// renewedLate returns the subscription that an order renews within its grace time, or "" if there is none.
func (a *Application) renewedLate(o *Order) SubscriptionID {
	for _, v := range o.Deliveries {
		if e := v.Extend; e != nil && !e.Open {
			if s := a.subscription(e.Subscription); s != nil && s.inGrace() {
				return s.ID
			}
		}
	}
	return ""
}

// cover applies the minutes that an order gave to usage that nothing else covered: to that of earlier today or, if the
// order renewed a subscription within its grace time, to that of its product since the start of the period, unless a bill
// collects it. The earliest day comes first.
func (d *Draft) cover(o *Order, late SubscriptionID, zones Zones) error {
	a := &d.Application
	for i := range a.Lots {
		l := &a.Lots[i]
		inForce, renews := l.Period.Contains(d.Now), late != "" && l.Subscription == late
		if l.Order != o.ID || l.Source == FromFree || !inForce && !renews {
			continue
		}
		zone, err := zones(l.Period.Zone)
		if err != nil {
			return err
		}
		today := zone.DateOf(d.Now)
		first, last := today, today
		if c := a.cycleOf(l); renews && c != nil {
			first = min(first, c.Days.First)
			if !inForce { // the grace time is longer than the period
				last = c.Days.Until - 1
			}
		}
		for _, k := range a.uncovered(first, last) {
			c := &a.Counters[k]
			if c.Day == today || slices.Equal(l.Products, []pricing.ProductID{c.Product}) {
				d.coverCounter(l, c, today)
			}
		}
	}
	d.endArrears(o)
	return nil
}

// uncovered returns the indices of the counters of some days, by day.
func (a *Application) uncovered(first, last pricing.Date) []int {
	var found []int
	for i := range a.Counters {
		if c := &a.Counters[i]; first <= c.Day && c.Day <= last {
			found = append(found, i)
		}
	}
	slices.SortStableFunc(found, func(i, j int) int { return cmp.Compare(a.Counters[i].Day, a.Counters[j].Day) })
	return found
}

func (d *Draft) coverCounter(l *Lot, c *UsageCounter, today pricing.Date) {
	quantity := min(c.Excess, l.Remaining)
	if c.Order != "" || !c.Covered || quantity == 0 || !l.Covers(c.Product) {
		return
	}
	c.Excess -= quantity
	c.took(l.Source, quantity, l.Period.End)
	d.move(l, Entry{At: d.Now, Kind: EntryConsumed, Quantity: quantity, Product: c.Product, Usage: c.Kind, Day: c.Day})
	note := "used earlier today"
	if c.Day != today {
		note = "used in the grace time, on " + c.Day.String()
	}
	d.AddEvent(Event{Type: EventUsed, Lot: l.ID, Quantity: quantity, Note: note})
}
