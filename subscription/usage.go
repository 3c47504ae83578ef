package subscription

import (
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/prepaidkit/prepaid/pricing"
)

// Errors of consumption.
var (
	// ErrTooEarly is a record that lies too far ahead of the clock, or whose day hasn't begun: send it again once its time
	// has come.
	ErrTooEarly = errors.New("subscription: usage in the future")
	// ErrTooLate is a record of a day that is closed: its late window has passed.
	ErrTooLate = errors.New("subscription: usage of a closed day")
	// ErrIDReused is a record whose ID was counted before with another product, kind, time or number of seconds. What was
	// counted stays; nothing is added.
	ErrIDReused = errors.New("subscription: usage ID reused for another record")
	// ErrArrears is usage from while the service is interrupted, since pay-as-you-go usage isn't paid.
	ErrArrears = errors.New("subscription: service interrupted, usage isn't paid")
	// ErrExhausted is a record, or a reservation, that doesn't fit into the minutes that are left; [*ExhaustedError] says
	// how many are missing.
	ErrExhausted = errors.New("subscription: minutes exhausted")
)

// ExhaustedError is a record that doesn't fit into the minutes that are left, in prepaid mode. Nothing of
// it was deducted.
type ExhaustedError struct {
	Product pricing.ProductID
	Kind    pricing.UsageKindID
	Short   Quantity // package minutes that are missing
}

// Error says how much is missing.
func (e *ExhaustedError) Error() string {
	return fmt.Sprintf("subscription: minutes of %s exhausted: %s is %s minutes short", named(e.Product), named(e.Kind), e.Short)
}

// Is reports whether target is [ErrExhausted].
func (e *ExhaustedError) Is(target error) bool { return target == ErrExhausted }

// Usage is a record of what was used. Its ID makes it count once, however often it comes.
type Usage struct {
	ID      string              `json:"id"` // unique within the application, at most 64 bytes
	Product pricing.ProductID   `json:"product"`
	Kind    pricing.UsageKindID `json:"kind"`
	At      time.Time           `json:"at"`      // its own time, which decides about day and lots
	Seconds int64               `json:"seconds"` // 1 to MaxUsageSeconds
}

// Bounds of a usage record.
const (
	// MaxUsageSeconds is the most that one record can have: a day of 10,000 participants, say.
	MaxUsageSeconds = 1_000_000_000
	// MaxUsageAhead is how far a record's time may be ahead of the clock, as clocks differ, within a day that has begun.
	MaxUsageAhead = 5 * time.Minute
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

// MarshalJSON adds the code of Err as "code", see [CodeOf]; the error itself is for logs.
func (r UsageResult) MarshalJSON() ([]byte, error) {
	type plain UsageResult
	return json.Marshal(struct {
		plain
		Code Code `json:"code,omitzero"`
	}{plain(r), CodeOf(r.Err)})
}

// digest returns a short digest of what the record says, which is never 0.
func (u *Usage) digest() int64 {
	h := newDigester()
	h.text(string(u.Product))
	h.text(string(u.Kind))
	h.number(u.At.UnixMicro())
	h.number(u.Seconds)
	sum := h.sum()
	return int64(binary.BigEndian.Uint64(sum[:8]) | 1)
}

// recorded returns the row of a record that is counted for a day.
func (u *Usage) recorded(on pricing.Date) UsageRow {
	return UsageRow{ID: u.ID, On: on, Digest: u.digest()}
}

// again returns what becomes of a record whose ID was counted before, with the content of that digest.
func (u *Usage) again(digest int64) UsageResult {
	if digest != 0 && digest != u.digest() {
		return UsageResult{ID: u.ID, Err: fmt.Errorf("%w: record %.80q", ErrIDReused, u.ID)}
	}
	return UsageResult{ID: u.ID, Duplicate: true}
}

// UsageRow is the row that keeps a usage record from counting twice.
type UsageRow struct {
	ID     string       `json:"id"`
	On     pricing.Date `json:"on"`              // the day it was counted for; it can be forgotten once that is closed
	Digest int64        `json:"digest,omitzero"` // of the record's content; 0 for a record from before it was kept
}

// UsageCounter is what was used of one kind on one day: seconds add up, and are rounded up to minutes as a
// sum. It is kept until the day is closed and what it owes is paid.
type UsageCounter struct {
	Product pricing.ProductID   `json:"product"`
	Kind    pricing.UsageKindID `json:"kind"`
	Day     pricing.Date        `json:"day"`
	Seconds int64               `json:"seconds"`
	// Weight and Covered are the catalog's of the day's first record, and hold for the whole day. A kind
	// that lots don't cover has weight 1.
	Weight  pricing.Weight `json:"weight"`
	Covered bool           `json:"covered,omitzero"`
	// Excess is what no lot covered, in package minutes, and Rate the price of 1,000 minutes of the kind
	// when that began.
	Excess Quantity     `json:"excess,omitzero"`
	Rate   pricing.Rate `json:"rate,omitzero"`
	Order  OrderID      `json:"order,omitzero"` // that collects the excess
	// What became of the day's minutes, before they are weighted, in thousandths: forgiven, and taken from lots that
	// were paid for and from free ones; and the latest end of those lots.
	Forgiven Quantity  `json:"forgiven,omitzero"`
	Paid     Quantity  `json:"paid,omitzero"`
	Free     Quantity  `json:"free,omitzero"`
	Until    time.Time `json:"until,omitzero"`
}

// counter returns the counter of a kind and day, nil if there is none.
func (a *Application) counter(product pricing.ProductID, kind pricing.UsageKindID, day pricing.Date) *UsageCounter {
	for i := range a.Counters {
		if c := &a.Counters[i]; c.Day == day && c.Kind == kind && c.Product == product {
			return c
		}
	}
	return nil
}

// setCounter replaces the counter of a kind and day, or adds it.
func (a *Application) setCounter(c *UsageCounter) {
	if was := a.counter(c.Product, c.Kind, c.Day); was != nil {
		*was = *c
		return
	}
	a.Counters = append(a.Counters, *c)
}

// closed reports whether usage of an instant and its day isn't counted any more, since its day's counters were dropped.
func (a *Application) closed(at time.Time, day pricing.Date) bool {
	return at.Before(a.ClosedUntil) || a.ClosedThrough != 0 && day <= a.ClosedThrough
}

// day is a day of the calendar with its instants. It closes, and takes no more records, when the late
// window after its end has passed.
type day struct {
	date               pricing.Date
	start, end, closes time.Time
}

func dayOf(zone pricing.Zone, t time.Time, terms pricing.ServiceTerms) day {
	d := zone.DateOf(t)
	end := zone.StartOf(d + 1)
	return day{date: d, start: zone.StartOf(d), end: end, closes: end.Add(terms.LateUsage)}
}

// closes returns when a day is closed.
func closes(zone pricing.Zone, d pricing.Date, terms pricing.ServiceTerms) time.Time {
	return zone.StartOf(d + 1).Add(terms.LateUsage)
}
