package sqlite

import "time"

// patience is the longest time a transaction waits for callers to come back. It is less than a transaction takes on
// most disks.
const patience = time.Millisecond / 2

// gather is what a writer knows about callers that write over and over. Without it, they split into two halves: one
// waits for the disk while the other decides, and each pays for its own transaction.
type gather struct {
	last  int // number of jobs in the last transaction
	hurry int // number of transactions that won't wait, because too few callers came during the last wait
	after int // number that won't wait after the next wait for which too few come
}

// await waits until the callers that have just received their answers are back in the queue, which holds n jobs. It
// waits at most for patience, and not at all for a single caller. The more often too few callers came, the less often
// it waits.
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

// queued waits until the queue has all jobs or patience runs out, and returns how many jobs are in it.
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
