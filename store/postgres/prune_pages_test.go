package postgres_test

import (
	"context"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"
)

// Prune looks at each row about once, also of one application with very many, whether they are old or stay, and although the
// server knows nothing of the tables yet. It was quadratic.
func TestPruneLooksAtEachRowOnce(t *testing.T) {
	const rows = 60_000
	for name, at := range map[string]string{"all old": "2024-01-01", "all stay": "2026-01-01"} {
		t.Run(name, func(t *testing.T) {
			p := connectTo(t, direct(t).Config().ConnString()+"&pool_max_conns=1") // so that its statistics are its own
			s, schema := openNamed(t, p, nil)
			commit(t, s, next("a", 0))
			run(t, p, schema, `INSERT INTO {schema}.records (application_id, id, day)
				SELECT 'a', 'r' || i, $1::text::date FROM generate_series(1, $2::int) i`, at, rows)
			run(t, p, schema, `INSERT INTO {schema}.events (application_id, revision, index, at, type)
				SELECT 'a', i + 10, 0, $1::text::timestamptz, 'minutes_used' FROM generate_series(1, $2::int) i`, at, rows)
			before := looked(t, p, schema)
			pruned, err := s.Prune(t.Context(), time.Date(2025, time.January, 1, 0, 0, 0, 0, time.UTC))
			ok(t, err)
			want := int64(rows)
			if name == "all stay" {
				want = 0
			}
			if pruned.Records != want || pruned.Events < want {
				t.Errorf("%+v, want %d of each", pruned, want)
			}
			n := looked(t, p, schema) - before
			t.Logf("%d pages were looked at, for %d rows", n, 2*rows)
			if n > 3*2*rows { // once, and once more to delete it
				t.Errorf("%d pages were looked at, for %d rows", n, 2*rows)
			}
		})
	}
}

// looked returns how many pages of a schema's tables and indexes the only connection has looked at, those of dead rows too.
func looked(t *testing.T, p *pgxpool.Pool, name string) (n int64) {
	t.Helper()
	_, err := p.Exec(context.Background(), "SELECT pg_stat_force_next_flush()")
	ok(t, err)
	ok(t, p.QueryRow(t.Context(), `SELECT sum(COALESCE(heap_blks_hit, 0) + COALESCE(heap_blks_read, 0)
			+ COALESCE(idx_blks_hit, 0) + COALESCE(idx_blks_read, 0))::bigint
		FROM pg_statio_user_tables WHERE schemaname = $1 AND relname IN ('records', 'events')`, name).Scan(&n))
	return n
}
