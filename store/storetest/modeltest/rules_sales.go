package modeltest

import (
	"fmt"
	"math/big"
	"slices"

	"github.com/prepaidkit/prepaid/pricing"
	"github.com/prepaidkit/prepaid/subscription"
)

// buy opens a subscription for a month from today. It returns the price and the reason for a refusal.
func (m *model) buy(c subscription.Purchase) (cents int64, refused string) {
	if s, ok := m.subs[c.Product]; ok && (m.status(s) == subscription.Active || m.status(s) == subscription.PastDue) {
		return 0, "subscribed"
	}
	o := offerOf(c.Product, c.Version)
	today := m.midnight(m.now)
	s := contract{
		id: fmt.Sprintf("bought with lot %d", len(m.lots)+1), bought: m.now, version: c.Version, renews: !c.NoAutoRenew,
		start: today, end: m.monthsOn(today, 1),
	}
	before := m.subs[c.Product]
	m.subs[c.Product] = s
	i := m.grant(lot{
		source: subscription.FromPackage, products: []pricing.ProductID{c.Product}, sub: s.id,
		start: s.start, end: s.end, at: m.now, granted: o.minutes * minute,
	})
	m.lapse(before.id) // what its minutes haven't repaid
	m.cover(i)
	return o.cents, ""
}

// upgrade upgrades a subscription to a higher version, for the prorated difference of price and minutes.
func (m *model) upgrade(c subscription.Upgrade) (cents int64, refused string) {
	s, ok := m.subs[c.Product]
	from, to := offerOf(c.Product, s.version), offerOf(c.Product, c.To)
	switch {
	case !ok || !slices.Contains([]subscription.Status{subscription.Active, subscription.PastDue, subscription.Ended}, m.status(s)):
		return 0, "not found"
	case to.rank <= from.rank:
		return 0, "not higher"
	case !m.now.Before(s.end):
		return 0, "ended"
	}
	today := m.midnight(m.now)
	remaining, total := m.days(today, s.end), m.days(s.start, s.end)
	s.version, s.upgraded = c.To, true
	m.subs[c.Product] = s
	if minutes := (to.minutes - from.minutes) * remaining / total; minutes > 0 {
		m.cover(m.grant(lot{
			source: subscription.FromUpgrade, products: []pricing.ProductID{c.Product}, sub: s.id,
			start: today, end: s.end, at: m.now, granted: minutes * minute,
		}))
	}
	return halfUp(big.NewRat((to.cents-from.cents)*remaining, total)), ""
}

// topUp grants the minutes of a pack as one lot, whatever the quantity.
func (m *model) topUp(pack pricing.PackID, times int64) {
	b := bundleOf(pack)
	today := m.midnight(m.now)
	end := m.monthsOn(today, b.months)
	if b.toMonthEnd {
		end = m.monthEnd(today, b.months)
	}
	m.cover(m.grant(lot{
		source: subscription.FromTopUp, products: b.products, start: today, end: end, at: m.now,
		granted: b.minutes * times * minute,
	}))
}

// claim claims free minutes, once.
func (m *model) claim(free pricing.FreeGrantID) (refused string) {
	if slices.ContainsFunc(m.claims, func(c claim) bool { return c.free == free }) {
		return "exists"
	}
	m.claims = append(m.claims, claim{free: free, day: m.midnight(m.now)})
	m.cycle(len(m.claims) - 1)
	return ""
}

// giveBack refunds an unused package within the refund period.
func (m *model) giveBack(product pricing.ProductID) (refused string) {
	s := m.subs[product]
	refundable := m.status(s) == subscription.Active && !s.upgraded && m.now.Before(s.bought.UTC().AddDate(0, 0, refundDays))
	for i := range m.lots {
		if l := &m.lots[i]; l.sub == s.id && l.left != l.granted {
			refundable = false
		}
	}
	if !refundable {
		return "not refundable"
	}
	for i := range m.lots {
		if l := &m.lots[i]; l.sub == s.id && l.source != subscription.FromOverdraft {
			l.refunded, l.left, l.closed = l.left, 0, true
		}
	}
	m.lapse(s.id)
	s.refunded = true
	m.subs[product] = s
	return ""
}

// cover applies a new lot to the excess usage from earlier on the day of its purchase.
func (m *model) cover(i int) {
	for k := range m.counters {
		c, l := &m.counters[k], &m.lots[i]
		t, _ := tariffOf(c.kind)
		if c.day != m.dayOf(m.now) || !t.covered || !slices.Contains(l.products, c.product) {
			continue
		}
		if q := min(c.excess, l.left); q > 0 {
			c.excess -= q
			c.took(l, q, l.end)
			m.spend(share{i, q}, use{i, c.product, c.kind, c.day})
		}
	}
}

// bill settles the excess of the earliest closed day, and returns its price.
func (m *model) bill() (cents int64, refused string) {
	day := ""
	for _, c := range m.counters {
		if c.excess > 0 && (day == "" || c.day < day) {
			day = c.day
		}
	}
	sum := new(big.Rat)
	for i := range m.counters {
		c := &m.counters[i]
		if c.day != day || c.excess == 0 {
			continue
		}
		if m.now.Before(c.closes) {
			return 0, "not found"
		}
		t, _ := tariffOf(c.kind)
		minutes := big.NewRat(c.excess, t.weight)
		sum.Add(sum, minutes.Mul(minutes, big.NewRat(t.cents, 1000)))
		c.excess = 0
	}
	if day == "" {
		return 0, "not found"
	}
	return halfUp(sum), ""
}
