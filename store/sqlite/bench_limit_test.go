package sqlite_test

import (
	"context"
	"database/sql"
	"path/filepath"
	"strings"
	"testing"

	"github.com/prepaidkit/prepaid/internal/scene"
	"github.com/prepaidkit/prepaid/store/sqlite"
	"github.com/prepaidkit/prepaid/subscription"
)

// limit is hand-written SQL through database/sql and the same driver: one connection, prepared statements, the
// same settings, the same rows in the same transactions. All that is written was made before the clock started; what
// is read isn't decoded.
type limit struct {
	b  testing.TB
	db *sql.DB

	document, receipt, order, record     *sql.Stmt // to read
	due, lease                           *sql.Stmt
	create, update, putOrder             *sql.Stmt
	addEntry, addEvent, addReceipt, used *sql.Stmt
	addFeed                              *sql.Stmt
	putRefund, putSubscription           *sql.Stmt
}

func openLimit(tb testing.TB, path string) *limit {
	tb.Helper()
	dsn, err := sqlite.DSN(path, nil)
	if err != nil {
		tb.Fatal(err)
	}
	l := &limit{b: tb}
	if l.db, err = sql.Open("sqlite", dsn+"&_pragma=cache_size(-65536)"); err != nil {
		tb.Fatal(err)
	}
	l.db.SetMaxOpenConns(1)
	values := func(n int) string { return " VALUES (?" + strings.Repeat(", ?", n-1) + ")" }
	for _, s := range []struct {
		to   **sql.Stmt
		text string
	}{
		{&l.document, "SELECT document FROM prepaid_applications WHERE id = ?"},
		{&l.receipt, "SELECT kind, digest, revision, at, order_id FROM prepaid_receipts WHERE application_id = ? AND key = ?"},
		{&l.order, "SELECT lines, deliveries, status FROM prepaid_orders WHERE application_id = ? AND id = ?"},
		{&l.record, "SELECT 1 FROM prepaid_records WHERE application_id = ? AND id = ?"},
		{&l.due, "SELECT rowid, document FROM prepaid_applications WHERE due <= ? AND (leased_until IS NULL OR leased_until <= ?) ORDER BY due LIMIT ?"},
		{&l.lease, "UPDATE prepaid_applications SET leased_until = ? WHERE rowid = ?"},
		{&l.create, "INSERT INTO prepaid_applications (revision, account, created_at, due, document, id)" + values(6)},
		{&l.update, "UPDATE prepaid_applications SET revision = ?, account = ?, created_at = ?, due = ?, document = ?, leased_until = NULL WHERE id = ? AND revision = ?"},
		{&l.putOrder, "INSERT INTO prepaid_orders (" + sqlite.OrderColumns() + ")" + values(41) + ` ON CONFLICT (application_id, id) DO UPDATE SET
			status = excluded.status, closed_at = excluded.closed_at, reason = excluded.reason, note = excluded.note,
			reference = excluded.reference, collected = excluded.collected, collected_currency = excluded.collected_currency,
			delivered_start = excluded.delivered_start, delivered_end = excluded.delivered_end,
			delivered_zone = excluded.delivered_zone, delivered_increment = excluded.delivered_increment,
			delivered_total = excluded.delivered_total, delivered_remaining = excluded.delivered_remaining,
			paid_at = excluded.paid_at, action = excluded.action`},
		{&l.addEntry, "INSERT INTO prepaid_entries" + values(13)},
		{&l.addEvent, "INSERT INTO prepaid_events" + values(23)},
		{&l.addReceipt, "INSERT INTO prepaid_receipts" + values(7)},
		{&l.addFeed, "INSERT INTO prepaid_feed (application_id, revision, at)" + values(3)},
		{&l.used, "INSERT INTO prepaid_records" + values(4)},
		{&l.putRefund, `INSERT INTO prepaid_order_refunds (application_id, order_id, number, kind, status, account, amount, currency,
			taxes, take, notice, key, note, asked_by, due_at, closed_at, reason, reference,
			failed_at, made_at, cycles)` + values(21)},
		{&l.putSubscription, "INSERT INTO prepaid_subscription_rows" + values(11) + ` ON CONFLICT (application_id, id) DO UPDATE SET
			version = excluded.version, status = excluded.status, auto_renew = excluded.auto_renew, paid_until = excluded.paid_until`},
	} {
		//nolint:sqlclosecheck // they end with the database
		if *s.to, err = l.db.PrepareContext(context.Background(), s.text); err != nil {
			tb.Fatal(s.text, err)
		}
	}
	return l
}

// The statements of the benchmarks' limit fit the tables: tests run when benchmarks don't.
func TestLimitFitsTheTables(t *testing.T) {
	path := filepath.Join(t.TempDir(), "prepaid.db")
	open(t, path, nil)
	openLimit(t, path).close()
}

func (l *limit) close() {
	l.b.Helper()
	l.must(l.db.Close())
}

func (l *limit) must(err error) {
	l.b.Helper()
	if err != nil {
		l.b.Fatal(err)
	}
}

