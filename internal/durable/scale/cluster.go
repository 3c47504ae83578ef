package scale

import (
	"container/heap"
	"time"
)

// world is the clock and what is going to happen.
type world struct {
	now    time.Duration
	agenda agenda
	count  int
}

// event is something that happens at an instant, after everything that was planned before it for the same instant.
type event struct {
	at time.Duration
	n  int
	do func()
}

type agenda []event

func (a agenda) Len() int { return len(a) }
func (a agenda) Less(i, k int) bool {
	return a[i].at < a[k].at || a[i].at == a[k].at && a[i].n < a[k].n
}
func (a agenda) Swap(i, k int) { a[i], a[k] = a[k], a[i] }

// Push implements heap.Interface.
func (a *agenda) Push(e any) { *a = append(*a, e.(event)) } //nolint:forcetypeassert // nothing else is pushed

// Pop implements heap.Interface.
func (a *agenda) Pop() any {
	last := len(*a) - 1
	e := (*a)[last]
	(*a)[last] = event{}
	*a = (*a)[:last]
	return e
}

// in plans something.
func (w *world) in(d time.Duration, do func()) {
	w.count++
	heap.Push(&w.agenda, event{w.now + d, w.count, do})
}

// run makes everything happen until stop says so, or nothing is left.
func (w *world) run(stop func() bool) {
	for len(w.agenda) > 0 && !stop() {
		e, _ := heap.Pop(&w.agenda).(event)
		w.now = e.at
		e.do()
	}
}

// node is a server: cores that serve calls in their order, and a log that is written in order.
type node struct {
	idle    int
	waiting []*call
	log     time.Duration // when it is written
}

// call is a statement. Every node has a part of it.
type call struct {
	// begin takes effect when the first part is served, and returns what a core takes for each part, and for all together.
	begin func() (each, together time.Duration)
	done  func()
	bytes int // of the log, which begin may set

	part time.Duration // what each part takes; 0: it hasn't begun
	left int
}

// cluster is the nodes of a store.
type cluster struct {
	*world

	nodes []node
	disk  int           // bytes a second that each node's log can take
	busy  time.Duration // of all cores
}

func newCluster(w *world, nodes, cores, disk int) *cluster {
	c := &cluster{world: w, nodes: make([]node, nodes), disk: disk}
	for i := range c.nodes {
		c.nodes[i].idle = cores
	}
	return c
}

// call calls all nodes.
func (c *cluster) call(k *call) {
	k.left = len(c.nodes)
	for i := range c.nodes {
		c.submit(&c.nodes[i], k)
	}
}

func (c *cluster) submit(n *node, k *call) {
	if n.idle == 0 {
		n.waiting = append(n.waiting, k)
		return
	}
	n.idle--
	c.serve(n, k)
}

func (c *cluster) serve(n *node, k *call) {
	if k.part == 0 {
		each, together := k.begin()
		k.part = max(each+together/time.Duration(len(c.nodes)), 1)
	}
	c.busy += k.part
	c.in(k.part, func() {
		n.idle++
		if len(n.waiting) > 0 {
			next := n.waiting[0]
			n.waiting = n.waiting[1:]
			n.idle--
			c.serve(n, next)
		}
		wait := time.Duration(0)
		if k.bytes > 0 {
			n.log = max(n.log, c.now) + time.Duration(k.bytes/len(c.nodes))*time.Second/time.Duration(c.disk)
			wait = n.log - c.now
		}
		c.in(wait, func() {
			k.left--
			if k.left == 0 {
				k.done()
			}
		})
	})
}
