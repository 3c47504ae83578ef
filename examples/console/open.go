package main

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"iter"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/jackc/pgx/v5/stdlib"

	"github.com/prepaidkit/prepaid/payment"
	"github.com/prepaidkit/prepaid/payment/balance"
	"github.com/prepaidkit/prepaid/pricing"
	"github.com/prepaidkit/prepaid/store/memory"
	"github.com/prepaidkit/prepaid/store/postgres"
	"github.com/prepaidkit/prepaid/store/sqlite"
)

// database is a store, and what else is in the same database.
type database struct {
	store    shop
	accounts accounts
	notes    notes
	closed   func()
}

// accounts are balances. Each store has them, with the same methods; those of package balance are in memory.
type accounts interface {
	payment.Gateway
	holder
	books
}

type holder interface {
	Open(ctx context.Context, id string) error
	Deposit(ctx context.Context, id, key string, amount pricing.Money) error
	SetPaymentMethod(ctx context.Context, id string, bound bool) error
}

type books interface {
	Balance(ctx context.Context, id string, c pricing.Currency) (pricing.Money, error)
	Statement(ctx context.Context, id string) iter.Seq2[balance.Movement, error]
}

// open opens the database that -store names, and creates or upgrades its tables. now is the clock of movements.
func open(ctx context.Context, name string, now func() time.Time) (database, error) {
	kind, at, _ := strings.Cut(name, ":")
	o := &balance.Options{Now: now}
	switch {
	case name == "memory":
		return database{memory.New(), balance.New(o), newMemoryNotes(), func() {}}, nil
	case kind == "sqlite" && at != "":
		return openSQLite(ctx, at, o)
	case kind == "postgres" && at != "":
		return openPostgres(ctx, at, o)
	}
	return database{}, fmt.Errorf("-store is %.80q, want memory, sqlite:FILE or postgres:URL", name)
}

// openSQLite opens the file twice: once for the SDK, and once for the console's own table.
func openSQLite(ctx context.Context, file string, o *balance.Options) (database, error) {
	st, err := sqlite.Open(ctx, file, nil)
	if err != nil {
		return database{}, err
	}
	db, err := openSQLiteNotes(ctx, st, file)
	if err != nil {
		return database{}, errors.Join(err, st.Close())
	}
	return database{st, st.Accounts(o), sqlNotes{db}, func() { _ = errors.Join(db.Close(), st.Close()) }}, nil // all is committed
}

func openSQLiteNotes(ctx context.Context, st *sqlite.Store, file string) (*sql.DB, error) {
	if err := st.Migrate(ctx); err != nil {
		return nil, err
	}
	dsn, err := sqlite.DSN(file, nil)
	if err != nil {
		return nil, err
	}
	db, err := sql.Open("sqlite", dsn)
	if err != nil {
		return nil, err
	}
	if err := openSQLNotes(ctx, db); err != nil {
		return nil, errors.Join(err, db.Close())
	}
	return db, nil
}

func openPostgres(ctx context.Context, url string, o *balance.Options) (database, error) {
	pool, err := pgxpool.New(ctx, url)
	if err != nil {
		return database{}, err
	}
	db := stdlib.OpenDBFromPool(pool)
	closed := func() { _ = db.Close(); pool.Close() } // all is committed
	st, err := postgres.New(pool, nil)
	if err == nil {
		err = st.Migrate(ctx)
	}
	if err == nil {
		err = openSQLNotes(ctx, db)
	}
	if err != nil {
		closed()
		return database{}, err
	}
	return database{st, st.Accounts(o), sqlNotes{db}, closed}, nil
}

// defaultStore returns the file in the user's cache directory, and creates the directory that it is in.
func defaultStore() (string, error) {
	cache, err := os.UserCacheDir()
	if err != nil {
		return "", fmt.Errorf("no place for the database, name one with -store: %w", err)
	}
	dir := filepath.Join(cache, "prepaid-console")
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return "", err
	}
	return "sqlite:" + filepath.Join(dir, "console.db"), nil
}

// reset deletes the SQLite file of a console, so that the next one starts over. A file that isn't a console's stays.
func reset(ctx context.Context, name string) error {
	kind, file, _ := strings.Cut(name, ":")
	switch {
	case name == "memory":
		return nil
	case kind != "sqlite" || file == "":
		return errors.New("-reset deletes the file of a SQLite store; empty another database yourself")
	}
	if _, err := os.Stat(file); errors.Is(err, os.ErrNotExist) {
		return nil
	}
	d, err := openSQLite(ctx, file, nil)
	if err != nil {
		return err
	}
	var made made
	ours, err := d.notes.get(ctx, madeNote, &made)
	d.closed()
	if err != nil {
		return err
	}
	if !ours {
		return fmt.Errorf("%s isn't the database of a console: it was not deleted", file)
	}
	for _, suffix := range []string{"", "-wal", "-shm", "-turn"} {
		if err := os.Remove(file + suffix); err != nil && !errors.Is(err, os.ErrNotExist) {
			return err
		}
	}
	return nil
}
