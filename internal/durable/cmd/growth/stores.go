package main

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/prepaidkit/prepaid/internal/pgtest"
	"github.com/prepaidkit/prepaid/store"
	"github.com/prepaidkit/prepaid/store/postgres"
	"github.com/prepaidkit/prepaid/store/sqlite"
)

// durable is an empty store. tidy does the maintenance that a database in production does from time to time, and
// returns the size in bytes.
type durable struct {
	store store.Store
	tidy  func(context.Context) (int64, error)
	close func() error
}

// opener makes an empty store.
type opener func(context.Context) (durable, error)

func stores() map[string]opener {
	return map[string]opener{"sqlite": openSQLite, "postgres": openPostgres}
}

func openSQLite(ctx context.Context) (durable, error) {
	dir, err := os.MkdirTemp("", "prepaid-growth-")
	if err != nil {
		return durable{}, err
	}
	remove := func() error { return os.RemoveAll(dir) }
	st, err := sqlite.Open(ctx, filepath.Join(dir, "growth.db"), nil)
	if err != nil {
		return durable{}, errors.Join(err, remove())
	}
	d := durable{
		store: st,
		tidy:  func(context.Context) (int64, error) { return sizeOf(dir) },
		close: func() error { return errors.Join(st.Close(), remove()) },
	}
	if err := st.Migrate(ctx); err != nil {
		return durable{}, errors.Join(err, d.close())
	}
	return d, nil
}

// sizeOf returns the bytes of the files in a directory.
func sizeOf(dir string) (size int64, err error) {
	err = filepath.WalkDir(dir, func(_ string, e fs.DirEntry, err error) error {
		if err != nil || e.IsDir() {
			return err
		}
		info, err := e.Info()
		if err == nil {
			size += info.Size()
		}
		return err
	})
	return size, err
}

// settings are the settings of a production server with some gigabytes of memory.
func settings() []string {
	return []string{"shared_buffers=2GB", "max_wal_size=16GB", "checkpoint_timeout=15min", "wal_compression=on"}
}

func openPostgres(ctx context.Context) (durable, error) {
	server, err := pgtest.Start(&pgtest.Options{Durable: true, Settings: settings()}) //nolint:contextcheck // the server outlives it
	if err != nil {
		return durable{}, err
	}
	pool, err := pgxpool.New(ctx, server.URL())
	if err != nil {
		return durable{}, errors.Join(err, server.Close())
	}
	d := durable{
		tidy: func(ctx context.Context) (size int64, err error) {
			for _, statement := range []string{"VACUUM ANALYZE", "CHECKPOINT"} {
				if _, err := pool.Exec(ctx, statement); err != nil {
					return 0, err
				}
			}
			err = pool.QueryRow(ctx, `SELECT sum(pg_total_relation_size(c.oid))::bigint
				FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE n.nspname = 'prepaid' AND c.relkind = 'r'`).Scan(&size)
			return size, err
		},
		close: func() error { pool.Close(); return server.Close() },
	}
	st, err := postgres.New(pool, nil)
	if err == nil {
		err = st.Migrate(ctx)
	}
	if err != nil {
		return durable{}, errors.Join(err, d.close())
	}
	d.store = st
	return d, nil
}
