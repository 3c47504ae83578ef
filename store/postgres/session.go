package postgres

import (
	"context"
	"database/sql"
	"fmt"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"
)

// session runs statements, on a pool or in a caller's transaction.
type session interface {
	query(ctx context.Context, statement string, args []any) (rows, error)
	exec(ctx context.Context, statement string) error
}

// rows is the common subset of the rows of pgx and database/sql.
type rows interface {
	Next() bool
	Scan(dest ...any) error
	Err() error
	Close()
}

// undescribed reports whether an execution mode doesn't ask the server for the types of a statement. Arrays need the
// types of the parameters, and times those of the columns: as text, they are formatted by the session's DateStyle.
func undescribed(mode pgx.QueryExecMode) bool {
	return mode == pgx.QueryExecModeExec || mode == pgx.QueryExecModeSimpleProtocol
}

// described returns the arguments for a connection with this mode. It replaces an undescribed mode by one that asks
// once and sends each statement anew with its parameters. QueryExecModeDescribeExec wouldn't work: behind a
// transaction pooler, it may execute a statement that another client left on another connection.
func described(mode pgx.QueryExecMode, args []any) []any {
	if undescribed(mode) {
		return append([]any{pgx.QueryExecModeCacheDescribe}, args...)
	}
	return args
}

type poolSession struct {
	*pgxpool.Pool

	mode pgx.QueryExecMode
}

func (p poolSession) query(ctx context.Context, statement string, args []any) (rows, error) {
	return p.rows(ctx, statement, args) //nolint:sqlclosecheck // the code that reads the rows closes them
}

// rows is like query, but returns everything that pgx knows about the rows.
func (p poolSession) rows(ctx context.Context, statement string, args []any) (pgx.Rows, error) {
	return p.Query(ctx, statement, described(p.mode, args)...)
}

func (p poolSession) exec(ctx context.Context, statement string) error {
	_, err := p.Exec(ctx, statement)
	return err
}

type txSession struct {
	tx   pgx.Tx
	mode pgx.QueryExecMode
}

func (t txSession) query(ctx context.Context, statement string, args []any) (rows, error) {
	return t.tx.Query(ctx, statement, described(t.mode, args)...) //nolint:sqlclosecheck // the code that reads the rows closes them
}

func (t txSession) exec(ctx context.Context, statement string) error {
	_, err := t.tx.Exec(ctx, statement)
	return err
}

type sqlSession struct{ tx *sql.Tx }

func (s sqlSession) query(ctx context.Context, statement string, args []any) (rows, error) {
	r, err := s.tx.QueryContext(ctx, statement, args...) //nolint:rowserrcheck // the code that reads the rows checks Err
	if err != nil {
		return nil, err
	}
	return sqlRows{r}, nil
}

func (s sqlSession) exec(ctx context.Context, statement string) error {
	_, err := s.tx.ExecContext(ctx, statement)
	return err
}

// borrowed is a text column that isn't copied. It is only valid until the next row.
type borrowed []byte

// ScanBytes implements [pgtype.BytesScanner], for pgx.
func (b *borrowed) ScanBytes(v []byte) error {
	*b = v
	return nil
}

// Scan implements [sql.Scanner], for database/sql.
func (b *borrowed) Scan(v any) error {
	switch v := v.(type) {
	case string:
		*b = borrowed(v)
	case []byte:
		*b = v
	default:
		return fmt.Errorf("postgres: %T where text is expected", v)
	}
	return nil
}

type sqlRows struct{ *sql.Rows }

// Close closes the rows. Err reports any error.
func (r sqlRows) Close() { _ = r.Rows.Close() }

// repeat calls f, which runs one statement. It calls it again as long as the statement has certainly changed nothing
// and might succeed: the server rolled it back because of another one, or it was never sent. If the server has no
// connection left, it retries until a statement's time limit, because a growing pool would fail where a smaller one
// waits for its turn. Within a caller's transaction, it calls f once.
func (s *Store) repeat(ctx context.Context, f func() error) error {
	most := s.timeout
	if most < 0 {
		most = defaultTimeout // the longest wait for a connection
	}
	bounded, cancel := context.WithTimeout(ctx, most)
	defer cancel()
	for tries, waits := 0, 0; ; {
		err := f()
		switch {
		case err == nil || s.retries <= 0:
			return err
		case full(err):
			if wait(bounded, waits) != nil {
				return err
			}
			waits++
		case tries >= s.retries || !rolledBack(err) && !pgconn.SafeToRetry(err) || wait(ctx, tries) != nil:
			return err
		default:
			tries++
		}
	}
}

// each runs a query once and calls scan for each of its rows.
func (s *Store) each(ctx context.Context, statement string, args []any, scan func(rows) error) error {
	ctx, cancel := s.limit(ctx)
	defer cancel()
	r, err := s.db.query(ctx, statement, args)
	if err != nil {
		return ended(ctx, err)
	}
	return ended(ctx, every(r, scan))
}

// every calls scan for each row and closes the rows.
func every[R rows](r R, scan func(R) error) error {
	defer r.Close()
	for r.Next() {
		if err := scan(r); err != nil {
			return err
		}
	}
	return r.Err()
}

// get scans the row that a statement returns, if it returns one.
func (s *Store) get(ctx context.Context, statement string, args []any, dest ...any) error {
	return s.repeat(ctx, func() error {
		return s.each(ctx, s.sql(statement), args, func(r rows) error { return r.Scan(dest...) })
	})
}

// count runs a statement that returns a number.
func (s *Store) count(ctx context.Context, statement string, args ...any) (n int64, err error) {
	err = s.get(ctx, statement, args, &n)
	return n, err
}

// run runs a statement that returns nothing.
func (s *Store) run(ctx context.Context, statement string, args ...any) error {
	return s.each(ctx, s.sql(statement), args, func(rows) error { return nil })
}

// one runs a query that returns one row.
func one(ctx context.Context, q session, statement string, args []any, dest ...any) error {
	r, err := q.query(ctx, statement, args)
	if err != nil {
		return err
	}
	return every(r, func(r rows) error { return r.Scan(dest...) })
}
