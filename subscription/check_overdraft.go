package subscription

import "slices"

// checkOverdrafts checks the part of invariant 1 about overdrafts. There is at most one a subscription, which isn't over.
// It lends only for usage that takes from it, and moves no minutes in any other way. Minutes that are granted repay it at
// once, as far as they go, and nothing else does. What isn't repaid lapses with its subscription, and with an event.
func checkOverdrafts(c *Change, base *Application) error {
	if !base.overdrawn() && !c.Next.overdrawn() {
		for i := range c.Entries {
			if k := c.Entries[i].Kind; k == EntryLent || k == EntryRepaid {
				return broken(1, "minutes of lot %d are %s, and there is no overdraft", c.Entries[i].Lot, k)
			}
		}
		return nil
	}
	for i := range c.Next.Lots {
		if err := c.checkOverdraft(&c.Next.Lots[i]); err != nil {
			return err
		}
	}
	w := overdrafts{change: c, base: base, owed: map[LotID]Quantity{}}
	for was, is := range lotPairs(base, &c.Next) {
		if lot := was; lot != nil && lot.Source == FromOverdraft {
			w.owed[lot.ID] = lot.Consumed
			w.lots = append(w.lots, lot)
		} else if is != nil && is.Source == FromOverdraft {
			w.lots = append(w.lots, is)
		}
	}
	for i := range c.Entries {
		if err := w.follow(i); err != nil {
			return err
		}
	}
	return w.lapsed()
}

// overdrawn reports whether there is an overdraft.
func (a *Application) overdrawn() bool {
	for i := range a.Lots {
		if a.Lots[i].Source == FromOverdraft {
			return true
		}
	}
	return false
}

// checkOverdraft checks a lot of the next document, if it is an overdraft.
func (c *Change) checkOverdraft(l *Lot) error {
	if l.Source != FromOverdraft {
		return nil
	}
	s := c.Next.subscription(l.Subscription)
	if s == nil || s.Status.Over() || len(l.Products) != 1 || l.Products[0] != s.Product || l.Order != "" || l.Free != "" ||
		l.Reserved != 0 || l.Refunded != 0 || l.TakenBack || c.Next.overdraft(l.Subscription).ID != l.ID {
		return broken(1, "lot %d isn't the overdraft of a subscription that goes on", l.ID)
	}
	return nil
}

// overdrafts follows what is owed through the entries of a change.
type overdrafts struct {
	change *Change
	base   *Application
	lots   []*Lot // of overdrafts, before or after the change
	owed   map[LotID]Quantity
}

// follow checks one entry, and what it does to what is owed.
func (w *overdrafts) follow(i int) error {
	e := &w.change.Entries[i]
	l := w.change.lot(e.Lot, w.base)
	if l == nil || l.Source != FromOverdraft {
		switch {
		case e.Kind == EntryLent || e.Kind == EntryRepaid:
			return broken(1, "%s of lot %d, which is no overdraft", e.Kind, e.Lot)
		case e.Kind == EntryConsumed && e.Usage == "" && (i+1 == len(w.change.Entries) || !w.change.Entries[i+1].repays(e)):
			return broken(1, "%s of lot %d are consumed by no usage, and repay nothing", e.Quantity, e.Lot)
		case e.Kind == EntryGranted && l != nil && l.Source.repays():
			return w.repaid(i, l)
		}
		return nil
	}
	switch e.Kind { //nolint:exhaustive // an overdraft has no others
	case EntryLent:
		taken := func(x Entry) bool { return x.Lot == e.Lot && x.Kind == EntryConsumed }
		if len(w.change.Records) == 0 || !slices.ContainsFunc(w.change.Entries, taken) {
			return broken(1, "overdraft %d lends %s for no usage", e.Lot, e.Quantity)
		}
	case EntryConsumed:
		w.owed[e.Lot] += e.Quantity
	case EntryRepaid:
		if i == 0 || !e.repays(&w.change.Entries[i-1]) || w.owed[e.Lot] < e.Quantity {
			return broken(1, "%s of overdraft %d are repaid by nothing", e.Quantity, e.Lot)
		}
		w.owed[e.Lot] -= e.Quantity
	case EntryExpired:
	default:
		return broken(1, "overdraft %d: %s of %s", e.Lot, e.Kind, e.Quantity)
	}
	return nil
}

// repays reports whether an entry repays what the one before it took from another lot.
func (e *Entry) repays(from *Entry) bool {
	return e.Kind == EntryRepaid && from.Kind == EntryConsumed && from.Usage == "" && from.Quantity == e.Quantity && from.At.Equal(e.At)
}

// repaid checks that minutes that an entry grants repay what is owed for their products then.
func (w *overdrafts) repaid(i int, granted *Lot) error {
	left, at := w.change.Entries[i].Quantity, i
	for _, o := range w.lots {
		quantity := min(left, w.owed[o.ID])
		if quantity == 0 || !granted.Covers(o.Products[0]) || w.over(o, granted) {
			continue
		}
		if at+2 >= len(w.change.Entries) {
			return broken(1, "lot %d doesn't repay overdraft %d", granted.ID, o.ID)
		}
		from, to := &w.change.Entries[at+1], &w.change.Entries[at+2]
		if from.Lot != granted.ID || to.Lot != o.ID || to.Quantity != quantity || !to.repays(from) {
			return broken(1, "lot %d doesn't repay %s of overdraft %d", granted.ID, quantity, o.ID)
		}
		left, at = left-quantity, at+2
	}
	return nil
}

// over reports whether an overdraft had lapsed when a lot was granted.
func (w *overdrafts) over(overdraft, granted *Lot) bool {
	for i := range w.change.Events {
		switch e := &w.change.Events[i]; {
		case e.Type == EventOverdraftLapsed && e.Lot == overdraft.ID:
			return true
		case e.Type == EventLotGranted && e.Lot == granted.ID:
			return false
		}
	}
	return false
}

// lapsed checks the overdrafts that the change closes.
func (w *overdrafts) lapsed() error {
	for _, l := range w.lots {
		if w.change.Next.lot(l.ID) != nil {
			continue
		}
		if s := w.change.Next.subscription(l.Subscription); s != nil && !s.Status.Over() {
			return broken(1, "overdraft %d is closed, and %s goes on", l.ID, s.ID)
		}
		tells := func(e Event) bool {
			return e.Type == EventOverdraftLapsed && e.Lot == l.ID && e.Quantity == w.owed[l.ID]
		}
		if w.owed[l.ID] > 0 && !slices.ContainsFunc(w.change.Events, tells) {
			return broken(1, "overdraft %d is closed, and nothing tells of the %s that are owed", l.ID, w.owed[l.ID])
		}
	}
	return nil
}
