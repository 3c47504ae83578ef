package faults

import (
	"context"
	"errors"
	"fmt"

	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/prepaidkit/prepaid/store"
	"github.com/prepaidkit/prepaid/store/postgres"
	"github.com/prepaidkit/prepaid/store/sqlite"
)

// The stores that can be tested.
const (
	SQLite   = "sqlite"
	Postgres = "postgres"
)

// openStore opens the store that a process was told of, with its tables, and returns it with what closes it.
func openStore(ctx context.Context, s *settings) (store.Store, func() error, error) {
	switch s.Store {
	case SQLite:
		st, err := sqlite.Open(ctx, s.At, &sqlite.Options{MaxBytes: s.Limit})
		if err != nil {
			return nil, nil, err
		}
		if err := st.Migrate(ctx); err != nil {
			return nil, nil, errors.Join(err, st.Close())
		}
		return st, st.Close, nil
	case Postgres:
		pool, err := pgxpool.New(ctx, s.At)
		if err != nil {
			return nil, nil, err
		}
		closing := func() error { pool.Close(); return nil }
		st, err := postgres.New(pool, &postgres.Options{Schema: s.Schema})
		if err == nil {
			err = st.Migrate(ctx)
		}
		if err != nil {
			return nil, nil, errors.Join(err, closing())
		}
		return st, closing, nil
	}
	return nil, nil, fmt.Errorf("faults: no store %q", s.Store)
}
