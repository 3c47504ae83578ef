package audit

import (
	"github.com/prepaidkit/prepaid/pricing"
	"github.com/prepaidkit/prepaid/subscription"
)

// compare checks that the replayed events agree with the document.
func (b *book) compare() {
	document := map[subscription.SubscriptionID]bool{}
	for i := range b.document.Subscriptions {
		s := &b.document.Subscriptions[i]
		document[s.ID] = true
		h := b.subscriptions[s.ID]
		if h == nil {
			b.violatef("%s has no events", s.ID)
			continue
		}
		if s.Status != h.status || s.Version() != h.version || s.AutoRenew != h.renews || s.Trial != h.trial || s.Product != h.product {
			b.violatef("%s is %s, %s, renews itself %t; by its events %s, %s, %t",
				s.ID, s.Status, s.Version(), s.AutoRenew, h.status, h.version, h.renews)
		}
		if s.OutOfService != h.out {
			b.violatef("%s is out of service: %t, by its events %t", s.ID, s.OutOfService, h.out)
		}
		b.compareAgreed(s, h)
		b.comparePeriods(s, h)
		b.compareSuspended(s, h)
	}
	for _, id := range b.opened {
		if h := b.subscriptions[id]; !document[id] && !h.status.Over() {
			b.violatef("%s is %s and not in the document", id, h.status)
		}
		if h := b.subscriptions[id]; len(h.grants) > 0 {
			b.audit.violatef("minutes", b.id, "%s was never granted %v minutes", id, h.grants)
		}
	}
	b.compareLots()
	b.compareOverdrafts()
	b.compareMinutes()
}

// comparePeriods compares the periods that the document keeps, which are the latest ones.
func (b *book) comparePeriods(s *subscription.Subscription, h *history) {
	first := len(h.paid) - len(s.Cycles)
	if first < 0 {
		b.violatef("%s has %d periods, by its events %d", s.ID, len(s.Cycles), len(h.paid))
		return
	}
	for i, c := range s.Cycles {
		p := h.paid[first+i]
		if !samePeriod(c.Period, p.period) || c.Version != p.version || c.Minutes != p.minutes && c.Begun == p.begun && !c.Begun ||
			c.Begun != p.begun || c.Term != (pricing.Term{}) && c.Term != p.term || c.Number != first+i+1 || c.Price != p.price ||
			!c.Promised.Equal(p.promised) || c.Order != p.order {
			b.violatef("%s: period %d is %s of %s for %s, begun %t; by its events %d: %s of %s for %s, begun %t",
				s.ID, c.Number, c.Period, c.Version, c.Price, c.Begun, first+i+1, p.period, p.version, p.price, p.begun)
		}
		if c.Begun && c.Period.Contains(b.document.AsOf) && !s.Status.Live() && s.Status != subscription.Refunded {
			b.audit.violatef("status", b.id, "%s is %s within %s, which is paid for", s.ID, s.Status, c.Period)
		}
	}
	for _, p := range h.paid[:first] {
		if !p.begun {
			b.violatef("%s: %s was dropped before it began", s.ID, p.period)
		}
	}
}

// compareSuspended compares the periods ahead whose payment was reversed.
func (b *book) compareSuspended(s *subscription.Subscription, h *history) {
	same := len(s.Suspended) == len(h.suspended)
	for i := range min(len(s.Suspended), len(h.suspended)) {
		same = same && samePeriod(s.Suspended[i].Period, h.suspended[i].period)
	}
	if !same && !s.Status.Over() {
		b.violatef("%s: %d periods are suspended, by its events %d", s.ID, len(s.Suspended), len(h.suspended))
	}
}
