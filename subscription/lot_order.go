package subscription

import "cmp"

// Before reports whether lots are spent in the order l, m: free ones first, then those of a narrower scope,
// packages before top-ups, then the one that expires first, then the one granted first, then by ID. It is a
// total order.
func (l *Lot) Before(m *Lot) bool { return compareLots(l, m) < 0 }

func compareLots(l, m *Lot) int {
	if c := cmp.Or(cmp.Compare(l.Source.turn(), m.Source.turn()), cmp.Compare(len(l.Products), len(m.Products))); c != 0 {
		return c
	}
	if c := l.Period.End.Compare(m.Period.End); c != 0 {
		return c
	}
	return cmp.Or(l.GrantedAt.Compare(m.GrantedAt), cmp.Compare(l.ID, m.ID))
}

// turn is when a lot's source has its turn.
func (s Source) turn() int {
	switch s {
	case FromFree:
		return 0
	case FromPackage, FromUpgrade:
		return 1
	case FromTopUp:
	}
	return 2
}
