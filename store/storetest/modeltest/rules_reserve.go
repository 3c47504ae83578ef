package modeltest

import (
	"slices"
	"time"

	"github.com/prepaidkit/prepaid/subscription"
)

func (m *model) holding(id string) int {
	return slices.IndexFunc(m.held, func(h holding) bool { return h.id == id })
}

// reserve reserves minutes, or extends an open reservation.
func (m *model) reserve(c subscription.Reserve) outcome {
	t, _ := tariffOf(c.Usage)
	i := m.holding(c.ID)
	switch {
	case !t.covered, c.Minutes < 0, i < 0 && c.Minutes == 0,
		!c.Until.After(m.now), c.Until.After(m.now.Add(7 * 24 * time.Hour)),
		i >= 0 && (m.held[i].product != c.Product || m.held[i].kind != c.Usage):
		return outcome{Refused: "invalid"}
	}
	shares, missing := m.plan(c.Product, m.now, c.Minutes, t.weight)
	if missing > 0 {
		return outcome{Refused: "exhausted", Short: missing}
	}
	if i < 0 {
		m.held = append(m.held, holding{id: c.ID, product: c.Product, kind: c.Usage, parts: map[int]int64{}})
		i = len(m.held) - 1
	}
	h := &m.held[i]
	h.minutes, h.until = h.minutes+c.Minutes, c.Until
	for _, s := range shares {
		m.lots[s.lot].left -= s.quantity
		m.lots[s.lot].held += s.quantity
		h.parts[s.lot] += s.quantity
	}
	return outcome{}
}

// release ends a reservation if it is open, and counts the usage if there is any. If the usage is refused, nothing
// changes.
func (m *model) release(c subscription.Release) outcome {
	if c.Used != nil && c.Used.Seconds < 0 {
		return outcome{Refused: "invalid"}
	}
	next, i := m.clone(), m.holding(c.ID)
	if i >= 0 {
		next.free(i)
	}
	done := i >= 0
	if c.Used != nil {
		out := next.count(*c.Used, true)
		if out.Refused != "" {
			return outcome{Refused: out.Refused, Short: out.Short}
		}
		done = done || out.Counted
	}
	if !done {
		return outcome{Refused: "not found"}
	}
	next.pass(m.now) // minutes released to an ended lot expire
	*m = *next
	return outcome{}
}
