package sqlite

import (
	"errors"
	"fmt"
	"strings"

	"modernc.org/sqlite"
	lib "modernc.org/sqlite/lib"
)

// Errors of the file. They are wrapped together with SQLite's own text; test for them with [errors.Is]. The store
// remains usable after each of them except [ErrClosed] and [ErrMoved].
var (
	// ErrBusy means that another process, or a transaction of this one, kept the file locked for the whole busy
	// timeout. When a [Store] returns it, nothing was done.
	ErrBusy = errors.New("sqlite: the file is locked")
	// ErrFull means that there is no room to write, because the disk is full or the file has reached
	// [Options.MaxBytes]. Nothing was written, unless the error says that the outcome is unknown: a full disk can
	// cause that during the commit.
	ErrFull = errors.New("sqlite: no room")
	// ErrNotMigrated means that the file has no tables, or those of an earlier version: call [Store.Migrate] first.
	ErrNotMigrated = errors.New("sqlite: the file has no tables or old ones, call Migrate")
	// ErrClosed means that the store has been closed.
	ErrClosed = errors.New("sqlite: the store is closed")
	// ErrMoved means that the file was deleted, moved, or replaced while the store had it open, so that anything
	// written would be lost. Nothing was written; open the store again.
	ErrMoved = errors.New("sqlite: the file isn't in its place any more")
	// ErrPath means that the path can't name the file: it is empty, has a NUL byte, or is ":memory:".
	ErrPath = errors.New("sqlite: not a path")
)

// errConstraint means that a row violates a constraint of its table.
var errConstraint = errors.New("sqlite: a constraint is broken")

// errTrigger means that one of the host's triggers rejected a row.
var errTrigger = errors.New("sqlite: a trigger refuses")

// SchemaError means that a newer version of this module has migrated the file. Nothing was changed: use that version.
type SchemaError struct{ Found, Known int }

// Error names both schema versions.
func (e *SchemaError) Error() string {
	return fmt.Sprintf("sqlite: the file has version %d of the schema, this version of the module knows %d: upgrade it", e.Found, e.Known)
}

// CorruptError means that an application's document or one of its rows can't be read: it was damaged or edited by
// hand, or is in a later format, which errors.As reports as a *document.FormatError. Nothing of the application is
// changed.
type CorruptError struct {
	Application string
	Err         error
}

// Error names the application and the reason.
func (e *CorruptError) Error() string {
	return fmt.Sprintf("sqlite: application %.80q: %v", e.Application, e.Err)
}

// Unwrap returns the reason.
func (e *CorruptError) Unwrap() error { return e.Err }

// explain wraps a driver error with the matching error of this package, if there is one.
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
