package scale

import "time"

// index is the index on (due, id), in two lanes: the entries that the applications have at first, and those that they get
// when an order is placed. What they get when they are renewed is due in another period.
type index struct {
	lanes [2]lane

	apps   []int32 // of the second lane
	dues   []int32 // of the second lane, in ticks
	doomed int     // entries that are dead and not vacuumed
}

// tick is the unit of the second lane's times, which are rounded down.
const tick = 10 * time.Millisecond

// at is an entry: its lane and its number there.
type at struct {
	lane, number int32
}

// newIndex returns the index of a number of applications that are due in the order of their numbers.
func newIndex(applications int, due func(app int) time.Duration) *index {
	x := &index{apps: make([]int32, 0, applications), dues: make([]int32, 0, applications)}
	x.lanes[0] = lane{due: due, states: make([]state, 0, applications)}
	x.lanes[0].grow(applications)
	x.lanes[1] = lane{
		lane: 1, due: func(n int) time.Duration { return time.Duration(x.dues[n]) * tick },
		states: make([]state, 0, applications),
	}
	return x
}

func (x *index) is(e at) state     { return x.lanes[e.lane].states[e.number] }
func (x *index) set(e at, s state) { x.lanes[e.lane].set(int(e.number), s, 0) }

// app returns the application of an entry.
func (x *index) app(e at) int32 {
	if e.lane == 0 {
		return e.number
	}
	return x.apps[e.number]
}

// place returns where an entry is.
func (x *index) place(e at) place { return place{e, x.lanes[e.lane].due(int(e.number))} }

// kill makes an entry dead, if it isn't.
func (x *index) kill(e at, now time.Duration) {
	if x.is(e) <= leased {
		x.lanes[e.lane].set(int(e.number), fresh, now)
		x.doomed++
	}
}

// scan is what a claim finds, in order, and how many entries it passes over.
type scan struct {
	found              []at
	read, fresh, known int // read: with their rows; fresh: of those, that are found dead; known: to be dead
}

// scan finds up to limit entries behind a place that are free and due.
func (x *index) scan(from place, limit int, asOf time.Duration) scan {
	var (
		s      scan
		begins [2]int
		lists  [2][]int32
		ends   = end(asOf)
	)
	for i := range x.lanes {
		begins[i] = x.lanes[i].after(from)
		lists[i] = x.lanes[i].find(begins[i], limit, asOf)
	}
	s.found = x.merge(lists, limit)
	if len(s.found) == limit {
		ends = x.place(s.found[limit-1])
	}
	for i := range x.lanes {
		read, fresh, known := x.lanes[i].pass(begins[i], x.lanes[i].after(ends))
		s.read, s.fresh, s.known = s.read+read, s.fresh+fresh, s.known+known
	}
	return s
}

// merge returns the first entries of both lists.
func (x *index) merge(lists [2][]int32, limit int) []at {
	all := make([]at, 0, min(len(lists[0])+len(lists[1]), limit))
	for len(all) < limit && len(lists[0])+len(lists[1]) > 0 {
		i := int32(0)
		if len(lists[0]) == 0 || len(lists[1]) > 0 && x.place(at{1, lists[1][0]}).compare(x.place(at{0, lists[0][0]})) < 0 {
			i = 1
		}
		all = append(all, at{i, lists[i][0]})
		lists[i] = lists[i][1:]
	}
	return all
}

// again adds the entry of an application whose order was placed. It is due no earlier than those added before.
func (x *index) again(app int32, due time.Duration) at {
	x.apps, x.dues = append(x.apps, app), append(x.dues, int32(due/tick))
	x.lanes[1].grow(1)
	return at{1, int32(len(x.apps) - 1)}
}

// vacuum removes what was dead at an instant.
func (x *index) vacuum(before time.Duration) {
	for i := range x.lanes {
		x.doomed -= x.lanes[i].vacuum(before)
	}
}
