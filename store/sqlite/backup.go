package sqlite

import (
	"context"
	"database/sql/driver"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
)

// unfinished is the suffix of the file in which a backup is made, added to the backup's path.
const unfinished = ".unfinished"

// Backup writes a copy of the store to a new file while the store is in use. The copy reflects a single instant and
// has everything that was committed before the call. It is compact, has no write-ahead log next to it, and can be
// opened like any other file.
//
// Backup never overwrites an existing file; if there is one, the error wraps [fs.ErrExist]. Once Backup has returned
// nil, the copy is on disk. Until then the file at path is empty, and the copy is in a file with ".unfinished" after
// its name. Both are removed after an error and left behind by a crash. Backup can also fail with [ErrClosed],
// [ErrPath], and disk errors.
//
// Backup reads the whole file. Meanwhile the write-ahead log grows with everything that is written. It stops early if
// ctx ends.
func (s *Store) Backup(ctx context.Context, path string) error {
	to, err := file(path)
	if err != nil {
		return err
	}
	if err := s.backup(ctx, to); err != nil {
		return fmt.Errorf("sqlite: backup: %w", err)
	}
	return nil
}

func (s *Store) backup(ctx context.Context, to string) error {
	if err := s.read(ctx, func(session) error { return nil }); err != nil { // closed, or ctx has ended
		return err
	}
	if err := makeEmpty(to); err != nil {
		return err
	}
	copied := to + unfinished
	if err := makeEmpty(copied); err != nil {
		return errors.Join(err, os.Remove(to))
	}
	err := s.vacuum(ctx, copied)
	if err == nil {
		err = flush(copied)
	}
	if err == nil {
		err = os.Rename(copied, to)
	}
	if err != nil {
		return errors.Join(err, os.Remove(copied), os.Remove(to))
	}
	if runtime.GOOS == "windows" { // directories can't be synced there
		return nil
	}
	return flush(filepath.Dir(to))
}

// makeEmpty creates an empty file, which must not exist yet.
func makeEmpty(name string) error {
	f, err := os.OpenFile(name, os.O_CREATE|os.O_EXCL|os.O_WRONLY, private) //nolint:gosec // the path is the caller's
	if err != nil {
		return err
	}
	return f.Close()
}

// vacuum copies everything to an empty file, on its own connection, which ctx may interrupt. SQLite doesn't sync the
// copy.
func (s *Store) vacuum(ctx context.Context, to string) (err error) {
	c, err := s.connect(ctx)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, c.close()) }()
	e, ok := c.raw.(driver.ExecerContext)
	if !ok {
		return errDriver
	}
	_, err = e.ExecContext(ctx, "VACUUM INTO ?", []driver.NamedValue{{Ordinal: 1, Value: to}})
	return explain(err)
}

// flush waits until a file, or the names in a directory, are on disk.
func flush(name string) error {
	f, err := os.Open(name) //nolint:gosec // the path is the caller's
	if err != nil {
		return err
	}
	return errors.Join(f.Sync(), f.Close())
}
