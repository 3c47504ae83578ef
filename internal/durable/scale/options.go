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

// Costs are what the parts of a renewal take. Durations are of one core, unless the comment says otherwise.
type Costs struct {
	ClaimCall time.Duration // a claim, whatever it finds
	ClaimRow  time.Duration // each application that it claims
	Leased    time.Duration // each index entry that it passes over since its row is leased
	Fresh     time.Duration // each index entry that it finds to be dead
	Dead      time.Duration // each index entry that an earlier claim has found to be dead
	PlaceCall time.Duration // the first commit of a batch
	PlaceRow  time.Duration // each change of it
	PayCall   time.Duration // the second commit of a batch
	PayRow    time.Duration // each change of it
	Work      time.Duration // the worker, for each application: decisions, checks, documents
	Gateway   time.Duration // a gateway call: time, not of a core
	Log       int           // bytes of the write-ahead log for each renewal, half of them for each commit
}

// DefaultCosts returns what BenchmarkSteps and BenchmarkPassedOver of store/postgres measured, and a gateway call of 100 ms.
func DefaultCosts() Costs {
	const us = time.Microsecond
	return Costs{
		ClaimCall: 230 * us, ClaimRow: 7800 * time.Nanosecond, Leased: 150 * time.Nanosecond, Fresh: 600 * time.Nanosecond,
		Dead: 3 * time.Nanosecond, PlaceCall: 300 * us, PlaceRow: 36 * us, PayCall: 400 * us, PayRow: 48 * us, Work: 12 * us,
		Gateway: 100 * time.Millisecond, Log: 9000,
	}
}
