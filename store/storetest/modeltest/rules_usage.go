package modeltest

import (
	"slices"
	"time"

	"github.com/prepaidkit/prepaid/pricing"
	"github.com/prepaidkit/prepaid/subscription"
)

// outcome is the outcome of a record or of a command.
type outcome struct {
	Refused  string // the reason: "late", "exhausted", "invalid", …; "" if not refused
	Short    int64  // the missing minutes, if exhausted
	Counted  bool
	Known    bool // already counted
	Deducted int64
	Excess   int64
	Forgiven int64

	Overdraft int64 // part of Deducted
}

// share is the minutes that a lot contributes.
type share struct {
	lot      int
	quantity int64
}

// count counts one record. What a reservation's release says was used is counted in any case.
func (m *model) count(u subscription.Usage, released bool) outcome {
	t, known := tariffOf(u.Kind)
	was, again := m.seen[u.ID]
	switch {
	case again && was != u:
		return outcome{Refused: "reused"}
	case again:
		return outcome{Known: true}
	case !known:
		return outcome{Refused: "unknown"}
	case u.Seconds == 0:
		return outcome{Refused: "invalid"}
	case u.At.After(m.now.Add(5 * time.Minute)), m.closing(u.At).After(m.closing(m.now)):
		return outcome{Refused: "early"}
	case !m.now.Before(m.closing(u.At)):
		return outcome{Refused: "late"}
	}
	if u.Seconds < 0 {
		return m.correct(u, t.weight)
	}
	c := m.counter(u)
	minutes := roundedUp(c.seconds+u.Seconds) - roundedUp(c.seconds)
	var shares []share
	excess := minutes * minute
	if t.covered {
		shares, excess = m.plan(u.Product, u.At, minutes, t.weight)
	}
	forgiven, lent := int64(0), int64(0)
	if m.paygo.IsZero() || u.At.Before(m.paygo) {
		if excess > 0 && t.covered {
			lent = m.overdraw(u.Product, u.At, excess)
		}
		excess, forgiven = 0, excess-lent
	}
	if forgiven > 0 && !m.takes && !released {
		return outcome{Refused: "exhausted", Short: forgiven}
	}
	if lent > 0 {
		shares = append(shares, m.lend(u.Product, u.At, lent))
	}
	c.seconds += u.Seconds
	c.excess += excess
	c.forgiven += forgiven
	out := outcome{Counted: true, Excess: excess, Forgiven: forgiven, Overdraft: lent}
	for _, s := range shares {
		m.spend(s, use{s.lot, u.Product, u.Kind, c.day})
		c.took(&m.lots[s.lot], s.quantity, m.until(&m.lots[s.lot], u.At))
		out.Deducted += s.quantity
	}
	m.set(c)
	m.seen[u.ID] = u
	return out
}

func (m *model) set(c counter) {
	if i := slices.IndexFunc(m.counters, c.same); i >= 0 {
		m.counters[i] = c
	} else {
		m.counters = append(m.counters, c)
	}
}

// until returns until when minutes that a lot gave for usage at an instant can come back: the end of the lot or, of an
// overdraft, that of the period or the grace time in which the usage was.
func (m *model) until(l *lot, at time.Time) time.Time {
	if l.source != subscription.FromOverdraft {
		return l.end
	}
	s := m.subs[l.products[0]]
	if at.Before(s.end) {
		return s.end
	}
	return s.end.Add(graceTime)
}

// took notes what a lot gave.
func (c *counter) took(l *lot, quantity int64, until time.Time) {
	if l.source == subscription.FromFree {
		c.free += quantity
	} else {
		c.paid += quantity
	}
	if until.After(c.until) {
		c.until = until
	}
}

