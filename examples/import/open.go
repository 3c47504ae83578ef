package main

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/prepaidkit/prepaid/store"
	"github.com/prepaidkit/prepaid/store/memory"
	"github.com/prepaidkit/prepaid/store/postgres"
	"github.com/prepaidkit/prepaid/store/sqlite"
)

// open opens the store that -store names, creates or upgrades its tables, and returns what closes it.
func open(ctx context.Context, name string) (st store.Store, closed func(), err error) {
	kind, at, _ := strings.Cut(name, ":")
	switch {
	case name == "memory":
		return memory.New(), func() {}, nil
	case kind == "sqlite" && at != "":
		return openSQLite(ctx, at)
	case kind == "postgres" && at != "":
		return openPostgres(ctx, at)
	}
	return nil, nil, fmt.Errorf("-store is %.80q, want memory, sqlite:FILE or postgres:URL", name)
}

func openSQLite(ctx context.Context, file string) (store.Store, func(), error) {
	st, err := sqlite.Open(ctx, file, nil)
	if err != nil {
		return nil, nil, err
	}
	if err := st.Migrate(ctx); err != nil {
		return nil, nil, errors.Join(err, st.Close())
	}
	return st, func() { _ = st.Close() }, nil // every line has been committed
}

func openPostgres(ctx context.Context, url string) (store.Store, func(), error) {
	pool, err := pgxpool.New(ctx, url)
	if err != nil {
		return nil, nil, err
	}
	st, err := postgres.New(pool, nil)
	if err == nil {
		err = st.Migrate(ctx)
	}
	if err != nil {
		pool.Close()
		return nil, nil, err
	}
	return st, pool.Close, nil
}
