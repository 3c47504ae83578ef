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
	// ErrTooEarly means that the record's time is too far ahead of the clock, or its day hasn't begun. Send it again
	// when its time has come.
	ErrTooEarly = errors.New("subscription: usage in the future")
	// ErrTooLate means that the record's day is closed: its window for late records has passed.
	ErrTooLate = errors.New("subscription: usage of a closed day")
	// ErrIDReused means that the record's ID was already counted with another product, kind, time or number of
	// seconds. What was counted stays, and nothing is added.
	ErrIDReused = errors.New("subscription: usage ID reused for another record")
	// ErrArrears means that the usage falls in a time of interrupted service, because pay-as-you-go usage isn't paid.
	ErrArrears = errors.New("subscription: service interrupted, usage isn't paid")
	// ErrExhausted means that a record or a reservation needs more minutes than are left. [*ExhaustedError] says how
	// many are missing.
	ErrExhausted = errors.New("subscription: minutes exhausted")
)

// ExhaustedError is returned in prepaid mode for a record that needs more minutes than are left, an overdraft included.
// None of it was deducted.
type ExhaustedError struct {
	Product pricing.ProductID
	Kind    pricing.UsageKindID
	Short   Quantity // missing package minutes
}

// Error says how much is missing.
func (e *ExhaustedError) Error() string {
	return fmt.Sprintf("subscription: minutes of %s exhausted: %s is %s minutes short", named(e.Product), named(e.Kind), e.Short)
}

// Is reports whether target is [ErrExhausted].
func (e *ExhaustedError) Is(target error) bool { return target == ErrExhausted }

// Usage is a record of what was used. It counts once per ID, however often it is sent exactly as it was, At included.
type Usage struct {
	ID      string              `json:"id"` // unique within the application, at most 64 bytes
	Product pricing.ProductID   `json:"product"`
	Kind    pricing.UsageKindID `json:"kind"`
	At      time.Time           `json:"at"`      // when the usage happened; determines its day and lots
	Seconds int64               `json:"seconds"` // 1 to MaxUsageSeconds; negative for a correction, see [Service.Consume]
}

// Bounds of a usage record.
const (
	// MaxUsageSeconds is the maximum for one record: a day with 10,000 participants, say.
	MaxUsageSeconds = 1_000_000_000
	// MaxUsageAhead is how far a record's time may be ahead of the clock, since clocks differ. Its day must have
	// begun.
	MaxUsageAhead = 5 * time.Minute
	// maxDaySeconds bounds the total of a day so that minutes times a weight can't overflow.
	maxDaySeconds = 1_000_000_000_000
)

// UsageResult says what happened to a record. What a correction undid is negative.
type UsageResult struct {
	ID        string   `json:"id"`
	Counted   bool     `json:"counted"`            // counted by this call
	Duplicate bool     `json:"duplicate,omitzero"` // counted before
	Deducted  Quantity `json:"deducted,omitzero"`  // package minutes taken from lots
	Overdraft Quantity `json:"overdraft,omitzero"` // part of Deducted that is owed now, see [Overdraft]
	Excess    Quantity `json:"excess,omitzero"`    // package minutes billed as you go
	Forgiven  Quantity `json:"forgiven,omitzero"`  // package minutes that nothing covers and nobody is billed for
	Err       error    `json:"-"`                  // why it was refused: *ExhaustedError, ErrTooLate, …
}

// MarshalJSON adds the code of Err as "code" (see [CodeOf]). The error itself is for logs.
func (r UsageResult) MarshalJSON() ([]byte, error) {
	type plain UsageResult
	return json.Marshal(struct {
		plain
		Code Code `json:"code,omitzero"`
	}{plain(r), CodeOf(r.Err)})
}

// digest returns a short digest of the record's content. It is never 0.
func (u *Usage) digest() int64 {
	h := newDigester()
	h.text(string(u.Product))
	h.text(string(u.Kind))
	h.number(u.At.UnixMicro())
	h.number(u.Seconds)
	sum := h.sum()
	return int64(binary.BigEndian.Uint64(sum[:8]) | 1)
}

// recorded returns the row for a record that is counted for a day.
func (u *Usage) recorded(on pricing.Date) UsageRow {
	return UsageRow{ID: u.ID, On: on, Digest: u.digest()}
}

