package subscription

// counts reports whether the periods of a subscription go on being counted as they were: from the same anchor or, if their
// term changes, from the one that follows from it. Those that are taken back are counted back.
func (s *Subscription) counts(is *Subscription) bool {
	added := is.last() - s.last()
	if added < 0 {
		return s.countsBack(is, -added)
	}
	if s.Anchor == is.Anchor {
		return is.Next-s.Next == added
	}
	changed, err := s.Anchor.Changed(s.Next, is.Anchor.Term)
	return err == nil && added > 0 && is.Anchor == changed && is.Next == added
}

// countsBack reports whether the last n periods were taken back, and nothing else changed the count.
func (s *Subscription) countsBack(is *Subscription, n int) bool {
	if n >= len(s.Cycles) {
		return false
	}
	back := *s
	back.Suspended = nil // which belongs to s
	for range n {
		back.Cycles = back.Cycles[:len(back.Cycles)-1]
		back.uncount()
		back.retimeBack()
	}
	return back.Anchor == is.Anchor && back.Next == is.Next
}

// checkPlanned checks the part of invariant 4 about what was agreed for further periods: a change of version or term and a
// deal are possible ones, come and go with their events, and every period at the price of a deal is counted.
func checkPlanned(c *Change, was, s *Subscription) error {
	if p := s.Planned; p != nil && (p.Version == "" || p.Term.Validate() != nil || s.Trial) {
		return broken(4, "%s: a change to %q for %s is planned", s.ID, p.Version, p.Term)
	}
	if d := s.Deal; d != nil && (s.Trial || d.valid(s.Currency) != nil) {
		return broken(4, "%s: a deal of %d periods of %q for %s at %s", s.ID, d.Left, d.Version, d.Term, d.Price)
	}
	var before Subscription
	if was != nil {
		before = *was
	}
	if !alike(before.Planned, s.Planned) && !c.tellsOf(s.ID, EventChangePlanned, EventChanged, EventChangeDropped) {
		return broken(4, "%s: the change that is planned changes", s.ID)
	}
	return checkDeal(c, before.Deal, s)
}

// checkDeal checks what becomes of a deal.
func checkDeal(c *Change, was *Deal, s *Subscription) error {
	if c.tellsOf(s.ID, EventDeal) {
		return nil
	}
	n := 0
	for i := range c.Orders {
		if e := c.Orders[i].extend(s.ID); e != nil && c.settles(&c.Orders[i]) && was.names(e.Version, e.Term) {
			n += e.dealt()
		}
	}
	switch {
	case was == nil:
		if s.Deal != nil {
			return broken(4, "%s has a deal that nobody made", s.ID)
		}
	case s.Deal == nil:
		if !c.tellsOf(s.ID, EventDealEnded) {
			return broken(4, "%s: the deal vanishes", s.ID)
		}
	default:
		left := was.Left
		if left > 0 {
			left -= n
		}
		want := *was
		want.Left = left
		if c.Erases() {
			want.Reason = ""
		}
		if *s.Deal != want {
			return broken(4, "%s: the deal changes, or %d periods of it aren't counted", s.ID, n)
		}
	}
	return nil
}

// timed returns a cycle with its term, whatever the subscription's anchor.
func (s *Subscription) timed(c Cycle) Cycle {
	c.Term = s.termOf(&c)
	return c
}
