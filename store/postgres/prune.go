package postgres

import (
	"context"
	"strconv"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgtype"

	"github.com/prepaidkit/prepaid/store"
	"github.com/prepaidkit/prepaid/store/document"
	"github.com/prepaidkit/prepaid/subscription"
)

// pruneRows is how many rows one step of Prune looks at, and deletes at most.
const pruneRows = 5000

const (
	// prunePage goes through a table by its key, a page at a time, and deletes what is old of it. It returns how many rows
	// were deleted and how many there were, and the key of the last one. Every row is looked at once, however many stay.
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

	// closedOrders is a page of orders, by their key: those for which no money ever moved and that were closed before, and
	// the last one. The document is at the first one of an application's.
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

	// byKey makes the planner go through a table by its key, whatever it knows of the table: to read all of it for each page
	// would take the square of the time.
	byKey = `SELECT set_config('enable_seqscan', 'off', true), set_config('enable_bitmapscan', 'off', true)`
)

// aged is a table whose old rows are deleted.
type aged struct {
	name string
	old  string // of a row that is, with the bound $1
	key  []string
	from []any // before the first key, and then the last one that was looked at
}

// statement returns the statement that prunes a page of the table.
func (t *aged) statement() string {
	from, same, descending := make([]string, len(t.key)), make([]string, len(t.key)), make([]string, len(t.key))
	for i, column := range t.key {
		from[i] = "$" + strconv.Itoa(3+i)
		same[i] = "t." + column + " = p." + column
		descending[i] = column + " DESC"
	}
	return strings.NewReplacer(
		"{key}", strings.Join(t.key, ", "), "{old}", t.old, "{table}", t.name, "{from}", strings.Join(from, ", "),
		"{same}", strings.Join(same, " AND "), "{descending}", strings.Join(descending, ", "),
	).Replace(prunePage)
}

// Prune implements [store.Pruner]. It goes through each table once, in steps of some thousands of rows, each a transaction
// of its own. It waits for no application: orders of one that is changed meanwhile, that another process prunes, or whose
// document can't be read, are left to the next time.
func (s *Store) Prune(ctx context.Context, before time.Time) (store.Pruned, error) {
	var pruned store.Pruned
	day := pgtype.Date{Time: time.Unix(0, 0).UTC().AddDate(0, 0, int(store.PrunedDay(before))), Valid: true}
	for _, p := range []struct {
		table aged
		bound any
		count *int64
	}{
		{aged{"receipts", "at < $1", []string{"application_id", "key"}, []any{"", ""}}, before, &pruned.Receipts},
		{
			aged{"events", "at < $1", []string{"application_id", "revision", "index"}, []any{"", int64(0), int64(-1)}},
			before, &pruned.Events,
		},
		{aged{"records", "day <= $1", []string{"application_id", "id"}, []any{"", ""}}, day, &pruned.Records},
	} {
		if err := s.pruneTable(ctx, &p.table, p.bound, p.count); err != nil {
			return pruned, err
		}
	}
	err := s.pruneOrders(ctx, &pruned, before)
	return pruned, err
}

func (s *Store) pruneTable(ctx context.Context, t *aged, bound any, count *int64) error {
	statement := t.statement()
	for rows := int64(pruneRows); rows == pruneRows; {
		var deleted int64
		var last []any
		err := s.byKey(ctx, statement, append([]any{bound, int64(pruneRows)}, t.from...), func() {
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

// byKey runs a statement that goes through a table by its key, in a transaction of its own. again is called before each
// try. The plan is made for these arguments and for the table as it is.
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

// pruneOrders deletes the orders that are forgettable, see [subscription.Order.Prunable], and that no document names.
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
	rows        int64

	app, id  string // of the last row
	owner    subscription.Application
	readable error
}

// begin makes it ready for the page behind an order.
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
