package postgres

import (
	"context"
	"database/sql"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
)

// session is what statements run on: a pool, or a transaction of the caller's.
type session interface {
	query(ctx context.Context, statement string, args []any) (rows, error)
	exec(ctx context.Context, statement string) error
}

// rows is what pgx and database/sql have in common.
type rows interface {
	Next() bool
	Scan(dest ...any) error
	Err() error
	Close()
}

// described returns the arguments for a connection whose mode of execution has no types of the parameters, which
// arrays need: such a mode is replaced by one that asks for them.
func described(mode pgx.QueryExecMode, args []any) []any {
	if mode == pgx.QueryExecModeExec || mode == pgx.QueryExecModeSimpleProtocol {
		return append([]any{pgx.QueryExecModeDescribeExec}, args...)
	}
	return args
}

type poolSession struct {
	pool *pgxpool.Pool
	mode pgx.QueryExecMode
}

func (p poolSession) query(ctx context.Context, statement string, args []any) (rows, error) {
	return p.pool.Query(ctx, statement, described(p.mode, args)...) //nolint:sqlclosecheck // whoever reads them closes them
}

func (p poolSession) exec(ctx context.Context, statement string) error {
	_, err := p.pool.Exec(ctx, statement)
	return err
}

type txSession struct {
	tx   pgx.Tx
	mode pgx.QueryExecMode
}

func (t txSession) query(ctx context.Context, statement string, args []any) (rows, error) {
	return t.tx.Query(ctx, statement, described(t.mode, args)...) //nolint:sqlclosecheck // whoever reads them closes them
}

func (t txSession) exec(ctx context.Context, statement string) error {
	_, err := t.tx.Exec(ctx, statement)
	return err
}

type sqlSession struct{ tx *sql.Tx }

func (s sqlSession) query(ctx context.Context, statement string, args []any) (rows, error) {
	r, err := s.tx.QueryContext(ctx, statement, args...) //nolint:rowserrcheck // whoever reads them looks
	if err != nil {
		return nil, err
	}
	return sqlRows{r}, nil
}

func (s sqlSession) exec(ctx context.Context, statement string) error {
	_, err := s.tx.ExecContext(ctx, statement)
	return err
}

type sqlRows struct{ *sql.Rows }

// Close closes the rows. What could be wrong with that, Err says.
func (r sqlRows) Close() { _ = r.Rows.Close() }

// each runs a query and calls scan for each of its rows.
func (s *Store) each(ctx context.Context, statement string, args []any, scan func(rows) error) error {
	ctx, cancel := s.limit(ctx)
	defer cancel()
	r, err := s.db.query(ctx, statement, args)
	if err != nil {
		return ended(ctx, err)
	}
	defer r.Close()
	for r.Next() {
		if err := scan(r); err != nil {
			return ended(ctx, err)
		}
	}
	return ended(ctx, r.Err())
}
