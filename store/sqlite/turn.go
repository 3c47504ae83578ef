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

// turnSuffix is added to the database's name to get the name of the file whose lock is the queue of writers.
const turnSuffix = "-turn"

// turn is a place in the queue of writers, across all processes on this machine. SQLite has no queue: it retries
// after longer and longer pauses, so a process that writes all the time starves one that writes now and then. The
// queue is the kernel's queue for an exclusive lock on a file next to the database. A nil turn is always first, as on
// a system without such locks.
type turn struct {
	file *os.File

	mu      sync.Mutex
	trying  bool       // a goroutine is waiting for the lock in the kernel
	claimed chan error // who gets the lock; nil: nobody is waiting, so it is released
	closed  bool
}

// openTurn returns a new place in the queue. mode is the database's, so everyone who may write to it may queue. If
// the file can't be created, because the directory isn't writable, there is no queue.
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

// wait waits for its turn. It fails with [ErrBusy] after limit, or with ctx's error. Only one goroutine may call it
// at a time.
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
	if t.claimed == nil { // it arrived at the last moment
		return <-claimed
	}
	t.claimed = nil
	return late
}

// try waits for the lock, which no context can interrupt, and hands it to the waiting caller, or releases it if there
// is none.
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
		_ = t.file.Close() // there is no caller to tell
	}
}

// pass lets the next one in the queue proceed.
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

// BeginTx begins a caller's own transaction, for [Store.WithTx], on a *sql.DB that has the store's file open through
// [DSN]. It takes its turn with the store and with other processes, whereas db.BeginTx can be held up by processes
// that write all the time. It waits for a connection of db as long as ctx allows, and then fails with [ErrBusy] after
// the busy timeout.
func (s *Store) BeginTx(ctx context.Context, db *sql.DB, opts *sql.TxOptions) (tx *sql.Tx, err error) {
	if db == nil {
		return nil, fmt.Errorf("%w: no database", errors.ErrUnsupported)
	}
	c, err := db.Conn(ctx) // before waiting for its turn, since having the turn blocks all others
	if err != nil {
		return nil, err
	}
	defer func() { go c.Close() }() // returns it to db once the transaction has ended
	t := openTurn(s.name, s.opened.Mode().Perm())
	defer func() { err = errors.Join(err, t.close()) }()
	if err := t.wait(ctx, s.opts.BusyTimeout); err != nil {
		return nil, err
	}
	defer t.pass()
	tx, err = c.BeginTx(ctx, opts)
	return tx, explain(err)
}
