package audit

import (
	"cmp"
	"slices"
	"time"

	"github.com/prepaidkit/prepaid/pricing"
	"github.com/prepaidkit/prepaid/subscription"
)

// owed is what is owed to a subscription since its last paid period: an automatic renewal. It must be attempted, and
// attempted again as long as workers run and nothing else is being collected, until the end of the schedule, unless
// the customer turned it off.
type owed struct {
	interrupted time.Time
	tried       time.Time // the last automatic attempt
	excused     bool      // it was off at the interruption, or has been turned off since
}

// span is a time during which an order for a subscription could have been collected.
type span struct {
	order    subscription.OrderID
	from, to time.Time
}

// follow records what an event says about the renewal owed, and checks it when it is no longer owed.
func (b *book) follow(h *history, e *subscription.Event) {
	switch e.Type { //nolint:exhaustive // the others don't affect it
	case subscription.EventStatus:
		switch e.Status {
		case subscription.Interrupted:
			h.stopped = true
			h.owed.interrupted, h.excused = e.At, !h.renews || h.trial
		case subscription.Expired:
			if !b.replaced(h, e) {
				b.owes(h, "when it expired")
			}
			h.excused = true
		case subscription.Active, subscription.PastDue, subscription.Ended, subscription.Refunded:
		}
	case subscription.EventAutoRenewOff:
		h.excused = true
	case subscription.EventOrderPlaced:
		if extend := Extension(b.rows[e.Order]); e.Kind == subscription.RenewalOrder && extend != nil && extend.Automatic {
			h.tried = e.At
		}
		h.open = append(h.open, span{order: e.Order, from: e.At})
	case subscription.EventOrderPaid, subscription.EventOrderDeclined, subscription.EventOrderCanceling,
		subscription.EventOrderCanceled, subscription.EventOrderRefundDue:
		for i := range h.open {
			if h.open[i].order == e.Order && h.open[i].to.IsZero() {
				h.open[i].to = e.At
			}
		}
	case subscription.EventNotRenewable, subscription.EventPriceChange:
		h.tried = e.At
	case subscription.EventSkipped:
		h.skipped = append(h.skipped, e.Period)
	default:
	}
}

// barEvent records since when a hard decline bars automatic renewals, and until when: the customer pays an order, or has
// another payment method. It checks that none is placed meanwhile.
func (b *book) barEvent(e *subscription.Event) {
	extend := Extension(b.rows[e.Order])
	automatic := extend != nil && extend.Automatic
	toppedUp := topsUp(b.rows[e.Order])
	h := b.subscriptions[e.Subscription]
	switch {
	case e.Type == subscription.EventOrderDeclined && automatic && h != nil && e.Reason.Hard():
		if !h.changed {
			h.barred = append(h.barred, span{order: e.Order, from: e.At})
		}
	case e.Type == subscription.EventOrderPlaced && automatic && h != nil:
		if isBarred(h) {
			b.violatef("%s: order %s is placed after a hard decline", h.id, e.Order)
		}
		h.changed = false
	case e.Type == subscription.EventPeriodPaid && h != nil:
		unbar(h, e.At)
	case e.Type == subscription.EventPaymentMethod, e.Type == subscription.EventClockReset, e.Type == subscription.EventAccountChanged,
		e.Type == subscription.EventOrderPaid && !automatic && !toppedUp && e.Amount.Sign() > 0:
		for _, h := range b.subscriptions {
			unbar(h, e.At)
			h.changed = h.changed || e.Type == subscription.EventPaymentMethod
		}
	}
}

func isBarred(h *history) bool { return len(h.barred) > 0 && h.barred[len(h.barred)-1].to.IsZero() }

func unbar(h *history, at time.Time) {
	for i := range h.barred {
		if h.barred[i].to.IsZero() {
			h.barred[i].to = at
		}
	}
}

// replaced reports whether a new subscription takes the place of the one that expires.
func (b *book) replaced(h *history, expired *subscription.Event) bool {
	for i := range b.events {
		if e := &b.events[i]; e.Revision == expired.Revision && e.Type == subscription.EventOpened && e.Product == h.product {
			return true
		}
	}
	return false
}

// owes checks that the renewal of an interrupted subscription with automatic renewal was attempted: at least once,
// and at each time in the schedule for which a worker was running.
func (b *book) owes(h *history, when string) {
	if h.owed.interrupted.IsZero() || h.excused || h.status == subscription.Active || len(h.paid) == 0 {
		return
	}
	end := h.paid[len(h.paid)-1].period.End
	until := end.Add(slices.MinFunc(b.audit.terms(), func(s, t pricing.ServiceTerms) int { return cmp.Compare(s.Grace, t.Grace) }).Grace)
	for _, offset := range b.audit.attempts() {
		due := end.Add(offset)
		if !due.Before(until) || !h.tried.Before(due) {
			continue
		}
		if t, ok := b.attended(h, due, until); ok {
			b.audit.violatef("owed", b.id, "%s: %s it was last tried at %s, although a worker ran at %s, after %s", h.id,
				when, h.tried.Format(time.RFC3339), t.Format(time.RFC3339), due.Format(time.RFC3339))
			return
		}
	}
	if h.tried.IsZero() {
		b.audit.violatef("owed", b.id, "%s: interrupted at %s, and %s it was never tried", h.id,
			h.owed.interrupted.Format(time.RFC3339), when)
	}
}

// attended returns a worker's round between two instants during which nothing else was being collected for the
// subscription, and automatic attempts had not stopped.
func (b *book) attended(h *history, from, to time.Time) (time.Time, bool) {
	from, to = from.Add(2*b.audit.Skew), to.Add(-2*b.audit.Skew)
	i, _ := slices.BinarySearchFunc(b.audit.Rounds, from, func(round, t time.Time) int {
		return round.Add(2 * b.audit.Skew).Compare(t) // the workers' clocks differ
	})
	for ; i < len(b.audit.Rounds) && b.audit.Rounds[i].Before(to.Add(2*b.audit.Skew)); i++ {
		t := b.audit.Rounds[i]
		within := func(s span) bool {
			return !t.Before(s.from.Add(-2*b.audit.Skew)) && (s.to.IsZero() || !t.After(s.to.Add(2*b.audit.Skew)))
		}
		if t.Before(from) || !t.Before(to) || slices.ContainsFunc(h.open, within) || slices.ContainsFunc(h.barred, within) {
			continue
		}
		return t, true
	}
	return time.Time{}, false
}
