package postgres

import (
	"context"
	"fmt"
	"strings"

	"github.com/jackc/pgx/v5"

	"github.com/prepaidkit/prepaid/internal/storeid"
	"github.com/prepaidkit/prepaid/store"
	"github.com/prepaidkit/prepaid/subscription"
)

const (
	// lockFeed lets one transaction at a time give numbers. The next one sees what this one has committed, so a number that
	// can be read is never followed by a lower one.
	lockFeed = `SELECT last FROM {schema}.feed_state WHERE one FOR UPDATE`

	// sequence moves lines from waiting to the feed. A transaction that sees a revision also sees the one before it, or its
	// number, so an application's numbers are in the order of its revisions.
	sequence = `
WITH next AS MATERIALIZED (
	SELECT application_id, revision FROM {schema}.waiting ORDER BY application_id, revision LIMIT $1
), moved AS (
	DELETE FROM {schema}.waiting w USING next n
	WHERE w.application_id = n.application_id AND w.revision = n.revision
	RETURNING w.application_id, w.revision
), numbered AS (
	INSERT INTO {schema}.feed (number, revision, at, application_id)
	SELECT $2 + row_number() OVER (ORDER BY application_id, revision), revision, clock_timestamp(), application_id FROM moved
	RETURNING number
)
UPDATE {schema}.feed_state SET last = last + (SELECT count(*) FROM numbered) WHERE one
RETURNING (SELECT count(*) FROM numbered)`

	getFeedState = `SELECT COALESCE(identity, ''), COALESCE(server, ''), pruned, last FROM {schema}.feed_state WHERE one`
	nameFeed     = `UPDATE {schema}.feed_state SET identity = $1, server = $2
WHERE one AND (identity IS NULL OR server IS DISTINCT FROM $2)
RETURNING last`
	renewFeed = `UPDATE {schema}.feed_state SET identity = $1, server = $2 WHERE one RETURNING last`

	// getServer returns what no copy of the database has: the identifiers of its cluster and of itself.
	getServer   = `SELECT (SELECT system_identifier::text FROM pg_control_system()) || '/' || ` + getDatabase
	getDatabase = `(SELECT oid::text FROM pg_database WHERE datname = current_database())`

	listFeed   = `SELECT number, revision, at, application_id FROM {schema}.feed WHERE number > $1 ORDER BY number LIMIT $2`
	listFeedOf = `SELECT number, revision, at, application_id FROM {schema}.feed
	WHERE application_id = $3 AND number > $1 ORDER BY revision LIMIT $2`
	// withEvents adds the events of the lines.
	withEvents = `
SELECT f.number, f.application_id, f.revision, f.at, COALESCE(e.index, -1), {event}
FROM ({lines}) f
LEFT JOIN {schema}.events e ON e.application_id = f.application_id AND e.revision = f.revision
ORDER BY f.number, e.index`
)

// Sequence implements [store.Feeder]. Several callers wait for each other.
func (s *Store) Sequence(ctx context.Context, limit int) (int, error) {
	if err := ctx.Err(); err != nil {
		return 0, err
	}
	if limit <= 0 {
		return 0, nil
	}
	var n int64
	err := s.repeat(ctx, func() error {
		ctx, cancel := s.limit(ctx)
		defer cancel()
		return ended(ctx, pgx.BeginFunc(ctx, s.pool.Pool, func(tx pgx.Tx) error {
			q := txSession{tx, s.pool.mode}
			var last int64
			if err := one(ctx, q, s.sql(lockFeed), nil, &last); err != nil {
				return err
			}
			return one(ctx, q, s.sql(sequence), []any{int64(limit), last}, &n)
		}))
	})
	return int(n), unmigrated(err)
}

// Feed implements [store.Feeder]. It returns at most a thousand changes.
func (s *Store) Feed(ctx context.Context, after store.Cursor, limit int) ([]store.FeedChange, error) {
	return s.feed(ctx, after, listFeed, limit)
}

