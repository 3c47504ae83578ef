package postgres_test

import (
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/prepaidkit/prepaid/internal/testsize"
	"github.com/prepaidkit/prepaid/store"
)

// While a transaction elsewhere in the database stays open, everything goes on: changes are committed, get their numbers in the
// feed, and old rows are pruned. What it costs is logged: the versions of a row that is changed again and again stay, and each
// change has to pass them.
// Rule: feed-skips-nothing.
func TestLongTransactionElsewhere(t *testing.T) {
	p := connect(t)
	n := int64(testsize.Of(200, 5000))
	s, name := openNamed(t, p, nil)
	commit(t, s, create("hot"), create("cold"))
	base := int64(1)
	changes := func() (each time.Duration) {
		began := time.Now()
		for range n {
			commit(t, s, next("hot", base))
			base++
		}
		return time.Since(began) / time.Duration(n)
	}
	pages := func() string {
		return lines(t, p, name, `SELECT (pg_relation_size('{schema}.applications') / 8192)::text`)[0]
	}
	alone := changes()
	before := pages()
	tx, err := p.BeginTx(t.Context(), pgx.TxOptions{IsoLevel: pgx.RepeatableRead})
	ok(t, err)
	defer func() { _ = tx.Rollback(t.Context()) }()
	var one int
	ok(t, tx.QueryRow(t.Context(), "SELECT 1").Scan(&one)) // it has a snapshot now
	beside := changes()
	sequenced := 0
	for {
		given, err := s.Sequence(t.Context(), 1000)
		ok(t, err)
		if given == 0 {
			break
		}
		sequenced += given
	}
	check(t, "numbers given", sequenced, int(2*n)+2)
	_, last, err := s.FeedEnds(t.Context())
	ok(t, err)
	found, err := s.Feed(t.Context(), store.Cursor{Feed: last.Feed, Number: last.Number - 1}, 10)
	ok(t, err)
	check(t, "read of the feed", len(found), 1)
	pruned, err := s.Prune(t.Context(), time.Now().Add(time.Hour))
	ok(t, err)
	check(t, "events pruned", pruned.Events, 2*n+2)
	t.Logf("%d changes of one application: %s each, %s pages; beside a transaction that stays open: %s each, %s pages", n, alone,
		before, beside, pages())
}

// Prune needs no statistics, such as a restored database lacks, but is told what they save.
// Rule: pruning-keeps-the-books.
func TestPruneOfARestoredDatabase(t *testing.T) {
	p := connect(t)
	n := testsize.Of(2000, 200_000)
	took := map[bool]time.Duration{}
	for _, analyzed := range []bool{false, true} {
		s, name := openNamed(t, p, nil)
		for _, table := range []string{"events", "receipts", "feed", "waiting", "orders", "applications"} {
			run(t, p, name, "ALTER TABLE {schema}."+table+" SET (autovacuum_enabled = false)")
		}
		run(t, p, name, `INSERT INTO {schema}.events (application_id, revision, index, at, type)
			SELECT 'a' || i % 1000, 1 + i / 1000, 0, '2025-01-01', 'application_created' FROM generate_series(0, $1 - 1) i`, n)
		run(t, p, name, `INSERT INTO {schema}.feed (number, application_id, revision, at)
			SELECT i + 1, 'a' || i % 1000, 1 + i / 1000, '2025-01-01' FROM generate_series(0, $1 - 1) i`, n)
		run(t, p, name, `UPDATE {schema}.feed_state SET last = $1`, n)
		ok(t, s.SetMark(t.Context(), "mails", store.Mark{Version: 1, Cursor: store.Cursor{Number: int64(n / 2)}}, nil, nil))
		if analyzed {
			for table := range strings.FieldsSeq("events feed waiting orders receipts relays parked applications") {
				run(t, p, name, "ANALYZE {schema}."+table)
			}
		}
		began := time.Now()
		pruned, err := s.Prune(t.Context(), time.Now())
		ok(t, err)
		took[analyzed] = time.Since(began)
		check(t, "events pruned", pruned.Events, int64(n/2))
	}
	t.Logf("%d events: pruned in %s without statistics, in %s with them", n, took[false], took[true])
}
