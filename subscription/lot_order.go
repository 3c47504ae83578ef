package subscription

import "cmp"

// Before reports whether l is spent before m. Free lots come first, then lots with a narrower scope, packages before
// top-ups, the earlier expiry, the earlier grant, and finally the lower ID; overdrafts come last. It is a total order.
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

// turn returns the rank of a lot's source in the spending order.
func (s Source) turn() int {
	switch s {
	case FromFree:
		return 0
	case FromPackage, FromUpgrade:
		return 1
	case FromTopUp, FromGift, FromReturned:
	case FromOverdraft:
		return 3
	}
	return 2
}
