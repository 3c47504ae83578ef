package storetest

import (
	"github.com/prepaidkit/prepaid/internal/simulation"
	"github.com/prepaidkit/prepaid/store"
)

// simulationCases checks that years of virtual time break no guarantee about money and renewals, wherever processes
// crash. A case opens a store for each simulated world.
func simulationCases() []check {
	return []check{
		{"months of a few applications, with crashes and faults at random", func(e *env) {
			o := &simulation.Options{Worlds: 6, Applications: 6, Months: 5, Whole: true}
			if e.brief {
				o.Worlds, o.Months = 1, 4
			}
			e.simulates(o, simulation.Worlds)
		}},
		{"a crash before and after calls of a script", func(e *env) {
			if e.brief {
				e.Skipf("NOT TESTED with -short")
			}
			e.simulates(&simulation.Options{Points: 61, Whole: true}, simulation.CrashPoints) // of about 1,000 calls
		}},
	}
}

// simulates fails the case if the simulation reports a problem.
func (e *env) simulates(
	o *simulation.Options, run func(simulation.NewStore, *simulation.Options) (simulation.Figures, *simulation.Failure),
) {
	e.Helper()
	stores := 0
	figures, failure := run(func() store.Store {
		stores++
		if stores == 1 {
			return e.store
		}
		return e.another()
	}, o)
	if failure != nil {
		e.Fatalf("%v", failure)
	}
	if figures.Commits == 0 {
		e.Fatalf("storetest: the simulation committed nothing")
	}
}
