package scale

import "time"

// commit writes a change of each application of a batch that no other worker was faster to change. The others leave the batch.
func (p *process) commit(b *batch, write func(*batch) (each, together time.Duration), done func()) {
	k := &call{done: done}
	k.begin = func() (each, together time.Duration) {
		k.bytes = len(b.apps) * p.Costs.Log / 2
		return write(b)
	}
	p.call(k)
}

// place makes applications due again, since an order of theirs waits for the gateway.
func (s *simulation) place(b *batch) (each, together time.Duration) {
	together = time.Duration(len(b.apps)) * s.Costs.PlaceRow
	kept := make([]claimed, 0, len(b.apps))
	for _, c := range b.apps {
		app := s.index.app(c.entry)
		switch {
		case s.renewed[app] > 0 && !s.broken.blind: // an answer was applied by itself, see pay
			s.index.kill(c.entry, s.now)
		case !s.holds(c):
			s.result.Conflicts++
		default:
			s.index.kill(c.entry, s.now)
			s.revisions[app]++
			s.dead()
			kept = append(kept, claimed{s.index.again(app, s.now+s.Poll), s.revisions[app]})
		}
	}
	b.apps = kept
	return s.Costs.PlaceCall, together
}

// pay renews applications. The answer of one that another worker has changed is applied by itself, unless it was already.
func (s *simulation) pay(b *batch) (each, together time.Duration) {
	together = time.Duration(len(b.apps)) * s.Costs.PayRow
	for _, c := range b.apps {
		app := s.index.app(c.entry)
		if !s.holds(c) {
			s.result.Conflicts++
			together += s.Costs.PayCall + s.Costs.PayRow
		}
		s.index.kill(c.entry, s.now)
		if s.renewed[app] > 0 && !s.broken.blind {
			continue
		}
		s.revisions[app]++
		s.dead()
		s.renew(app)
	}
	return s.Costs.PayCall, together
}

// holds reports whether nobody has changed an application since it was claimed.
func (s *simulation) holds(c claimed) bool {
	return s.broken.blind || s.revisions[s.index.app(c.entry)] == c.revision
}

func (s *simulation) renew(app int32) {
	s.renewed[app]++
	if s.renewed[app] > 1 {
		s.result.Twice++
		return
	}
	s.result.Renewed++
	s.late.add(s.now - s.scenario.Due(int(app)))
	if s.scenario.Overdue == 0 || int(app) < s.scenario.Overdue {
		s.waits--
	}
}

// dead counts a dead row version, and begins a vacuum when there are as many as the store's settings say.
func (s *simulation) dead() {
	s.dying++
	s.result.Doomed = max(s.result.Doomed, s.index.doomed)
	if s.vacuuming || s.Vacuum == 0 || s.dying < s.VacuumAt {
		return
	}
	s.vacuuming = true
	began, removed := s.now, s.dying
	s.in(time.Duration(removed)*time.Second/time.Duration(s.Vacuum), func() {
		s.vacuuming = false
		s.dying -= removed
		s.index.vacuum(began)
	})
}
