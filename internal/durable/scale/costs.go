package scale

import "time"

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
