package sqlite

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"time"
)

// writer owns the one connection that writes. Calls that arrive while it is busy wait in a queue and then share one
// transaction, and with it the most expensive part, waiting for the disk.
type writer struct {
	gather

	conn  *conn
	again func() (*conn, error) // opens another connection
	turn  *turn
	check func() error  // fails if the file is no longer in place
	limit time.Duration // on the wait for its turn
	wake  chan struct{} // holds one value when the queue may have jobs
	done  chan struct{} // closed when the goroutine has ended
	mu    sync.Mutex
	queue []*job
	shut  bool
}

// job is the work of one call in a transaction.
type job struct {
	run    func(q session) error
	weight int // roughly the number of rows it writes
	state  atomic.Int32
	done   chan error
}

// The states of a job. Its caller can give it up as long as it is waiting.
const (
	waiting = iota
	taken
	givenUp
)

// groupWeight is roughly the number of rows that one transaction writes for several callers.
const groupWeight = 20_000

// start starts the writer's goroutine.
func (w *writer) start() *writer {
	w.wake, w.done = make(chan struct{}, 1), make(chan struct{})
	go w.loop()
	return w
}

// write calls do in a transaction and commits it, possibly together with those of other callers. do is judged on its
// own: write returns do's result, and after an error nothing that do wrote remains. do may be called more than once,
// each time on the state before it, so it must not keep anything from an earlier call.
//
// If ctx ends before the transaction has begun, nothing is done and the error wraps the context's. After that, write
// waits for the outcome. If the commit itself fails, the outcome is unknown for every call that shares it.
func (s *Store) write(ctx context.Context, weight int, do func(q session) error) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	j := &job{run: do, weight: weight, done: make(chan error, 1)}
	if err := s.writer.add(j); err != nil {
		return err
	}
	select {
	case err := <-j.done:
		return err
	case <-ctx.Done():
		if j.state.CompareAndSwap(waiting, givenUp) {
			return ctx.Err()
		}
		return <-j.done
	}
}

func (w *writer) add(j *job) error {
	w.mu.Lock()
	if w.shut {
		w.mu.Unlock()
		return ErrClosed
	}
	w.queue = append(w.queue, j)
	w.mu.Unlock()
	select {
	case w.wake <- struct{}{}:
	default:
	}
	return nil
}

// close lets the queue drain and closes the connection.
func (w *writer) close() error {
	w.mu.Lock()
	w.shut = true
	w.mu.Unlock()
	select {
	case w.wake <- struct{}{}:
	default:
	}
	<-w.done
	return errors.Join(w.conn.close(), w.turn.close())
}

func (w *writer) loop() {
	defer close(w.done)
	for range w.wake {
		for n := w.pending(); n > 0; n = w.pending() {
			w.await(n)
			w.group()
		}
		w.mu.Lock()
		end := w.shut && len(w.queue) == 0
		w.mu.Unlock()
		if end {
			return
		}
	}
}

// pending returns the number of jobs in the queue.
func (w *writer) pending() int {
	w.mu.Lock()
	defer w.mu.Unlock()
	return len(w.queue)
}

// take removes from the queue the jobs that fit in one transaction, and drops those that were given up.
func (w *writer) take(most int) []*job {
	w.mu.Lock()
	defer w.mu.Unlock()
	var jobs []*job
	n := 0
	for weight := 0; n < len(w.queue) && (n == 0 || weight+w.queue[n].weight <= most); n++ {
		j := w.queue[n]
		if j.state.CompareAndSwap(waiting, taken) {
			jobs = append(jobs, j)
			weight += j.weight
		}
	}
	w.queue = append(w.queue[:0:0], w.queue[n:]...)
	return jobs
}

// group runs one transaction. It takes its jobs after the transaction has begun, so no call waits for a lock for
// longer than its context allows.
func (w *writer) group() {
	if err := w.begin(); err != nil {
		answer(w.take(groupWeight), err)
		return
	}
	jobs := w.take(groupWeight)
	w.last = len(jobs)
	for _, j := range jobs {
		if err := j.run(w.conn); err != nil {
			w.conn.rollback()
			w.each(jobs)
			return
		}
	}
	answer(jobs, w.commit())
}

// each runs every job in its own transaction, after one of them has failed in the shared one.
func (w *writer) each(jobs []*job) {
	for _, j := range jobs {
		err := w.alone(j)
		if errors.Is(err, errLate) { // now it uses savepoints
			err = w.alone(j)
		}
		j.done <- err
	}
}

func (w *writer) alone(j *job) error {
	if err := w.begin(); err != nil {
		return err
	}
	if err := j.run(w.conn); err != nil {
		w.conn.rollback()
		return err
	}
	return w.commit()
}

// begin begins a transaction once it is its turn. If the previous transaction couldn't be ended, it opens a new
// connection first.
func (w *writer) begin() error {
	if err := w.check(); err != nil {
		return err
	}
	if w.conn.stuck {
		fresh, err := w.again()
		if err != nil {
			return fmt.Errorf("%w: nothing was done", err)
		}
		_ = w.conn.close() // nothing depends on it
		w.conn = fresh
	}
	if err := w.turn.wait(context.Background(), w.limit); err != nil {
		return fmt.Errorf("%w: nothing was done", err)
	}
	defer w.turn.pass()
	if _, err := w.conn.exec("BEGIN IMMEDIATE"); err != nil {
		return fmt.Errorf("%w: nothing was done", err)
	}
	return nil
}

func (w *writer) commit() error {
	if _, err := w.conn.exec("COMMIT"); err != nil {
		w.conn.rollback()
		return fmt.Errorf("commit, outcome unknown: %w", err)
	}
	return nil
}

func answer(jobs []*job, err error) {
	for _, j := range jobs {
		j.done <- err
	}
}
