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
}

// share is the minutes that a lot contributes.
type share struct {
	lot      int
	quantity int64
}

// count counts one record.
func (m *model) count(u subscription.Usage) outcome {
	t, known := tariffOf(u.Kind)
	was, again := m.seen[u.ID]
	switch {
	case again && was != u:
		return outcome{Refused: "reused"}
	case again:
		return outcome{Known: true}
	case !known:
		return outcome{Refused: "unknown"}
	case u.Seconds < 1:
		return outcome{Refused: "invalid"}
	case u.At.After(m.now.Add(5 * time.Minute)), m.closing(u.At).After(m.closing(m.now)):
		return outcome{Refused: "early"}
	case !m.now.Before(m.closing(u.At)):
		return outcome{Refused: "late"}
	}
	c := m.counter(u)
	minutes := roundedUp(c.seconds+u.Seconds) - roundedUp(c.seconds)
	var shares []share
	excess := minutes * minute
	if t.covered {
		shares, excess = m.plan(u.Product, u.At, minutes, t.weight)
	}
	if excess > 0 && (m.paygo.IsZero() || u.At.Before(m.paygo)) {
		return outcome{Refused: "exhausted", Short: excess}
	}
	c.seconds += u.Seconds
	c.excess += excess
	if i := slices.IndexFunc(m.counters, c.same); i >= 0 {
		m.counters[i] = c
	} else {
		m.counters = append(m.counters, c)
	}
	m.seen[u.ID] = u
	out := outcome{Counted: true, Excess: excess}
	for _, s := range shares {
		m.spend(s, use{s.lot, u.Product, u.Kind, c.day})
		out.Deducted += s.quantity
	}
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
	return !l.closed && slices.Contains(l.products, product) && !at.Before(l.start) && at.Before(l.end)
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

// precedes reports whether l is spent before m, which has the lower ID.
func (l *lot) precedes(m *lot) bool {
	pack, other := l.source == subscription.FromTopUp, m.source == subscription.FromTopUp
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
