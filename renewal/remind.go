package renewal

import (
	"time"

	"github.com/prepaidkit/prepaid/pricing"
	"github.com/prepaidkit/prepaid/subscription"
)

// isReminded reports whether reminders are sent: until the end of the paid time and, if a renewal is owed, until service is
// interrupted. A customer who chose not to renew, and whose time has ended, owes nothing.
func isReminded(s *subscription.Subscription) bool { return s.Status.Live() }

// reminder returns the instant of the reminder that is due, or the zero time if none is.
func (r *round) reminder(s *subscription.Subscription) time.Time {
	at := lastUpTo(s.End(), r.policy.Reminders, r.now)
	if !isReminded(s) || !at.After(reminded(s)) {
		return time.Time{}
	}
	return at
}

// reminded returns the instant up to which no reminders remain to be sent: the last reminder or the purchase.
func reminded(s *subscription.Subscription) time.Time {
	if s.OpenedAt.After(s.Renewal.RemindedAt) {
		return s.OpenedAt
	}
	return s.Renewal.RemindedAt
}

// remind records a reminder, once for each of its instants. The reminder includes the new price if it will change.
func (r *round) remind(s *subscription.Subscription, at time.Time) error {
	s.Renewal.RemindedAt = at
	e := subscription.Event{
		Type: subscription.EventReminder, Subscription: s.ID, Product: s.Product, Reason: s.Renewal.Stopped, Note: "ends",
	}
	if !nextAttempt(s, r.policy, r.catalog).Equal(never) {
		terms, total, err := r.terms(s)
		if err == nil {
			zone, err := r.catalog.ZoneOf(s.Zone)
			if err != nil {
				return err
			}
			if e.Period, _, err = counted(s, terms).PeriodAt(terms.Next, zone); err != nil {
				return err
			}
			e.Amount, e.Version, e.Note = total, terms.Version, "renews itself"
			if total != told(s) {
				r.announce(s, total)
			}
		}
	}
	r.draft.AddEvent(e)
	return nil
}

// told returns the total that the customer expects for the next period.
func told(s *subscription.Subscription) pricing.Money {
	if !s.Renewal.AnnouncedPrice.IsZero() {
		return s.Renewal.AnnouncedPrice
	}
	last := &s.Cycles[len(s.Cycles)-1]
	if !last.Total.IsZero() {
		return last.Total
	}
	return last.Price
}

// announce records that the next period will have a different total.
func (r *round) announce(s *subscription.Subscription, total pricing.Money) {
	s.Renewal.AnnouncedPrice = total
	r.draft.AddEvent(subscription.Event{Type: subscription.EventPriceChange, Subscription: s.ID, Product: s.Product, Amount: total})
}
