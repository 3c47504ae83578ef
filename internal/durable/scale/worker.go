package scale

import "time"

// claimed is an application that a batch has: its entry, and its revision when it was claimed.
type claimed struct {
	entry    at
	revision uint8
}

// batch is what a claim found.
type batch struct {
	apps []claimed
	ends time.Duration // of its leases
}

// process is a worker's process. One that crashes is replaced by one that knows nothing.
type process struct {
	*simulation

	front front
	open  int // loops
	life  int // a crash begins another one
}

// alive returns a function that does something unless the process has crashed by then.
func (p *process) alive(do func()) func() {
	life := p.life
	return func() {
		if p.life == life {
			do()
		}
	}
}

// round is a worker's round, which is followed by the next one.
func (p *process) round() {
	p.open = 1
	p.loop()
}

// loop handles one batch after the other until a claim finds nothing.
func (p *process) loop() {
	p.claim(func(b *batch) {
		if len(b.apps) == 0 {
			p.open--
			if p.open == 0 {
				p.in(p.Interval, p.alive(p.round))
			}
			return
		}
		if len(b.apps) == p.Batch && p.open < p.Parallel {
			p.open++
			p.loop()
		}
		p.handle(b)
	})
}

// handle is what follows a claim: decide, commit, ask, settle, commit. A crash is before or after one of the two commits.
func (p *process) handle(b *batch) {
	crash := -1
	if p.scenario.Crash > 0 && p.random.IntN(p.scenario.Crash) == 0 {
		crash = p.random.IntN(4)
	}
	steps := []func(next func()){
		func(next func()) { p.work(b, next) },
		func(next func()) { p.commit(b, p.place, next) },
		func(next func()) {
			lane := max(p.Concurrency/p.Parallel, 1)
			p.in(time.Duration((len(b.apps)+lane-1)/lane)*p.Costs.Gateway, func() { p.work(b, next) })
		},
		func(next func()) { p.commit(b, p.pay, next) },
	}
	var step func(i int)
	step = func(i int) {
		switch {
		case i == crash:
			p.crash()
		case i == len(steps):
			p.loop()
		default:
			steps[i](p.alive(func() { step(i + 1) }))
		}
	}
	step(0)
}

func (p *process) crash() {
	p.result.Crashes++
	p.life++
	p.front = front{at: start()}
	p.in(p.Restart, p.alive(p.round))
}

// work is half of the worker's own work on a batch.
func (p *process) work(b *batch, done func()) {
	took := time.Duration(len(b.apps)) * p.Costs.Work / 2
	if !p.Shared {
		p.in(took, done)
		return
	}
	p.submit(&p.nodes[0], &call{begin: func() (each, together time.Duration) { return took, 0 }, done: done, left: 1})
}

// claim claims a batch, as the store's Claim does.
func (p *process) claim(done func(*batch)) {
	asOf := p.now
	b := &batch{ends: asOf + p.Lease}
	from := p.front.begin(asOf)
	if p.broken.forgetful {
		from = start()
	}
	if from == start() {
		p.result.Over++
	}
	p.result.Claims++
	p.statement(b, from, asOf, func() {
		ended := func() {
			p.result.Claimed += len(b.apps)
			if len(b.apps) == 0 {
				p.result.Empty++
			}
			if len(b.apps) == p.Batch {
				p.front.advance(p.last(b), b.ends)
			}
			done(b)
		}
		if len(b.apps) == p.Batch {
			ended()
			return
		}
		p.result.Short++
		p.front.forget()
		if from == start() {
			ended()
			return
		}
		p.statement(b, start(), asOf, p.alive(ended))
	})
}

// last returns the place of the last application of a batch.
func (s *simulation) last(b *batch) place {
	last := start()
	for _, c := range b.apps {
		if q := s.index.place(c.entry); q.compare(last) > 0 {
			last = q
		}
	}
	return last
}

// statement is the statement of a claim, which adds to a batch. A claim that locks what it finds has it from the beginning;
// one that doesn't has what nobody else has claimed by its end.
func (p *process) statement(b *batch, from place, asOf time.Duration, done func()) {
	var found []at
	p.call(&call{
		begin: func() (each, together time.Duration) {
			p.endLeases(asOf)
			s := p.index.scan(from, p.Batch-len(b.apps), asOf)
			p.result.Read, p.result.Known = p.result.Read+s.read, p.result.Known+s.known
			found = s.found
			if !p.Distributed {
				p.take(b, found)
			}
			c := p.Costs
			return c.ClaimCall, time.Duration(len(found))*c.ClaimRow + time.Duration(s.read-s.fresh)*c.Leased +
				time.Duration(s.fresh)*c.Fresh + time.Duration(s.known)*c.Dead
		},
		done: func() {
			if p.Distributed {
				p.take(b, found)
			}
			done()
		},
	})
}

// take leases what is free, even for a process that has crashed by then.
func (s *simulation) take(b *batch, found []at) {
	if len(b.apps) == 0 {
		s.leases = append(s.leases, b)
	}
	for _, e := range found {
		if s.index.is(e) != free {
			continue
		}
		b.apps = append(b.apps, claimed{e, s.revisions[s.index.app(e)]})
		if !s.broken.leaseless {
			s.index.set(e, leased)
		}
	}
}

// endLeases frees what is still leased when its lease has ended.
func (s *simulation) endLeases(asOf time.Duration) {
	for len(s.leases) > 0 && s.leases[0].ends <= asOf && !s.broken.stuck {
		for _, c := range s.leases[0].apps {
			if s.index.is(c.entry) == leased {
				s.index.set(c.entry, free)
			}
		}
		s.leases[0] = nil
		s.leases = s.leases[1:]
	}
}
