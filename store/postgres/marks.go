package postgres

import (
	"context"
	"fmt"
	"time"

	"github.com/prepaidkit/prepaid/store"
	"github.com/prepaidkit/prepaid/store/document"
	"github.com/prepaidkit/prepaid/subscription"
)

const (
	getMark = `SELECT version, feed, number, holder, COALESCE(until, ` + absent + `) FROM {schema}.relays WHERE name = $1`

	// setMark moves a mark and, if it holds, parks and unparks. The arrays are those of the applications.
	setMark = `
WITH moved AS (
	UPDATE {schema}.relays SET version = $2, feed = $3, number = $4, holder = $5, until = $6
	WHERE name = $1 AND version = $2 - 1
	RETURNING name
), added AS (
	INSERT INTO {schema}.relays (name, version, feed, number, holder, until)
	SELECT $1, $2, $3, $4, $5, $6 WHERE $2 = 1
	ON CONFLICT DO NOTHING
	RETURNING name
), held AS (
	SELECT name FROM moved UNION ALL SELECT name FROM added
), unparked AS (
	DELETE FROM {schema}.parked p USING held h WHERE p.relay = h.name AND p.application_id = ANY ($7::text[])
), parks AS (
	INSERT INTO {schema}.parked (relay, application_id, number, tries, next, reason)
	SELECT h.name, p.application_id, p.number, p.tries, p.next, p.reason
	FROM held h, unnest($8::text[], $9::bigint[], $10::integer[], $11::timestamptz[], $12::text[])
		AS p (application_id, number, tries, next, reason)
	ON CONFLICT (application_id, relay) DO UPDATE SET
		number = excluded.number, tries = excluded.tries, next = excluded.next, reason = excluded.reason
)
SELECT count(*) FROM held`

	dropMark = `
WITH unparked AS (DELETE FROM {schema}.parked WHERE relay = $1), dropped AS (DELETE FROM {schema}.relays WHERE name = $1 RETURNING 1)
SELECT count(*) FROM dropped`

	listParked = `SELECT application_id, number, tries, next, reason FROM {schema}.parked
WHERE relay = $1 AND next <= $2 ORDER BY next, application_id LIMIT $3`
	parkedAmong = `SELECT application_id, number, tries, next, reason FROM {schema}.parked
WHERE relay = $1 AND application_id = ANY ($2::text[]) ORDER BY application_id`
)

// Mark implements [store.Marks].
func (s *Store) Mark(ctx context.Context, relay string) (store.Mark, error) {
	if err := ctx.Err(); err != nil {
		return store.Mark{}, err
	}
	var mark store.Mark
	err := s.get(ctx, getMark, []any{relay}, &mark.Version, &mark.Cursor.Feed, &mark.Cursor.Number, &mark.Holder, &mark.Until)
	mark.Until = mark.Until.UTC()
	return mark, unmigrated(err)
}

// SetMark implements [store.Marks].
func (s *Store) SetMark(
	ctx context.Context, relay string, is store.Mark, parks []store.Parked, goesOn []subscription.ApplicationID,
) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	if err := store.RelayName(relay); err != nil {
		return err
	}
	apps, numbers, tries := make([]string, len(parks)), make([]int64, len(parks)), make([]int32, len(parks))
	next, reasons := make([]time.Time, len(parks)), make([]string, len(parks))
	for i, p := range parks {
		if err := document.Text(p.Reason); err != nil {
			return err
		}
		apps[i], numbers[i], tries[i] = string(p.Application), p.Number, int32(min(p.Tries, 1<<30))
		next[i], reasons[i] = p.Next, p.Reason
	}
	var until *time.Time
	if !is.Until.IsZero() {
		until = &is.Until
	}
	n, err := s.count(ctx, setMark, relay, is.Version, is.Cursor.Feed, is.Cursor.Number, is.Holder, until, names(goesOn),
		apps, numbers, tries, next, reasons)
	if err == nil && n == 0 {
		err = fmt.Errorf("%w: the mark of relay %.80q", subscription.ErrConflict, relay)
	}
	return unmigrated(err)
}

func names(apps []subscription.ApplicationID) []string {
	out := make([]string, len(apps))
	for i, id := range apps {
		out[i] = string(id)
	}
	return out
}

// Parked implements [store.Marks].
func (s *Store) Parked(ctx context.Context, relay string, at time.Time, limit int) ([]store.Parked, error) {
	return s.parked(ctx, listParked, relay, at, int64(max(limit, 0)))
}

// ParkedAmong implements [store.Marks].
func (s *Store) ParkedAmong(ctx context.Context, relay string, apps []subscription.ApplicationID) ([]store.Parked, error) {
	return s.parked(ctx, parkedAmong, relay, names(apps))
}

func (s *Store) parked(ctx context.Context, statement string, args ...any) ([]store.Parked, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	var parked []store.Parked
	err := s.repeat(ctx, func() error {
		parked = nil
		return s.each(ctx, s.sql(statement), args, func(r rows) error {
			var p store.Parked
			var tries int32
			err := r.Scan((*string)(&p.Application), &p.Number, &tries, &p.Next, &p.Reason)
			p.Tries, p.Next = int(tries), p.Next.UTC()
			parked = append(parked, p)
			return err
		})
	})
	return parked, unmigrated(err)
}

// DropMark implements [store.Marks].
func (s *Store) DropMark(ctx context.Context, relay string) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	_, err := s.count(ctx, dropMark, relay)
	return unmigrated(err)
}
