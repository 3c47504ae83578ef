package postgres

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"strings"
	"time"

	"github.com/jackc/pgx/v5/pgconn"

	"github.com/prepaidkit/prepaid/subscription"
)

// The codes of errors after which it is certain that a statement changed nothing.
const (
	codeSerialization = "40001"
	codeDeadlock      = "40P01"
	codeUnique        = "23505"

	classData      = "22" // data exceptions
	classIntegrity = "23" // constraints
	classLimit     = "54" // too long a key, for one
)

// rolledBack reports whether the server rolled a statement back to resolve a deadlock or a serialization failure.
func rolledBack(err error) bool {
	var e *pgconn.PgError
	return errors.As(err, &e) && (e.Code == codeSerialization || e.Code == codeDeadlock)
}

// unacceptable returns what the server said of a statement whose rows it can't keep, nil if it said something else.
func unacceptable(err error) *pgconn.PgError {
	var e *pgconn.PgError
	if !errors.As(err, &e) || e.Severity != "ERROR" && e.SeverityUnlocalized != "ERROR" {
		return nil
	}
	for _, class := range [...]string{classData, classIntegrity, classLimit} {
		if strings.HasPrefix(e.Code, class) {
			return e
		}
	}
	return nil
}

// reason returns what a refusal for such an error matches.
func reason(e *pgconn.PgError) error {
	switch e.Code[:2] {
	case classLimit:
		return subscription.ErrTooLarge
	case classData:
		return subscription.ErrInvalid
	default:
		return subscription.ErrInvariant
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