// again returns the result for a record whose ID was counted before with content of the given digest.
func (u *Usage) again(digest int64) UsageResult {
	if digest != 0 && digest != u.digest() {
		return UsageResult{ID: u.ID, Err: fmt.Errorf("%w: record %.80q", ErrIDReused, u.ID)}
	}
	return UsageResult{ID: u.ID, Duplicate: true}
}

// UsageRow is the row that keeps a usage record from counting twice.
type UsageRow struct {
	ID     string       `json:"id"`
	On     pricing.Date `json:"on"`              // the day it was counted for; the row can be dropped once that day is closed
	Digest int64        `json:"digest,omitzero"` // of the record's content; 0 for records from before digests were stored
}

// UsageCounter is the usage of one kind on one day. Seconds add up, and their sum is rounded up to minutes. It is
// kept until the day is closed and what it owes is paid.
type UsageCounter struct {
	Product pricing.ProductID   `json:"product"`
	Kind    pricing.UsageKindID `json:"kind"`
	Day     pricing.Date        `json:"day"`
	Seconds int64               `json:"seconds"`
	// Weight and Covered come from the catalog at the day's first record and hold for the whole day. A kind that lots
	// don't cover has weight 1.
	Weight  pricing.Weight `json:"weight"`
	Covered bool           `json:"covered,omitzero"`
	// Excess is the package minutes that no lot covered. Rate is the price of 1,000 minutes of the kind when the
	// excess began.
	Excess Quantity     `json:"excess,omitzero"`
	Rate   pricing.Rate `json:"rate,omitzero"`
	Order  OrderID      `json:"order,omitzero"` // that collects the excess
	// Excess and these are the parts of the day's minutes, all in package minutes: what was forgiven, what lots gave that
	// count by weight, and what free lots gave, which count 1:1. Usage that was counted before parts were recorded is in
	// none, see [UsageCounter.Unrecorded]. Until is the latest end of those lots.
	Forgiven Quantity  `json:"forgiven,omitzero"`
	Paid     Quantity  `json:"paid,omitzero"`
	Free     Quantity  `json:"free,omitzero"`
	Until    time.Time `json:"until,omitzero"`
}

// counter returns the counter of a kind and day, or nil if there is none.
func (a *Application) counter(product pricing.ProductID, kind pricing.UsageKindID, day pricing.Date) *UsageCounter {
	for i := range a.Counters {
		if c := &a.Counters[i]; c.Day == day && c.Kind == kind && c.Product == product {
			return c
		}
	}
	return nil
}

// setCounter adds the counter of a kind and day, or replaces the existing one.
func (a *Application) setCounter(c *UsageCounter) {
	if was := a.counter(c.Product, c.Kind, c.Day); was != nil {
		*was = *c
		return
	}
	a.Counters = append(a.Counters, *c)
}

// closed reports whether usage at an instant on a day is no longer counted because the day's counters were dropped.
func (a *Application) closed(at time.Time, day pricing.Date) bool {
	return at.Before(a.ClosedUntil) || a.ClosedThrough != 0 && day <= a.ClosedThrough
}

// day is a calendar day with its instants. It closes, and accepts no more records, when the window for late records
// after its end has passed.
type day struct {
	date               pricing.Date
	start, end, closes time.Time
}

func dayOf(zone pricing.Zone, t time.Time, terms pricing.ServiceTerms) day {
	d := zone.DateOf(t)
	end := zone.StartOf(d + 1)
	return day{date: d, start: zone.StartOf(d), end: end, closes: end.Add(terms.LateUsage)}
}

// closes returns the time when a day closes.
func closes(zone pricing.Zone, d pricing.Date, terms pricing.ServiceTerms) time.Time {
	return zone.StartOf(d + 1).Add(terms.LateUsage)
}

// Unrecorded returns how many package minutes of the usage are in none of the counter's parts: those of usage that was
// counted before parts were recorded, and 0 for any other counter.
func (c UsageCounter) Unrecorded() Quantity { return c.unrecorded() }

// unrecorded returns how many package minutes of the usage are in no part: those of usage that was counted before parts
// were recorded.
func (c *UsageCounter) unrecorded() Quantity {
	return (Minutes(pricing.RoundedMinutes(c.Seconds))-c.Free)/perMinute*Quantity(c.Weight) - c.Forgiven - c.Excess - c.Paid
}
