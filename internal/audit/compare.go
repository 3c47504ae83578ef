package audit

import (
	"github.com/prepaidkit/prepaid/subscription"
)

// compare checks that the replayed events agree with the document.
func (b *book) compare() {
	document := map[subscription.SubscriptionID]bool{}
	for i := range b.document.Subscriptions {
		s := &b.document.Subscriptions[i]
		document[s.ID] = true
		h := b.held[s.ID]
		if h == nil {
			b.violatef("%s has no events", s.ID)
			continue
		}
		if s.Status != h.status || s.Version() != h.version || s.AutoRenew != h.renews || s.Trial != h.trial || s.Product != h.product {
			b.violatef("%s is %s, %s, renews itself %t; by its events %s, %s, %t",
				s.ID, s.Status, s.Version(), s.AutoRenew, h.status, h.version, h.renews)
		}
		b.comparePeriods(s, h)
	}
	for _, id := range b.opened {
		if h := b.held[id]; !document[id] && h.status != subscription.Expired && h.status != subscription.Refunded {
			b.violatef("%s is %s and not in the document", id, h.status)
		}
		if h := b.held[id]; len(h.grants) > 0 {
			b.audit.violatef("minutes", b.id, "%s was never granted %v minutes", id, h.grants)
		}
	}
	b.compareLots()
	b.compareMinutes()
	for id, status := range b.status {
		if _, ok := b.document.OpenOrder(id); ok != status.Unresolved() {
			b.violatef("order %s is %s; in the document: %t", id, status, ok)
		}
		if _, ok := b.rows[id]; !ok {
			b.violatef("order %s has no row", id)
		}
	}
}

// comparePeriods compares the periods that the document keeps, which are the latest ones.
func (b *book) comparePeriods(s *subscription.Subscription, h *held) {
	first := len(h.paid) - len(s.Cycles)
	if first < 0 {
		b.violatef("%s has %d periods, by its events %d", s.ID, len(s.Cycles), len(h.paid))
		return
	}
	for i, c := range s.Cycles {
		p := h.paid[first+i]
		if !samePeriod(c.Period, p.period) || c.Version != p.version || c.Minutes != p.minutes && c.Begun == p.begun && !c.Begun ||
			c.Begun != p.begun || c.Number != first+i+1 {
			b.violatef("%s: period %d is %s of %s, begun %t; by its events %d: %s of %s, begun %t",
				s.ID, c.Number, c.Period, c.Version, c.Begun, first+i+1, p.period, p.version, p.begun)
		}
	}
	for _, p := range h.paid[:first] {
		if !p.begun {
			b.violatef("%s: %s was dropped before it began", s.ID, p.period)
		}
	}
}
