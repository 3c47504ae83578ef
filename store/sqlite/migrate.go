package sqlite

import (
	"context"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"strings"
	"time"

	"github.com/prepaidkit/prepaid/internal/storeid"
)

// migrations are numbered from 1 in the order of their names, and are never edited after a release.
//
//go:embed migrations/*.sql
var migrations embed.FS

const (
	hasVersion = `SELECT 1 FROM sqlite_schema WHERE type = 'table' AND name = 'prepaid_migrations'`
	getVersion = `SELECT COALESCE(max(version), 0) FROM prepaid_migrations`
	isNamed    = `SELECT 1 FROM prepaid_identity i, prepaid_feed_state f WHERE i.one = 1 AND f.one = 1 AND f.identity IS NOT NULL`
	setVersion = `INSERT INTO prepaid_migrations (version, name, applied_at) VALUES (?, ?, unixepoch() * 1000000)`

	createVersions = `CREATE TABLE IF NOT EXISTS prepaid_migrations (
	version    INTEGER NOT NULL PRIMARY KEY,
	name       TEXT NOT NULL,
	applied_at INTEGER NOT NULL
) STRICT`
)

// migration is one step from one version of the tables to the next.
type migration struct {
	name  string // begins with its number
	apply func(q session) (done bool, err error)
}

// steps returns all migrations in order: those in the files, and the one that the program itself applies.
func steps() ([]migration, error) {
	files, err := fs.Glob(migrations, "migrations/*.sql")
	if err != nil {
		return nil, err
	}
	var all []migration
	for _, file := range files {
		all = append(all, migration{strings.TrimSuffix(strings.TrimPrefix(file, "migrations/"), ".sql"), func(q session) (bool, error) {
			return true, script(q, file)
		}})
	}
	all = append(all, migration{"0006_fill", fill})
	slices.SortFunc(all, func(a, b migration) int { return strings.Compare(a.name, b.name) })
	return all, nil
}

// Migrate creates the tables, or brings those of an earlier version of this module up to date. If they are, it only reads.
// Several processes may call it at once: each step is a transaction and is done by one of them. The others wait for as
// long as ctx lets them, not only for the busy timeout, since a step over large tables takes minutes. A step over many
// applications takes several transactions; it can be interrupted and resumed by another call. Migrate fails with
// [*SchemaError] for a file from a newer version, and with ctx's error; after any other error, call it again.
//
// First stop the services and workers of earlier versions: they can't read what this version writes.
func (s *Store) Migrate(ctx context.Context) error {
	steps, err := steps()
	if err != nil {
		return fmt.Errorf("sqlite: migrate: %w", err)
	}
	for {
		done, err := s.migrate(ctx, steps)
		if errors.Is(err, ErrBusy) {
			select {
			case <-time.After(longestPause):
				continue
			case <-ctx.Done():
				err = ctx.Err()
			}
		}
		if err != nil {
			return fmt.Errorf("sqlite: migrate: %w", err)
		}
		if done {
			return nil
		}
	}
}

// migrate takes the next step, if there is one left.
func (s *Store) migrate(ctx context.Context, steps []migration) (done bool, err error) {
	if err := s.read(ctx, func(q session) (err error) {
		done, err = migrated(q, len(steps))
		return err
	}); err != nil || done {
		return done, err
	}
	err = s.write(ctx, groupWeight, func(q session) error {
		v, err := version(q)
		if err != nil {
			return err
		}
		if done = v == len(steps); !done {
			return step(q, v+1, steps[v])
		}
		if err := identify(q); err != nil {
			return err
		}
		_, err = q.exec(nameFeed, storeid.New())
		return err
	})
	return done, err
}

// migrated reports whether the file has the last version and, as it gets then, the identities of its store and its feed.
func migrated(q session, last int) (bool, error) {
	v, err := version(q)
	if err != nil || v < last {
		return false, err
	}
	named, err := getNumber(q, isNamed)
	return named == 1, err
}

// step applies one migration, or part of it.
func step(q session, number int, m migration) error {
	if digits, _, _ := strings.Cut(m.name, "_"); digits != fmt.Sprintf("%04d", number) {
		return fmt.Errorf("migration %s is number %d", m.name, number)
	}
	if err := q.script(createVersions); err != nil {
		return fmt.Errorf("migration %s: %w", m.name, err)
	}
	done, err := m.apply(q)
	if err != nil {
		return fmt.Errorf("migration %s: %w", m.name, err)
	}
	if done {
		_, err = q.exec(setVersion, int64(number), m.name)
	}
	return err
}

// script runs the statements in a file.
func script(q session, file string) error {
	text, err := migrations.ReadFile(file)
	if err != nil {
		return err
	}
	if err := q.script(string(text)); err != nil {
		return errors.Join(err, q.script(protectSchema)) // rolling back a transaction doesn't undo a pragma
	}
	return nil
}

// protectSchema makes the schema's text read-only again. Only migrations make it writable.
const protectSchema = `PRAGMA writable_schema = OFF`

// version returns the number of the last applied migration, or 0 for a file without any. It fails with [*SchemaError]
// for a number that this version doesn't know.
func version(q session) (int, error) {
	if has, err := getNumber(q, hasVersion); err != nil || has == 0 {
		return 0, err
	}
	found, err := getNumber(q, getVersion)
	if err != nil {
		return 0, err
	}
	steps, err := steps()
	if err != nil {
		return 0, err
	}
	if int(found) > len(steps) {
		return 0, &SchemaError{Found: int(found), Known: len(steps)}
	}
	return int(found), nil
}
