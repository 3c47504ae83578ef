package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"iter"
	"strings"
	"sync"

	"github.com/prepaidkit/prepaid/internal/commitresult"
	"github.com/prepaidkit/prepaid/subscription"
)

// WithTx returns the store bound to a caller's transaction, for [subscription.Service.Bind]: what is committed to it
// and the caller's own rows are committed together or not at all. The transaction may come from any *sql.DB that has
// the store's file open; [DSN] returns a data source name with the right settings.
//
// The bound store never commits the transaction, and rolls back only to a savepoint. After a conflict, a refusal, or
// another error, the transaction is as it was before the call, plus the changes of a batch that were applied, and it
// can still be used. Nothing is retried. A transaction that didn't begin with the write lock may fail with [ErrBusy]
// at its first write, without waiting, if another has written since its first read. It can then only be rolled back.
//
// There is one exception. If the disk is full or fails, SQLite may undo the whole transaction, including the caller's
// rows, and would then commit each later statement by itself. The bound store therefore ends the transaction, as its
// Rollback would. The error wraps [sql.ErrTxDone] as well as the reason, such as [ErrFull], and so do the errors of
// all later calls to this store and to the transaction. If SQLite has undone the transaction after one of the
// caller's own statements, the next commit ends it in the same way and does nothing.
//
// While the transaction writes, all other writers of the file wait, including any [Store]: don't commit to a store in
// the meantime. With a driver other than this package's, a change that violates a constraint makes the whole batch
// fail.
func (*Store) WithTx(tx *sql.Tx) subscription.Store { return &bound{tx: tx} }

// bound is a store in a caller's transaction.
type bound struct {
	mu    sync.Mutex // savepoints nest, so calls must not overlap
	tx    *sql.Tx
	ended error // why this store ended the transaction, or nil

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
	var out commitresult.Result
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

// Erase implements [subscription.Eraser].
func (b *bound) Erase(ctx context.Context, change subscription.Change) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	e, err := newErasure(change)
	if err != nil {
		return err
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.within(ctx, e.run)
}

const (
	outerSavepoint = `SAVEPOINT prepaid_call`
	outerRollback  = `ROLLBACK TO prepaid_call`
	outerRelease   = `RELEASE prepaid_call`
)

// within calls do within a savepoint of the caller's transaction and rolls back to it after an error, including one
// from ctx. If it can't roll back, it ends the transaction.
func (b *bound) within(ctx context.Context, do func(q session) error) error {
	if b.ended != nil {
		return b.ended
	}
	q := borrowed{ctx, b.tx}
	if err := b.begun(q); err != nil {
		return err
	}
	if _, err := q.exec(outerSavepoint); err != nil { //nolint:contextcheck // the session has ctx
		return err
	}
	err := do(q)
	q.ctx = context.WithoutCancel(ctx)
	var undone error
	if err != nil {
		_, undone = q.exec(outerRollback) //nolint:contextcheck // the session has ctx
	}
	if undone == nil {
		_, undone = q.exec(outerRelease) //nolint:contextcheck // the session has ctx
	}
	if undone != nil {
		return b.end(errors.Join(err, undone))
	}
	return err
}

// begun ends the transaction if SQLite has none open. A savepoint would then be a transaction by itself.
func (b *bound) begun(q session) error {
	_, err := q.exec("BEGIN")
	switch {
	case err == nil:
		return b.end(errUndone)
	case strings.Contains(err.Error(), "within a transaction"): // SQLite's text, with any driver
		return nil
	}
	return err
}

var errUndone = errors.New("SQLite has undone it before")

// end ends a transaction that SQLite has already undone, and returns the error of this call and later ones.
func (b *bound) end(reason error) error {
	_ = b.tx.Rollback() // it fails, but the transaction is over
	b.ended = fmt.Errorf("sqlite: the transaction was rolled back: %w: %w", sql.ErrTxDone, reason)
	return b.ended
}
