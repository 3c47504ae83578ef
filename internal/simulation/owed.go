package simulation

import (
	"time"

	"github.com/prepaidkit/prepaid/subscription"
)

// owed is what is owed to a subscription since its last paid period: an automatic renewal that is tried to
// the end of the schedule, unless the customer turned it off.
type owed struct {
	interrupted time.Time
	tried       time.Time // the last automatic attempt
	excused     bool      // it was off at the interruption, or turned off since
}

// follow notes what an event says about what is owed, and checks it where it ends.
func (b *book) follow(h *held, e *subscription.Event) {
	switch e.Type {
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
		case subscription.Active, subscription.PastDue, subscription.Refunded:
		}
	case subscription.EventAutoRenewOff:
		h.excused = true
	case subscription.EventOrderPlaced:
		if extend := extension(b.rows[e.Order]); e.Kind == subscription.RenewalOrder && extend != nil && !extend.From.IsZero() {
			h.tried = e.At
		}
	case subscription.EventNotRenewable, subscription.EventPriceChange:
		h.tried = e.At
	case subscription.EventSkipped:
		h.skipped = append(h.skipped, e.Period)
	default:
	}
}

// replaced reports whether a new subscription takes the place of the one that expires.
func (b *book) replaced(h *held, expired *subscription.Event) bool {
	for i := range b.events {
		if e := &b.events[i]; e.Revision == expired.Revision && e.Type == subscription.EventOpened && e.Product == h.product {
			return true
		}
	}
	return false
}

// owes checks that a subscription that was interrupted, although it renews itself, was tried to the end of
// the schedule.
func (b *book) owes(h *held, when string) {
	if h.owed.interrupted.IsZero() || h.excused || h.status == subscription.Active || len(h.paid) == 0 {
		return
	}
	end := h.paid[len(h.paid)-1].period.End
	var last time.Time
	for _, offset := range b.world.attempts() {
		if offset < b.world.catalog().Service().Grace {
			last = end.Add(offset)
		}
	}
	if h.tried.Before(last) {
		b.world.violate("owed", b.id, "%s: interrupted at %s, and %s it was last tried at %s, not up to %s", h.id,
			h.owed.interrupted.Format(time.RFC3339), when, h.tried.Format(time.RFC3339), last.Format(time.RFC3339))
	}
}
