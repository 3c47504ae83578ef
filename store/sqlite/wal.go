package sqlite

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"time"
)

// The pause before a switch is tried again, which doubles from try to try, and is never as long as that of others.
const (
	shortestPause = time.Millisecond
	longestPause  = 32 * time.Millisecond
)

// enterWAL switches the file to a write-ahead log, which it then keeps. It does nothing to a file that has one. While
// others use a file without one it tries again until the timeout, and fails with [ErrBusy], or with ctx's error before.
// A try takes up to the busy timeout itself.
//
// Elsewhere SQLite waits by itself. Here it can't: who switches has read the file before it asks for the lock to write,
// and two who did would wait for each other.
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
