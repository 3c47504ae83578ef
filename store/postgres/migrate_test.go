package postgres_test

import (
	"context"
	"fmt"
	"os"
	"sync/atomic"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/prepaidkit/prepaid/internal/pgtest"
	"github.com/prepaidkit/prepaid/store/postgres"
)

func TestMain(m *testing.M) {
	status := pgtest.Main(m)
	closeDurable()
	os.Exit(status)
}

// schemas numbers the schemas of this process.
var schemas atomic.Int64

// connect returns a pool of its own, closed after the test.
func connect(tb testing.TB) *pgxpool.Pool {
	tb.Helper()
	p, err := pgxpool.New(tb.Context(), pgtest.URL(tb))
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(p.Close)
	return p
}

// schema returns the name of a schema that nobody else uses, dropped after the test.
func schema(tb testing.TB, p *pgxpool.Pool) string {
	tb.Helper()
	name := fmt.Sprintf("prepaid_%d_%d", os.Getpid(), schemas.Add(1))
	dropped(tb, p, name)
	return name
}

// dropped drops a schema after the test.
func dropped(tb testing.TB, p *pgxpool.Pool, name string) {
	tb.Helper()
	tb.Cleanup(func() {
		if _, err := p.Exec(context.Background(), "DROP SCHEMA IF EXISTS "+pgx.Identifier{name}.Sanitize()+" CASCADE"); err != nil {
			tb.Error(err)
		}
	})
}

func TestMigrate(t *testing.T) {
	p := connect(t)
	s, err := postgres.New(p, &postgres.Options{Schema: schema(t, p)})
	if err != nil {
		t.Fatal(err)
	}
	for range 2 {
		if err := s.Migrate(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
}
