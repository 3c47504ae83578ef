package memory

import "container/heap"

// queue is a heap of the records that have a wake time, earliest first. Each record knows its position, so it is queued
// at most once.
type queue []*record

// update moves a record to the position of its wake time, or removes it if that is zero.
func (q *queue) update(r *record) {
	switch {
	case r.wake.IsZero():
		q.remove(r)
	case r.place == 0:
		heap.Push(q, r)
	default:
		heap.Fix(q, r.place-1)
	}
}

// remove removes a record if it is queued.
func (q *queue) remove(r *record) {
	if r.place > 0 {
		heap.Remove(q, r.place-1)
	}
}

// Len implements [heap.Interface], as do the other methods.
func (q queue) Len() int { return len(q) }

// Less orders records by wake time.
func (q queue) Less(i, j int) bool { return q[i].wake.Before(q[j].wake) }

// Swap exchanges two records.
func (q queue) Swap(i, j int) {
	q[i], q[j] = q[j], q[i]
	q[i].place, q[j].place = i+1, j+1
}

// Push appends a record.
func (q *queue) Push(x any) {
	r, _ := x.(*record)
	*q = append(*q, r)
	r.place = len(*q)
}

// Pop removes the last record.
func (q *queue) Pop() any {
	last := len(*q) - 1
	r := (*q)[last]
	(*q)[last] = nil
	*q = (*q)[:last]
	r.place = 0
	return r
}
