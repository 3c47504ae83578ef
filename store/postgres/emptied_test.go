package postgres_test

import (
	"context"
	"fmt"
	"sync"
	"testing"

	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/prepaidkit/prepaid/internal/testsize"
)

// emptySchemas returns a function that gives each case of a suite a schema with empty tables: a new one in a full run, and
// in a small one what an earlier case has left, emptied, which takes a fraction of the time. All are dropped after the test.
func emptySchemas(tb testing.TB, p *pgxpool.Pool) func(t *testing.T) (name string) {
	tb.Helper()
	var mu sync.Mutex
	var left []string
	take := func() string {
		mu.Lock()
		defer mu.Unlock()
		if len(left) == 0 {
			return ""
		}
		name := left[len(left)-1]
		left = left[:len(left)-1]
		return name
	}
	return func(t *testing.T) string {
		t.Helper()
		if testsize.IsFull() {
			name := schema(t, p)
			ok(t, opened(t, p, name, nil).Migrate(t.Context()))
			return name
		}
		name := take()
		if name == "" {
			name = schema(tb, p)
		}
		ok(t, opened(t, p, name, nil).Migrate(t.Context())) // or gives it an identity
		t.Cleanup(func() {
			ok(t, empty(p, name))
			mu.Lock()
			defer mu.Unlock()
			left = append(left, name)
		})
		return name
	}
}

// empty takes everything out of a schema but its version, and what Migrate puts there.
func empty(p *pgxpool.Pool, name string) error {
	ctx := context.Background() // the test's has ended
	var deletes string          // faster than TRUNCATE where there are a few rows
	err := p.QueryRow(ctx, `SELECT string_agg('DELETE FROM ' || c.oid::regclass::text, '; ') FROM pg_class c
		WHERE c.relnamespace = $1::regnamespace AND c.relkind = 'r' AND c.relname <> 'migrations'`, name).Scan(&deletes)
	if err != nil {
		return err
	}
	_, err = p.Exec(ctx, fmt.Sprintf(`SET LOCAL session_replication_role = replica; -- for some tables are append-only
		%s; INSERT INTO %s.feed_state (one, last, pruned) VALUES (true, 0, 0)`, deletes, name))
	return err
}
