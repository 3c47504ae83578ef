package renewal

import (
	"fmt"
	"slices"
	"time"
)

// CatchUp determines how periods that passed while no worker ran are handled.
type CatchUp string

// The catch-up modes. The zero value means [Lapse].
const (
	// Lapse charges only the period that contains now, counted from the anchor. Earlier periods are recorded as
	// skipped.
	Lapse CatchUp = "lapse"
	// BillEach also charges the missed periods, one by one, earliest first.
	BillEach CatchUp = "bill_each"
)

// Policy determines when renewals are collected. How long service continues without payment, and how long it can be
// resumed, is defined by the catalog; see pricing.ServiceTerms.
//
// A zero field has its default value, so the zero Policy is the default policy.
type Policy struct {
	// Attempts are the times of the automatic attempts, relative to the end of the paid time, in ascending order. The
	// first is the lead time; it is never before the last paid period begins. After a failed attempt, the next one is
	// made at the next of these times that is still ahead. After a hard decline (payment.Reason.Hard), no further
	// attempt is made until the customer pays an order or subscription.PaymentMethodChanged is reported.
	//
	// The default is 24, 12 and 3 hours before the end, at the end, and 6, 12 and 18 hours after it, and ends with the
	// grace period. Any other schedule may go on through the retention period: an attempt after the interruption pays
	// for a period that begins on the day of payment.
	Attempts []time.Duration
	// Reminders are the times of reminders, relative to the end, in ascending order. If several have passed, only the
	// latest is sent, and none from before the purchase is sent. The default is 7, 3 and 1 days before the end; a package
	// that was renewed by then, as by the first of the default Attempts, has no reminder any more. An empty non-nil slice
	// means none.
	Reminders []time.Duration
	// CatchUp determines how missed periods are handled.
	CatchUp CatchUp
	// Poll is the delay before an order with an unknown outcome is looked up again. The delay grows with the age of the
	// order, up to 6 hours. The default is 1 minute. It also has to be longer than a batch takes at the gateway; see
	// [Options.Concurrency].
	Poll time.Duration
	// UsageRetry is the delay between a failed attempt to collect pay-as-you-go usage and the next one. The default is
	// 6 hours.
	UsageRetry time.Duration
	// TopUpDelays are the delays between automatic top-ups that aren't paid: after the first one, after the second, and so
	// on. After the last, none is ordered until the customer acts or the next period begins; see
	// subscription.Draft.TopUp. The default is 6, 12 and 24 hours. An empty non-nil slice means a single attempt.
	TopUpDelays []time.Duration
	// FailureBackoff is the delay before an application is processed again after its decision failed. The default is 1
	// hour.
	FailureBackoff time.Duration
}

// maxLead is the maximum lead time: the shortest month less one day, so an attempt lies within its period.
const maxLead = 27 * 24 * time.Hour

// maxDelay is the latest time of an attempt, after the end.
const maxDelay = 366 * 24 * time.Hour

const maxPoll = 6 * time.Hour

// DefaultPolicy returns the default policy, with all fields set.
func DefaultPolicy() Policy {
	const day = 24 * time.Hour
	return Policy{
		Attempts:  defaultAttempts(),
		Reminders: []time.Duration{-7 * day, -3 * day, -1 * day},
		CatchUp:   Lapse, Poll: time.Minute, UsageRetry: 6 * time.Hour,
		TopUpDelays: defaultTopUpDelays(), FailureBackoff: time.Hour,
	}
}

// filled returns p with zero fields set to their defaults.
func (p Policy) filled() Policy {
	if p.Attempts != nil && p.Reminders != nil && p.CatchUp != "" && p.Poll != 0 && p.UsageRetry != 0 && p.TopUpDelays != nil &&
		p.FailureBackoff != 0 {
		return p
	}
	d := DefaultPolicy()
	if p.Attempts == nil {
		p.Attempts = d.Attempts
	}
	if p.Reminders == nil {
		p.Reminders = d.Reminders
	}
	if p.CatchUp == "" {
		p.CatchUp = d.CatchUp
	}
	if p.Poll == 0 {
		p.Poll = d.Poll
	}
	if p.UsageRetry == 0 {
		p.UsageRetry = d.UsageRetry
	}
	if p.TopUpDelays == nil {
		p.TopUpDelays = d.TopUpDelays
	}
	if p.FailureBackoff == 0 {
		p.FailureBackoff = d.FailureBackoff
	}
	return p
}