// correct takes back seconds, minute by minute: of what was forgiven, of the excess, of what lots gave, and of what free lots
// gave. Part of a minute may be of one kind and the rest of the next.
func (m *model) correct(u subscription.Usage, weight int64) outcome {
	c := m.counter(u)
	if c.seconds+u.Seconds < 0 {
		return outcome{Refused: "invalid"}
	}
	before := c
	c.seconds += u.Seconds
	for range roundedUp(before.seconds) - roundedUp(c.seconds) {
		left := weight
		for _, part := range []*int64{&c.forgiven, &c.excess, &c.paid} {
			n := min(left, *part)
			*part, left = *part-n, left-n
		}
		if left > 0 {
			c.free -= minute * left / weight
		}
	}
	out := outcome{
		Counted: true, Forgiven: c.forgiven - before.forgiven, Excess: c.excess - before.excess,
		Deducted: c.paid - before.paid + c.free - before.free,
	}
	if out.Deducted < 0 {
		m.grant(lot{
			source: subscription.FromReturned, products: []pricing.ProductID{u.Product}, start: m.midnight(u.At), end: c.until,
			at: m.now, granted: -out.Deducted,
		})
	}
	if c.paid+c.free == 0 {
		c.until = time.Time{}
	}
	m.set(c)
	m.seen[u.ID] = u
	return out
}

// counter returns the counter of a record, or a new one if there is none.
func (m *model) counter(u subscription.Usage) counter {
	c := counter{product: u.Product, kind: u.Kind, day: m.dayOf(u.At), closes: m.closing(u.At)}
	if i := slices.IndexFunc(m.counters, c.same); i >= 0 {
		return m.counters[i]
	}
	return c
}

func (c counter) same(d counter) bool {
	return c.product == d.product && c.kind == d.kind && c.day == d.day
}

// spend takes minutes from a lot.
func (m *model) spend(s share, u use) {
	m.lots[s.lot].left -= s.quantity
	m.lots[s.lot].used += s.quantity
	m.taken[u] += s.quantity
}

// plan determines which lots cover the minutes of a kind used at an instant, and how many are missing. Free lots count
// minutes 1:1, all others by weight.
func (m *model) plan(product pricing.ProductID, at time.Time, minutes, weight int64) (shares []share, missing int64) {
	left := slices.Clone(m.lots)
	for minutes > 0 {
		i := best(left, func(l *lot) bool { return l.source == subscription.FromFree && l.covers(product, at) && l.left > 0 })
		if i < 0 {
			break
		}
		n := min(minutes, left[i].left/minute)
		minutes -= n
		left[i].left -= n * minute
		shares = append(shares, share{i, n * minute})
	}
	missing = minutes * weight
	for missing > 0 {
		i := best(left, func(l *lot) bool { return l.source != subscription.FromFree && l.covers(product, at) && l.left > 0 })
		if i < 0 {
			break
		}
		q := min(missing, left[i].left)
		missing -= q
		left[i].left -= q
		shares = append(shares, share{i, q})
	}
	return shares, missing
}

func (l *lot) covers(product pricing.ProductID, at time.Time) bool {
	return !l.closed && l.source != subscription.FromOverdraft && slices.Contains(l.products, product) &&
		!at.Before(l.start) && at.Before(l.end)
}

// best returns the next lot to spend among the eligible ones, or -1 if there is none: packages and upgrades before
// packs, then the narrower scope, then the earliest end, then the earliest grant, then the lowest ID.
func best(lots []lot, eligible func(*lot) bool) int {
	found := -1
	for i := range lots {
		if l := &lots[i]; eligible(l) && (found < 0 || l.precedes(&lots[found])) {
			found = i
		}
	}
	return found
}

// pack reports whether the lot is spent like a pack.
func (l *lot) pack() bool {
	return l.source == subscription.FromTopUp || l.source == subscription.FromReturned
}

// precedes reports whether l is spent before m, which has the lower ID.
func (l *lot) precedes(m *lot) bool {
	pack, other := l.pack(), m.pack()
	switch {
	case pack != other:
		return other
	case len(l.products) != len(m.products):
		return len(l.products) < len(m.products)
	case !l.end.Equal(m.end):
		return l.end.Before(m.end)
	}
	return l.at.Before(m.at)
}
