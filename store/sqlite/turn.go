package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"os"
	"sync"
	"time"
)

// turnSuffix follows the file's name in that of the file whose lock is the queue of those who want to write.
const turnSuffix = "-turn"

// turn is a place in the queue of those who want to write, of all processes on this machine. SQLite keeps none: it tries
// again after longer and longer pauses, so that a process that writes all the time shuts out one that writes now and then.
// The queue is the kernel's, of an exclusive lock on a file beside the database. A nil turn is always first, as on a system
// without such locks.
type turn struct {
	file *os.File

	mu      sync.Mutex
	trying  bool       // somebody waits for the lock in the kernel
	claimed chan error // to whom it goes; nil: to nobody any more, and it is given back
	closed  bool
}

// openTurn returns a place of its own. mode is the database's: who may write to it may queue. Without the file, in a
// directory that can't be written to, there is no queue.
func openTurn(name string, mode os.FileMode) *turn {
	if !queues {
		return nil
	}
	f, err := os.OpenFile(name+turnSuffix, os.O_CREATE|os.O_RDWR, mode) //nolint:gosec // the path is the caller's
	if err != nil {
		return nil
	}
	return &turn{file: f}
}

var errTurn = fmt.Errorf("%w: others are before it", ErrBusy)

// wait waits until it is first, or fails with [ErrBusy] after a time, or with ctx's error. One goroutine calls it at a time.
func (t *turn) wait(ctx context.Context, limit time.Duration) error {
	if t == nil {
		return nil
	}
	t.mu.Lock()
	if !t.trying && tryLockFile(t.file) {
		t.mu.Unlock()
		return nil
	}
	claimed := make(chan error, 1)
	t.claimed = claimed
	if !t.trying {
		t.trying = true
		go t.try()
	}
	t.mu.Unlock()
	timer := time.NewTimer(limit)
	defer timer.Stop()
	var late error
	select {
	case err := <-claimed:
		return err
	case <-timer.C:
		late = errTurn
	case <-ctx.Done():
		late = ctx.Err()
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.claimed == nil { // it came at the last moment
		return <-claimed
	}
	t.claimed = nil
	return late
}

// try waits for the lock, which no context interrupts, and gives it to who still waits for it, or back.
func (t *turn) try() {
	err := lockFile(t.file)
	t.mu.Lock()
	defer t.mu.Unlock()
	t.trying = false
	switch {
	case t.claimed != nil:
		t.claimed <- err
		t.claimed = nil
	case err == nil:
		_ = unlockFile(t.file) // it was locked
	}
	if t.closed {
		_ = t.file.Close() // nobody is left to be told
	}
}

// pass lets the next one come first.
func (t *turn) pass() {
	if t != nil {
		_ = unlockFile(t.file) // it was locked
	}
}

// close leaves the queue.
func (t *turn) close() error {
	if t == nil {
		return nil
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.closed = true; t.trying {
		return nil
	}
	return t.file.Close()
}

// BeginTx begins a transaction of the caller's own, for [Store.WithTx], of a *sql.DB on the store's file that was opened with
// [DSN]. It takes its turn with the store and with other processes, where db.BeginTx is kept waiting by those who write all
// the time. It waits for a connection of db as long as ctx allows; then it fails with [ErrBusy] after the busy timeout.
func (s *Store) BeginTx(ctx context.Context, db *sql.DB, opts *sql.TxOptions) (tx *sql.Tx, err error) {
	if db == nil {
		return nil, fmt.Errorf("%w: no database", errors.ErrUnsupported)
	}
	c, err := db.Conn(ctx) // before its turn, which it would keep from all others meanwhile
	if err != nil {
		return nil, err
	}
	defer func() { go c.Close() }() // it goes back to db when the transaction has ended
	t := openTurn(s.name, s.opened.Mode().Perm())
	defer func() { err = errors.Join(err, t.close()) }()
	if err := t.wait(ctx, s.opts.BusyTimeout); err != nil {
		return nil, err
	}
	defer t.pass()
	tx, err = c.BeginTx(ctx, opts)
	return tx, explain(err)
}
