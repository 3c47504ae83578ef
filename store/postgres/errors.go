package postgres

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"time"

	"github.com/jackc/pgx/v5/pgconn"

	"github.com/prepaidkit/prepaid/subscription"
)

// Codes of the server's errors. After any of them, a statement has certainly changed nothing.
const (
	codeSerialization = "40001"
	codeDeadlock      = "40P01"
	codeUnique        = "23505"
	codeCheck         = "23514"
	codeOutOfRange    = "22003" // of a number
	codeRow           = "54000" // a limit, such as the size of an index row
	codeNoTable       = "42P01"
	codeNoSchema      = "3F000"
	codePrivilege     = "42501" // also raised by row-level security policies
	codeLock          = "55P03" // lock_timeout
	codeConnections   = "53300" // too many connections
	codeInternal      = "XX000" // a coordinator reports any error of the server that has the row as this one

	classData      = "22" // data exceptions
	classIntegrity = "23" // constraints
	classLimit     = "54" // for example, a key that is too long
)

// general lists the error classes that aren't about a row: the session, the statement, or the server is at fault.
//
//nolint:gochecknoglobals // a constant that Go has no syntax for
var general = []string{"08", "0A", "25", "26", "28", "2D", "34", "3B", "3D", "3F", "40", "42", "53", "55", "57", "58"}

// coded reports whether the server returned one of these codes.
func coded(err error, codes ...string) bool {
	var e *pgconn.PgError
	return errors.As(err, &e) && slices.Contains(codes, e.Code)
}

// rolledBack reports whether the server rolled back a statement to resolve a deadlock or a serialization failure.
func rolledBack(err error) bool { return coded(err, codeSerialization, codeDeadlock) }

// full reports whether the server, the database, or the role has run out of connections. Nothing was sent.
func full(err error) bool { return coded(err, codeConnections) }

// locked reports whether a statement did nothing because it didn't get a lock in time.
func locked(err error) bool { return coded(err, codeLock) }

// unacceptable returns the server's error if the server refused a statement because of a row that it can't store or
// read, and nil for any other error. The server may still be at fault, see [doubtful].
func unacceptable(err error) *pgconn.PgError {
	var e *pgconn.PgError
	if errors.As(err, &e) {
		e = passedOn(e)
	}
	if e == nil || e.Severity != "ERROR" && e.SeverityUnlocalized != "ERROR" || len(e.Code) != 5 {
		return nil
	}
	if slices.Contains(general, e.Code[:2]) && e.Code != codePrivilege {
		return nil
	}
	return e
}

// passedOn restores the code of an error of which a coordinator has passed on only the message.
func passedOn(e *pgconn.PgError) *pgconn.PgError {
	if e.Code != codeInternal {
		return e
	}
	for text, code := range map[string]string{
		"duplicate key value": codeUnique, "violates check constraint": codeCheck, "index row": codeRow,
	} {
		if strings.Contains(e.Message, text) {
			c := *e
			c.Code = code
			return &c
		}
	}
	return e
}

// doubtful reports whether an [unacceptable] error may not be about a row. A host's trigger or policy rejects single
// rows, but the server may also have lost a privilege or be damaged. Only whether it accepts other rows can tell.
func doubtful(e *pgconn.PgError) bool { return errors.Is(reason(e), subscription.ErrRefused) }

// reason returns the error that a refusal with e matches.
func reason(e *pgconn.PgError) error {
	switch e.Code[:2] {
	case classLimit:
		return subscription.ErrTooLarge
	case classData:
		return subscription.ErrInvalid
	case classIntegrity:
		return subscription.ErrInvariant
	default:
		return subscription.ErrRefused
	}
}

// ended returns err, wrapping the context's error as well if the context has ended.
func ended(ctx context.Context, err error) error {
	if err == nil {
		return nil
	}
	if cause := ctx.Err(); cause != nil && !errors.Is(err, cause) {
		return fmt.Errorf("postgres: %w: %w", cause, err)
	}
	return err
}

const pause = 5 * time.Millisecond

// wait waits after attempt try, which counts from 0. The pause grows with each attempt and is randomized, so callers
// don't retry at the same moment.
func wait(ctx context.Context, try int) error {
	most := pause << min(try, 6)
	timer := time.NewTimer(most/2 + rand.N(most))
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
