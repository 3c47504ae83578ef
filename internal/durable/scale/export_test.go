package scale

import "time"

// Broken variants that tests must find.
const (
	Forgetful = "forgetful"
	Leaseless = "leaseless"
	Blind     = "blind"
	Stuck     = "stuck"
)

// Break returns options with defects.
func Break(o Options, defects ...string) Options {
	for _, d := range defects {
		switch d {
		case Forgetful:
			o.broken.forgetful = true
		case Leaseless:
			o.broken.leaseless = true
		case Blind:
			o.broken.blind = true
		case Stuck:
			o.broken.stuck = true
		}
	}
	return o
}

// Percentile returns a percentile of durations.
func Percentile(percent int, all ...time.Duration) time.Duration {
	var l late
	for _, d := range all {
		l.add(d)
	}
	return l.percentile(percent)
}

// Steps is a simulation in which one thing happens after the other.
type Steps struct {
	s    *simulation
	held map[int]claimed
}

// NewSteps returns one.
func NewSteps(o Options, sc Scenario) *Steps { return &Steps{newSimulation(o, sc), map[int]claimed{}} }

// At sets the clock.
func (s *Steps) At(now time.Duration) { s.s.now = now }

// Process returns a process that claims.
func (s *Steps) Process() func(limit int) []int {
	p := &process{simulation: s.s, front: front{at: start()}}
	return func(limit int) (apps []int) {
		p.Batch = limit
		p.claim(func(b *batch) {
			for _, c := range b.apps {
				app := int(p.index.app(c.entry))
				apps, s.held[app] = append(apps, app), c
			}
		})
		p.run(func() bool { return false })
		return apps
	}
}

// Commit commits the first or the second change of an application as it was when it was claimed last.
func (s *Steps) Commit(app int, again bool) (written bool) {
	b, before := &batch{apps: []claimed{s.held[app]}}, s.s.result.Conflicts
	if !again {
		s.s.pay(b)
		return s.s.result.Conflicts == before
	}
	s.s.place(b)
	if len(b.apps) == 1 {
		s.held[app] = b.apps[0]
	}
	return len(b.apps) == 1
}
