package postgres

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5/pgtype"

	"github.com/prepaidkit/prepaid/store"
	"github.com/prepaidkit/prepaid/store/document"
	"github.com/prepaidkit/prepaid/subscription"
)

// How much one step of Prune looks at, and deletes at most.
const (
	pruneApplications = 200
	pruneRows         = 5000
)

const (
	pruneReceipts = `
WITH deleted AS (
	DELETE FROM {schema}.receipts r
	USING (
		SELECT application_id, key FROM {schema}.receipts
		WHERE application_id = ANY ($1) AND COALESCE(at < $2, true)
		LIMIT $3
	) d
	WHERE r.application_id = d.application_id AND r.key = d.key
	RETURNING 1
)
SELECT count(*) FROM deleted`

	pruneEvents = `
WITH deleted AS (
	DELETE FROM {schema}.events e
	USING (
		SELECT application_id, revision, index FROM {schema}.events
		WHERE application_id = ANY ($1) AND COALESCE(at < $2, true)
		LIMIT $3
	) d
	WHERE e.application_id = d.application_id AND e.revision = d.revision AND e.index = d.index
	RETURNING 1
)
SELECT count(*) FROM deleted`

	pruneRecords = `
WITH deleted AS (
	DELETE FROM {schema}.records r
	USING (
		SELECT application_id, id FROM {schema}.records
		WHERE application_id = ANY ($1) AND day <= $2
		LIMIT $3
	) d
	WHERE r.application_id = d.application_id AND r.id = d.id
	RETURNING 1
)
SELECT count(*) FROM deleted`

	closedOrders = `
SELECT o.application_id, o.id, a.revision, a.document
FROM {schema}.orders o
JOIN {schema}.applications a ON a.id = o.application_id
WHERE o.application_id = ANY ($1) AND o.closed_at < $2
	AND o.status IN ('paid', 'declined', 'cancelled', 'refunded')`

	// pruneOrders leaves an application alone that was changed since its document was read.
	pruneOrders = `
WITH deleted AS (
	DELETE FROM {schema}.orders o
	USING unnest($1::text[], $2::text[], $3::bigint[]) AS c (application_id, id, revision),
		{schema}.applications a
	WHERE o.application_id = c.application_id AND o.id = c.id AND a.id = c.application_id AND a.revision = c.revision
	RETURNING 1
)
SELECT count(*) FROM deleted`
)

// Prune implements [store.Pruner]. Each step is a statement of its own, of at most some thousands of rows. Orders of
// an application that is changed meanwhile, or whose document can't be read, are left to the next time.
func (s *Store) Prune(ctx context.Context, before time.Time) (store.Pruned, error) {
	var (
		pruned store.Pruned
		apps   texts
	)
	step := func() error {
		defer apps.cut(0)
		return s.prune(ctx, &pruned, &apps, before)
	}
	for id, err := range s.Applications(ctx) {
		if err != nil {
			return pruned, err
		}
		apps.values.add(string(id), false)
		if apps.len() == pruneApplications {
			if err := step(); err != nil {
				return pruned, err
			}
		}
	}
	if apps.len() == 0 {
		return pruned, nil
	}
	return pruned, step()
}

func (s *Store) prune(ctx context.Context, pruned *store.Pruned, apps *texts, before time.Time) error {
	epoch := time.Unix(0, 0).UTC()
	day := pgtype.Date{Time: epoch.AddDate(0, 0, int(store.PrunedDay(before))), Valid: true}
	for _, p := range []struct {
		statement string
		bound     any
		count     *int64
	}{
		{pruneReceipts, before, &pruned.Receipts},
		{pruneEvents, before, &pruned.Events},
		{pruneRecords, day, &pruned.Records},
	} {
		for n := int64(pruneRows); n == pruneRows; *p.count += n {
			var err error
			if n, err = s.count(ctx, p.statement, apps, p.bound, int64(pruneRows)); err != nil {
				return err
			}
		}
	}
	return s.pruneOrders(ctx, pruned, apps, before)
}

// pruneOrders deletes the orders that are at their end and that no document names.
func (s *Store) pruneOrders(ctx context.Context, pruned *store.Pruned, apps *texts, before time.Time) error {
	var (
		owners, ids texts
		revisions   numbers
		app, id     string
		revision    int64
		doc         []byte
		last        string
		owner       subscription.Application
		readable    error
	)
	err := s.each(ctx, s.sql(closedOrders), []any{apps, before}, func(r rows) error {
		if err := r.Scan(&app, &id, &revision, &doc); err != nil {
			return err
		}
		if app != last {
			owner, readable = document.Decode(doc)
			last = app
		}
		if readable == nil && !owner.Names(subscription.OrderID(id)) {
			owners.values.add(app, false)
			ids.values.add(id, false)
			revisions.values.add(revision, false)
		}
		return nil
	})
	if err != nil || ids.len() == 0 {
		return err
	}
	n, err := s.count(ctx, pruneOrders, &owners, &ids, &revisions)
	pruned.Orders += n
	return err
}

// count runs a statement that returns a number.
func (s *Store) count(ctx context.Context, statement string, args ...any) (n int64, err error) {
	err = s.each(ctx, s.sql(statement), args, func(r rows) error { return r.Scan(&n) })
	return n, err
}
