package scale

import "time"

// Options is a store, its workers and their settings.
type Options struct {
	Costs Costs

	Stored      int // applications
	Workers     int // processes
	Nodes       int // of one store; more than one is Options.Distributed
	Distributed bool
	Cores       int  // of each node
	Shared      bool // the workers are on the first node's cores
	Disk        int  // bytes of log a second, of each node
	Vacuum      int  // dead row versions that a vacuum removes a second; 0: there is no vacuum
	VacuumAt    int  // dead row versions at which one begins; 0: the store's setting, 1000 and a twentieth of the applications

	Batch, Parallel, Concurrency int // of each worker, as in renewal.Options
	Lease, Interval              time.Duration
	Poll                         time.Duration // as in renewal.Policy
	Restart                      time.Duration // of a worker that crashed
	Horizon                      time.Duration // when a run ends in any case
	Seed                         uint64

	broken broken
}

// broken is a defect that tests must find.
type broken struct {
	forgetful bool // every claim starts over
	leaseless bool // nothing is leased
	blind     bool // a commit doesn't compare revisions
	stuck     bool // a lease never ends
}

// DefaultOptions returns a server of 16 cores and the defaults of package renewal.
func DefaultOptions() Options {
	return Options{
		Costs: DefaultCosts(), Workers: 1, Nodes: 1, Cores: 16, Disk: 500_000_000, Vacuum: 15_000,
		Batch: 1000, Parallel: 2, Concurrency: 16, Lease: 5 * time.Minute, Interval: time.Minute, Poll: time.Minute,
		Restart: 30 * time.Second, Horizon: 400 * 24 * time.Hour, Seed: 1,
	}
}
