package subscription

// checkRecords checks the part of invariant 1 about usage: no record is counted twice.
func checkRecords(c *Change, _ *Application) error {
	if len(c.Records) < 2 {
		return nil
	}
	seen := make(map[string]struct{}, len(c.Records))
	for i := range c.Records {
		seen[c.Records[i].ID] = struct{}{}
	}
	if len(seen) < len(c.Records) {
		return broken(1, "only %d of %d records are distinct", len(seen), len(c.Records))
	}
	return nil
}

// checkReservations checks the part of invariant 1 about reservations: for every lot, the open reservations hold
// exactly what is reserved.
func checkReservations(c *Change, _ *Application) error {
	open := c.Next.Reservations
	if len(open) == 0 {
		for i := range c.Next.Lots {
			if l := &c.Next.Lots[i]; l.Reserved != 0 {
				return broken(1, "lot %d: %s are reserved without a reservation", l.ID, l.Reserved)
			}
		}
		return nil
	}
	held := make(map[LotID]Quantity, min(len(open), len(c.Next.Lots)))
	ids := make(map[string]bool, len(open))
	for i := range open {
		r := &open[i]
		if ids[r.ID] {
			return broken(1, "duplicate reservation %s", r.ID)
		}
		ids[r.ID] = true
		for _, p := range r.Parts {
			if p.Quantity <= 0 {
				return broken(1, "reservation %s holds %s of lot %d", r.ID, p.Quantity, p.Lot)
			}
			held[p.Lot] += p.Quantity
		}
	}
	for i := range c.Next.Lots {
		l := &c.Next.Lots[i]
		if l.Reserved != held[l.ID] {
			return broken(1, "lot %d: %s are reserved, but the reservations hold %s", l.ID, l.Reserved, held[l.ID])
		}
		delete(held, l.ID)
	}
	for id, quantity := range held {
		return broken(1, "the reservations hold %s of lot %d, which doesn't exist", quantity, id)
	}
	return nil
}
