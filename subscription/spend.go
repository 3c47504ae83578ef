package subscription

import (
	"fmt"
	"slices"
	"time"

	"github.com/prepaidkit/prepaid/pricing"
)

// spender deducts usage from the lots of an application.
type spender struct {
	draft   *Draft
	catalog *pricing.Catalog
	zone    pricing.Zone
	today   day       // of the last record
	order   []int     // the indices of the lots that aren't empty, in the order in which they are spent
	first   int       // the index of the first entry of what was taken: one for each lot, kind and day
	plan    []portion // scratch
}

// portion is a part of a record that a lot can take.
type portion struct {
	lot      int
	quantity Quantity
}

func newSpender(d *Draft, cat *pricing.Catalog) *spender {
	s := &spender{draft: d, catalog: cat, zone: cat.Zone(), first: len(d.entries)}
	s.sort()
	return s
}

func (s *spender) sort() {
	lots := s.draft.Application.Lots
	s.order = s.order[:0]
	for i := range lots {
		if lots[i].Remaining > 0 {
			s.order = append(s.order, i)
		}
	}
	slices.SortFunc(s.order, func(i, j int) int { return compareLots(&lots[i], &lots[j]) })
}

// use counts one record, or returns why it can't; then nothing has changed.
func (s *spender) use(u *Usage) UsageResult {
	result := UsageResult{ID: u.ID}
	kind, day, err := s.check(u)
	if err != nil {
		result.Err = err
		return result
	}
	a := &s.draft.Application
	next := UsageCounter{Product: u.Product, Kind: u.Kind, Day: day, Weight: kind.Weight, Covered: kind.Covered}
	if !kind.Covered {
		next.Weight = perMinute
	}
	counter := a.counter(u.Product, u.Kind, day)
	if counter != nil {
		next = *counter
	} else if result.Err = a.roomForCounter(&next); result.Err != nil {
		return result
	}
	minutes := -pricing.RoundedMinutes(next.Seconds)
	next.Seconds += u.Seconds
	minutes += pricing.RoundedMinutes(next.Seconds)
	excess := s.fit(&next, u.At, minutes)
	if err := s.exceed(&next, excess, u.At); err != nil {
		result.Err = err
		return result
	}
	if counter != nil {
		*counter = next
	} else {
		a.Counters = append(a.Counters, next)
	}
	result.Counted, result.Excess = true, excess
	for _, p := range s.plan {
		s.take(p, u.Product, u.Kind, day)
		result.Deducted += p.quantity
	}
	return result
}

// exceed adds to a counter what no lot takes, or returns why that can't be.
func (s *spender) exceed(next *UsageCounter, excess Quantity, at time.Time) error {
	a := &s.draft.Application
	switch {
	case next.Seconds > maxDaySeconds:
		return fmt.Errorf("%w: more than %d seconds of %s in a day", ErrInvalid, int64(maxDaySeconds), next.Kind)
	case next.Order != "":
		return fmt.Errorf("%w: %s is billed", ErrTooLate, next.Day)
	case excess == 0:
		return nil
	case !a.payAsYouGo(at):
		return &ExhaustedError{Product: next.Product, Kind: next.Kind, Short: excess}
	}
	if next.Excess == 0 {
		var err error
		if next.Rate, err = s.catalog.UsageRate(next.Kind, a.PayAsYouGo.Currency); err != nil {
			return err
		}
	}
	next.Excess += excess
	return s.credit(next)
}

