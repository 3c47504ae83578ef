package scale

import (
	"math/rand/v2"
	"time"
)

// simulation is one run.
type simulation struct {
	*cluster
	Options

	scenario  Scenario
	index     *index
	revisions []uint8 // of the applications
	renewed   []uint8 // how often the applications were
	leases    []*batch
	result    Result
	late      late
	waits     int // how many are still to be renewed before the run ends
	dying     int // row versions that are dead and not vacuumed
	vacuuming bool
	random    *rand.Rand
}

func newSimulation(o Options, sc Scenario) *simulation {
	n := sc.Applications()
	s := &simulation{
		cluster: newCluster(&world{}, o.Nodes, o.Cores, o.Disk), Options: o, scenario: sc, index: newIndex(n, sc.Due),
		revisions: make([]uint8, n), renewed: make([]uint8, n), waits: sc.Overdue, random: rand.New(rand.NewPCG(o.Seed, 0)),
	}
	if s.waits == 0 {
		s.waits = n
	}
	if s.VacuumAt == 0 {
		s.VacuumAt = 1000 + s.Stored/20
	}
	s.result.Due = n
	return s
}

// Run simulates a scenario. The same options and scenario have the same result.
func Run(o Options, sc Scenario) Result {
	s := newSimulation(o, sc)
	for range s.Workers {
		p := &process{simulation: s, front: front{at: start()}}
		s.in(time.Duration(s.random.Int64N(int64(s.Interval))), p.alive(p.round))
	}
	s.run(func() bool { return s.waits == 0 || s.now > s.Horizon })
	r := &s.result
	r.Took, r.Busy, r.P50, r.P99 = s.now, s.busy, s.late.percentile(50), s.late.percentile(99)
	return *r
}
