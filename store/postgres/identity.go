package postgres

import (
	"context"
	"errors"
	"fmt"

	"github.com/jackc/pgx/v5"

	"github.com/prepaidkit/prepaid/internal/storeid"
)

// ErrNotMigrated is a schema without the tables, or with those of an earlier version: call [Store.Migrate] first.
var ErrNotMigrated = errors.New("postgres: the schema has no tables or old ones, call Migrate")

const (
	getIdentity  = `SELECT id FROM {schema}.identity`
	makeIdentity = `INSERT INTO {schema}.identity (one, id) VALUES (true, $1) ON CONFLICT DO NOTHING`
	putIdentity  = `INSERT INTO {schema}.identity (one, id) VALUES (true, $1) ON CONFLICT (one) DO UPDATE SET id = excluded.id RETURNING id`
)

// The codes of errors that say that there is no such table, or no such schema.
const (
	codeNoTable  = "42P01"
	codeNoSchema = "3F000"
)

// identity returns the store's identity, which it reads once.
func (s *Store) identity(ctx context.Context) (string, error) {
	if known := s.known.Load(); known != nil {
		return *known, nil
	}
	var id string
	err := s.repeat(ctx, func() error {
		return s.each(ctx, s.sql(getIdentity), nil, func(r rows) error { return r.Scan(&id) })
	})
	if err == nil && id == "" {
		err = ErrNotMigrated
	}
	if err != nil {
		return "", unmigrated(err)
	}
	if !s.known.CompareAndSwap(nil, &id) {
		id = *s.known.Load() // which may be newer
	}
	return id, nil
}

// unmigrated wraps what says that a table is missing.
func unmigrated(err error) error {
	if coded(err, codeNoTable, codeNoSchema) {
		return fmt.Errorf("%w: %w", ErrNotMigrated, err)
	}
	return err
}

// identify makes the identity of a schema that has none.
func (s *Store) identify(ctx context.Context, tx pgx.Tx) error {
	var id string
	err := tx.QueryRow(ctx, s.sql(getIdentity)).Scan(&id)
	if errors.Is(err, pgx.ErrNoRows) {
		_, err = tx.Exec(ctx, s.sql(makeIdentity), storeid.New())
	}
	return err
}

// NewIdentity gives the store another identity, and returns it. It is for a copy of a database that lives on beside its
// original: without it the two would ask their gateway with the same keys for different things. A backup that takes its
// original's place keeps the identity, and so does a standby that is promoted. Call it while nothing else works with the
// copy: other processes, and other stores of this one, keep the identity that they have read until they are restarted.
// Orders that are open in the copy keep their keys; they are the original's to collect.
//
// It fails with [ErrNotMigrated] and with the server's errors.
func (s *Store) NewIdentity(ctx context.Context) (string, error) {
	id := storeid.New()
	err := s.repeat(ctx, func() error {
		return s.each(ctx, s.sql(putIdentity), []any{id}, func(r rows) error { return r.Scan(&id) })
	})
	if err != nil {
		return "", fmt.Errorf("postgres: new identity: %w", unmigrated(err))
	}
	s.known.Store(&id)
	return id, nil
}
