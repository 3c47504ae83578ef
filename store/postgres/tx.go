package postgres

import (
	"context"
	"database/sql"
	"errors"
	"iter"

	"github.com/jackc/pgx/v5"

	"github.com/prepaidkit/prepaid/subscription"
)

// WithTx returns the store bound to a caller's transaction, for [subscription.Service.Bind]: what is committed to it
// is committed together with the transaction. Each commit has its own savepoint, so the transaction stays usable
// after a conflict or a refusal. After any other error it isn't usable and must be rolled back. Nothing is retried: a
// deadlock or a serialization failure is a conflict.
//
// Like the transaction, the result is for one goroutine at a time, and it is valid for as long as the transaction.
func (s *Store) WithTx(tx pgx.Tx) subscription.Store {
	return s.within(txSession{tx, tx.Conn().Config().DefaultQueryExecMode})
}

// WithSQLTx is [Store.WithTx] for a database/sql transaction with the pgx driver, package
// github.com/jackc/pgx/v5/stdlib. The execution mode must be one that prepares or describes statements, such as the
// default.
func (s *Store) WithSQLTx(tx *sql.Tx) subscription.Store { return s.within(sqlSession{tx}) }

func (s *Store) within(db session) bound {
	b := &Store{shared: s.shared, db: db, savepoints: true}
	b.retries = 0
	return bound{b}
}

// bound is a store within a transaction.
type bound struct{ store *Store }

// Load implements [subscription.Store].
func (b bound) Load(ctx context.Context, reads ...subscription.Read) ([]subscription.Snapshot, error) {
	return b.store.Load(ctx, reads...)
}

// Commit implements [subscription.Store].
func (b bound) Commit(ctx context.Context, changes ...subscription.Change) error {
	return b.store.Commit(ctx, changes...)
}

// Erase implements [subscription.Eraser].
func (b bound) Erase(ctx context.Context, change subscription.Change) error {
	return b.store.eraseWithin(ctx, change)
}

// ApplicationsOf implements [subscription.Store].
func (b bound) ApplicationsOf(ctx context.Context, account subscription.AccountID) iter.Seq2[subscription.ApplicationID, error] {
	return b.store.ApplicationsOf(ctx, account)
}

// atomically calls f, which runs one statement, so that a failure leaves the caller's transaction usable.
func (s *Store) atomically(ctx context.Context, f func() error) error {
	if !s.savepoints {
		return f()
	}
	if err := s.exec(ctx, "SAVEPOINT prepaid"); err != nil {
		return err
	}
	if err := f(); err != nil {
		return errors.Join(err, s.exec(ctx, "ROLLBACK TO SAVEPOINT prepaid"), s.exec(ctx, "RELEASE SAVEPOINT prepaid"))
	}
	return s.exec(ctx, "RELEASE SAVEPOINT prepaid")
}

func (s *Store) exec(ctx context.Context, statement string) error {
	ctx, cancel := s.limit(ctx)
	defer cancel()
	return ended(ctx, s.db.exec(ctx, statement))
}
