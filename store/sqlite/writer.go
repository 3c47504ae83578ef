package sqlite

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"time"
)

// writer is the one connection that writes. Calls that come while it is busy wait in a queue, and then share one
// transaction, so that they share what costs most of it, waiting for the disk.
type writer struct {
	gather

	conn  *conn
	again func() (*conn, error) // opens another connection
	turn  *turn
	check func() error  // fails if the file isn't there any more
	limit time.Duration // of the wait for its turn
	wake  chan struct{} // holds one when the queue may have something
	done  chan struct{} // closed when the goroutine has ended
	mu    sync.Mutex
	queue []*job
	shut  bool
}

// job is one call's work within a transaction.
type job struct {
	run    func(q session) error
	weight int // about how many rows it writes
	state  atomic.Int32
	done   chan error
}

// The states of a job. Its caller may give it up as long as it waits.
const (
	waiting = iota
	taken
	givenUp
)

// groupWeight is about how many rows one transaction writes for several callers.
const groupWeight = 20_000

// start makes the writer's goroutine.
func (w *writer) start() *writer {
	w.wake, w.done = make(chan struct{}, 1), make(chan struct{})
	go w.loop()
	return w
}

// write calls do within a transaction that it commits, perhaps together with those of other callers. do judges
// alone: what it returns is what write returns, and after an error nothing of it is left. It may be called more
// than once, each time on the state before it, so that it keeps nothing from an earlier time.
//
// If ctx ends before the transaction has begun, nothing is done, and the error wraps the context's; afterward write
// waits for the outcome. An error of the commit itself leaves the outcome unknown to all that share it.
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

// close lets the queue run empty and closes the connection.
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

// pending returns how many jobs are in the queue.
func (w *writer) pending() int {
	w.mu.Lock()
	defer w.mu.Unlock()
	return len(w.queue)
}

// take removes from the queue what fits into one transaction, without the jobs that were given up.
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

// group runs one transaction. Its jobs are taken once it has begun, so that nobody waits for a lock longer than
// its context allows.
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

// each runs every job in a transaction of its own, after one of them has failed together with the others.
func (w *writer) each(jobs []*job) {
	for _, j := range jobs {
		err := w.alone(j)
		if errors.Is(err, errLate) { // now it knows
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

// begin begins a transaction when it is its turn, on another connection if that of the one before couldn't be ended.
func (w *writer) begin() error {
	if err := w.check(); err != nil {
		return err
	}
	if w.conn.stuck {
		fresh, err := w.again()
		if err != nil {
			return fmt.Errorf("%w: nothing was done", err)
		}
		_ = w.conn.close() // nobody has anything of it
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
