package postgres

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/prepaidkit/prepaid/store"
	"github.com/prepaidkit/prepaid/store/document"
	"github.com/prepaidkit/prepaid/subscription"
)

const (
	// closedOrders is a page of orders in key order. It returns those that were closed before the given time and
	// never moved any money, and the last order of the page. The document is in the first row of each application.
	closedOrders = `
WITH page AS MATERIALIZED (
	SELECT application_id, id, COALESCE(closed_at < $1 AND status IN ('declined', 'cancelled') AND COALESCE(collected, 0) = 0
		AND refunds = 0, false) AS old
	FROM {schema}.orders
	WHERE (application_id, id) > ($3, $4)
	ORDER BY application_id, id
	LIMIT $2
), numbered AS (
	SELECT application_id, id, old, count(*) OVER () AS rows, row_number() OVER (ORDER BY application_id, id) AS number,
		row_number() OVER (PARTITION BY application_id, old ORDER BY id) AS of_application
	FROM page
)
SELECT n.rows, n.application_id, n.id, n.old AND a.id IS NOT NULL, COALESCE(a.revision, 0),
	CASE WHEN n.of_application = 1 THEN COALESCE(a.document, '') ELSE '' END
FROM numbered n
LEFT JOIN {schema}.applications a ON n.old AND a.id = n.application_id
WHERE n.old OR n.number = n.rows
ORDER BY n.application_id, n.id`

	// holdApplications skips an application that is being changed, or has changed since its document was read. An order
	// can only be changed while holding the lock on its application's row.
	holdApplications = `
WITH held AS (
	SELECT a.id
	FROM unnest($1::text[], $2::bigint[]) AS c (id, revision)
	JOIN {schema}.applications a ON a.id = c.id AND a.revision = c.revision
	WHERE ` + few + `
	FOR NO KEY UPDATE OF a SKIP LOCKED
)`

	// holdSpread holds applications by an update that changes nothing. It waits for one that is being changed.
	holdSpread = `
WITH held AS (
	UPDATE {schema}.applications a SET revision = c.revision
	FROM unnest($1::text[], $2::bigint[]) AS c (id, revision)
	WHERE a.id = c.id AND a.revision = c.revision AND ` + few + `
	RETURNING a.id
)`

	deleteOrders = `, deleted AS (
	DELETE FROM {schema}.orders o
	USING unnest($3::text[], $4::text[]) AS c (application_id, id)
	WHERE o.application_id = c.application_id AND o.id = c.id AND c.application_id IN (SELECT id FROM held) AND ` + few + `
	RETURNING 1
)
SELECT count(*) FROM deleted`
)

// pruneOrders deletes the orders that [subscription.Order.Prunable] allows and that no document mentions.
func (s *Store) pruneOrders(ctx context.Context, pruned *store.Pruned, before time.Time) error {
	var closed closedPage
	for more := true; more; more = closed.rows == pruneRows {
		from := [2]string{closed.app, closed.id}
		err := s.byKey(ctx, closedOrders, []any{before, int64(pruneRows), from[0], from[1]}, func() { closed.begin(from) }, closed.scan)
		if err != nil {
			return err
		}
		if closed.ids.len() == 0 {
			continue
		}
		statement := s.plainOr(holdApplications, holdSpread) + deleteOrders
		n, err := s.count(ctx, statement, &closed.apps, &closed.revisions, &closed.owners, &closed.ids)
		if err != nil {
			return err
		}
		pruned.Orders += n
	}
	return nil
}

// closedPage is a page of orders that can be deleted.
type closedPage struct {
	owners, ids texts // of the orders that their application's document doesn't mention
	apps        texts // each owner once
	revisions   numbers
	rows        int64

	app, id  string // of the last row
	owner    subscription.Application
	readable error
}

// begin empties p for the page after an order.
func (p *closedPage) begin(from [2]string) { *p = closedPage{app: from[0], id: from[1]} }

// scan adds a row of closedOrders.
func (p *closedPage) scan(r pgx.Rows) error {
	var (
		old      bool
		revision int64
		doc      borrowed
	)
	if err := r.Scan(&p.rows, &p.app, &p.id, &old, &revision, &doc); err != nil || !old {
		return err
	}
	if len(doc) > 0 {
		p.owner, p.readable = document.Decode(doc)
	}
	if p.readable == nil && !p.owner.References(subscription.OrderID(p.id)) {
		p.owners.values.add(p.app, false)
		p.ids.values.add(p.id, false)
		if n := p.apps.len(); n == 0 || p.apps.rows[n-1] != p.app {
			p.apps.values.add(p.app, false)
			p.revisions.values.add(revision, false)
		}
	}
	return nil
}
