package modeltest

import (
	"slices"
	"time"

	"github.com/prepaidkit/prepaid/pricing"
	"github.com/prepaidkit/prepaid/subscription"
)

// lends returns how many minutes of a version can be used beyond what is there, while it is paid for and in the grace time.
func lends(version pricing.VersionID) (paid, grace int64) {
	switch version {
	case "medium":
		return 40, 0
	case "large":
		return 25, 60
	case "lite":
		return 30, 20
	}
	return 0, 0
}

// forever is when the lot of an overdraft ends.
func forever() time.Time { return time.Date(9999, 12, 31, 0, 0, 0, 0, time.UTC) }

// overdraw returns how much of what no lot covers can be taken from the product's overdraft: at the time of the usage, its
// subscription lends so much, less what is owed.
func (m *model) overdraw(product pricing.ProductID, at time.Time, missing int64) int64 {
	s, ok := m.subs[product]
	if !ok || m.status(s) == subscription.Refunded || m.status(s) == subscription.Expired || at.Before(s.start) {
		return 0
	}
	paid, grace := lends(s.version)
	limit := paid * minute
	if !at.Before(s.end) {
		limit = grace * minute
	}
	if !at.Before(s.end.Add(graceTime)) {
		limit = 0
	}
	if i := m.overdraft(s.id); i >= 0 {
		limit -= m.lots[i].used
	}
	return min(missing, max(0, limit))
}

// lend returns the share that is taken from a product's overdraft. It opens the overdraft, or raises it to what is lent at
// the time of the usage, if that is needed.
func (m *model) lend(product pricing.ProductID, at time.Time, quantity int64) share {
	s := m.subs[product]
	limit, grace := lends(s.version)
	if !at.Before(s.end) {
		limit = grace
	}
	i := m.overdraft(s.id)
	if i < 0 {
		i = m.grant(lot{
			source: subscription.FromOverdraft, products: []pricing.ProductID{product}, sub: s.id,
			start: s.start, end: forever(), at: m.now,
		})
	}
	if l := &m.lots[i]; l.left < quantity {
		more := limit*minute - l.granted
		l.granted, l.left = l.granted+more, l.left+more
	}
	return share{i, quantity}
}

// overdraft returns the index of a subscription's overdraft, or -1 if there is none.
func (m *model) overdraft(sub string) int {
	return slices.IndexFunc(m.lots, func(l lot) bool { return l.source == subscription.FromOverdraft && l.sub == sub && !l.closed })
}

// repay has a lot that was bought repay what is owed for its products.
func (m *model) repay(i int) {
	l := &m.lots[i]
	switch l.source {
	case subscription.FromFree, subscription.FromReturned, subscription.FromOverdraft:
		return // they were given
	default:
	}
	for k := range m.lots {
		o := &m.lots[k]
		if o.source != subscription.FromOverdraft || o.closed || !slices.Contains(l.products, o.products[0]) {
			continue
		}
		q := min(o.used, l.left)
		o.used, o.left = o.used-q, o.left+q
		l.used, l.left = l.used+q, l.left-q
	}
}

// lapse closes the overdraft of a subscription, if it has one.
func (m *model) lapse(sub string) {
	if i := m.overdraft(sub); i >= 0 {
		m.expire(i)
	}
}

// lapses returns when the overdraft of a product's subscription lapses by itself, the zero time if it doesn't.
func (m *model) lapses(product pricing.ProductID) time.Time {
	s := m.subs[product]
	if s.refunded || s.renews || m.overdraft(s.id) < 0 {
		return time.Time{}
	}
	return s.end.Add(graceTime + retention)
}
