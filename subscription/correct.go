package subscription

import (
	"fmt"
	"time"

	"github.com/prepaidkit/prepaid/pricing"
)

// A correction is a record with negative seconds. It undoes minutes of its counter in a fixed order: what was forgiven,
// then excess, then what paid lots gave, then what free lots gave. What lots gave comes back as one new lot, never into a
// lot that may not have given it. Nothing that a counter doesn't record is undone, so no correction creates minutes.

// undone is what a correction undoes, in package minutes.
type undone struct{ forgiven, excess, paid, free Quantity }

func (u undone) returned() Quantity { return u.paid + u.free }

func (u undone) total() Quantity { return u.forgiven + u.excess + u.paid + u.free }

// correct counts a correction, or returns why it can't be counted; then nothing has changed.
func (s *spender) correct(u *Usage) UsageResult {
	next, undone, err := s.corrects(u)
	if err == nil && undone.returned() > 0 {
		err = s.returnMinutes(&next, undone.returned())
	}
	if err != nil {
		return UsageResult{ID: u.ID, Err: err}
	}
	if next.Paid+next.Free == 0 {
		next.Until = time.Time{}
	}
	s.draft.Application.setCounter(&next)
	if s.corrected == nil {
		s.corrected = new(Quantity)
	}
	*s.corrected += undone.total()
	return UsageResult{
		ID: u.ID, Counted: true, Deducted: -undone.returned(), Excess: -undone.excess, Forgiven: -undone.forgiven,
	}
}

// corrects returns a counter as a correction leaves it, and what is undone, or why the correction isn't counted.
func (s *spender) corrects(u *Usage) (UsageCounter, undone, error) {
	_, day, err := s.check(u)
	if err != nil {
		return UsageCounter{}, undone{}, err
	}
	was := s.draft.Application.counter(u.Product, u.Kind, day)
	switch {
	case was == nil:
		err = fmt.Errorf("%w: a correction of %d seconds, and no %s is counted on %s", ErrInvalid, u.Seconds, u.Kind, day)
	case was.Order != "":
		err = fmt.Errorf("%w: %s is billed", ErrTooLate, day)
	case was.Seconds+u.Seconds < 0:
		err = fmt.Errorf("%w: a correction of %d seconds, and %d of %s are counted on %s", ErrInvalid, u.Seconds, was.Seconds, u.Kind, day)
	}
	if err != nil {
		return UsageCounter{}, undone{}, err
	}
	next := *was
	undone, ok := next.undo(-next.add(u.Seconds))
	if !ok {
		err = fmt.Errorf("%w: a correction of %d seconds, and what gave the minutes of %s on %s was not recorded", ErrInvalid, u.Seconds,
			u.Kind, day)
	}
	return next, undone, err
}

// undo takes minutes from the parts of a counter. It reports false if less is recorded, which happens for usage that was
// counted before parts were; then the counter is of no use.
func (c *UsageCounter) undo(minutes int64) (undone, bool) {
	left := Quantity(minutes) * Quantity(c.Weight)
	from := func(part *Quantity) Quantity {
		taken := min(*part, left)
		*part -= taken
		left -= taken
		return taken
	}
	u := undone{forgiven: from(&c.Forgiven), excess: from(&c.Excess), paid: from(&c.Paid)}
	if left%Quantity(c.Weight) != 0 { // free minutes are whole
		return u, false
	}
	u.free = left / Quantity(c.Weight) * perMinute
	c.Free -= u.free
	return u, c.Free >= 0
}

// took records in a counter what a lot gives for its usage, and until when that can be given back.
func (c *UsageCounter) took(source Source, quantity Quantity, until time.Time) {
	if source == FromFree {
		c.Free += quantity
	} else {
		c.Paid += quantity
	}
	if until.After(c.Until) {
		c.Until = until
	}
}

// returnMinutes opens a lot with what a correction of c's usage gives back. It is valid from the beginning of that day,
// whose usage may be sent again as it should have been, to the latest end of the lots that had given the minutes.
func (s *spender) returnMinutes(c *UsageCounter, quantity Quantity) error {
	d := s.draft
	a := &d.Application
	l := Lot{
		ID: a.LastLot + 1, Source: FromReturned, Products: []pricing.ProductID{c.Product},
		Period: pricing.Period{Start: s.today.start, End: c.Until, Zone: s.zone.Name()}, GrantedAt: d.Now,
	}
	if !l.Period.Start.Before(l.Period.End) { // the catalog's zone has changed since
		l.Period.Start = l.Period.End.Add(-24 * time.Hour)
	}
	if err := d.roomForReturned(&l); err != nil {
		return err
	}
	a.LastLot = l.ID
	d.move(&l, Entry{At: d.Now, Kind: EntryGranted, Quantity: quantity, Product: c.Product, Usage: c.Kind, Day: c.Day})
	a.Lots = append(a.Lots, l)
	d.AddEvent(Event{Type: EventLotReturned, Lot: l.ID, Quantity: quantity, Product: c.Product, Period: l.Period})
	if at, _ := l.expires(s.catalog.ServiceTerms()); s.expires.IsZero() || at.Before(s.expires) {
		s.expires = at
	}
	s.sort()
	return nil
}
