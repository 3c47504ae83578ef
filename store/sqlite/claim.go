package sqlite

import (
	"context"
	"time"

	"github.com/prepaidkit/prepaid/renewal"
	"github.com/prepaidkit/prepaid/subscription"
)

const (
	getDue = `SELECT id, document FROM prepaid_applications
WHERE due <= ? AND (leased_until IS NULL OR leased_until <= ?) ORDER BY due LIMIT ?`
	lease = `UPDATE prepaid_applications SET leased_until = ? WHERE id = ?`
)

// Claim implements [renewal.Store]. An application whose document can't be read is claimed with its [*CorruptError];
// the others are unaffected. It fails with [ErrNotMigrated].
func (s *Store) Claim(ctx context.Context, asOf time.Time, leaseFor time.Duration, limit int) ([]renewal.Claimed, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	if limit <= 0 {
		return nil, nil
	}
	now, until := asOf.UnixMicro(), asOf.Add(max(leaseFor, 0)).UnixMicro()
	var ids, documents []string
	var store string
	err := s.write(ctx, min(limit, groupWeight), func(q session) (err error) {
		ids, documents = ids[:0], documents[:0]
		if store, err = s.identity.of(q); err != nil {
			return err
		}
		if err := q.query(getDue, func(r row) error {
			ids, documents = append(ids, r.text(0)), append(documents, r.text(1))
			return nil
		}, now, now, int64(limit)); err != nil {
			return err
		}
		for _, id := range ids {
			if _, err := q.exec(lease, until, id); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	claimed := make([]renewal.Claimed, len(ids))
	for i, id := range ids {
		claimed[i].Application = subscription.ApplicationID(id)
		claimed[i].Snapshot.Application, claimed[i].Err = decodeDocument(id, documents[i])
		claimed[i].Snapshot.Store = store
	}
	return claimed, nil
}
