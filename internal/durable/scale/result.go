package scale

import (
	"math/bits"
	"time"
)

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

// late counts how late applications were renewed, in milliseconds.
type late struct {
	counts [64 * 16]int
	all    int
}

func (l *late) add(d time.Duration) {
	l.counts[slot(uint64(d/time.Millisecond))]++
	l.all++
}

// slot returns the number of the range in which v is: of its highest bit, and the four after it.
func slot(v uint64) int {
	if v < 16 {
		return int(v)
	}
	n := bits.Len64(v) - 5
	return 16*(n+1) + int(v>>n) - 16
}

// most returns the largest value of a range.
func most(slot int) uint64 {
	if slot < 16 {
		return uint64(slot)
	}
	n := slot/16 - 1
	return uint64(slot%16+17)<<n - 1
}

// percentile returns how late percent of all were at most.
func (l *late) percentile(percent int) time.Duration {
	sum := 0
	for i, n := range &l.counts {
		sum += n
		if n > 0 && 100*sum >= percent*l.all {
			return time.Duration(most(i)) * time.Millisecond
		}
	}
	return 0
}
