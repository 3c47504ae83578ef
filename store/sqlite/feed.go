package sqlite

import (
	"context"
	"fmt"
	"math"
	"time"

	"github.com/prepaidkit/prepaid/internal/storeid"
	"github.com/prepaidkit/prepaid/store"
	"github.com/prepaidkit/prepaid/subscription"
)

const (
	// addFeed gives a change the next number. The row with the last number is never deleted, so none is given twice.
	addFeed = `INSERT INTO prepaid_feed (application_id, revision, at) VALUES (?, ?, ?)`

	getFeedEnds = `SELECT COALESCE(identity, ''), pruned, max(pruned, (SELECT COALESCE(max(number), 0) FROM prepaid_feed))
FROM prepaid_feed_state WHERE one = 1`
	nameFeed  = `UPDATE prepaid_feed_state SET identity = ? WHERE one = 1 AND identity IS NULL`
	renewFeed = `UPDATE prepaid_feed_state SET identity = ? WHERE one = 1`

	listFeed = `SELECT number, application_id, revision, at FROM prepaid_feed WHERE number > ? ORDER BY number LIMIT ?`
	// listFeedOf is in the order of the revisions, which is that of the numbers.
	listFeedOf = `SELECT number, application_id, revision, at FROM prepaid_feed
WHERE application_id = ? AND number > ? ORDER BY revision LIMIT ?`
	listEventsOf = `SELECT ` + eventColumns + ` FROM prepaid_events WHERE application_id = ? AND revision = ? ORDER BY "index"`

	// oldFeed finds the end of a page of lines that can be deleted.
	oldFeed = `SELECT max(number) FROM (SELECT number, at FROM prepaid_feed
	WHERE number > ? AND number <= ? ORDER BY number LIMIT ?) WHERE at < ?`
	pruneFeed   = `DELETE FROM prepaid_feed WHERE number <= ? AND number < (SELECT max(number) FROM prepaid_feed)`
	feedPruned  = `UPDATE prepaid_feed_state SET pruned = ?, last = (SELECT max(number) FROM prepaid_feed) WHERE one = 1`
	firstMark   = `SELECT number FROM prepaid_relays WHERE number >= 0 ORDER BY number LIMIT 1`
	firstParked = `SELECT number - 1 FROM prepaid_parked WHERE number >= 0 ORDER BY number LIMIT 1`
	everyNumber = math.MaxInt64
)

// Sequence implements [store.Feeder]. Changes are numbered as they are committed, so it has nothing to do.
func (*Store) Sequence(ctx context.Context, _ int) (int, error) { return 0, ctx.Err() }

// Feed implements [store.Feeder]. It returns at most a thousand changes.
func (s *Store) Feed(ctx context.Context, after store.Cursor, limit int) ([]store.FeedChange, error) {
	return s.feed(ctx, after, listFeed, nil, limit)
}

// FeedOf implements [store.Feeder]. It returns at most a thousand changes.
func (s *Store) FeedOf(
	ctx context.Context, app subscription.ApplicationID, after store.Cursor, limit int,
) ([]store.FeedChange, error) {
	return s.feed(ctx, after, listFeedOf, []any{string(app)}, limit)
}

// feed reads changes after a cursor, all of them as of the same instant.
func (s *Store) feed(ctx context.Context, after store.Cursor, list string, of []any, limit int) ([]store.FeedChange, error) {
	var changes []store.FeedChange
	err := s.snapshot(ctx, func(q session) error {
		first, last, err := feedEnds(q)
		if err != nil {
			return err
		}
		if err := after.After(first, last); err != nil {
			return err
		}
		from := max(after.Number, first.Number)
		if err := q.query(list, func(r row) error {
			changes = append(changes, store.FeedChange{
				Cursor:      store.Cursor{Feed: first.Feed, Number: r.number(0)},
				Application: subscription.ApplicationID(r.text(1)), Revision: r.number(2), At: r.time(3),
			})
			return nil
		}, append(of, from, int64(min(max(limit, 0), page)))...); err != nil {
			return err
		}
		for i := range changes {
			c := &changes[i]
			if err := q.query(listEventsOf, func(r row) error {
				e, err := decodeEvent(c.Application, r)
				c.Events = append(c.Events, e)
				return err
			}, string(c.Application), c.Revision); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	return changes, nil
}

// FeedEnds implements [store.Feeder].
func (s *Store) FeedEnds(ctx context.Context) (first, last store.Cursor, err error) {
	err = s.read(ctx, func(q session) error {
		first, last, err = feedEnds(q)
		return err
	})
	return first, last, err
}

func feedEnds(q session) (first, last store.Cursor, err error) {
	err = q.query(getFeedEnds, func(r row) error {
		first = store.Cursor{Feed: r.text(0), Number: r.number(1)}
		last = store.Cursor{Feed: r.text(0), Number: r.number(2)}
		return nil
	})
	return first, last, err
}

// NewFeed implements [store.Feeder]. Call it after a backup has taken the place of the file, and for a copy that stays in
// use, which needs [Store.NewIdentity] as well.
func (s *Store) NewFeed(ctx context.Context) error {
	err := s.write(ctx, 1, func(q session) error {
		_, err := q.exec(renewFeed, storeid.New())
		return err
	})
	if err != nil {
		return fmt.Errorf("sqlite: new feed: %w", err)
	}
	return nil
}

// passed returns the last number that every relay has handled.
func (s *Store) passed(ctx context.Context) (int64, error) {
	passed := int64(everyNumber)
	err := s.read(ctx, func(q session) error {
		for _, first := range []string{firstMark, firstParked} {
			if err := q.query(first, func(r row) error {
				passed = min(passed, r.number(0))
				return nil
			}); err != nil {
				return err
			}
		}
		return nil
	})
	return passed, err
}

// pruneFeed deletes changes that were numbered before an instant and that every relay has passed, a page at a time.
func (s *Store) pruneFeed(ctx context.Context, before time.Time, passed int64) error {
	for {
		var through int64
		err := s.write(ctx, page, func(q session) error {
			first, _, err := feedEnds(q)
			if err != nil {
				return err
			}
			through, err = getNumber(q, oldFeed, first.Number, passed, int64(page), before.UnixMicro())
			if err != nil || through == 0 {
				return err
			}
			if _, err := q.exec(feedPruned, through); err != nil {
				return err
			}
			_, err = q.exec(pruneFeed, through)
			return err
		})
		if err != nil || through == 0 {
			return err
		}
	}
}
