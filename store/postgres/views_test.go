package postgres_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/prepaidkit/prepaid/internal/scene"
)

// lines returns the rows of a query as text.
func lines(tb testing.TB, p *pgxpool.Pool, name, query string) []string {
	tb.Helper()
	rows, err := p.Query(tb.Context(), in(name, query))
	if err != nil {
		tb.Fatal(query, err)
	}
	found, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil {
		tb.Fatal(query, err)
	}
	return found
}

func TestViews(t *testing.T) {
	p := connect(t)
	s, name := openNamed(t, p, nil)
	sc := scene.New(t)
	sc.Sell(s, 2)
	sc.Now = time.Date(2025, time.January, 31, 9, 0, 0, 0, time.UTC)
	stats, err := sc.Worker(s).Once(t.Context())
	if err != nil || stats.Paid != 2 {
		t.Fatal(stats, err)
	}
	for range 3 {
		sc.Must(sc.Service(s).Consume(context.Background(), app(1), sc.Usage(int(time.Now().UnixNano()), 1)...))
	}
	// The times are those of UTC whatever the session's zone is.
	zone := func(column string) string {
		return fmt.Sprintf("to_char(%s AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI')", column)
	}
	for query, want := range map[string][]string{
		`SELECT concat_ws(' ', application_id, account, id, product, version, status, currency, trial, auto_renew, zone, ` + zone("opened_at") + `, ` +
			zone("first_start") + `, ` + zone("paid_until") + `, cycles) FROM {schema}.subscriptions ORDER BY 1`: {
			"app-000000 acme call-1 call lite active USD f t UTC 2025-01-01 09:00 2025-01-01 00:00 2025-03-01 00:00 2",
			"app-000001 acme call-1 call lite active USD f t UTC 2025-01-01 09:00 2025-01-01 00:00 2025-03-01 00:00 2",
		},
		`SELECT concat_ws(' ', application_id, account, subscription, product, number, version, ` + zone("period_start") + `, ` +
			zone("period_end") + `, period_zone, price, currency, minutes, begun, resumed)
			FROM {schema}.cycles WHERE application_id = 'app-000000' ORDER BY number`: {
			"app-000000 acme call-1 call 1 lite 2025-01-01 00:00 2025-02-01 00:00 UTC 199.00 USD 900000000000 t f",
			"app-000000 acme call-1 call 2 lite 2025-02-01 00:00 2025-03-01 00:00 UTC 199.00 USD 900000000000 f f",
		},
		`SELECT count(*) FILTER (WHERE order_id IN (SELECT id FROM {schema}.orders o WHERE o.application_id = c.application_id))::text
			FROM {schema}.cycles c`: {"4"},
		`SELECT concat_ws(' ', application_id, account, id, source, products, subscription, ` + zone("valid_from") + `, ` + zone("valid_until") + `,
			granted = remaining + reserved + consumed + refunded, granted::numeric(20, 1), consumed > 0)
			FROM {schema}.lots ORDER BY 1`: {
			"app-000000 acme 1 package {call} call-1 2025-01-01 00:00 2025-02-01 00:00 t 900000000000.0 f",
			"app-000001 acme 1 package {call} call-1 2025-01-01 00:00 2025-02-01 00:00 t 900000000000.0 t",
		},
		// The documents' lots are what the entries add up to.
		`SELECT id::text FROM {schema}.lots l FULL JOIN {schema}.lot_balances b USING (application_id, id)
			WHERE (l.granted, l.remaining, l.reserved, l.consumed, l.refunded)
				IS DISTINCT FROM (b.granted, b.remaining, b.reserved, b.consumed, b.refunded)
			AND NOT (l.id IS NULL AND b.remaining = 0 AND b.reserved = 0)`: {},
	} {
		if diff := cmp.Diff(want, lines(t, p, name, query)); diff != "" {
			t.Errorf("%s\n%s", query, diff)
		}
	}
}
