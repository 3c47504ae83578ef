package sqlite_test

import (
	"database/sql"
	"testing"

	"github.com/prepaidkit/prepaid/internal/testsize"
	"github.com/prepaidkit/prepaid/store/sqlite"
)

// sell fills a file with four months of sales: each application was paid for every month, one in a hundred was refunded, and
// one in a hundred is past due. Each account has ten applications.
func sell(tb testing.TB, db *sql.DB, applications int) {
	tb.Helper()
	const (
		day = 86_400_000_000 // microseconds
		at  = 1_764_547_200_000_000
	)
	for _, statement := range []string{
		`CREATE TEMP TABLE n AS WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ?1) SELECT i FROM n WHERE ?2 > 0 AND ?3 > 0`,
		`INSERT INTO prepaid_applications (id, revision, account, document)
			SELECT printf('app %08d', i), 1, printf('account %08d', i / 10), '{}' FROM n WHERE ?1 > 0 AND ?2 > 0 AND ?3 > 0`,
		`INSERT INTO prepaid_subscription_rows (application_id, id, account, product, version, status, currency, trial, auto_renew, paid_until)
			SELECT printf('app %08d', i), 'call-1', printf('account %08d', i / 10), 'call', 'lite',
				CASE i % 100 WHEN 7 THEN 'past_due' WHEN 8 THEN 'expired' ELSE 'active' END, 'USD', 0, i % 3 > 0, ?2 + i % 30 * ?3 + i
			FROM n WHERE ?1 > 0`,
		`INSERT INTO prepaid_orders (application_id, id, placed_revision, placed_index, account, kind, status, currency, amount, catalog,
			lines, product, collected, collected_currency, paid_at, refunds)
			SELECT printf('app %08d', i), printf('order %d', m), m, 0, 'account', 'renewal', 'paid', 'USD', 19900, '1', '[]', 'call', 19900, 'USD',
				?2 + ((m - 4) * 30 + i % 30) * ?3 + i, i % 100 = 7 AND m < 4
			FROM n, (SELECT 1 AS m UNION SELECT 2 UNION SELECT 3 UNION SELECT 4) WHERE ?1 > 0`,
		`INSERT INTO prepaid_order_refunds (application_id, order_id, number, kind, status, account, amount, currency, due_at, closed_at)
			SELECT application_id, id, 1, 'refund', CASE WHEN placed_revision = 1 THEN 'failed' ELSE 'made' END, account, amount, currency,
				paid_at + ?3, paid_at + 2 * ?3
			FROM prepaid_orders WHERE refunds > 0 AND ?1 > 0 AND ?2 > 0`,
	} {
		_, err := db.ExecContext(tb.Context(), statement, applications, at, day)
		if err != nil {
			tb.Fatal(statement, err)
		}
	}
	_, err := db.ExecContext(tb.Context(), "ANALYZE")
	if err != nil {
		tb.Fatal(err)
	}
}

// Every report finds its rows by an index at 100,000 applications with months of payments, also once SQLite knows how many
// rows there are.
// Rule: reports-are-indexed.
func TestPlans_reports(t *testing.T) {
	path := temporary(t)
	open(t, path, nil)
	db := database(t, path, nil)
	db.SetMaxOpenConns(1)
	sell(t, db, testsize.Of(10_000, 100_000))
	for name, text := range sqlite.ReportStatements() {
		indexed(t, db, name, text)
	}
}
