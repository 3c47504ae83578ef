package renewal

import (
	"time"

	"github.com/prepaidkit/prepaid/subscription"
)

// Stats says what a [Worker] did.
type Stats struct {
	Claimed     int           `json:"claimed"`     // applications that were due
	Placed      int           `json:"placed"`      // orders of renewals
	Paid        int           `json:"paid"`        // orders collected and delivered
	Declined    int           `json:"declined"`    // orders that the gateway refused
	Refunded    int           `json:"refunded"`    // orders whose money went back
	Review      int           `json:"review"`      // orders that now need a person
	Unknown     int           `json:"unknown"`     // orders whose outcome isn't known yet
	Rescheduled int           `json:"rescheduled"` // applications with nothing to do but to come back later
	Conflicts   int           `json:"conflicts"`   // changes that lost to somebody else's change
	Failed      int           `json:"set_aside"`   // applications whose decision failed
	Unrecorded  int           `json:"unrecorded"`  // outcomes of orders that the store refused to record
	Skewed      int           `json:"skewed"`      // applications whose last change is far ahead of the clock
	Unreadable  int           `json:"unreadable"`  // applications that the store couldn't read
	Late        time.Duration `json:"late_ns"`     // how long the longest waiting application had been due
}

// Add adds t to s; the lateness is that of the later one.
func (s *Stats) Add(t Stats) {
	s.Claimed += t.Claimed
	s.Placed += t.Placed
	s.Paid += t.Paid
	s.Declined += t.Declined
	s.Refunded += t.Refunded
	s.Review += t.Review
	s.Unknown += t.Unknown
	s.Rescheduled += t.Rescheduled
	s.Conflicts += t.Conflicts
	s.Failed += t.Failed
	s.Unrecorded += t.Unrecorded
	s.Skewed += t.Skewed
	s.Unreadable += t.Unreadable
	s.Late = max(s.Late, t.Late)
}

// resolved counts an order's new status.
func (s *Stats) resolved(status subscription.OrderStatus) {
	switch status {
	case subscription.OrderPaid:
		s.Paid++
	case subscription.OrderDeclined:
		s.Declined++
	case subscription.OrderRefunded:
		s.Refunded++
	case subscription.OrderReview, subscription.OrderUnreconciled:
		s.Review++
	case subscription.OrderOpen, subscription.OrderRefundDue, subscription.OrderCanceling, subscription.OrderCanceled:
		s.Unknown++
	}
}
