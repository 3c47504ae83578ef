package faults

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/prepaidkit/prepaid/payment/balance"
	"github.com/prepaidkit/prepaid/store/postgres"
	"github.com/prepaidkit/prepaid/store/sqlite"
)

// The stores that can be tested.
const (
	SQLite   = "sqlite"
	Postgres = "postgres"
)

// openStore opens the store in the settings, with its tables. now dates the movements of its accounts.
func openStore(ctx context.Context, s *settings, now func() time.Time) (*database, error) {
	switch s.Store {
	case SQLite:
		st, err := sqlite.Open(ctx, s.At, &sqlite.Options{MaxBytes: s.Limit})
		if err != nil {
			return nil, err
		}
		if err := st.Migrate(ctx); err != nil {
			return nil, errors.Join(err, st.Close())
		}
		d, err := inFile(st, s.At, &balance.Options{Now: now})
		if err != nil {
			return nil, errors.Join(err, st.Close())
		}
		return d, nil
	case Postgres:
		pool, err := pgxpool.New(ctx, s.At)
		if err != nil {
			return nil, err
		}
		st, err := postgres.New(pool, &postgres.Options{Schema: s.Schema})
		if err == nil {
			err = st.Migrate(ctx)
		}
		if err != nil {
			pool.Close()
			return nil, err
		}
		return onServer(st, pool, &balance.Options{Now: now}), nil
	}
	return nil, fmt.Errorf("faults: no store %q", s.Store)
}
