package audit

import (
	"slices"
	"time"

	"github.com/prepaidkit/prepaid/pricing"
	"github.com/prepaidkit/prepaid/subscription"
)

// checkStatus checks that a customer only loses something when the calendar or a declined charge for that very
// subscription says so: unpaid usage never affects a subscription.
func (b *book) checkStatus(h *history, e *subscription.Event) {
	if len(h.paid) == 0 {
		return
	}
	end := h.paid[len(h.paid)-1].period.End
	right := true
	switch e.Status {
	case subscription.PastDue:
		right = h.renews && (b.declined[h.id] == e.Revision || h.status == subscription.Ended || b.inTime(e, end))
	case subscription.Ended:
		right = !h.renews && !e.At.Before(end) && (h.off == e.Revision || b.inTime(e, end))
	case subscription.Interrupted:
		right = b.afterGrace(e, end) || b.reversed(e.Revision)
	case subscription.Active, subscription.Expired, subscription.Refunded:
	}
	if !right {
		b.audit.violatef("status", b.id, "%s becomes %s at %s, and ends at %s; the change before was at %s", h.id, e.Status,
			Stamp(e.At), Stamp(end), Stamp(b.changed(e.Revision-1)))
	}
}

// endService ends the service of a subscription whose customer chose not to renew, once its grace time has passed.
func (b *book) endService(h *history, e *subscription.Event) {
	if n := len(h.paid); h.status != subscription.Ended || h.out || n == 0 || !b.afterGrace(e, h.paid[n-1].period.End) {
		b.audit.violatef("status", b.id, "%s is %s, and leaves service at %s", h.id, h.status, Stamp(e.At))
	}
	h.out, h.stopped = true, true
}

// afterGrace reports whether an event is recorded as of when a grace time passed.
func (b *book) afterGrace(e *subscription.Event, end time.Time) bool {
	return slices.ContainsFunc(b.audit.terms(), func(terms pricing.ServiceTerms) bool { return b.inTime(e, end.Add(terms.Grace)) })
}

// inTime reports whether an event that was due at an instant is recorded as of that instant or, if the application
// was changed after it, as of that change. It is never recorded before the event that it follows.
func (b *book) inTime(e *subscription.Event, due time.Time) bool {
	if b.audit.Recorded[b.id] == nil {
		return !e.At.Before(due)
	}
	for _, earliest := range []time.Time{b.changed(e.Revision - 1), b.before} {
		if earliest.After(due) {
			due = earliest
		}
	}
	return e.At.Equal(due)
}

// changed returns when the change of a revision was made, or the zero time if it wasn't observed.
func (b *book) changed(revision int64) time.Time {
	if seen := b.audit.Recorded[b.id]; seen != nil {
		return seen.AsOf[revision]
	}
	return time.Time{}
}

// catalogs returns all catalogs that were ever in force.
func (a *auditor) catalogs() []*pricing.Catalog {
	if len(a.Catalogs) == 0 {
		return []*pricing.Catalog{a.Catalog}
	}
	return a.Catalogs
}

// catalogOf returns the catalog that an order was placed by, or nil if it was never in force.
func (a *auditor) catalogOf(o *subscription.Order) *pricing.Catalog {
	for _, c := range a.catalogs() {
		if c.Revision() == o.Catalog {
			return c
		}
	}
	return nil
}

// terms returns the catalogs' terms of service.
func (a *auditor) terms() []pricing.ServiceTerms {
	var all []pricing.ServiceTerms
	for _, c := range a.catalogs() {
		all = append(all, c.ServiceTerms())
	}
	return all
}

// Stamp formats an instant for people, to the nanosecond.
func Stamp(t time.Time) string { return t.UTC().Format(time.RFC3339Nano) }

// when formats an instant for people, with "no time" for the zero time.
func when(t time.Time) string {
	if t.IsZero() {
		return "no time"
	}
	return Stamp(t)
}
