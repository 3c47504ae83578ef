package durable_test

import (
	"testing"

	"github.com/prepaidkit/prepaid/store"
	"github.com/prepaidkit/prepaid/store/storetest/modeltest"
)

// A random walk agrees with a model of the rules, and concurrent requests have an order, in a file.
func TestModelSQLite(t *testing.T) { model(t, files(t)) }

// Likewise in a Postgres.
func TestModelPostgres(t *testing.T) { model(t, schemas(t)) }

func model(t *testing.T, s *shelf) {
	t.Helper()
	modeltest.Run(t, func(*testing.T) store.Store { return s.store() })
}
