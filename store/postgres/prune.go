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

	// behindRelays is the condition for an old event where there are relays: its change has a number, which each has passed.
	behindRelays = `at < $1 AND NOT EXISTS (
		SELECT 1 FROM {schema}.feed f
		WHERE f.application_id = events.application_id AND f.revision = events.revision AND f.number > {more}
	) AND NOT EXISTS (
		SELECT 1 FROM {schema}.waiting w WHERE w.application_id = events.application_id AND w.revision = events.revision
	)`

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
