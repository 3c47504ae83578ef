package postgres

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"time"

	"github.com/jackc/pgx/v5/pgconn"

	"github.com/prepaidkit/prepaid/subscription"
)

// The codes of errors after which it is certain that a statement changed nothing.
const (
	codeSerialization = "40001"
	codeDeadlock      = "40P01"
	codeUnique        = "23505"

	codePrivilege   = "42501" // also a policy of row-level security
	codeLock        = "55P03" // lock_timeout
	codeConnections = "53300" // too many of them

	classData      = "22" // data exceptions
	classIntegrity = "23" // constraints
	classLimit     = "54" // too long a key, for one
)

// general are the classes of errors that say nothing of a row, but that the session, the statement or the server is at
// fault.
//
//nolint:gochecknoglobals // a constant that Go has no syntax for
var general = []string{"08", "0A", "25", "26", "28", "2D", "34", "3B", "3D", "3F", "40", "42", "53", "55", "57", "58"}

// coded reports whether the server answered with one of some codes.
func coded(err error, codes ...string) bool {
	var e *pgconn.PgError
	return errors.As(err, &e) && slices.Contains(codes, e.Code)
}

// rolledBack reports whether the server rolled a statement back to resolve a deadlock or a serialization failure.
func rolledBack(err error) bool { return coded(err, codeSerialization, codeDeadlock) }

// full reports whether the server, the database or the role has no connection left. Nothing was sent.
func full(err error) bool { return coded(err, codeConnections) }

// locked reports whether a statement didn't get a lock in time, and did nothing.
func locked(err error) bool { return coded(err, codeLock) }

// unacceptable returns what the server said of a statement that it didn't run for the sake of a row, which it can't keep
// or can't read, nil if it said something else. The server may still be the one at fault, see [doubtful].
func unacceptable(err error) *pgconn.PgError {
	var e *pgconn.PgError
	if !errors.As(err, &e) || e.Severity != "ERROR" && e.SeverityUnlocalized != "ERROR" || len(e.Code) != 5 {
		return nil
	}
	if slices.Contains(general, e.Code[:2]) && e.Code != codePrivilege {
		return nil
	}
	return e
}

// doubtful reports whether an error that is [unacceptable] needn't be of a row: a host's trigger or policy refuses single
// ones, but a server may have lost a right, or be damaged, as a whole. What tells is whether other rows are taken.
func doubtful(e *pgconn.PgError) bool { return errors.Is(reason(e), subscription.ErrRefused) }

// reason returns what a refusal for such an error matches.
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

// ended returns err, and makes sure that it wraps the context's error if the context has ended.
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

// wait waits before the try that follows the given one, from 0, longer each time and never as long as others.
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
