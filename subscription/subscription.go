package subscription

import (
	"slices"
	"time"

	"github.com/prepaidkit/prepaid/payment"
	"github.com/prepaidkit/prepaid/pricing"
)

// Subscription is a version held for one or more consecutive periods.
type Subscription struct {
	ID        SubscriptionID    `json:"id"`
	Product   pricing.ProductID `json:"product"`
	Status    Status            `json:"status"`
	Currency  pricing.Currency  `json:"currency"` // fixed for the subscription's lifetime
	Trial     bool              `json:"trial,omitzero"`
	AutoRenew bool              `json:"auto_renew,omitzero"`
	// OutOfService reports whether the grace time of a subscription that is [Ended] has passed.
	OutOfService bool           `json:"out_of_service,omitzero"`
	Zone         string         `json:"zone"`   // the calendar used to count its days
	Anchor       pricing.Anchor `json:"anchor"` // anchor of the cycles since the last interruption
	Next         int            `json:"next"`   // periods of the anchor used so far; also the number of the next one
	OpenedAt     time.Time      `json:"opened_at"`
	Cycles       []Cycle        `json:"cycles"` // the last ended cycle, the current one and those paid ahead
	Renewal      Renewal        `json:"renewal,omitzero"`
	// Numbers counts the orders ever placed automatically, by the first day of their period. The count for a day never
	// restarts, whatever happens to the orders, so no order reuses the ID of an earlier one.
	Numbers []Number `json:"numbers,omitempty"`
	Planned *Planned `json:"planned,omitempty"` // change that takes effect with the first unpaid period; nil: none
	Deal    *Deal    `json:"deal,omitempty"`    // price agreed for the periods that follow; nil: none
	// Suspended holds the periods paid ahead whose payment was reversed. They return if it is reinstated before another
	// period is paid for; otherwise a person is told. Those that have passed are dropped with the next payment.
	Suspended []Cycle `json:"suspended,omitempty"`
}

// Number is the number of orders placed automatically for the period that begins on Day.
type Number struct {
	Day    pricing.Date `json:"day"`
	Orders int          `json:"orders"`
}

// Renewal is the state of the automatic renewal of the period that follows [Subscription.End]. It is cleared when
// that period is paid for. Package renewal maintains it.
type Renewal struct {
	Attempts       int           `json:"tries,omitzero"`       // automatic charge attempts so far
	LastAttemptAt  time.Time     `json:"tried_at,omitzero"`    // the last attempt, including one that announced another price instead
	RemindedAt     time.Time     `json:"reminded_at,omitzero"` // when the last reminder was sent
	BackoffUntil   time.Time     `json:"held_until,omitzero"`  // after a failed decision: no new one before this time
	AnnouncedPrice pricing.Money `json:"told,omitzero"`        // the announced total, taxes included, if it isn't the last one paid
	// Stopped is the reason for a decline that stopped automatic attempts until the customer acts.
	Stopped payment.Reason `json:"stopped,omitzero"`
}

// Owed reports whether an automatic renewal was promised but never attempted, which happens if no worker ran. Such a
// subscription doesn't expire.
func (s *Subscription) Owed() bool {
	return s.AutoRenew && !s.Trial && s.Status != Ended && s.Renewal.Attempts == 0 && s.Renewal.Stopped == ""
}

// Cycle is one period of a subscription, with the terms recorded when it was paid for. Later catalog changes don't
// affect it.
type Cycle struct {
	Number int            `json:"number"` // counted from 1 over the life of the subscription
	Period pricing.Period `json:"period"`
	// Days is the period's range of days as promised. It is zero for a period from before days were recorded.
	Days pricing.DayRange `json:"days,omitzero"`
	// Promised is the end that was paid for, if Period ends earlier because the payment was reversed.
	Promised time.Time         `json:"promised,omitzero"`
	Version  pricing.VersionID `json:"version"`
	Term     pricing.Term      `json:"term,omitzero"` // if it isn't that of the subscription's anchor
	// Price is the current price that an upgrade starts from: the amount paid for the period, after any discount, or,
	// after an upgrade, the list price of the version upgraded to.
	Price pricing.Money `json:"price"`
	// Total is the price with taxes; zero: the same as Price.
	Total   pricing.Money `json:"total,omitzero"`
	Minutes int64         `json:"minutes"` // for the whole period, at that version
	Order   OrderID       `json:"order"`   // the order that paid for it
	// Resumed marks the first cycle after an interruption, which need not follow the previous cycle directly.
	Resumed bool `json:"resumed,omitzero"`
	// Begun reports whether the period has begun and its minutes were granted.
	Begun   bool     `json:"begun,omitzero"`
	Granted Quantity `json:"granted,omitzero"` // so far for this period, including upgrades
}

