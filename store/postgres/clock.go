package postgres

import (
	"context"
	"fmt"
	"time"
)

// readClock returns the server's wall clock, not the start time of a transaction.
const readClock = `SELECT clock_timestamp()`

// Clock implements [subscription.Clocked]. It uses a connection from the pool.
func (s *Store) Clock(ctx context.Context) (time.Time, error) {
	var now time.Time
	if err := s.get(ctx, readClock, nil, &now); err != nil {
		return time.Time{}, fmt.Errorf("postgres: clock: %w", err)
	}
	return now.UTC(), nil
}
