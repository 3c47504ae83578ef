package postgres_test

import (
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/prepaidkit/prepaid/internal/testsize"
)

// sell fills a schema with four months of sales, in the server: each application was paid for every month, one in a hundred was
// refunded, and one in a hundred is past due. Each account has ten applications.
func sell(tb testing.TB, conn *pgx.Conn, schema string, applications int) {
	tb.Helper()
	for _, statement := range []string{
		`INSERT INTO {schema}.applications (id, revision, account, document)
			SELECT 'app ' || lpad(i::text, 8, '0'), 1, 'account ' || lpad((i / 10)::text, 8, '0'), '{}' FROM generate_series(1, $1::int) i`,
		`INSERT INTO {schema}.subscription_rows (application_id, id, account, product, version, status, currency, trial, auto_renew, paid_until)
			SELECT 'app ' || lpad(i::text, 8, '0'), 'call-1', 'account ' || lpad((i / 10)::text, 8, '0'), 'call', 'lite',
				CASE i % 100 WHEN 7 THEN 'past_due' WHEN 8 THEN 'expired' ELSE 'active' END, 'USD', false, i % 3 > 0,
				'2025-12-01'::timestamptz + i % 43200 * interval '1 min'
			FROM generate_series(1, $1::int) i`,
		`INSERT INTO {schema}.orders (application_id, id, placed_revision, placed_index, account, kind, status, currency, amount, catalog,
			lines, product, collected, collected_currency, paid_at, refunds)
			SELECT 'app ' || lpad(i::text, 8, '0'), format('order %s', m), m, 0, 'account', 'renewal', 'paid', 'USD', 19900, '1', '[]', 'call', 19900,
				'USD', '2024-12-01'::timestamptz + m * interval '1 month' + i % 43200 * interval '1 min', (i % 100 = 7 AND m <= 11)::int
			FROM generate_series(1, $1::int) i, generate_series(9, 12) m`,
		`INSERT INTO {schema}.order_refunds (application_id, order_id, number, kind, status, account, amount, currency, due_at, closed_at)
			SELECT application_id, id, 1, 'refund', CASE WHEN placed_revision = 9 THEN 'failed' ELSE 'made' END, account, amount, currency,
				paid_at + interval '1 day', paid_at + interval '2 days'
			FROM {schema}.orders WHERE refunds > 0 AND $1 > 0`,
		`ANALYZE {schema}.applications, {schema}.subscription_rows, {schema}.orders, {schema}.order_refunds`,
	} {
		statement = strings.ReplaceAll(statement, "{schema}", pgx.Identifier{schema}.Sanitize())
		var args []any
		if strings.Contains(statement, "$1") {
			args = []any{applications}
		}
		if _, err := conn.Exec(tb.Context(), statement, args...); err != nil {
			tb.Fatal(statement, err)
		}
	}
}

// Every report finds its rows by an index, at 100,000 applications with months of payments, whether or not the plan is made
// for its arguments.
// Rule: reports-are-indexed.
func TestPlans_reports(t *testing.T) {
	applications := testsize.Of(10_000, 100_000)
	p := connect(t)
	s, name := openNamed(t, p, nil)
	conn, err := p.Acquire(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Release()
	sell(t, conn.Conn(), name, applications)
	if _, err := conn.Exec(t.Context(), "SET plan_cache_mode = force_generic_plan"); err != nil {
		t.Fatal(err)
	}
	from := time.Date(2025, time.December, 10, 0, 0, 0, 0, time.UTC)
	for _, generic := range []bool{true, false} {
		for _, st := range s.ReportStatements(from, from.AddDate(0, 0, 7), "account 00000042") {
			if plan := explain(t, conn.Conn(), st, generic); strings.Contains(plan, "Seq Scan on") {
				t.Errorf("generic %t: %s:\n%s", generic, st.Name, plan)
			}
		}
	}
}
