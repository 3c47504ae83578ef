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
	} {
		if diff := cmp.Diff(want, lines(t, p, name, query)); diff != "" {
			t.Errorf("%s\n%s", query, diff)
		}
	}
}

// The queries of docs/postgres.md run.
func TestViews_examples(t *testing.T) {
	p := connect(t)
	s, name := openNamed(t, p, nil)
	scene.New(t).Sell(s, 3)
	for _, query := range reports {
		if _, err := p.Exec(t.Context(), in(name, query)); err != nil {
			t.Error(query, err)
		}
	}
}

// reports are the queries of docs/postgres.md.
var reports = []string{
	// What is paid for and ends within a week.
	`SELECT application_id, account, product, paid_until FROM {schema}.subscriptions
	 WHERE status IN ('active', 'past_due') AND paid_until < now() + interval '7 days' ORDER BY paid_until`,
	// Revenue by month and product.
	`SELECT date_trunc('month', closed_at AT TIME ZONE 'UTC') AS month, product, currency, sum(amount) AS minor_units, count(*) AS orders
	 FROM {schema}.orders WHERE status = 'paid' GROUP BY 1, 2, 3 ORDER BY 1, 2, 3`,
	// Minutes that are left of each source.
	`SELECT source, sum(remaining) AS minutes FROM {schema}.lots WHERE valid_until > now() AND source <> 'overdraft' GROUP BY source`,
	// Revenue to be recognized: what is paid for periods that haven't begun.
	`SELECT currency, sum(price) FROM {schema}.cycles WHERE period_start > now() GROUP BY currency`,
	// Minutes used by day and kind.
	`SELECT day, product, usage, sum(quantity) / 1000.0 AS minutes FROM {schema}.entries
	 WHERE kind = 'consumed' AND usage IS NOT NULL GROUP BY 1, 2, 3`,
	// Orders that wait for a person.
	`SELECT application_id, id, amount, currency, note FROM {schema}.orders WHERE status IN ('review', 'stray')`,
	// Minutes that expired unused.
	`SELECT account, sum(expired) AS minutes FROM {schema}.lot_balances WHERE NOT overdraft GROUP BY account`,
	// What customers have overdrawn.
	`SELECT account, subscription, consumed AS minutes FROM {schema}.lots WHERE source = 'overdraft' AND consumed > 0`,
	// The ledger is the lots.
	`SELECT application_id, id FROM {schema}.lots l FULL JOIN {schema}.lot_balances b USING (application_id, id)
	 WHERE (l.granted, l.remaining, l.reserved, l.consumed, l.refunded)
		IS DISTINCT FROM (b.granted, b.remaining, b.reserved, b.consumed, b.refunded)
	 AND NOT (l.id IS NULL AND b.remaining = 0 AND b.reserved = 0)`,
}
