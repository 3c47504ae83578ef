package scale

import (
	"math/bits"
	"time"
)

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
