package postgres

import (
	"context"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgtype"

	"github.com/prepaidkit/prepaid/store"
	"github.com/prepaidkit/prepaid/store/document"
	"github.com/prepaidkit/prepaid/subscription"
)

// pruneRows is the maximum number of rows that one step of Prune looks at and deletes.
const pruneRows = 5000

const (
	// prunePage goes through a table in key order, one page at a time, and deletes the old rows. It returns the
	// number of rows deleted, the number of rows in the page, and the key of the last one. Every row is looked at
	// once, no matter how many stay.
	prunePage = `
WITH page AS MATERIALIZED (
	SELECT {key}, COALESCE({old}, true) AS old FROM {schema}.{table}
	WHERE ({key}) > ({from})
	ORDER BY {key}
	LIMIT $2
), deleted AS (
	DELETE FROM {schema}.{table} t USING page p
	WHERE p.old AND {same}
	RETURNING 1
)
SELECT (SELECT count(*) FROM deleted), (SELECT count(*) FROM page), {key} FROM page
ORDER BY {descending}
LIMIT 1`

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

	// behindRelays is the condition for an old event where there are relays: each has passed its change, which has a number.
	behindRelays = `at < $1 AND NOT EXISTS (
		SELECT 1 FROM {schema}.feed f
		WHERE f.application_id = events.application_id AND f.revision = events.revision AND f.number > {more}
	) AND NOT EXISTS (
		SELECT 1 FROM {schema}.waiting w WHERE w.application_id = events.application_id AND w.revision = events.revision
	)`

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

	// holdSpread holds them by an update that changes nothing. It waits for one that is being changed.
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

	// byKey makes the planner go through a table by its key, whatever its statistics say. Reading the whole table for
	// each page would take quadratic time.
	byKey = `SELECT set_config('enable_seqscan', 'off', true), set_config('enable_bitmapscan', 'off', true)`
)

// aged is a table whose old rows are deleted.
type aged struct {
	name string
	old  string // condition for an old row, with the bound $1
	key  []string
	from []any // sorts before the first key; later the key of the last row looked at
	more []any // another argument of the condition, or none
}

// statement returns the statement that prunes a page of the table.
func (t *aged) statement() string {
	from, same, descending := make([]string, len(t.key)), make([]string, len(t.key)), make([]string, len(t.key))
	for i, column := range t.key {
		from[i] = "$" + strconv.Itoa(3+i)
		same[i] = "t." + column + " = p." + column
		descending[i] = column + " DESC"
	}
	old := strings.ReplaceAll(t.old, "{more}", "$"+strconv.Itoa(3+len(t.key)))
	return strings.NewReplacer(
		"{key}", strings.Join(t.key, ", "), "{old}", old, "{table}", t.name, "{from}", strings.Join(from, ", "),
		"{same}", strings.Join(same, " AND "), "{descending}", strings.Join(descending, ", "),
	).Replace(prunePage)
}

// Prune implements [store.Pruner]. It goes through each table once, in steps of a few thousand rows, each its own
// transaction. It never waits for an application: if one is being changed, is being pruned by another process, or has
// a document that can't be read, its orders are left for the next time.
func (s *Store) Prune(ctx context.Context, before time.Time) (store.Pruned, error) {
	var pruned store.Pruned
	passed, err := s.passed(ctx)
	if err != nil {
		return pruned, unmigrated(err)
	}
	if err := s.pruneFeed(ctx, before, passed); err != nil {
		return pruned, err
	}
	day := pgtype.Date{Time: time.Unix(0, 0).UTC().AddDate(0, 0, int(store.PrunedDay(before))), Valid: true}
	events := aged{
		name: "events", old: "at < $1", key: []string{"application_id", "revision", "index"}, from: []any{"", int64(0), int64(-1)},
	}
	if passed < everyNumber {
		events.old, events.more = behindRelays, []any{passed}
	}
	for _, p := range []struct {
		table aged
		bound any
		count *int64
	}{
		{aged{name: "receipts", old: "at < $1", key: []string{"application_id", "key"}, from: []any{"", ""}}, before, &pruned.Receipts},
		{events, before, &pruned.Events},
		{aged{name: "records", old: "day <= $1", key: []string{"application_id", "id"}, from: []any{"", ""}}, day, &pruned.Records},
	} {
		if err := s.pruneTable(ctx, &p.table, p.bound, p.count); err != nil {
			return pruned, err
		}
	}
	err = s.pruneOrders(ctx, &pruned, before)
	return pruned, err
}

func (s *Store) pruneTable(ctx context.Context, t *aged, bound any, count *int64) error {
	statement := t.statement()
	for rows := int64(pruneRows); rows == pruneRows; {
		var deleted int64
		var last []any
		err := s.byKey(ctx, statement, slices.Concat([]any{bound, int64(pruneRows)}, t.from, t.more), func() {
			deleted, rows, last = 0, 0, nil
		}, func(r pgx.Rows) error {
			row, err := r.Values()
			if err != nil {
				return err
			}
			deleted, _ = row[0].(int64)
			rows, _ = row[1].(int64)
			last = row[2:]
			return nil
		})
		if err != nil {
			return err
		}
		*count += deleted
		t.from = last
	}
	return nil
}

// byKey runs a statement that goes through a table by its key, in its own transaction. It calls again before each
// attempt. The plan is made for these arguments and the current state of the table.
func (s *Store) byKey(ctx context.Context, statement string, args []any, again func(), scan func(pgx.Rows) error) error {
	return s.repeat(ctx, func() error {
		again()
		ctx, cancel := s.limit(ctx)
		defer cancel()
		err := pgx.BeginFunc(ctx, s.pool.Pool, func(tx pgx.Tx) error {
			if _, err := tx.Exec(ctx, byKey); err != nil {
				return err
			}
			r, err := tx.Query(ctx, s.sql(statement), append([]any{pgx.QueryExecModeDescribeExec}, args...)...)
			if err != nil {
				return err
			}
			return every(r, scan)
		})
		return ended(ctx, err)
	})
}

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

// begin prepares it for the page after an order.
func (p *closedPage) begin(from [2]string) { *p = closedPage{app: from[0], id: from[1]} }

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

// count runs a statement that returns a number.
func (s *Store) count(ctx context.Context, statement string, args ...any) (n int64, err error) {
	err = s.repeat(ctx, func() error {
		return s.each(ctx, s.sql(statement), args, func(r rows) error { return r.Scan(&n) })
	})
	return n, err
}
