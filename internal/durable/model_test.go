package durable_test

import (
	"flag"
	"testing"

	"github.com/prepaidkit/prepaid/internal/testsize"
	"github.com/prepaidkit/prepaid/store"
	"github.com/prepaidkit/prepaid/store/storetest/modeltest"
)

// On SQLite, a random walk agrees with a model of the rules, and concurrent requests are linearizable.
func TestModelSQLite(t *testing.T) { model(t, files(t)) }

// The same on Postgres.
func TestModelPostgres(t *testing.T) { model(t, schemas(t)) }

func model(t *testing.T, s *shelf) {
	t.Helper()
	if !testsize.IsFull() && flag.Lookup("rapid.checks").Value.String() == flag.Lookup("rapid.checks").DefValue {
		if err := flag.Set("rapid.checks", "15"); err != nil {
			t.Fatal(err)
		}
	}
	modeltest.Run(t, func(*testing.T) store.Store { return s.store() })
}
