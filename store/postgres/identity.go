package postgres

import (
	"context"
	"errors"
	"fmt"

	"github.com/jackc/pgx/v5"

	"github.com/prepaidkit/prepaid/internal/storeid"
)

// ErrNotMigrated means that the schema has no tables, or those of an earlier version: call [Store.Migrate] first.
var ErrNotMigrated = errors.New("postgres: the schema has no tables or old ones, call Migrate")

const (
	getIdentity  = `SELECT id FROM {schema}.identity`
	makeIdentity = `INSERT INTO {schema}.identity (one, id) VALUES (true, $1) ON CONFLICT DO NOTHING`
	putIdentity  = `INSERT INTO {schema}.identity (one, id) VALUES (true, $1) ON CONFLICT (one) DO UPDATE SET id = excluded.id RETURNING id`
)

// identity returns the store's identity, which it reads only once.
func (s *Store) identity(ctx context.Context) (string, error) {
	if known := s.storeID.Load(); known != nil {
		return *known, nil
	}
	var id string
	err := s.get(ctx, getIdentity, nil, &id)
	if err == nil && id == "" {
		err = ErrNotMigrated
	}
	if err != nil {
		return "", unmigrated(err)
	}
	if !s.storeID.CompareAndSwap(nil, &id) {
		id = *s.storeID.Load() // which may be newer
	}
	return id, nil
}

// unmigrated adds [ErrNotMigrated] to an error that means that a table or the schema is missing.
func unmigrated(err error) error {
	if coded(err, codeNoTable, codeNoSchema) {
		return fmt.Errorf("%w: %w", ErrNotMigrated, err)
	}
	return err
}

// identify creates an identity for a schema that has none.
func (s *Store) identify(ctx context.Context, tx pgx.Tx) error {
	var id string
	err := tx.QueryRow(ctx, s.sql(getIdentity)).Scan(&id)
	if errors.Is(err, pgx.ErrNoRows) {
		_, err = tx.Exec(ctx, s.sql(makeIdentity), storeid.New())
	}
	return err
}

// NewIdentity gives the store a new identity and returns it. Call it for a copy of a database that stays in use
// alongside its original: without it, both would send their gateway the same keys for different things. A backup that
// replaces its original keeps the identity, and so does a standby that is promoted. Call it while nothing else uses
// the copy: other processes, and other stores in this one, keep using the identity that they have read until they are
// restarted. Orders that are open in the copy keep their keys; the original collects them.
//
// It fails with [ErrNotMigrated] and with the server's errors.
func (s *Store) NewIdentity(ctx context.Context) (string, error) {
	id := storeid.New()
	if err := s.get(ctx, putIdentity, []any{id}, &id); err != nil {
		return "", fmt.Errorf("postgres: new identity: %w", unmigrated(err))
	}
	s.storeID.Store(&id)
	return id, nil
}