// Validate returns [ErrPolicy] if attempts or reminders are not strictly ascending, lie more than 27 days before the
// end or, for reminders 27 and for attempts 366, days after it, the list of attempts is empty, the catch-up mode is
// unknown, a delay is less than a microsecond, or one between top-ups more than 366 days.
func (p Policy) Validate() error {
	p = p.filled()
	if len(p.Attempts) == 0 {
		return fmt.Errorf("%w: no attempts", ErrPolicy)
	}
	if !ascending(p.Attempts, maxDelay) {
		return fmt.Errorf("%w: attempts %v: want ascending values from %v to %v", ErrPolicy, p.Attempts, -maxLead, maxDelay)
	}
	if !ascending(p.Reminders, maxLead) {
		return fmt.Errorf("%w: reminders %v: want ascending values within %v of the end", ErrPolicy, p.Reminders, maxLead)
	}
	if p.CatchUp != Lapse && p.CatchUp != BillEach {
		return fmt.Errorf("%w: catch-up %.32q", ErrPolicy, string(p.CatchUp))
	}
	if min(p.Poll, p.UsageRetry, p.FailureBackoff) < time.Microsecond {
		return fmt.Errorf("%w: poll %v, usage retry %v, failure backoff %v", ErrPolicy, p.Poll, p.UsageRetry, p.FailureBackoff)
	}
	for _, d := range p.TopUpDelays {
		if d < time.Microsecond || d > maxDelay {
			return fmt.Errorf("%w: delays of top-ups %v: want up to %v", ErrPolicy, p.TopUpDelays, maxDelay)
		}
	}
	return nil
}

// ascending reports whether offsets are strictly ascending, and none is further ahead than the longest lead time or later
// than last.
func ascending(offsets []time.Duration, last time.Duration) bool {
	for i, o := range offsets {
		if o < -maxLead || o > last || i > 0 && o <= offsets[i-1] {
			return false
		}
	}
	return true
}

// goesOn reports whether attempts can be made after an interruption: some are later than the grace time, and it isn't the
// default schedule.
func (p *Policy) goesOn(grace time.Duration) bool {
	n := len(p.Attempts)
	return n > 0 && p.Attempts[n-1] >= grace && !slices.Equal(p.Attempts, defaultAttempts())
}

func defaultAttempts() []time.Duration {
	const hour = time.Hour
	return []time.Duration{-24 * hour, -12 * hour, -3 * hour, 0, 6 * hour, 12 * hour, 18 * hour}
}

func defaultTopUpDelays() []time.Duration {
	return []time.Duration{6 * time.Hour, 12 * time.Hour, 24 * time.Hour}
}

// firstAfter returns the first of the instants end + offset that is later than t, or the zero time if there is none.
func firstAfter(end time.Time, offsets []time.Duration, t time.Time) time.Time {
	i := slices.IndexFunc(offsets, func(o time.Duration) bool { return end.Add(o).After(t) })
	if i < 0 {
		return time.Time{}
	}
	return end.Add(offsets[i])
}

// lastUpTo returns the last of the instants end + offset that is not later than t, or the zero time if there is none.
func lastUpTo(end time.Time, offsets []time.Duration, t time.Time) time.Time {
	var last time.Time
	for _, o := range offsets {
		if at := end.Add(o); !at.After(t) {
			last = at
		}
	}
	return last
}

// again returns when an unresolved order placed at the given instant is looked up again, rounded to the microsecond,
// which every store keeps.
func (p Policy) again(placed, now time.Time) time.Time {
	return now.Add(min(max(p.Poll, now.Sub(placed)/4), max(p.Poll, maxPoll))).Truncate(time.Microsecond)
}
