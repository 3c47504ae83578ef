package sqlite

import (
	"errors"
	"fmt"
	"strings"

	"modernc.org/sqlite"
	lib "modernc.org/sqlite/lib"
)

// Errors of the file. They are wrapped with SQLite's own text; test for them with [errors.Is]. After each of them
// but [ErrClosed] and [ErrMoved] the store can be used again.
var (
	// ErrBusy is a file that another process, or a transaction of this one, kept locked for the whole busy
	// timeout. From [Store] it means that nothing was done.
	ErrBusy = errors.New("sqlite: the file is locked")
	// ErrFull is a disk, or a file of [Options.MaxBytes], without room for what was to be written. Nothing was,
	// unless the error says that the outcome is unknown, which a full disk can bring about in the commit itself.
	ErrFull = errors.New("sqlite: no room")
	// ErrNotMigrated is a file without the tables, or with those of an earlier version: call [Store.Migrate] first.
	ErrNotMigrated = errors.New("sqlite: the file has no tables or old ones, call Migrate")
	// ErrClosed is a store that was closed.
	ErrClosed = errors.New("sqlite: the store is closed")
	// ErrMoved is a file that was deleted, moved or replaced while the store has it open: what was written would be lost.
	// Nothing was; open the store again.
	ErrMoved = errors.New("sqlite: the file isn't in its place any more")
	// ErrPath is a path that can't name the file: empty, with a NUL byte, or ":memory:".
	ErrPath = errors.New("sqlite: not a path")
)

// errConstraint is a row that breaks a constraint of its table.
var errConstraint = errors.New("sqlite: a constraint is broken")

// errTrigger is a row that a trigger of the host's refuses.
var errTrigger = errors.New("sqlite: a trigger refuses")

// SchemaError is a file that a newer version of this module has migrated. Nothing was changed: use that version.
type SchemaError struct{ Found, Known int }

// Error names both versions of the schema.
func (e *SchemaError) Error() string {
	return fmt.Sprintf("sqlite: the file has version %d of the schema, this version of the module knows %d: upgrade it", e.Found, e.Known)
}

// CorruptError is an application whose document or row can't be read: it was damaged, or changed by hand, or is of a
// later format, which errors.As tells as a *document.FormatError. Nothing of it is touched.
type CorruptError struct {
	Application string
	Err         error
}

// Error says which application, and why.
func (e *CorruptError) Error() string {
	return fmt.Sprintf("sqlite: application %.80q: %v", e.Application, e.Err)
}

// Unwrap returns the reason.
func (e *CorruptError) Unwrap() error { return e.Err }

// explain wraps an error of the driver with the one of this package that it is an instance of.
func explain(err error) error {
	var e *sqlite.Error
	if !errors.As(err, &e) {
		return err
	}
	if e.Code() == lib.SQLITE_CONSTRAINT_TRIGGER {
		return fmt.Errorf("%w: %w", errTrigger, err)
	}
	switch e.Code() & 0xff {
	case lib.SQLITE_BUSY, lib.SQLITE_LOCKED:
		return fmt.Errorf("%w: %w", ErrBusy, err)
	case lib.SQLITE_FULL:
		return fmt.Errorf("%w: %w", ErrFull, err)
	case lib.SQLITE_CONSTRAINT:
		return fmt.Errorf("%w: %w", errConstraint, err)
	}
	if text := e.Error(); strings.Contains(text, "no such table: prepaid_") ||
		strings.Contains(text, "table prepaid_") && strings.Contains(text, "has no column named") {
		return fmt.Errorf("%w: %w", ErrNotMigrated, err)
	}
	return fmt.Errorf("sqlite: %w", err)
}
