package renewal

import (
	"context"
	"time"

	"github.com/prepaidkit/prepaid/payment"
	"github.com/prepaidkit/prepaid/subscription"
)

// Stats counts what a [Worker] did.
type Stats struct {
	Claimed     int           `json:"claimed"`     // applications that were due
	Placed      int           `json:"placed"`      // orders: renewals, bills and automatic top-ups
	Paid        int           `json:"paid"`        // orders collected and delivered
	Declined    int           `json:"declined"`    // orders that the gateway refused
	Refunded    int           `json:"refunded"`    // refunds made
	Review      int           `json:"review"`      // orders and refunds that now need a person
	Unknown     int           `json:"unknown"`     // orders and refunds whose outcome isn't known yet
	Rescheduled int           `json:"rescheduled"` // applications that were only rescheduled
	Conflicts   int           `json:"conflicts"`   // changes that conflicted with another writer's change
	Failed      int           `json:"set_aside"`   // applications whose decision failed
	Unrecorded  int           `json:"unrecorded"`  // outcomes of orders that the store refused to record
	Skewed      int           `json:"skewed"`      // applications whose last change is far ahead of the clock
	Unreadable  int           `json:"unreadable"`  // applications that the store couldn't read
	Late        time.Duration `json:"late_ns"`     // how long the most overdue application had been due
}

// Add adds t to s. Late becomes the greater of the two.
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
	case subscription.OrderRefunded: // its refund is counted when it is made
	case subscription.OrderReview, subscription.OrderUnreconciled:
		s.Review++
	case subscription.OrderOpen, subscription.OrderRefundDue, subscription.OrderCanceling, subscription.OrderCanceled:
		s.Unknown++
	}
}

// asked counts the gateway's answer about a refund.
func (s *Stats) asked(answer payment.Status) {
	switch answer {
	case payment.Succeeded:
		s.Refunded++
	case payment.Declined, payment.NotFound:
		s.Review++
	case payment.Pending, "": // "": no answer
		s.Unknown++
	}
}

// count adds a claimed application to the statistics.
func (l *loop) count(ctx context.Context, c *Claimed, j *job, now time.Time) {
	if j.change.IsZero() {
		l.stuck[c.Application]++
	}
	if c.Err != nil {
		l.stats.Unreadable++
		l.failed(ctx, c.Application, "unreadable", c.Err)
		return
	}
	l.stats.Late = max(l.stats.Late, c.late(now))
	switch {
	case j.skewed:
		l.stats.Skewed++
		l.failed(ctx, c.Application, "clock", subscription.ErrClock)
	case j.change.IsZero():
		l.stats.Rescheduled++
	}
}

// countChange adds the first change of an application to the statistics, after it was committed.
func (l *loop) countChange(c *subscription.Change) {
	if len(c.Events) == 0 {
		l.stats.Rescheduled++
	}
	for i := range c.Events {
		switch c.Events[i].Type { //nolint:exhaustive // the others are not counted
		case subscription.EventDecisionFailed:
			l.stats.Failed++
		case subscription.EventOrderPlaced:
			l.stats.Placed++
		case subscription.EventOrderPaid: // an order that costs nothing
			l.stats.Paid++
		}
	}
}

// countOrders adds the outcomes of the batch's orders to the statistics.
func (l *loop) countOrders(jobs []job) {
	for i := range jobs {
		for k := range jobs[i].asked {
			q := &jobs[i].asked[k]
			if q.refund != nil {
				l.stats.asked(q.answer.Status)
				continue
			}
			status := q.order.Status
			for _, o := range jobs[i].change.Orders {
				if o.ID == q.id {
					status = o.Status
				}
			}
			l.stats.resolved(status)
		}
	}
}

// failed tells an observer of an application with which the worker can't go on.
func (l *loop) failed(ctx context.Context, app subscription.ApplicationID, how string, why error) {
	l.collector.Observe(ctx, time.Time{}, subscription.Observation{
		Op: subscription.OpSetAside, Outcome: how, Err: why, Application: app,
	})
}
