package subscription

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/prepaidkit/prepaid/pricing"
)

// Errors of consumption.
var (
	// ErrTooLate is a record of a day that is closed: its late window has passed.
	ErrTooLate = errors.New("subscription: usage of a closed day")
	// ErrArrears is consumption while the service is interrupted, since pay-as-you-go usage isn't paid.
	ErrArrears = errors.New("subscription: service interrupted, usage isn't paid")
)

// ExhaustedError is a record that doesn't fit into the minutes that are left, in prepaid mode. Nothing of
// it was deducted.
type ExhaustedError struct {
	Product pricing.ProductID
	Kind    pricing.KindID
	Short   Quantity // package minutes that are missing
}

// Error says how much is missing.
func (e *ExhaustedError) Error() string {
	return fmt.Sprintf("subscription: minutes of %s exhausted: %s is %s minutes short", e.Product, e.Kind, e.Short)
}

// Usage is a record of what was used. Its ID makes it count once, however often it comes.
type Usage struct {
	ID      string            `json:"id"` // unique within the application, at most 64 bytes
	Product pricing.ProductID `json:"product"`
	Kind    pricing.KindID    `json:"kind"`
	At      time.Time         `json:"at"`      // its own time, which decides about day and lots
	Seconds int64             `json:"seconds"` // 1 to MaxUsageSeconds
}

// Bounds of a usage record.
const (
	// MaxUsageSeconds is the most that one record can have: a day of 10,000 participants, say.
	MaxUsageSeconds = 1_000_000_000
	// maxAhead is how far a record's time may be ahead of the clock.
	maxAhead = 5 * time.Minute
	// maxDaySeconds bounds the sum of a day, so that minutes times a weight can't overflow.
	maxDaySeconds = 1_000_000_000_000
)

// UsageResult says what became of a record.
type UsageResult struct {
	ID        string   `json:"id"`
	Counted   bool     `json:"counted"`            // by this call
	Duplicate bool     `json:"duplicate,omitzero"` // counted before
	Deducted  Quantity `json:"deducted,omitzero"`  // package minutes taken from lots
	Excess    Quantity `json:"excess,omitzero"`    // package minutes to be paid as you go
	Err       error    `json:"-"`                  // why it was refused; *ExhaustedError, ErrTooLate, …
}

// Recorded is the row that keeps a usage record from counting twice.
type Recorded struct {
	ID string       `json:"id"`
	On pricing.Date `json:"on"` // the day it was counted for; it can be forgotten once that is closed
}

// Counter is what was used of one kind on one day: seconds add up, and are rounded up to minutes as a
// sum. It is kept until the day is closed and what it owes is paid.
type Counter struct {
	Product pricing.ProductID `json:"product"`
	Kind    pricing.KindID    `json:"kind"`
	Day     pricing.Date      `json:"day"`
	Seconds int64             `json:"seconds"`
	// Excess is what no lot covered, in thousandths of package minutes, or of minutes for a kind that
	// packages don't cover.
	Excess  Quantity       `json:"excess,omitzero"`
	Weight  pricing.Weight `json:"weight"`           // that Excess was counted with
	Covered bool           `json:"covered,omitzero"` // whether lots cover the kind
	Order   OrderID        `json:"order,omitzero"`   // that collects the excess
}

// counter returns the counter of a kind and day, nil if there is none.
func (a *Application) counter(product pricing.ProductID, kind pricing.KindID, day pricing.Date) *Counter {
	for i := range a.Counters {
		if c := &a.Counters[i]; c.Day == day && c.Kind == kind && c.Product == product {
			return c
		}
	}
	return nil
}

// Before reports whether lots are spent in the order l, m: free ones first, then those of a narrower scope,
// packages before top-ups, then the one that expires first, then the one granted first, then by ID. It is a
// total order.
func (l *Lot) Before(m *Lot) bool { return compareLots(l, m) < 0 }

func compareLots(l, m *Lot) int {
	return cmp.Or(
		cmp.Compare(l.Source.turn(), m.Source.turn()),
		cmp.Compare(len(l.Products), len(m.Products)),
		l.Period.End.Compare(m.Period.End),
		l.GrantedAt.Compare(m.GrantedAt),
		cmp.Compare(l.ID, m.ID),
	)
}

// turn is when a lot's source has its turn.
func (s Source) turn() int {
	switch s {
	case FromFree:
		return 0
	case FromPackage, FromUpgrade:
		return 1
	case FromTopUp:
	}
	return 2
}

// spender deducts usage from the lots of an application.
type spender struct {
	draft   *Draft
	catalog *pricing.Catalog
	zone    pricing.Zone
	today   day       // of the last record
	order   []int     // the indices of lots in the order in which they are spent
	taken   []moved   // per lot, kind and day, what was taken: one entry each
	plan    []portion // scratch
}

// moved is what becomes one entry.
type moved struct {
	lot      LotID
	product  pricing.ProductID
	kind     pricing.KindID
	day      pricing.Date
	quantity Quantity
}

// portion is a part of a record that a lot can take.
type portion struct {
	lot      int
	quantity Quantity
}

func newSpender(d *Draft, cat *pricing.Catalog) *spender {
	s := &spender{draft: d, catalog: cat, zone: cat.Zone()}
	s.sort()
	return s
}

