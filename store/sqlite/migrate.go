package sqlite

import (
	"context"
	"embed"
	"fmt"
	"io/fs"
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

// Migrate makes the tables, and brings those of an earlier version of this module up to date. It does nothing when
// they are. Several processes may call it at once: each step is a transaction, and done by one of them. It fails with
// [*SchemaError] for a file of a newer version; after another error, call it again.
func (s *Store) Migrate(ctx context.Context) error {
	steps, err := fs.Glob(migrations, "migrations/*.sql")
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
				return nil
			}
			return step(q, v+1, steps[v])
		})
		if err != nil {
			return fmt.Errorf("sqlite: migrate: %w", err)
		}
	}
	return nil
}

// step applies one migration.
func step(q session, number int, file string) error {
	name := strings.TrimSuffix(strings.TrimPrefix(file, "migrations/"), ".sql")
	if digits, _, _ := strings.Cut(name, "_"); digits != fmt.Sprintf("%04d", number) {
		return fmt.Errorf("migration %s is number %d", name, number)
	}
	text, err := migrations.ReadFile(file)
	if err != nil {
		return fmt.Errorf("migration %s: %w", name, err)
	}
	for _, script := range []string{createVersions, string(text)} {
		if err := q.script(script); err != nil {
			return fmt.Errorf("migration %s: %w", name, err)
		}
	}
	_, err = q.exec(setVersion, int64(number), name)
	return err
}

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
	steps, err := fs.Glob(migrations, "migrations/*.sql")
	if err != nil {
		return 0, err
	}
	if found > len(steps) {
		return 0, &SchemaError{Found: found, Known: len(steps)}
	}
	return found, nil
}
