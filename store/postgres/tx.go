package postgres

import (
	"context"
	"database/sql"
	"errors"
	"iter"

	"github.com/jackc/pgx/v5"

	"github.com/prepaidkit/prepaid/subscription"
)

// WithTx returns the store within a transaction of the caller's, for [subscription.Service.Bind]: what is committed
// to it becomes so when the transaction does. Each commit has a savepoint of its own, so that the transaction can be
// used after a conflict or a refusal. After another error it can't be, and is to be rolled back. Nothing is repeated:
// a deadlock or a serialization failure is a conflict.
//
// The result is for one goroutine at a time, as the transaction is, and for as long.
func (s *Store) WithTx(tx pgx.Tx) subscription.Store {
	return s.within(txSession{tx, tx.Conn().Config().DefaultQueryExecMode})
}

// WithSQLTx is [Store.WithTx] for a transaction of database/sql with the driver of pgx, package
// github.com/jackc/pgx/v5/stdlib. Its mode of execution must be one that prepares or describes statements, as is
// the default.
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
