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

	// closedOrders is a page of those for which no money ever moved, in their order, with the document at the first of an
	// application's.
	closedOrders = `
SELECT c.application_id, c.id, a.revision, CASE WHEN c.first THEN a.document ELSE '' END
FROM (
	SELECT application_id, id, lag(application_id) OVER (ORDER BY application_id, id) IS DISTINCT FROM application_id AS first
	FROM {schema}.orders
	WHERE application_id = ANY ($1) AND closed_at < $2 AND status IN ('declined', 'cancelled') AND COALESCE(collected, 0) = 0
		AND refunds = 0 AND (application_id, id) > ($3, $4)
	ORDER BY application_id, id
	LIMIT $5
) c
JOIN {schema}.applications a ON a.id = c.application_id
ORDER BY c.application_id, c.id`

	// pruneOrders leaves an application alone that is being changed, or was since its document was read. Nobody changes
	// an order without the lock of its application's row.
	pruneOrders = `
WITH held AS (
	SELECT a.id
	FROM unnest($1::text[], $2::bigint[]) AS c (id, revision)
	JOIN {schema}.applications a ON a.id = c.id AND a.revision = c.revision
	WHERE ` + few + `
	FOR NO KEY UPDATE OF a SKIP LOCKED
), deleted AS (
	DELETE FROM {schema}.orders o
	USING unnest($3::text[], $4::text[]) AS c (application_id, id)
	WHERE o.application_id = c.application_id AND o.id = c.id AND c.application_id IN (SELECT id FROM held) AND ` + few + `
	RETURNING 1
)
SELECT count(*) FROM deleted`
)

// Prune implements [store.Pruner]. Each step is a statement of its own, of at most some thousands of rows. It waits for
// no application: orders of one that is changed meanwhile, that another process prunes, or whose document can't be read,
// are left to the next time.
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

// pruneOrders deletes the orders that are forgettable, see [subscription.Order.Forgettable], and that no document names.
func (s *Store) pruneOrders(ctx context.Context, pruned *store.Pruned, apps *texts, before time.Time) error {
	var closed closedPage
	for more := true; more; more = closed.rows == pruneRows {
		from := [2]string{closed.app, closed.id}
		err := s.repeat(ctx, func() error {
			closed.begin(from)
			return s.each(ctx, s.sql(closedOrders), []any{apps, before, from[0], from[1], int64(pruneRows)}, closed.scan)
		})
		if err != nil {
			return err
		}
		if closed.ids.len() == 0 {
			continue
		}
		n, err := s.count(ctx, pruneOrders, &closed.apps, &closed.revisions, &closed.owners, &closed.ids)
		if err != nil {
			return err
		}
		pruned.Orders += n
	}
	return nil
}

// closedPage is a page of orders that can be forgotten.
type closedPage struct {
	owners, ids texts // of those that their application's document doesn't name
	apps        texts // each of the owners once
	revisions   numbers
	rows        int

	app, id  string // of the last row
	owner    subscription.Application
	readable error
}

// begin makes it ready for the page behind an order.
func (p *closedPage) begin(from [2]string) { *p = closedPage{app: from[0], id: from[1]} }

func (p *closedPage) scan(r rows) error {
	var (
		revision int64
		doc      borrowed
	)
	if err := r.Scan(&p.app, &p.id, &revision, &doc); err != nil {
		return err
	}
	p.rows++
	if len(doc) > 0 {
		p.owner, p.readable = document.Decode(doc)
	}
	if p.readable == nil && !p.owner.Names(subscription.OrderID(p.id)) {
		p.owners.values.add(p.app, false)
		p.ids.values.add(p.id, false)
		if n := p.apps.len(); n == 0 || p.apps.rows[n-1] != p.app {
			p.apps.values.add(p.app, false)
			p.revisions.values.add(revision, false)
		}
	}
	return nil
}

// count runs a statement that returns a number.
func (s *Store) count(ctx context.Context, statement string, args ...any) (n int64, err error) {
	err = s.repeat(ctx, func() error {
		return s.each(ctx, s.sql(statement), args, func(r rows) error { return r.Scan(&n) })
	})
	return n, err
}
