package sqlite

import "time"

// patience is how long a transaction waits at most for callers to come back, much less than most disks take for one.
const patience = time.Millisecond / 2

// gather is what a writer knows of those who write again and again. Without it they fall into two halves, of which one
// waits for the disk while the other thinks, and each pays for a transaction of its own.
type gather struct {
	last int // how many jobs the last transaction had
	vain int // how many transactions begin at once, since those who were waited for didn't come
	next int // how many more do after the next wait in vain
}

// await waits until those who have just had their answer are in the queue too, in which there are n, but not for longer
// than patience, and the less often the more often they didn't come.
func (w *writer) await(n int) {
	all := n + w.last
	if w.last < 2 || w.vain > 0 {
		w.vain = max(0, w.vain-1)
		return
	}
	timer := time.NewTimer(patience)
	defer timer.Stop()
	for came := n; came < all; came = w.pending() {
		select {
		case <-w.wake:
		case <-timer.C:
			if came = w.pending(); came-n < w.last/2 {
				w.next = min(2*w.next+1, 63)
				w.vain = w.next
				return
			}
			w.next = 0
			return
		}
	}
	w.next = 0
}
