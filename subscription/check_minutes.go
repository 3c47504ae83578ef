package subscription

import (
	"iter"
	"slices"
)

// checkLots checks invariant 1.
func checkLots(c *Change, base *Application) error {
	for i := 1; i < len(c.Next.Lots); i++ {
		if before, id := c.Next.Lots[i-1].ID, c.Next.Lots[i].ID; id <= before {
			return broken(1, "lot %d after lot %d", id, before)
		}
	}
	for was, is := range lotPairs(base, &c.Next) {
		var err error
		if is == nil {
			err = c.checkClosedLot(was.Balance())
		} else {
			err = c.checkLot(was, is, base)
		}
		if err != nil {
			return err
		}
	}
	return checkPassingLots(c, base)
}

// checkLot checks a lot of the next document; was is nil if it is new.
func (c *Change) checkLot(was, is *Lot, base *Application) error {
	before := Balance{Lot: is.ID}
	switch {
	case was != nil:
		before = was.Balance()
	case !slices.ContainsFunc(c.Entries, func(e Entry) bool { return e.Lot == is.ID }):
		return broken(1, "lot %d is new and has no entry; only orders grant minutes", is.ID)
	case is.ID <= base.LastLot || is.ID > c.Next.LastLot:
		return broken(1, "lot %d is new, the last one was %d", is.ID, base.LastLot)
	}
	after, err := c.replay(before)
	if err != nil {
		return err
	}
	if is.Balance() != after {
		return broken(1, "lot %d isn't what its entries make of it", is.ID)
	}
	return nil
}

// checkClosedLot checks that nothing is left of a lot that isn't in the next document: entries say what became of its
// minutes.
func (c *Change) checkClosedLot(was Balance) error {
	after, err := c.replay(was)
	if err != nil {
		return err
	}
	if after.Remaining != 0 || after.Reserved != 0 {
		return broken(1, "lot %d vanishes with %s minutes", was.Lot, after.Remaining+after.Reserved)
	}
	return nil
}

// checkPassingLots checks the lots that were granted and closed within the change, which happens after a long
// downtime.
func checkPassingLots(c *Change, base *Application) error {
	for i := range c.Entries {
		id := c.Entries[i].Lot
		if base.lot(id) != nil || c.Next.lot(id) != nil {
			continue
		}
		if id <= base.LastLot || id > c.Next.LastLot {
			return broken(1, "an entry of lot %d, which there isn't", id)
		}
		if err := c.checkClosedLot(Balance{Lot: id}); err != nil {
			return err
		}
	}
	return nil
}

// lotPairs yields the lots of two documents in the order of their IDs, in which documents have them: each as it was and
// as it is, nil where a document doesn't have it.
func lotPairs(before, after *Application) iter.Seq2[*Lot, *Lot] {
	return func(yield func(was, is *Lot) bool) {
		for i, j := 0, 0; i < len(before.Lots) || j < len(after.Lots); {
			var was, is *Lot
			if j == len(after.Lots) || i < len(before.Lots) && before.Lots[i].ID <= after.Lots[j].ID {
				was = &before.Lots[i]
				i++
			}
			if was == nil || j < len(after.Lots) && after.Lots[j].ID == was.ID {
				is = &after.Lots[j]
				j++
			}
			if !yield(was, is) {
				return
			}
		}
	}
}

// replay returns a lot's balance after the change's entries, and checks it after each one.
func (c *Change) replay(b Balance) (Balance, error) {
	for i := range c.Entries {
		e := &c.Entries[i]
		if e.Lot != b.Lot {
			continue
		}
		if err := b.move(e); err != nil {
			return b, err
		}
	}
	return b, nil
}
