package sqlite

import (
	"context"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"strings"
)

// migrations are numbered from 1, in the order of their names, and never edited after a release.
//
//go:embed migrations/*.sql
var migrations embed.FS

const (
	hasVersion = `SELECT 1 FROM sqlite_schema WHERE type = 'table' AND name = 'prepaid_migrations'`
	getVersion = `SELECT COALESCE(max(version), 0) FROM prepaid_migrations`
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

// steps returns all migrations, in the order of their numbers: those of the files, and what is filled in by the program.
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

// Migrate makes the tables, and brings those of an earlier version of this module up to date. It does nothing when
// they are. Several processes may call it at once: each step is a transaction, and done by one of them; where there are
// many applications it takes many, and can be broken off and called again. It fails with [*SchemaError] for a file of a
// newer version; after another error, call it again.
//
// Stop the services and workers of an earlier version before: what this one writes they don't read.
func (s *Store) Migrate(ctx context.Context) error {
	steps, err := steps()
	if err != nil {
		return fmt.Errorf("sqlite: migrate: %w", err)
	}
	for done := false; !done; {
		err := s.write(ctx, groupWeight, func(q session) error {
			v, err := version(q)
			if err != nil {
				return err
			}
			done = v == len(steps)
			if done {
				return identify(q)
			}
			return step(q, v+1, steps[v])
		})
		if err != nil {
			return fmt.Errorf("sqlite: migrate: %w", err)
		}
	}
	return nil
}

// step applies one migration, or a part of it.
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

// script runs the statements of a file.
func script(q session, file string) error {
	text, err := migrations.ReadFile(file)
	if err != nil {
		return err
	}
	if err := q.script(string(text)); err != nil {
		return errors.Join(err, q.script(protectSchema)) // a pragma isn't undone with the transaction
	}
	return nil
}

// protectSchema makes the text of the tables one that no statement writes, as it always is but in a migration.
const protectSchema = `PRAGMA writable_schema = OFF`

// version returns the number of the last migration that was applied, 0 for a file without any. It fails with
// [*SchemaError] for one that isn't known.
func version(q session) (int, error) {
	found := 0
	get := func(r row) error {
		found = int(r.number(0))
		return nil
	}
	if err := q.query(hasVersion, get); err != nil || found == 0 {
		return 0, err
	}
	if err := q.query(getVersion, get); err != nil {
		return 0, err
	}
	steps, err := steps()
	if err != nil {
		return 0, err
	}
	if found > len(steps) {
		return 0, &SchemaError{Found: found, Known: len(steps)}
	}
	return found, nil
}
