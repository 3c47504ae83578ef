package sqlite

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"time"
)

// The pause before the switch is retried. It doubles with each attempt, and is randomized so that processes don't
// retry at the same moment.
const (
	shortestPause = time.Millisecond
	longestPause  = 32 * time.Millisecond
)

// enterWAL switches the file to a write-ahead log, which it then keeps. It does nothing if the file already has one.
// While others use a file without one, it retries until the timeout and then fails with [ErrBusy], or with ctx's
// error if that comes first. A single attempt can itself take up to the busy timeout.
//
// In other places SQLite waits on its own. Here it can't: a connection that switches has read the file before it
// requests the write lock, and two such connections would wait for each other.
func enterWAL(ctx context.Context, c *conn, timeout time.Duration) error {
	limit := time.NewTimer(timeout)
	defer limit.Stop()
	for pause := shortestPause; ; pause = min(2*pause, longestPause) {
		err := c.script("PRAGMA journal_mode = wal") //nolint:contextcheck // see conn
		if !errors.Is(err, ErrBusy) {
			return err
		}
		again := time.NewTimer(pause/2 + rand.N(pause))
		select {
		case <-again.C:
			continue
		case <-limit.C:
		case <-ctx.Done():
			err = fmt.Errorf("%w: %w", ctx.Err(), err)
		}
		again.Stop()
		return err
	}
}
