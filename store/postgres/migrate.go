package postgres

import (
	"context"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"slices"
	"strconv"
	"strings"

	"github.com/jackc/pgx/v5"
)

// migrations are numbered without gaps and are never edited after a release.
//
//go:embed migrations/*.sql
var migrations embed.FS

// SchemaError means that a newer version of this package has migrated the schema. Nothing was changed.
type SchemaError struct {
	Schema  string // quoted
	Version int    // of the schema
	Known   int    // the newest one that this version of the package knows
}

// Error names both versions.
func (e *SchemaError) Error() string {
	return fmt.Sprintf("postgres: schema %s: version %d is newer than %d, the newest that is known: upgrade this package",
		e.Schema, e.Version, e.Known)
}

// migration is one step from one version of a schema to the next.
type migration struct {
	name  string // begins with its number
	apply func(ctx context.Context, s *Store, tx pgx.Tx) (done bool, err error)
}

// steps returns all migrations in order: those in the files, and the one that the program itself applies.
func steps() ([]migration, error) {
	files, err := fs.Glob(migrations, "migrations/*.sql")
	if err != nil {
		return nil, err
	}
	var all []migration
	for _, file := range files {
		all = append(all, migration{path.Base(file), func(ctx context.Context, s *Store, tx pgx.Tx) (bool, error) {
			statements, err := migrations.ReadFile(file)
			if err == nil {
				err = tx.Conn().PgConn().Exec(ctx, s.sql(string(statements))).Close()
			}
			return true, err
		}})
	}
	all = append(all, migration{"0006_fill", fill})
	slices.SortFunc(all, func(a, b migration) int { return strings.Compare(a.name, b.name) })
	return all, nil
}

// Migrate creates the schema or upgrades it to the version of this package. Call it before anything else. Any number
// of processes may call it at once. Each step is a transaction. A step over many applications takes several
// transactions; it can be interrupted and resumed by another call. Steps have no time limit: [Options.Timeout]
// doesn't apply. If the schema is up to date, Migrate only reads it. It fails with [*SchemaError] for a newer schema,
// and with [ErrEncoding] and [ErrReadOnly].
//
// First stop the services and workers of earlier versions: they can't read what this version writes.
func (s *Store) Migrate(ctx context.Context) error {
	all, err := steps()
	if err != nil {
		return fmt.Errorf("postgres: migrate: %w", err)
	}
	for {
		done, err := s.step(ctx, all)
		if err != nil || done {
			return err
		}
	}
}

// Errors of an unsuitable server or database. Nothing was changed.
var (
	// ErrEncoding means that the database can't store all text: its encoding must be UTF8.
	ErrEncoding = errors.New("postgres: the database's encoding isn't UTF8")
	// ErrReadOnly means that the server accepts no changes: it is a standby or has default_transaction_read_only set.
	ErrReadOnly = errors.New("postgres: the server is read-only")
)

const (
	// onlyOurs is the first statement of every transaction that defines anything. Unqualified names then refer to the
	// server's own objects. Otherwise someone who may create objects in a schema of the caller's search_path could
	// plant one there that runs with the caller's rights or is bound into a view.
	onlyOurs      = `SET LOCAL search_path = pg_catalog, pg_temp`
	serverState   = `SELECT current_setting('server_encoding'), current_setting('transaction_read_only') = 'on'`
	migrationLock = `SELECT pg_advisory_xact_lock(hashtextextended('prepaid migrations of ' || $1::text, 0::bigint))`
	schemaExists  = `SELECT to_regnamespace($1) IS NOT NULL, to_regclass($2) IS NOT NULL`
	createSchema  = `CREATE SCHEMA {schema}`
	createHistory = `CREATE TABLE {schema}.migrations (
	version    integer NOT NULL PRIMARY KEY,
	name       text NOT NULL,
	applied_at timestamptz NOT NULL DEFAULT now()
)`
	schemaVersion = `SELECT COALESCE(max(version), 0) FROM {schema}.migrations`
	recordVersion = `INSERT INTO {schema}.migrations (version, name) VALUES ($1, $2)`
)

// step applies the next migration, or part of it, and reports whether there is none left.
func (s *Store) step(ctx context.Context, all []migration) (done bool, err error) {
	// A process that has waited for the lock must see the changes of the one before it.
	err = pgx.BeginTxFunc(ctx, s.pool, pgx.TxOptions{IsoLevel: pgx.ReadCommitted}, func(tx pgx.Tx) error {
		version, err := s.version(ctx, tx)
		switch {
		case err != nil:
			return err
		case version > len(all):
			return &SchemaError{s.schema, version, len(all)}
		case version == len(all):
			done = true
			return s.identify(ctx, tx)
		}
		m := all[version]
		if n, _, _ := strings.Cut(m.name, "_"); strings.TrimLeft(n, "0") != strconv.Itoa(version+1) {
			return fmt.Errorf("postgres: migrate: %s is not number %d", m.name, version+1)
		}
		applied, err := m.apply(ctx, s, tx)
		if err == nil && applied {
			_, err = tx.Exec(ctx, s.sql(recordVersion), version+1, m.name)
		}
		if err != nil {
			return fmt.Errorf("postgres: migrate: %s: %w", m.name, err)
		}
		return nil
	})
	return done, err
}

// version returns the schema's version, and creates the schema if it doesn't exist. Unless the schema is up to date,
// no other process can change the version before tx ends.
func (s *Store) version(ctx context.Context, tx pgx.Tx) (version int, err error) {
	if _, err := tx.Exec(ctx, onlyOurs); err != nil {
		return 0, fmt.Errorf("postgres: migrate: %w", err)
	}
	if err := suited(ctx, tx); err != nil {
		return 0, fmt.Errorf("postgres: migrate: %w", err)
	}
	if _, err := tx.Exec(ctx, migrationLock, s.schema); err != nil {
		return 0, fmt.Errorf("postgres: migrate: lock: %w", err)
	}
	var schema, history bool
	if err := tx.QueryRow(ctx, schemaExists, s.schema, s.schema+".migrations").Scan(&schema, &history); err != nil {
		return 0, fmt.Errorf("postgres: migrate: %w", err)
	}
	if !schema {
		_, err = tx.Exec(ctx, s.sql(createSchema))
	}
	if err == nil && !history {
		_, err = tx.Exec(ctx, s.sql(createHistory))
	}
	if err == nil {
		err = tx.QueryRow(ctx, s.sql(schemaVersion)).Scan(&version)
	}
	if err != nil {
		return 0, fmt.Errorf("postgres: migrate: %w", err)
	}
	return version, nil
}

// suited fails with [ErrEncoding] or [ErrReadOnly].
func suited(ctx context.Context, tx pgx.Tx) error {
	var encoding string
	var readOnly bool
	err := tx.QueryRow(ctx, serverState).Scan(&encoding, &readOnly)
	switch {
	case err != nil:
		return err
	case encoding != "UTF8":
		return fmt.Errorf("%w: %s", ErrEncoding, encoding)
	case readOnly:
		return ErrReadOnly
	}
	return nil
}