// Current returns the cycle that contains t and reports whether there is one.
func (s Subscription) Current(t time.Time) (Cycle, bool) {
	if i := s.current(t); i >= 0 {
		return s.Cycles[i], true
	}
	return Cycle{}, false
}

func (s *Subscription) current(t time.Time) int {
	return slices.IndexFunc(s.Cycles, func(c Cycle) bool { return c.Period.Contains(t) })
}

// Version returns the version in force, which is the version of the latest cycle that has begun.
func (s Subscription) Version() pricing.VersionID {
	var v pricing.VersionID
	for _, c := range s.Cycles {
		if c.Begun {
			v = c.Version
		}
	}
	return v
}

// End returns the end of the time paid for, including cycles paid ahead.
func (s Subscription) End() time.Time {
	if len(s.Cycles) == 0 {
		return time.Time{}
	}
	return s.Cycles[len(s.Cycles)-1].Period.End
}

// PeriodAt returns period n of the subscription's anchor, and its days. A promised boundary never moves: the next
// period begins where the last recorded one ends, whatever the zone's rules are now.
func (s *Subscription) PeriodAt(n int, zone pricing.Zone) (pricing.Period, pricing.DayRange, error) {
	days, err := s.Anchor.Days(n)
	if err != nil {
		return pricing.Period{}, days, err
	}
	period, err := s.Anchor.Period(n, zone)
	if n == s.Next && len(s.Cycles) > 0 {
		period.Start = s.End()
	}
	return period, days, err
}

// recordDays fills in the days of periods from before days were recorded, based on the anchor. It covers only the
// periods since the last interruption, because only those are counted from the anchor.
func (s *Subscription) recordDays() {
	n := s.Next
	for i := len(s.Cycles) - 1; i >= 0; i-- {
		c := &s.Cycles[i]
		n--
		if !c.Days.IsZero() || n < 0 {
			return
		}
		if days, err := s.Anchor.Days(n); err == nil {
			c.Days = days
		}
		if c.Resumed {
			return
		}
	}
}

func (s *Subscription) cycle(number int) *Cycle {
	for i := range s.Cycles {
		if s.Cycles[i].Number == number {
			return &s.Cycles[i]
		}
	}
	return nil
}

// last returns the number of the last paid period.
func (s *Subscription) last() int {
	if n := len(s.Cycles); n > 0 {
		return s.Cycles[n-1].Number
	}
	return 0
}

// number returns how many orders were placed automatically for the period that begins on the given day.
func (s *Subscription) number(day pricing.Date) int {
	for _, n := range s.Numbers {
		if n.Day == day {
			return n.Orders
		}
	}
	return 0
}

// InService reports whether the subscription gives service, as of the instant that its application is accurate for: it
// is active, past due, or has ended and its grace time hasn't passed. Ask [Application.Entitlement] what the customer may
// use: that also depends on whether usage is paid.
func (s Subscription) InService() bool {
	return s.Status.Live() || s.Status == Ended && !s.OutOfService
}

// inGrace reports whether a renewal that is paid now continues from the end: the subscription is past due, or has ended
// and its grace time hasn't passed.
func (s *Subscription) inGrace() bool {
	return s.Status == PastDue || s.Status == Ended && !s.OutOfService
}

// promised returns the period as it was paid for.
func (c *Cycle) promised() pricing.Period {
	p := c.Period
	if !c.Promised.IsZero() {
		p.End = c.Promised
	}
	return p
}

// taken returns how many of the subscription's periods an order paid for.
func (s *Subscription) taken(order OrderID) int {
	n := 0
	for i := range s.Cycles {
		if s.Cycles[i].Order == order {
			n++
		}
	}
	return n
}

// after returns how many periods of the same order follow a cycle.
func (s *Subscription) after(cycle *Cycle) int {
	n := 0
	for i := range s.Cycles {
		if y := &s.Cycles[i]; y.Order == cycle.Order && y.Number > cycle.Number {
			n++
		}
	}
	return n
}
