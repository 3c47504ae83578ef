package renewal

import (
	"fmt"
	"slices"
	"time"
)

// CatchUp says what becomes of periods that passed while no worker ran.
type CatchUp string

// The ways of catching up. The zero value means [Lapse].
const (
	// Lapse charges only the period that contains now, counted from the anchor. Those before it are
	// recorded as skipped.
	Lapse CatchUp = "lapse"
	// BillEach charges the missed periods too, one by one, the earliest first.
	BillEach CatchUp = "bill_each"
)

// Policy says when renewals are collected. How long the service goes on without payment, and how long it
// can be resumed, is promised by the catalog, see pricing.ServiceTerms.
//
// The zero value of each field means its default; so the zero Policy is the default one.
type Policy struct {
	// Attempts are the instants of the automatic attempts, relative to the end of what is paid for,
	// ascending. The first is the lead time; it is not before the last period that is paid for begins. After
	// a failed attempt the next instant that is still ahead is waited for; instants beyond the grace time
	// are not used. The default is 24, 12 and 3 hours before, at the end, and 6, 12 and 18 hours after it.
	Attempts []time.Duration
	// Reminders are the instants of reminders, relative to the end, ascending. Of several that have
	// passed only the latest is sent, and none from before the purchase. The default is 7, 3 and 1 days
	// before. An empty non-nil slice means none.
	Reminders []time.Duration
	// CatchUp says what becomes of missed periods.
	CatchUp CatchUp
	// Poll is how soon an order whose outcome is unknown is looked up again; the pause grows with its age,
	// up to 6 hours. The default is 1 minute.
	Poll time.Duration
	// UsageRetry is how long after a failed attempt to collect pay-as-you-go usage the next one follows. The
	// default is 6 hours.
	UsageRetry time.Duration
	// FailureBackoff is how long an application is left alone whose decision failed. The default is 1 hour.
	FailureBackoff time.Duration
}

// The longest lead time: the shortest month, less a day, so that an attempt lies within its period.
const maxLead = 27 * 24 * time.Hour

const maxPoll = 6 * time.Hour

// DefaultPolicy returns the policy that the zero value stands for.
func DefaultPolicy() Policy {
	const hour, day = time.Hour, 24 * time.Hour
	return Policy{
		Attempts:  []time.Duration{-24 * hour, -12 * hour, -3 * hour, 0, 6 * hour, 12 * hour, 18 * hour},
		Reminders: []time.Duration{-7 * day, -3 * day, -1 * day},
		CatchUp:   Lapse, Poll: time.Minute, UsageRetry: 6 * hour, FailureBackoff: time.Hour,
	}
}

// filled returns p with the defaults for what is zero.
func (p Policy) filled() Policy {
	if p.Attempts != nil && p.Reminders != nil && p.CatchUp != "" && p.Poll != 0 && p.UsageRetry != 0 && p.FailureBackoff != 0 {
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
	if p.FailureBackoff == 0 {
		p.FailureBackoff = d.FailureBackoff
	}
	return p
}

// Validate returns [ErrPolicy] for attempts or reminders that are not strictly ascending or not within 27
// days of the end, an empty list of attempts, an unknown way of catching up, or a pause of less
// than a microsecond.
func (p Policy) Validate() error {
	p = p.filled()
	if len(p.Attempts) == 0 {
		return fmt.Errorf("%w: no attempts", ErrPolicy)
	}
	for name, offsets := range map[string][]time.Duration{"attempts": p.Attempts, "reminders": p.Reminders} {
		for i, o := range offsets {
			if o < -maxLead || o > maxLead || i > 0 && o <= offsets[i-1] {
				return fmt.Errorf("%w: %s %v: want them ascending and within %v of the end", ErrPolicy, name, offsets, maxLead)
			}
		}
	}
	if p.CatchUp != Lapse && p.CatchUp != BillEach {
		return fmt.Errorf("%w: catch-up %.32q", ErrPolicy, string(p.CatchUp))
	}
	if min(p.Poll, p.UsageRetry, p.FailureBackoff) < time.Microsecond {
		return fmt.Errorf("%w: poll %v, usage retry %v, failure backoff %v", ErrPolicy, p.Poll, p.UsageRetry, p.FailureBackoff)
	}
	return nil
}

// firstAfter returns the first of the instants end + offset that is later than t; the zero time if there
// is none.
func firstAfter(end time.Time, offsets []time.Duration, t time.Time) time.Time {
	i := slices.IndexFunc(offsets, func(o time.Duration) bool { return end.Add(o).After(t) })
	if i < 0 {
		return time.Time{}
	}
	return end.Add(offsets[i])
}

// lastUpTo returns the last of the instants end + offset that is not later than t; the zero time if there
// is none.
func lastUpTo(end time.Time, offsets []time.Duration, t time.Time) time.Time {
	var last time.Time
	for _, o := range offsets {
		if at := end.Add(o); !at.After(t) {
			last = at
		}
	}
	return last
}

// again returns when an unresolved order that was placed at the given instant is looked at again, to the
// microsecond, which every store keeps.
func (p Policy) again(placed, now time.Time) time.Time {
	return now.Add(min(max(p.Poll, now.Sub(placed)/4), max(p.Poll, maxPoll))).Truncate(time.Microsecond)
}
