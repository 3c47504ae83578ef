package sqlite

import (
	"context"
	"fmt"
	"time"

	"github.com/prepaidkit/prepaid/store"
	"github.com/prepaidkit/prepaid/store/document"
	"github.com/prepaidkit/prepaid/subscription"
)

const (
	getMark = `SELECT version, feed, number, holder, until FROM prepaid_relays WHERE name = ?`
	addMark = `INSERT INTO prepaid_relays (name, version, feed, number, holder, until) VALUES (?, ?, ?, ?, ?, ?)
ON CONFLICT DO NOTHING`
	setMark  = `UPDATE prepaid_relays SET version = ?, feed = ?, number = ?, holder = ?, until = ? WHERE name = ? AND version = ?`
	dropMark = `DELETE FROM prepaid_relays WHERE name = ?`

	park = `INSERT INTO prepaid_parked (relay, application_id, number, tries, next, reason) VALUES (?, ?, ?, ?, ?, ?)
ON CONFLICT (relay, application_id) DO UPDATE SET
	number = excluded.number, tries = excluded.tries, next = excluded.next, reason = excluded.reason`
	unpark    = `DELETE FROM prepaid_parked WHERE relay = ? AND application_id = ?`
	unparkAll = `DELETE FROM prepaid_parked WHERE relay = ?`

	listParked = `SELECT application_id, number, tries, next, reason FROM prepaid_parked
WHERE relay = ? AND next <= ? ORDER BY next, application_id LIMIT ?`
	getParked = `SELECT application_id, number, tries, next, reason FROM prepaid_parked WHERE relay = ? AND application_id = ?`
)

// Mark implements [store.Marks].
func (s *Store) Mark(ctx context.Context, relay string) (store.Mark, error) {
	var mark store.Mark
	err := s.read(ctx, func(q session) error {
		return q.query(getMark, func(r row) error {
			mark = store.Mark{
				Version: r.number(0), Cursor: store.Cursor{Feed: r.text(1), Number: r.number(2)}, Holder: r.text(3), Until: r.time(4),
			}
			return nil
		}, relay)
	})
	return mark, err
}

// SetMark implements [store.Marks].
func (s *Store) SetMark(
	ctx context.Context, relay string, is store.Mark, parks []store.Parked, goesOn []subscription.ApplicationID,
) error {
	if err := store.RelayName(relay); err != nil {
		return err
	}
	for _, p := range parks {
		if err := document.Text(p.Reason); err != nil {
			return err
		}
	}
	return s.write(ctx, 1+len(parks)+len(goesOn), func(q session) error {
		if err := moveMark(q, relay, &is); err != nil {
			return err
		}
		for _, app := range goesOn {
			if _, err := q.exec(unpark, relay, string(app)); err != nil {
				return err
			}
		}
		for _, p := range parks {
			if _, err := q.exec(park, relay, string(p.Application), p.Number, int64(p.Tries), p.Next.UnixMicro(), p.Reason); err != nil {
				return err
			}
		}
		return nil
	})
}

func moveMark(q session, relay string, is *store.Mark) error {
	args := []any{is.Version, is.Cursor.Feed, is.Cursor.Number, is.Holder, instant(is.Until)}
	statement := setMark
	if is.Version == 1 {
		statement, args = addMark, append([]any{relay}, args...)
	} else {
		args = append(args, relay, is.Version-1)
	}
	n, err := q.exec(statement, args...)
	if err == nil && n == 0 {
		err = fmt.Errorf("%w: the mark of relay %.80q", subscription.ErrConflict, relay)
	}
	return err
}

// Parked implements [store.Marks].
func (s *Store) Parked(ctx context.Context, relay string, at time.Time, limit int) ([]store.Parked, error) {
	var parked []store.Parked
	err := s.read(ctx, func(q session) error {
		return q.query(listParked, collectParked(&parked), relay, at.UnixMicro(), int64(max(limit, 0)))
	})
	return parked, err
}

// ParkedAmong implements [store.Marks].
func (s *Store) ParkedAmong(ctx context.Context, relay string, apps []subscription.ApplicationID) ([]store.Parked, error) {
	var parked []store.Parked
	err := s.read(ctx, func(q session) error {
		for _, app := range apps {
			if err := q.query(getParked, collectParked(&parked), relay, string(app)); err != nil {
				return err
			}
		}
		return nil
	})
	return parked, err
}

func collectParked(into *[]store.Parked) func(r row) error {
	return func(r row) error {
		*into = append(*into, store.Parked{
			Application: subscription.ApplicationID(r.text(0)), Number: r.number(1), Tries: int(r.number(2)), Next: r.time(3),
			Reason: r.text(4),
		})
		return nil
	}
}

// DropMark implements [store.Marks].
func (s *Store) DropMark(ctx context.Context, relay string) error {
	return s.write(ctx, 1, func(q session) error {
		if _, err := q.exec(unparkAll, relay); err != nil {
			return err
		}
		_, err := q.exec(dropMark, relay)
		return err
	})
}
