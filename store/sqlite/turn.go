package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"os"
	"time"
)

// turnSuffix follows the file's name in that of the file whose lock is the queue of those who want to write.
const turnSuffix = "-turn"

// turn is a place in the queue of those who want to write, of all processes on this machine. SQLite keeps none: it tries
// again after longer and longer pauses, so that a process that writes all the time shuts out one that writes now and then.
// The queue is the kernel's, of an exclusive lock on a file beside the database. A nil turn is always first, as on a system
// without such locks.
type turn struct {
	file    *os.File
	pending chan error // of a try that ran out of time, and may still come first
}

// openTurn returns a place of its own. Without the file, in a directory that can't be written to, there is no queue.
func openTurn(name string) *turn {
	if !queues {
		return nil
	}
	f, err := os.OpenFile(name+turnSuffix, os.O_CREATE|os.O_RDWR, private) //nolint:gosec // the path is the caller's
	if err != nil {
		return nil
	}
	return &turn{file: f}
}

var errTurn = fmt.Errorf("%w: others are before it", ErrBusy)

// wait waits until it is first, or fails with [ErrBusy] after a time, or with ctx's error.
func (t *turn) wait(ctx context.Context, limit time.Duration) error {
	if t == nil || t.pending == nil && tryLockFile(t.file) {
		return nil
	}
	if t.pending == nil {
		pending := make(chan error, 1)
		go func() { pending <- lockFile(t.file) }() // which no context interrupts
		t.pending = pending
	}
	timer := time.NewTimer(limit)
	defer timer.Stop()
	select {
	case err := <-t.pending:
		t.pending = nil
		return err
	case <-timer.C:
		return errTurn
	case <-ctx.Done():
		return ctx.Err()
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
	if t.pending != nil {
		file := t.file
		go func(pending chan error) {
			_ = errors.Join(<-pending, file.Close()) // which unlocks it
		}(t.pending)
		return nil
	}
	return t.file.Close()
}

// BeginTx begins a transaction of the caller's own, for [WithTx], of a *sql.DB on the store's file that was opened with
// [DSN]. It takes its turn with the store and with other processes, where db.BeginTx is kept waiting by those who write all
// the time. It fails with [ErrBusy] after the busy timeout.
func (s *Store) BeginTx(ctx context.Context, db *sql.DB, opts *sql.TxOptions) (tx *sql.Tx, err error) {
	if db == nil {
		return nil, fmt.Errorf("%w: no database", errors.ErrUnsupported)
	}
	t := openTurn(s.name)
	defer func() { err = errors.Join(err, t.close()) }()
	if err := t.wait(ctx, s.opts.BusyTimeout); err != nil {
		return nil, err
	}
	defer t.pass()
	tx, err = db.BeginTx(ctx, opts)
	return tx, explain(err)
}