// step is a call with the columns of its changes.
type step struct {
	scene.Call
	columns []sqlite.Columns
}

// planned computes what is to be written.
func planned(tb testing.TB, calls []scene.Call) []step {
	tb.Helper()
	plan := make([]step, len(calls))
	for i, c := range calls {
		plan[i].Call = c
		for k := range c.Changes {
			columns, err := sqlite.Encode(&c.Changes[k])
			if err != nil {
				tb.Fatal(err)
			}
			plan[i].columns = append(plan[i].columns, columns)
		}
	}
	return plan
}

// together puts n calls of each kind into one.
func together(calls []scene.Call, n int) []scene.Call {
	var out []scene.Call
	var pending scene.Call
	count := 0
	for _, c := range calls {
		pending.Reads = append(pending.Reads, c.Reads...)
		pending.Changes = append(pending.Changes, c.Changes...)
		if count += len(c.Changes); count >= n {
			out = append(out, scene.Call{Reads: pending.Reads}, scene.Call{Changes: pending.Changes})
			pending, count = scene.Call{}, 0
		}
	}
	return append(out, pending)
}

// limited replays the calls of a template.
func limited(b *testing.B, t *template, size int, unit string) {
	b.Helper()
	plan := planned(b, t.Calls)
	l := openLimit(b, t.copied(b))
	b.ReportAllocs()
	b.ResetTimer()
	l.replay(plan)
	b.StopTimer()
	perSecond(b, size, unit)
	l.close()
}

func (l *limit) replay(plan []step) {
	l.b.Helper()
	for i := range plan {
		p := &plan[i]
		for k := range p.Reads {
			l.load(&p.Reads[k])
		}
		if p.Claim > 0 {
			l.claim(p)
		}
		if len(p.columns) > 0 {
			l.commit(p.columns)
		}
	}
}

func (l *limit) load(r *subscription.Read) {
	l.b.Helper()
	var text string
	l.must(l.document.QueryRowContext(context.Background(), string(r.Application)).Scan(&text))
	for _, key := range r.Keys {
		var kind, order sql.NullString
		var digest []byte
		var revision, at int64
		if err := l.receipt.QueryRowContext(context.Background(), string(r.Application), key).Scan(&kind, &digest, &revision, &at, &order); err != sql.ErrNoRows {
			l.must(err)
		}
	}
	for _, id := range r.Orders {
		var lines, deliveries, status string
		l.must(l.order.QueryRowContext(context.Background(), string(r.Application), string(id)).Scan(&lines, &deliveries, &status))
	}
	for _, id := range r.Records {
		var n int
		if err := l.record.QueryRowContext(context.Background(), string(r.Application), id).Scan(&n); err != sql.ErrNoRows {
			l.must(err)
		}
	}
}

func (l *limit) claim(p *step) {
	l.b.Helper()
	tx, err := l.db.BeginTx(context.Background(), nil)
	l.must(err)
	now := p.AsOf.UnixMicro()
	due := tx.StmtContext(context.Background(), l.due)                     //nolint:sqlclosecheck // it ends with the transaction
	rows, err := due.QueryContext(context.Background(), now, now, p.Claim) //nolint:sqlclosecheck // they are read to their end
	l.must(err)
	var ids []int64
	for rows.Next() {
		var id int64
		var document string
		l.must(rows.Scan(&id, &document))
		ids = append(ids, id)
	}
	l.must(rows.Err())
	lease := tx.StmtContext(context.Background(), l.lease) //nolint:sqlclosecheck // it ends with the transaction
	for _, id := range ids {
		_, err := lease.ExecContext(context.Background(), now+300_000_000, id)
		l.must(err)
	}
	l.must(tx.Commit())
}

func (l *limit) commit(columns []sqlite.Columns) {
	l.b.Helper()
	tx, err := l.db.BeginTx(context.Background(), nil)
	l.must(err)
	of := func(s *sql.Stmt) *sql.Stmt { return tx.StmtContext(context.Background(), s) }
	document, putOrder, addEntry, addEvent := of(l.update), of(l.putOrder), of(l.addEntry), of(l.addEvent) //nolint:sqlclosecheck // they end with the transaction
	addReceipt, used, putRefund, putSubscription := of(l.addReceipt), of(l.used), of(l.putRefund), of(l.putSubscription)
	addFeed := of(l.addFeed)
	for i := range columns {
		c := &columns[i]
		r, err := document.ExecContext(context.Background(), c.Document...)
		l.must(err)
		if n, err := r.RowsAffected(); n != 1 || err != nil {
			l.b.Fatal(n, err)
		}
		for _, rows := range []struct {
			add  *sql.Stmt
			rows [][]any
		}{
			{addFeed, c.Feed}, {addReceipt, c.Receipts}, {used, c.Records}, {putOrder, c.Orders}, {putRefund, c.Refunds}, {putSubscription, c.Subscriptions},
			{addEntry, c.Entries}, {addEvent, c.Events},
		} {
			for _, row := range rows.rows {
				_, err := rows.add.ExecContext(context.Background(), row...)
				l.must(err)
			}
		}
	}
	l.must(tx.Commit())
}
