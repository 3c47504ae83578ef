package sqlite

import "time"

// patience is how long a transaction waits at most for callers to come back: less than most disks take for one.
const patience = time.Millisecond / 2

// gather is what a writer knows of those who write again and again. Without it they fall into two halves: one waits for the
// disk while the other decides, and each pays for a transaction of its own.
type gather struct {
	last  int // how many jobs the last transaction had
	hurry int // how many transactions don't wait, since too few came for the last one that did
	after int // how many don't after the next one for which too few come
}

// await waits until those who have just had their answer are in the queue too, in which there are n. It doesn't wait for
// longer than patience, nor for a single caller, and the less often the more often too few came.
func (w *writer) await(n int) {
	if w.last < 2 || w.hurry > 0 {
		w.hurry = max(0, w.hurry-1)
		return
	}
	if came := w.queued(n+w.last) - n; came >= w.last/2 {
		w.after = 0
	} else {
		w.after = min(2*w.after+1, 63)
		w.hurry = w.after
	}
}

// queued waits until there are so many jobs in the queue, or patience is at its end, and returns how many there are.
func (w *writer) queued(all int) int {
	timer := time.NewTimer(patience)
	defer timer.Stop()
	for {
		n := w.pending()
		if n >= all {
			return n
		}
		select {
		case <-w.wake:
		case <-timer.C:
			return w.pending()
		}
	}
}
