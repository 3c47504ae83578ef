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
	free    []int     // indices of the nonempty free lots, in spending order
	others  []int     // the same for all other lots, which are spent after them
	first   int       // index of the first usage entry; there is one entry per lot, kind and day
	plan    []portion // what each lot will give for the last record
	draw    draw      // what an overdraft will give for it

	// settles is set for what a reservation's release says was used, which is counted in any case.
	settles bool

	used      bool      // a record was counted that isn't a correction
	forgiven  Quantity  // by all records
	corrected *Quantity // what all corrections undid; nil if there was none
	expires   time.Time // when the first of the returned lots does; zero: there is none
}

// portion is the part of a record that one lot covers.
type portion struct {
	lot      int
	quantity Quantity
}

func newSpender(d *Draft, cat *pricing.Catalog) *spender {
	s := &spender{draft: d, catalog: cat, zone: cat.Zone(), first: len(d.entries)}
	s.sort()
	return s
}

// sort puts the lots in spending order.
func (s *spender) sort() {
	lots := s.draft.Application.Lots
	order := make([]int, 0, len(lots))
	for i := range lots {
		if lots[i].Remaining > 0 && lots[i].Source != FromOverdraft {
			order = append(order, i)
		}
	}
	slices.SortFunc(order, func(i, j int) int { return compareLots(&lots[i], &lots[j]) })
	free := 0
	for free < len(order) && lots[order[free]].Source == FromFree {
		free++
	}
	s.free, s.others = order[:free], order[free:]
}

// use counts one record, or returns why it can't be counted; then nothing has changed.
func (s *spender) use(u *Usage) UsageResult {
	if u.Seconds < 0 {
		return s.correct(u)
	}
	counter, err := s.counter(u)
	if err != nil {
		return UsageResult{ID: u.ID, Err: err}
	}
	minutes := counter.add(u.Seconds)
	short := s.overdraw(&counter, s.fit(&counter, u.At, minutes), u.At)
	forgiven, err := s.exceed(&counter, short, u.At)
	if err != nil {
		return UsageResult{ID: u.ID, Err: err}
	}
	deducted := s.deduct(&counter)
	s.draft.Application.setCounter(&counter)
	s.used, s.forgiven = true, s.forgiven+forgiven
	return UsageResult{
		ID: u.ID, Counted: true, Deducted: deducted, Overdraft: s.draw.quantity, Excess: short - forgiven, Forgiven: forgiven,
	}
}

// counter returns a copy of the counter for a record, or why the record isn't counted. A new counter takes its terms
// from the catalog.
func (s *spender) counter(u *Usage) (UsageCounter, error) {
	kind, day, err := s.check(u)
	if err != nil {
		return UsageCounter{}, err
	}
	a := &s.draft.Application
	if c := a.counter(u.Product, u.Kind, day); c != nil {
		return *c, nil
	}
	c := UsageCounter{Product: u.Product, Kind: u.Kind, Day: day, Weight: kind.Weight, Covered: kind.Covered}
	if !kind.Covered {
		c.Weight = perMinute
	}
	if err := a.roomForCounter(&c); err != nil {
		return UsageCounter{}, err
	}
	return c, nil
}

// add adds seconds and returns how many new minutes they begin. The sum of the seconds is rounded up, not each
// record.
func (c *UsageCounter) add(seconds int64) int64 {
	before := pricing.RoundedMinutes(c.Seconds)
	c.Seconds += seconds
	return pricing.RoundedMinutes(c.Seconds) - before
}

// exceed adds to a counter the excess that no lot covers, or returns why it can't. It returns how much of it is forgiven.
func (s *spender) exceed(next *UsageCounter, excess Quantity, at time.Time) (forgiven Quantity, err error) {
	a := &s.draft.Application
	switch {
	case next.Seconds > maxDaySeconds:
		return 0, fmt.Errorf("%w: more than %d seconds of %s in a day", ErrInvalid, int64(maxDaySeconds), next.Kind)
	case next.Order != "":
		return 0, fmt.Errorf("%w: %s is billed", ErrTooLate, next.Day)
	case excess == 0:
		return 0, nil
	case !a.payAsYouGo(at):
		return s.overrun(next, excess)
	}
	if next.Excess == 0 {
		next.Rate, err = s.catalog.UsageRate(next.Kind, a.PayAsYouGo.Currency)
		switch {
		case err != nil && s.settles: // it has no price, and counts in any case
			return s.overrun(next, excess)
		case err != nil:
			return 0, err
		}
	}
	next.Excess += excess
	if s.settles {
		return 0, nil
	}
	return 0, s.credit(next)
}

