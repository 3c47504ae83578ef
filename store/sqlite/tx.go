package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"sync"

	"github.com/prepaidkit/prepaid/subscription"
)

// WithTx returns a store whose loads and commits are part of a caller's transaction, so that what a service of
// [subscription.Service.Bind] decides is committed together with the caller's own rows, or not at all. The
// transaction may be of any *sql.DB on a file with the tables; see [DSN] for one with the right settings.
//
// Nothing is ever committed or rolled back here but to a savepoint: after a conflict, a refusal or another error
// the transaction stands as it did before the call, less what held of a batch, and can be used on. Nothing is tried
// again. A transaction that didn't begin immediately may fail with [ErrBusy] at its first write, without waiting, if
// another has written since its first read: it can only be rolled back then.
//
// While the transaction writes, the other writers of the file wait, a [Store] among them: don't commit to one in
// between.
func WithTx(tx *sql.Tx) subscription.Store { return &bound{tx: tx} }

// bound is a store in a caller's transaction.
type bound struct {
	mu sync.Mutex // savepoints are one within the other
	tx *sql.Tx
}

// Load implements [subscription.Store].
func (b *bound) Load(ctx context.Context, reads ...subscription.Read) ([]subscription.Snapshot, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	found := make([]loaded, len(reads))
	if err := loadAll(ctx, borrowed{ctx, b.tx}, reads, found); err != nil {
		return nil, err
	}
	return snapshots(reads, found)
}

// Commit implements [subscription.Store].
func (b *bound) Commit(ctx context.Context, changes ...subscription.Change) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	batch, err := newBatch(changes)
	if err != nil || len(batch.changes) == 0 {
		return errors.Join(err, batch.refusal())
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	var conflict *subscription.ConflictError
	if err := within(ctx, b.tx, func(q session) (err error) {
		conflict, err = batch.apply(q, true)
		return err
	}); err != nil {
		return err
	}
	return batch.verdict(conflict)
}

const (
	outerSavepoint = `SAVEPOINT prepaid_call`
	outerRollback  = `ROLLBACK TO prepaid_call`
	outerRelease   = `RELEASE prepaid_call`
)

// within calls do within a savepoint of a caller's transaction, to which it goes back after an error, also one
// that comes of ctx.
func within(ctx context.Context, tx *sql.Tx, do func(q session) error) error {
	q := borrowed{ctx, tx}
	if _, err := q.exec(outerSavepoint); err != nil { //nolint:contextcheck // the session has it
		return err
	}
	err := do(q)
	q.ctx = context.WithoutCancel(ctx)
	var undone error
	if err != nil {
		_, undone = q.exec(outerRollback) //nolint:contextcheck // the session has it
	}
	_, released := q.exec(outerRelease) //nolint:contextcheck // the session has it
	return errors.Join(err, undone, released)
}
