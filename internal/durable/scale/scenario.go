package scale

import "time"

// Scenario is when applications are due. They are in the order of their numbers.
type Scenario struct {
	Name    string
	Overdue int           // were due before anybody claims,
	Since   time.Duration // evenly from so long ago on; 0: all at one instant
	Later   int           // will be due,
	Until   time.Duration // evenly until then
	Crash   int           // one batch in so many ends with a crash of its worker; 0: none
}

// Applications is how many there are.
func (s Scenario) Applications() int { return s.Overdue + s.Later }

// Due returns when an application is due.
func (s Scenario) Due(app int) time.Duration {
	switch {
	case app >= s.Overdue:
		return time.Duration(app-s.Overdue+1) * (s.Until / time.Duration(s.Later))
	case s.Since == 0:
		return 0
	}
	return time.Duration(app-s.Overdue) * (s.Since / time.Duration(s.Overdue))
}

// Scenarios returns the scenarios of a number of stored applications, which pay for months of 30 days.
func Scenarios(stored int) []Scenario {
	const day = 24 * time.Hour
	daily := stored / 30
	return []Scenario{
		{Name: "even", Later: daily, Until: day},
		{Name: "midnight", Overdue: daily},
		{Name: "instant", Overdue: stored},
		{Name: "outage", Overdue: daily, Since: day, Later: daily, Until: day},
		{Name: "crashes", Overdue: daily, Since: day, Later: daily, Until: day, Crash: 100},
	}
}

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

// Result is how a simulation went.
type Result struct {
	Due       int           // applications
	Renewed   int           // of them
	Twice     int           // of them, which must be none
	Took      time.Duration // until the last one that was overdue was renewed, or all if none was
	Busy      time.Duration // of the nodes' cores
	Claims    int           // calls
	Empty     int           // of them, that found nothing
	Short     int           // of them, that found fewer than they wanted
	Claimed   int           // applications
	Read      int           // entries that were passed over, with their rows
	Known     int           // entries that were passed over and known to be dead
	Doomed    int           // the largest number of dead entries
	Over      int           // claims that started over
	Conflicts int           // changes that weren't written, since another worker was first
	Crashes   int
	P50, P99  time.Duration // how late they were renewed, rounded up by less than a sixteenth
}

// Looked returns the entries that were looked at for each hundred applications that were claimed.
func (r Result) Looked() int { return 100 * (r.Claimed + r.Read + r.Known) / max(r.Claimed, 1) }

// Rate returns the renewals a second of a number of stores that all do the same.
func (r Result) Rate(stores int) int {
	return int(time.Duration(r.Renewed) * time.Duration(stores) * time.Second / max(r.Took, 1))
}
