package postgres_test

import (
	"context"
	"os"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/prepaidkit/prepaid/internal/pgtest"
	"github.com/prepaidkit/prepaid/internal/scene"
	"github.com/prepaidkit/prepaid/store/postgres"
)

// updates returns how many updates a table has had, and how many of them touched no index.
func updates(tb testing.TB, p *pgxpool.Pool, schema, table string) (all, hot int64) {
	tb.Helper()
	err := p.QueryRow(tb.Context(), "SELECT n_tup_upd, n_tup_hot_upd FROM pg_stat_user_tables WHERE schemaname = $1 AND relname = $2",
		schema, table).Scan(&all, &hot)
	if err != nil {
		tb.Fatal(err)
	}
	return all, hot
}

// TestHotUpdates pins that usage and claims touch no index: documents have room in their page, and no column that
// they change is indexed.
func TestHotUpdates(t *testing.T) {
	const apps, rounds = 200, 10
	p := connect(t)
	name := schema(t, p)
	writing, err := pgxpool.New(t.Context(), pgtest.Direct(t)) // a pooler's connections don't end, see below
	if err != nil {
		t.Fatal(err)
	}
	defer writing.Close()
	st, err := postgres.New(writing, &postgres.Options{Schema: name})
	if err != nil {
		t.Fatal(err)
	}
	if err := st.Migrate(t.Context()); err != nil {
		t.Fatal(err)
	}
	if f := os.Getenv("PREPAID_FILLFACTOR"); f != "" {
		if _, err := p.Exec(t.Context(), "ALTER TABLE "+pgx.Identifier{name, "applications"}.Sanitize()+" SET (fillfactor = "+f+")"); err != nil {
			t.Fatal(err)
		}
	}
	s := scene.New(t)
	s.Sell(st, apps)
	s.Now = time.Date(2025, time.January, 2, 9, 0, 0, 0, time.UTC)
	// A connection tells what it did at the latest when it ends. Until then updates by the sales could count as usage.
	writing.Reset()
	before, hotBefore := settled(t, p, name)
	service := s.Service(st)
	for round := range rounds {
		for i := range apps {
			results, err := service.Consume(context.Background(), app(i), s.Usage(round, 1)...)
			if err != nil || !results[0].Counted {
				t.Fatal(results, err)
			}
		}
	}
	writing.Reset()
	all, hot := settled(t, p, name)
	all, hot = all-before, hot-hotBefore
	t.Logf("%d updates by usage, %d of them touched no index", all, hot)
	if all < apps*rounds || hot*100 < all*95 {
		t.Errorf("%d of %d updates by usage touched no index, want at least 95%%", hot, all)
	}
}

// settled waits until the statistics stand still.
func settled(tb testing.TB, p *pgxpool.Pool, schema string) (all, hot int64) {
	tb.Helper()
	for range 50 {
		time.Sleep(50 * time.Millisecond)
		n, h := updates(tb, p, schema, "applications")
		if n == all && n > 0 {
			return n, h
		}
		all, hot = n, h
	}
	return all, hot
}