// check returns the kind and the day of a record, or what is wrong with it.
func (s *spender) check(u *Usage) (pricing.UsageKind, pricing.Date, error) {
	kind, err := s.catalog.UsageKind(u.Kind)
	if err == nil {
		_, err = s.catalog.Product(u.Product)
	}
	if err == nil {
		err = checkNewID("usage", u.ID)
	}
	if err != nil {
		return kind, 0, err
	}
	now := s.draft.Now
	switch {
	case u.Seconds < 1 || u.Seconds > MaxUsageSeconds:
		return kind, 0, fmt.Errorf("%w: %d seconds, want 1 to %d", ErrInvalid, u.Seconds, MaxUsageSeconds)
	case u.At.Year() < 1:
		return kind, 0, fmt.Errorf("%w: %s", ErrTooLate, u.At)
	case u.At.After(now.Add(MaxUsageAhead)):
		return kind, 0, fmt.Errorf("%w: by %s, at most %s", ErrTooEarly, u.At.Sub(now), MaxUsageAhead)
	}
	if u.At.Before(s.today.start) || !u.At.Before(s.today.end) {
		s.today = dayOf(s.zone, u.At, s.catalog.ServiceTerms())
	}
	if s.today.start.After(now) {
		// Its lots may not have begun yet; it comes again when its day has.
		return kind, 0, fmt.Errorf("%w: %s begins in %s", ErrTooEarly, s.today.date, s.today.start.Sub(now))
	}
	if !now.Before(s.today.closes) || s.draft.Application.closed(u.At, s.today.date) {
		return kind, 0, fmt.Errorf("%w: %s", ErrTooLate, s.today.date)
	}
	if a := &s.draft.Application.Arrears; a.Interrupted && !u.At.Before(a.Since.Add(s.catalog.ServiceTerms().Arrears)) {
		return kind, 0, ErrArrears
	}
	return kind, s.today.date, nil
}

// fit plans how lots take a number of minutes of what c counts, used at an instant, into s.plan, and
// returns what no lot takes.
func (s *spender) fit(c *UsageCounter, at time.Time, minutes int64) Quantity {
	s.plan = s.plan[:0]
	if !c.Covered {
		return Minutes(minutes)
	}
	lots := s.draft.Application.Lots
	// Free lots take minutes as they are; they hold whole minutes only, so that what is left is whole too.
	left := Minutes(minutes)
	weighted := false
	weigh := func() {
		if !weighted {
			left, weighted = left/perMinute*Quantity(c.Weight), true
		}
	}
	for _, i := range s.order {
		if left == 0 {
			break
		}
		l := &lots[i]
		if l.Remaining == 0 || !l.Period.Contains(at) || !l.Covers(c.Product) {
			continue
		}
		if l.Source != FromFree {
			weigh()
		}
		quantity := min(left, l.Remaining)
		s.plan = append(s.plan, portion{i, quantity})
		left -= quantity
	}
	weigh()
	return left
}

// take moves a portion of a lot to what is consumed.
func (s *spender) take(p portion, product pricing.ProductID, kind pricing.UsageKindID, day pricing.Date) {
	d := s.draft
	l := &d.Application.Lots[p.lot]
	for i := s.first; i < len(d.entries); i++ {
		e := &d.entries[i]
		if e.Lot != l.ID || e.Day != day || e.Usage != kind || e.Product != product {
			continue
		}
		more := *e
		more.Quantity = p.quantity
		more.apply(l)
		e.Quantity += p.quantity
		return
	}
	d.move(l, Entry{At: d.Now, Kind: EntryConsumed, Quantity: p.quantity, Product: product, Usage: kind, Day: day})
}

// done warns of lots that run low, also of those that took over the excess of their day when they were granted.
func (s *spender) done() {
	thresholds := s.catalog.LowBalance()
	lots := s.draft.Application.Lots
	for i := range lots {
		if lots[i].Consumed > 0 {
			s.warn(&lots[i], thresholds)
		}
	}
}

// warn notes the lowest threshold that a lot has newly fallen to.
func (s *spender) warn(l *Lot, thresholds []int) {
	passed := l.Warned
	for passed < len(thresholds) && l.Remaining+l.Reserved <= l.Granted/100*Quantity(thresholds[passed]) {
		passed++
	}
	if passed == l.Warned {
		return
	}
	l.Warned = passed
	s.draft.AddEvent(Event{
		Type: EventLowBalance, Lot: l.ID, Quantity: l.Remaining, Subscription: l.Subscription, Order: l.Order,
		Note: fmt.Sprintf("%d%%", thresholds[passed-1]),
	})
}