func (s *spender) sort() {
	lots := s.draft.Application.Lots
	s.order = s.order[:0]
	for i := range lots {
		s.order = append(s.order, i)
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
	var seconds int64
	counter := a.counter(u.Product, u.Kind, day)
	if counter != nil {
		seconds = counter.Seconds
	}
	if seconds+u.Seconds > maxDaySeconds {
		result.Err = fmt.Errorf("%w: more than %d seconds of %s in a day", ErrInvalid, int64(maxDaySeconds), u.Kind)
		return result
	}
	minutes := pricing.RoundedMinutes(seconds+u.Seconds) - pricing.RoundedMinutes(seconds)
	excess, weight := s.fit(u, kind, minutes)
	if excess > 0 && !a.payAsYouGo(u.At) {
		result.Err = &ExhaustedError{Product: u.Product, Kind: u.Kind, Short: excess}
		return result
	}
	if counter == nil {
		a.Counters = append(a.Counters, Counter{Product: u.Product, Kind: u.Kind, Day: day, Weight: weight, Covered: kind.Covered})
		counter = &a.Counters[len(a.Counters)-1]
	}
	counter.Seconds += u.Seconds
	counter.Excess += excess
	result.Counted, result.Excess = true, excess
	for _, p := range s.plan {
		s.take(p, u.Product, u.Kind, day)
		result.Deducted += p.quantity
	}
	return result
}

// check returns the kind and the day of a record, or what is wrong with it.
func (s *spender) check(u *Usage) (pricing.Kind, pricing.Date, error) {
	kind, err := s.catalog.Kind(u.Kind)
	if err == nil {
		_, err = s.catalog.Product(u.Product)
	}
	if err == nil {
		err = checkID("usage", u.ID)
	}
	if err != nil {
		return kind, 0, err
	}
	now := s.draft.Now
	switch {
	case u.Seconds < 1 || u.Seconds > MaxUsageSeconds:
		return kind, 0, fmt.Errorf("%w: %d seconds, want 1 to %d", ErrInvalid, u.Seconds, MaxUsageSeconds)
	case u.At.After(now.Add(maxAhead)):
		return kind, 0, fmt.Errorf("%w: usage at %s is of the future", ErrInvalid, u.At.Format(time.RFC3339))
	}
	if u.At.Before(s.today.start) || !u.At.Before(s.today.end) {
		s.today = dayOf(s.zone, u.At, s.catalog.Service())
	}
	if !now.Before(s.today.closes) {
		return kind, 0, fmt.Errorf("%w: %s", ErrTooLate, s.today.date)
	}
	if s.draft.Application.Arrears.Interrupted {
		return kind, 0, ErrArrears
	}
	return kind, s.today.date, nil
}

// day is a day of the calendar with its instants. It closes, and takes no more records, when the late
// window after its end has passed.
type day struct {
	date               pricing.Date
	start, end, closes time.Time
}

func dayOf(zone pricing.Zone, t time.Time, terms pricing.Service) day {
	d := zone.DateOf(t)
	end := zone.StartOf(d + 1)
	return day{date: d, start: zone.StartOf(d), end: end, closes: end.Add(terms.LateUsage)}
}

// closes returns when a day is closed.
func closes(zone pricing.Zone, d pricing.Date, terms pricing.Service) time.Time {
	return zone.StartOf(d + 1).Add(terms.LateUsage)
}

// fit plans how lots take a number of minutes, into s.plan, and returns what no lot takes, and the weight
// it is counted with.
func (s *spender) fit(u *Usage, kind pricing.Kind, minutes int64) (Quantity, pricing.Weight) {
	s.plan = s.plan[:0]
	const single = pricing.Weight(perMinute)
	if !kind.Covered {
		return Minutes(minutes), single
	}
	lots := s.draft.Application.Lots
	// Free lots take minutes as they are; they hold whole minutes only, so that what is left is whole too.
	left := Minutes(minutes)
	weighted := false
	weigh := func() {
		if !weighted {
			left, weighted = left/perMinute*Quantity(kind.Weight), true
		}
	}
	for _, i := range s.order {
		if left == 0 {
			break
		}
		l := &lots[i]
		if l.Remaining == 0 || !l.Period.Contains(u.At) || !l.Covers(u.Product) {
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
	return left, kind.Weight
}

// take moves a portion of a lot to what is consumed.
func (s *spender) take(p portion, product pricing.ProductID, kind pricing.KindID, day pricing.Date) {
	l := &s.draft.Application.Lots[p.lot]
	l.Remaining -= p.quantity
	l.Consumed += p.quantity
	for i := range s.taken {
		if m := &s.taken[i]; m.lot == l.ID && m.day == day && m.kind == kind && m.product == product {
			m.quantity += p.quantity
			return
		}
	}
	s.taken = append(s.taken, moved{l.ID, product, kind, day, p.quantity})
}

// done appends the entries of what was taken, and warns of lots that run low.
func (s *spender) done() {
	for _, m := range s.taken {
		s.draft.entries = append(s.draft.entries, Entry{
			At: s.draft.Now, Kind: EntryConsumed, Lot: m.lot, Quantity: m.quantity,
			Product: m.product, Usage: m.kind, Day: m.day,
		})
	}
	thresholds := s.catalog.LowBalance()
	for _, m := range s.taken {
		s.warn(m.lot, thresholds)
	}
	s.taken = nil
}

// warn notes the lowest threshold that a lot has newly fallen to.
func (s *spender) warn(id LotID, thresholds []int) {
	l := s.draft.Application.lot(id)
	passed := l.Warned
	for passed < len(thresholds) && l.Remaining <= l.Granted/100*Quantity(thresholds[passed]) {
		passed++
	}
	if passed == l.Warned {
		return
	}
	l.Warned = passed
	s.draft.Note(Event{
		Type: EventLowBalance, Lot: id, Quantity: l.Remaining, Subscription: l.Subscription, Order: l.Order,
		Note: fmt.Sprintf("%d%%", thresholds[passed-1]),
	})
}