// check returns the kind and day of a record, or what is wrong with it.
func (s *spender) check(u *Usage) (pricing.UsageKind, pricing.Date, error) {
	if a := &s.draft.Application; !a.ClosedAt.IsZero() {
		return pricing.UsageKind{}, 0, closedError(a)
	}
	kind, err := s.catalog.UsageKind(u.Kind)
	if err == nil {
		_, err = s.catalog.Product(u.Product)
	}
	if err == nil {
		err = checkNewID("record ID", u.ID)
	}
	if err != nil {
		return kind, 0, err
	}
	now := s.draft.Now
	switch {
	case u.Seconds == 0 || u.Seconds > MaxUsageSeconds || u.Seconds < -MaxUsageSeconds:
		return kind, 0, fmt.Errorf("%w: %d seconds, want 1 to %d, or a negative number for a correction", ErrInvalid, u.Seconds,
			MaxUsageSeconds)
	case u.At.Year() < 1:
		return kind, 0, fmt.Errorf("%w: %s", ErrTooLate, u.At)
	case u.At.After(now.Add(MaxUsageAhead)):
		return kind, 0, fmt.Errorf("%w: by %s, at most %s", ErrTooEarly, u.At.Sub(now), MaxUsageAhead)
	}
	if u.At.Before(s.today.start) || !u.At.Before(s.today.end) {
		s.today = dayOf(s.zone, u.At, s.catalog.ServiceTerms())
	}
	if s.today.start.After(now) {
		// The day's lots may not have begun yet; the record is sent again when the day has begun.
		return kind, 0, fmt.Errorf("%w: %s begins in %s", ErrTooEarly, s.today.date, s.today.start.Sub(now))
	}
	if !now.Before(s.today.closes) || s.draft.Application.closed(u.At, s.today.date) {
		return kind, 0, fmt.Errorf("%w: %s", ErrTooLate, s.today.date)
	}
	counts := s.settles || u.Seconds < 0
	if a := &s.draft.Application.Arrears; a.Interrupted && !counts && !u.At.Before(a.Since.Add(s.catalog.ServiceTerms().Arrears)) {
		return kind, 0, ErrArrears
	}
	return kind, s.today.date, nil
}

// fit plans in s.plan how lots cover a number of minutes of c's usage at an instant. It returns what no lot covers,
// in package minutes.
func (s *spender) fit(c *UsageCounter, at time.Time, minutes int64) Quantity {
	s.plan = s.plan[:0]
	if !c.Covered {
		return Minutes(minutes)
	}
	// Free lots cover minutes unweighted. They hold only whole minutes, so what is left is whole too.
	left := s.fill(s.free, c.Product, at, Minutes(minutes))
	weighted := left / perMinute * Quantity(c.Weight)
	return s.fill(s.others, c.Product, at, weighted)
}

// fill plans to take a quantity from some lots, one after the other, and returns what they can't cover.
func (s *spender) fill(lots []int, product pricing.ProductID, at time.Time, left Quantity) Quantity {
	for _, i := range lots {
		if left == 0 {
			break
		}
		l := &s.draft.Application.Lots[i]
		if l.Remaining == 0 || !l.Period.Contains(at) || !l.Covers(product) {
			continue
		}
		quantity := min(left, l.Remaining)
		s.plan = append(s.plan, portion{i, quantity})
		left -= quantity
	}
	return left
}

// deduct takes what was planned for c's usage, and returns how much that is.
func (s *spender) deduct(c *UsageCounter) Quantity {
	var sum Quantity
	if s.draw.quantity > 0 {
		s.plan = append(s.plan, s.lend())
	}
	for _, p := range s.plan {
		l := &s.draft.Application.Lots[p.lot]
		until := l.Period.End
		if l.Source == FromOverdraft {
			until = s.draw.until // its lot has no end of its own
		}
		c.took(l.Source, p.quantity, until)
		s.take(p, c)
		sum += p.quantity
	}
	return sum
}

// take moves a portion of a lot to consumed. There is one entry per lot, day and kind.
func (s *spender) take(p portion, c *UsageCounter) {
	d := s.draft
	l := &d.Application.Lots[p.lot]
	for i := s.first; i < len(d.entries); i++ {
		e := &d.entries[i]
		if e.Lot != l.ID || e.Kind != EntryConsumed || e.Day != c.Day || e.Usage != c.Kind || e.Product != c.Product {
			continue
		}
		more := *e
		more.Quantity = p.quantity
		l.move(&more)
		e.Quantity += p.quantity
		return
	}
	d.move(l, Entry{At: d.Now, Kind: EntryConsumed, Quantity: p.quantity, Product: c.Product, Usage: c.Kind, Day: c.Day})
}

// done records what was forgiven and corrected in all, and warns of lots that run low, including lots that covered their
// day's excess when they were granted.
func (s *spender) done() {
	if s.corrected != nil {
		s.draft.AddEvent(Event{Type: EventCorrected, Quantity: *s.corrected})
	}
	if s.forgiven > 0 {
		s.draft.AddEvent(Event{Type: EventForgiven, Quantity: s.forgiven})
	}
	s.tellOverdrawn()
	thresholds := s.catalog.LowBalance()
	lots := s.draft.Application.Lots
	for i := range lots {
		if l := &lots[i]; l.Consumed > 0 && !l.TakenBack && l.Source != FromOverdraft {
			s.warn(&lots[i], thresholds)
		}
	}
}

// warn records the lowest threshold that a lot has newly reached.
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
