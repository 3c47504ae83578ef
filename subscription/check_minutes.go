package subscription

// checkLots checks invariant 1.
func checkLots(c *Change, base *Application) error {
	before := lotsOf(base)
	for i := range c.Next.Lots {
		l := &c.Next.Lots[i]
		if i > 0 && l.ID <= c.Next.Lots[i-1].ID {
			return broken(1, "lot %d after lot %d", l.ID, c.Next.Lots[i-1].ID)
		}
		was := before.lot(l.ID)
		if was == nil && (l.ID <= base.LastLot || l.ID > c.Next.LastLot) {
			return broken(1, "lot %d is new, the last one was %d", l.ID, base.LastLot)
		}
		if was == nil {
			was = &Lot{ID: l.ID}
		}
		after, err := c.replay(was)
		if err != nil {
			return err
		}
		if !l.sameMinutes(after) {
			return broken(1, "lot %d isn't what its entries make of it", l.ID)
		}
	}
	left := lotsOf(&c.Next)
	for i := range base.Lots {
		was := &base.Lots[i]
		if left.lot(was.ID) != nil {
			continue
		}
		after, err := c.replay(was)
		if err != nil {
			return err
		}
		if after.Remaining != 0 || after.Reserved != 0 {
			return broken(1, "lot %d vanishes with %s minutes", was.ID, after.Remaining+after.Reserved)
		}
	}
	return checkPassingLots(c, base)
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
		after, err := c.replay(&Lot{ID: id})
		if err != nil {
			return err
		}
		if after.Remaining != 0 || after.Reserved != 0 {
			return broken(1, "lot %d vanishes with %s minutes", id, after.Remaining+after.Reserved)
		}
	}
	return nil
}

// replay returns the lot after the change's entries, and checks it after each one. It returns was itself if there are
// no entries for it.
func (c *Change) replay(was *Lot) (*Lot, error) {
	l := was
	for i := range c.Entries {
		e := &c.Entries[i]
		if e.Lot != was.ID {
			continue
		}
		if l == was {
			l = new(Lot)
			*l = *was
		}
		if e.Quantity <= 0 || !e.apply(l) {
			return l, broken(1, "lot %d: %s of %s", l.ID, e.Kind, e.Quantity)
		}
		if min(l.Granted, l.Remaining, l.Reserved, l.Consumed, l.Expired, l.Refunded) < 0 ||
			l.Granted != l.Remaining+l.Reserved+l.Consumed+l.Expired+l.Refunded {
			return l, broken(1, "lot %d: granted %s, remaining %s, reserved %s, consumed %s, expired %s, refunded %s",
				l.ID, l.Granted, l.Remaining, l.Reserved, l.Consumed, l.Expired, l.Refunded)
		}
	}
	return l, nil
}

func (l *Lot) sameMinutes(m *Lot) bool {
	return l.Granted == m.Granted && l.Remaining == m.Remaining && l.Reserved == m.Reserved &&
		l.Consumed == m.Consumed && l.Expired == m.Expired && l.Refunded == m.Refunded
}

func (a *Application) lot(id LotID) *Lot {
	for i := range a.Lots {
		if a.Lots[i].ID == id {
			return &a.Lots[i]
		}
	}
	return nil
}

// lotFinder finds lots of an application in sequence. Lots requested in the order in which they are stored, as is
// usual from one change to the next, are found without a search.
type lotFinder struct {
	app  *Application
	next int // expected position of the next one
}

func lotsOf(app *Application) *lotFinder { return &lotFinder{app: app} }

// lot returns the lot with the given ID, or nil if there is none.
func (f *lotFinder) lot(id LotID) *Lot {
	lots := f.app.Lots
	if f.next < len(lots) && lots[f.next].ID == id {
		f.next++
		return &lots[f.next-1]
	}
	for i := range lots {
		if lots[i].ID == id {
			f.next = i + 1
			return &lots[i]
		}
	}
	return nil
}
