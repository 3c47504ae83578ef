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

// unfinished follows the path of a backup in the name of the file in which it is made.
const unfinished = ".unfinished"

// Backup writes a copy of the store to a new file while the store is used. The copy is of one instant: it has all
// that was committed before the call. It is compact, has no log beside it, and is opened like any other file.
//
// An existing file is never overwritten; the error then wraps [fs.ErrExist]. When Backup has returned nil, the copy
// is on the disk. Until then the path is that of an empty file, and the copy has ".unfinished" after its name; both
// are removed after an error, and left by a crash. [ErrClosed] and [ErrPath] are the other errors, and the disk's.
//
// It reads the whole file, and meanwhile the log grows by what is written. It ends early when ctx does.
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
	if err := s.read(ctx, func(session) error { return nil }); err != nil { // closed, or ended
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
	if runtime.GOOS == "windows" { // where a directory can't be waited for
		return nil
	}
	return flush(filepath.Dir(to))
}

// makeEmpty makes a file that must not exist.
func makeEmpty(name string) error {
	f, err := os.OpenFile(name, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600) //nolint:gosec // the path is the caller's
	if err != nil {
		return err
	}
	return f.Close()
}

// vacuum copies all to an empty file, on a connection of its own, which ctx may interrupt. SQLite doesn't sync it.
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

// flush waits until a file, or the names in a directory, are on the disk.
func flush(name string) error {
	f, err := os.Open(name) //nolint:gosec // the path is the caller's
	if err != nil {
		return err
	}
	return errors.Join(f.Sync(), f.Close())
}
