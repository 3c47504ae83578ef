package postgres_test

import (
	"testing"

	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/prepaidkit/prepaid/store"
	"github.com/prepaidkit/prepaid/store/postgres"
	"github.com/prepaidkit/prepaid/store/storetest"
)

// open returns a store with a schema of its own.
func open(tb testing.TB, p *pgxpool.Pool) *postgres.Store {
	tb.Helper()
	s, err := postgres.New(p, &postgres.Options{Schema: schema(tb, p)})
	if err != nil {
		tb.Fatal(err)
	}
	if err := s.Migrate(tb.Context()); err != nil {
		tb.Fatal(err)
	}
	return s
}

func TestConformance(t *testing.T) {
	p := connect(t)
	storetest.Run(t, func(t *testing.T) store.Store { return open(t, p) })
}
