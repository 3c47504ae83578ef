package modeltest

import (
	"maps"
	"slices"
	"time"

	"github.com/prepaidkit/prepaid/subscription"
)

// pass advances time to now, in order of due time: reservations lapse, lots close when the late window after their end
// has passed and none of their minutes are reserved, and cycles of free minutes begin.
func (m *model) pass(now time.Time) {
	for {
		at, do := m.next()
		if do == nil || at.After(now) {
			m.now = now
			return
		}
		if at.After(m.now) {
			m.now = at // a lot that outlived its end in a reservation closes with it
		}
		do()
	}
}

// next returns the next event that falls due, or nil if there is none.
func (m *model) next() (at time.Time, do func()) {
	consider := func(t time.Time, what func()) {
		if do == nil || t.Before(at) {
			at, do = t, what
		}
	}
	for i := range m.held {
		consider(m.held[i].until, func() { m.free(i) })
	}
	for i := range m.claims {
		if c := &m.claims[i]; !c.nextAt.IsZero() {
			consider(c.nextAt, func() { m.cycle(i) })
		}
	}
	for i := range m.lots {
		if l := &m.lots[i]; !l.closed && l.held == 0 && l.source != subscription.FromOverdraft {
			consider(l.end.Add(lateWindow), func() { m.expire(i) })
		}
	}
	for product, s := range m.subs {
		if lapses := m.lapses(product); !lapses.IsZero() {
			consider(lapses, func() { m.lapse(s.id) })
		}
	}
	return at, do
}

// free ends a reservation and releases its minutes.
func (m *model) free(i int) {
	for _, n := range slices.Sorted(maps.Keys(m.held[i].parts)) {
		q := m.held[i].parts[n]
		m.lots[n].held -= q
		m.lots[n].left += q
	}
	m.held = slices.Delete(m.held, i, i+1)
}

// expire closes a lot.
func (m *model) expire(i int) {
	l := &m.lots[i]
	l.expired, l.left, l.closed = l.left, 0, true
}

// cycle begins the next cycle of free minutes.
func (m *model) cycle(i int) {
	c := &m.claims[i]
	g := giftOf(c.free)
	start, end := m.monthsOn(c.day, c.begun), m.monthsOn(c.day, c.begun+1)
	c.begun++
	c.nextAt = end
	if c.begun == g.cycles {
		c.nextAt = time.Time{}
	}
	m.grant(lot{source: subscription.FromFree, products: g.products, start: start, end: end, at: m.now, granted: g.minutes * minute})
}
