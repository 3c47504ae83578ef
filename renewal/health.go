package renewal

import "time"

// Health is how a [Worker] is doing, for a page of a console or a probe. Its instants are what the service's clock showed,
// right or wrong.
//
// A worker is stuck if BeganAt is long ago while a round is running, or EndedAt while none is. Stats.Late that grows from
// round to round means that the workers don't keep up, and Stats.Conflicts in every round that the gateway is too slow
// for the options, or that somebody else keeps changing the same applications. [Options.Concurrency] says what to do
// about both.
type Health struct {
	Rounds  int       // that have ended
	Running int       // rounds under way
	BeganAt time.Time // when the last round began, which may be under way; zero: none has
	EndedAt time.Time // when the last round ended; zero: none has
	Stats   Stats     // of the round that ended last
	Err     error     // of that round; nil if it succeeded
	Failed  int       // how many rounds have failed since one succeeded
	// Left is how many applications the last rounds left undone, because of an error or another writer's lock. The next
	// round processes them last.
	Left int
}

// Health returns how the worker is doing. It asks nobody, and a worker that was never run has the zero Health.
func (w *Worker) Health() Health {
	w.mu.Lock()
	defer w.mu.Unlock()
	h := w.health
	h.Left = len(w.left)
	return h
}

func (w *Worker) begins() {
	now := w.collector.Clock()
	w.mu.Lock()
	defer w.mu.Unlock()
	w.health.Running++
	w.health.BeganAt = now
}

func (w *Worker) ends(stats Stats, err error) {
	now := w.collector.Clock()
	w.mu.Lock()
	defer w.mu.Unlock()
	h := &w.health
	h.Rounds++
	h.Running--
	h.EndedAt, h.Stats, h.Err = now, stats, err
	h.Failed++
	if err == nil {
		h.Failed = 0
	}
}
