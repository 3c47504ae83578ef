package scale

import (
	"cmp"
	"math"
	"sort"
	"time"
)

// state is that of an index entry.
type state uint8

const (
	free   state = iota // can be claimed once it is due
	leased              // or was, and nobody has looked since
	fresh               // dead, and not known to be: the next scan reads its row
	dead                // known to be dead until a vacuum
	gone
)

// place is a place in the order of the index. Entries that are due at one instant are in the order of their lanes and numbers,
// where the store has that of the applications' IDs.
type place struct {
	at

	due time.Duration
}

// start is before every entry.
func start() place { return place{due: math.MinInt64} }

// end is behind every entry that is due at an instant.
func end(due time.Duration) place { return place{at{math.MaxInt32, 0}, due} }

func (p place) compare(q place) int {
	return cmp.Or(cmp.Compare(p.due, q.due), cmp.Compare(p.lane, q.lane), cmp.Compare(p.number, q.number))
}

// part is how many entries of a lane are counted together.
const part = 1024

// count is what some entries are.
type count struct {
	states [gone + 1]int32
	last   time.Duration // when one of them died last
}

// settled reports whether nothing can change but by a vacuum.
func (c *count) settled() bool { return c.states[free]+c.states[leased]+c.states[fresh] == 0 }

// lane is a part of the index whose entries are in order, one byte for each. Entries are appended in order, and stay at
// their number.
type lane struct {
	lane   int32
	due    func(n int) time.Duration
	states []state
	counts []count // of each part
	low    int     // no part before it has an entry that is free
	past   int     // no part before it has an entry that is neither known to be dead nor gone
	buried int     // entries before past that are known to be dead
}

// grow appends n entries that are free.
func (l *lane) grow(n int) {
	l.low = min(l.low, len(l.states)/part)
	for range n {
		if len(l.states)%part == 0 {
			l.counts = append(l.counts, count{})
		}
		l.states = append(l.states, free)
		l.counts[len(l.counts)-1].states[free]++
	}
}

// set changes an entry.
func (l *lane) set(n int, s state, now time.Duration) {
	c := &l.counts[n/part]
	c.states[l.states[n]]--
	c.states[s]++
	l.states[n] = s
	switch s { //nolint:exhaustive // the others change nothing else
	case free:
		l.low = min(l.low, n/part)
	case gone:
		l.past, l.buried = 0, 0
	case fresh:
		c.last = now
	}
}

// after returns the number of the first entry behind a place.
func (l *lane) after(p place) int {
	return sort.Search(len(l.states), func(n int) bool { return place{at{l.lane, int32(n)}, l.due(n)}.compare(p) > 0 })
}

// find returns up to limit entries from one on that are free and due.
func (l *lane) find(from, limit int, asOf time.Duration) (found []int32) {
	for l.low < len(l.counts) && l.counts[l.low].states[free] == 0 {
		l.low++
	}
	due := l.after(end(asOf))
	for n := max(from, l.low*part); n < due && len(found) < limit; {
		if n%part == 0 && l.counts[n/part].states[free] == 0 {
			n += part
			continue
		}
		if l.states[n] == free {
			found = append(found, int32(n))
		}
		n++
	}
	return found
}

// pass counts the entries of a range whose rows a scan reads for nothing, those of them that it finds to be dead, and those
// that were known to be dead.
func (l *lane) pass(from, to int) (read, found, known int) {
	if from == 0 {
		for ; (l.past+1)*part <= to && l.counts[l.past].settled(); l.past++ {
			l.buried += int(l.counts[l.past].states[dead])
		}
		if l.past*part <= to {
			from, known = l.past*part, l.buried
		}
	}
	for n := from; n < to; {
		if c := &l.counts[n/part]; n%part == 0 && n+part <= to && c.states[fresh] == 0 {
			read += int(c.states[leased])
			known += int(c.states[dead])
			n += part
			continue
		}
		switch l.states[n] {
		case free, gone:
		case leased:
			read++
		case fresh:
			read++
			found++
			l.set(n, dead, 0)
		case dead:
			known++
		}
		n++
	}
	return read, found, known
}

// vacuum removes what was dead at an instant, part by part.
func (l *lane) vacuum(before time.Duration) (removed int) {
	for i := range l.counts {
		c := &l.counts[i]
		if c.last > before || c.states[fresh]+c.states[dead] == 0 {
			continue
		}
		for n := i * part; n < min((i+1)*part, len(l.states)); n++ {
			if s := l.states[n]; s == fresh || s == dead {
				l.set(n, gone, 0)
				removed++
			}
		}
	}
	return removed
}