// FeedOf implements [store.Feeder]. It returns at most a thousand changes.
func (s *Store) FeedOf(
	ctx context.Context, app subscription.ApplicationID, after store.Cursor, limit int,
) ([]store.FeedChange, error) {
	return s.feed(ctx, after, listFeedOf, limit, string(app))
}

// feed reads changes after a cursor. What is pruned meanwhile is noticed afterward.
func (s *Store) feed(
	ctx context.Context, after store.Cursor, lines string, limit int, of ...any,
) ([]store.FeedChange, error) {
	first, last, err := s.FeedEnds(ctx)
	if err != nil {
		return nil, err
	}
	for {
		if err := after.After(first, last); err != nil {
			return nil, err
		}
		from := max(after.Number, first.Number)
		changes, err := s.feedPage(ctx, first.Feed, lines, append([]any{from, int64(min(max(limit, 0), page))}, of...))
		if err != nil {
			return nil, err
		}
		if first, last, err = s.FeedEnds(ctx); err != nil {
			return nil, err
		}
		if first.Number <= from && (len(changes) == 0 || changes[0].Cursor.Feed == first.Feed) {
			return changes, nil
		}
	}
}

func (s *Store) feedPage(ctx context.Context, identity, lines string, args []any) ([]store.FeedChange, error) {
	statement := s.sql(strings.NewReplacer("{lines}", lines, "{event}", eventColumns).Replace(withEvents))
	var changes []store.FeedChange
	err := s.repeat(ctx, func() error {
		changes = nil
		var (
			c     = store.FeedChange{Cursor: store.Cursor{Feed: identity}}
			index int32
			row   eventRow
		)
		dest := append([]any{&c.Cursor.Number, (*string)(&c.Application), &c.Revision, &c.At, &index}, row.dest()...)
		return s.each(ctx, statement, args, func(r rows) error {
			if err := r.Scan(dest...); err != nil {
				return err
			}
			c.At = c.At.UTC()
			if n := len(changes); n == 0 || changes[n-1].Cursor != c.Cursor {
				changes = append(changes, c)
			}
			if index < 0 {
				return nil
			}
			e, err := row.value(c.Application, place{c.Revision, index})
			own := &changes[len(changes)-1]
			own.Events = append(own.Events, e)
			return err
		})
	})
	return changes, err
}

// FeedEnds implements [store.Feeder]. If the database turns out to be a copy, the feed gets another identity first.
func (s *Store) FeedEnds(ctx context.Context) (first, last store.Cursor, err error) {
	if err := ctx.Err(); err != nil {
		return first, last, err
	}
	here, err := s.server(ctx)
	if err != nil {
		return first, last, err
	}
	for {
		var identity, server string
		if err := s.get(ctx, getFeedState, nil, &identity, &server, &first.Number, &last.Number); err != nil {
			return first, last, unmigrated(err)
		}
		if identity != "" && server == here {
			first.Feed, last.Feed = identity, identity
			return first, last, nil
		}
		if _, err := s.count(ctx, nameFeed, storeid.New(), here); err != nil {
			return first, last, err
		}
	}
}

// NewFeed implements [store.Feeder]. A database that was dumped and restored, or copied, gets another feed by itself, since
// its server or its number there differ. Call NewFeed after the server was put back to an earlier time.
func (s *Store) NewFeed(ctx context.Context) error {
	here, err := s.server(ctx)
	if err == nil {
		_, err = s.count(ctx, renewFeed, storeid.New(), here)
	}
	if err != nil {
		return fmt.Errorf("postgres: new feed: %w", unmigrated(err))
	}
	return nil
}

// server returns what tells this database from copies of it: its cluster and its number there, or the number alone for a role
// that may not know the cluster.
func (s *Store) server(ctx context.Context) (string, error) {
	if known := s.databaseID.Load(); known != nil {
		return *known, nil
	}
	var id string
	err := s.get(ctx, getServer, nil, &id)
	if coded(err, codePrivilege) {
		err = s.get(ctx, `SELECT `+getDatabase, nil, &id)
	}
	if err != nil {
		return "", err
	}
	s.databaseID.Store(&id)
	return id, nil
}
