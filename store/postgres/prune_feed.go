package postgres

import (
	"context"
	"math"
	"time"
)

const (
	behindAll = `SELECT LEAST((SELECT min(number) FROM {schema}.relays), (SELECT min(number) - 1 FROM {schema}.parked), $1::bigint)`

	pruneFeed = `
WITH page AS MATERIALIZED (
	SELECT number, at FROM {schema}.feed
	WHERE number > (SELECT pruned FROM {schema}.feed_state WHERE one) AND number <= $1
	ORDER BY number LIMIT $2
), through AS (
	SELECT max(number) AS number FROM page WHERE number < COALESCE((SELECT min(number) FROM page WHERE at >= $3), $4)
), deleted AS (
	DELETE FROM {schema}.feed f USING through t WHERE f.number <= t.number RETURNING 1
)
UPDATE {schema}.feed_state s SET pruned = t.number FROM through t WHERE s.one AND t.number > s.pruned
RETURNING (SELECT count(*) FROM deleted)`

	// everyNumber is a number that no change has: where there is no relay, all of them have been passed.
	everyNumber = int64(math.MaxInt64)
)

// passed returns the last number that every relay has handled.
func (s *Store) passed(ctx context.Context) (int64, error) {
	return s.count(ctx, behindAll, everyNumber)
}

// pruneFeed deletes changes that were numbered before an instant and that every relay has passed. First it numbers those that
// wait, so that none waits forever where nobody follows the feed.
func (s *Store) pruneFeed(ctx context.Context, before time.Time, passed int64) error {
	for n := 1; n > 0; {
		var err error
		if n, err = s.Sequence(ctx, pruneRows); err != nil {
			return err
		}
	}
	for n := int64(1); n > 0; {
		var err error
		if n, err = s.count(ctx, pruneFeed, passed, int64(pruneRows), before, everyNumber); err != nil {
			return err
		}
	}
	return nil
}
