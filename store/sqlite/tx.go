package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"iter"
	"strings"
	"sync"

	"github.com/prepaidkit/prepaid/internal/tally"
	"github.com/prepaidkit/prepaid/subscription"
)

// WithTx returns the store within a transaction of the caller's, for [subscription.Service.Bind]: what is committed to it
// becomes so together with the caller's own rows, or not at all. The transaction may be of any *sql.DB on the store's file;
// see [DSN] for one with the right settings.
//
// Nothing is ever committed here, nor rolled back but to a savepoint: after a conflict, a refusal or another error
// the transaction stands as it did before the call, less what held of a batch, and can be used on. Nothing is tried
// again. A transaction that didn't begin immediately may fail with [ErrBusy] at its first write, without waiting, if
// another has written since its first read: it can only be rolled back then.
//
// There is one exception. When the disk is full or fails, SQLite may undo the whole transaction, the caller's rows
// too, and would commit what follows statement by statement. Then the transaction is ended, as by its Rollback: the
// error wraps [sql.ErrTxDone] beside the reason, such as [ErrFull], and so do those of all later calls, of this store
// and of the transaction. A commit to a transaction that SQLite has undone after a statement of the caller's own ends it
// in the same way, with nothing done.
//
// While the transaction writes, the other writers of the file wait, a [Store] among them: don't commit to one in
// between. Of a driver other than this package's, a change that breaks a constraint fails with the whole batch.
func (*Store) WithTx(tx *sql.Tx) subscription.Store { return &bound{tx: tx} }

// bound is a store in a caller's transaction.
type bound struct {
	mu    sync.Mutex // savepoints are one within the other
	tx    *sql.Tx
	ended error // why the transaction was ended here, nil if it wasn't

	identity identity
}

// Load implements [subscription.Store].
func (b *bound) Load(ctx context.Context, reads ...subscription.Read) ([]subscription.Snapshot, error) {
	found := make([]loaded, len(reads))
	var id string
	err := b.read(ctx, func(q session) (err error) {
		if id, err = b.identity.of(q); err != nil {
			return err
		}
		return loadAll(ctx, q, reads, found)
	})
	if err != nil {
		return nil, err
	}
	return snapshots(id, reads, found)
}

// ApplicationsOf implements [subscription.Store].
func (b *bound) ApplicationsOf(ctx context.Context, account subscription.AccountID) iter.Seq2[subscription.ApplicationID, error] {
	return ids(listOf, string(account)).rows(ctx, b.read)
}

// read calls do with the transaction.
func (b *bound) read(ctx context.Context, do func(q session) error) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.ended != nil {
		return b.ended
	}
	return do(borrowed{ctx, b.tx})
}

// Commit implements [subscription.Store].
func (b *bound) Commit(ctx context.Context, changes ...subscription.Change) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	batch, err := newBatch(changes)
	if err != nil || len(batch.changes) == 0 {
		return errors.Join(err, batch.refused.Err())
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	var out tally.Outcome
	if err := b.within(ctx, func(q session) (err error) {
		out, err = batch.apply(q, false)
		if !errors.Is(err, errLate) {
			return err
		}
		if _, err := q.exec(outerRollback); err != nil {
			return err
		}
		out, err = batch.apply(q, true)
		return err
	}); err != nil {
		return err
	}
	return batch.refused.And(out).Err()
}

const (
	outerSavepoint = `SAVEPOINT prepaid_call`
	outerRollback  = `ROLLBACK TO prepaid_call`
	outerRelease   = `RELEASE prepaid_call`
)

// within calls do within a savepoint of the caller's transaction, to which it goes back after an error, also one
// that comes of ctx. If it can't go back it ends the transaction.
func (b *bound) within(ctx context.Context, do func(q session) error) error {
	if b.ended != nil {
		return b.ended
	}
	q := borrowed{ctx, b.tx}
	if err := b.begun(q); err != nil {
		return err
	}
	if _, err := q.exec(outerSavepoint); err != nil { //nolint:contextcheck // the session has it
		return err
	}
	err := do(q)
	q.ctx = context.WithoutCancel(ctx)
	var undone error
	if err != nil {
		_, undone = q.exec(outerRollback) //nolint:contextcheck // the session has it
	}
	if undone == nil {
		_, undone = q.exec(outerRelease) //nolint:contextcheck // the session has it
	}
	if undone != nil {
		return b.end(errors.Join(err, undone))
	}
	return err
}

// begun ends the transaction if SQLite isn't in one. A savepoint would then be a transaction of its own.
func (b *bound) begun(q session) error {
	_, err := q.exec("BEGIN")
	switch {
	case err == nil:
		return b.end(errUndone)
	case strings.Contains(err.Error(), "within a transaction"): // SQLite's words, of whichever driver
		return nil
	}
	return err
}

var errUndone = errors.New("SQLite has undone it before")

// end ends the transaction, of which SQLite has nothing any more, and returns the error of this and later calls.
func (b *bound) end(reason error) error {
	_ = b.tx.Rollback() // it fails, and is done
	b.ended = fmt.Errorf("sqlite: the transaction was rolled back: %w: %w", sql.ErrTxDone, reason)
	return b.ended
}
