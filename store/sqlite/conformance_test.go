package sqlite_test

import (
	"os"
	"testing"

	"github.com/prepaidkit/prepaid/internal/testsize"
	"github.com/prepaidkit/prepaid/store"
	"github.com/prepaidkit/prepaid/store/sqlite"
	"github.com/prepaidkit/prepaid/store/storetest"
)

func TestMain(m *testing.M) {
	end := testsize.FilesInMemory()
	end(m.Run())
}

// The store keeps the contract of all stores.
// Rule: change-is-atomic.
func TestConformance(t *testing.T) {
	t.Parallel()
	empty := migrated(t)
	opts := new(sqlite.Options)
	if raced {
		opts.Readers = 2 // opening one is half of a small case
	}
	testsize.Shorten(t)
	storetest.Run(t, func(t *testing.T) store.Store {
		t.Helper()
		s := open(t, empty(t), opts)
		_, err := s.NewIdentity(t.Context()) // each is a copy that lives on beside the others
		ended(t, err)
		return s
	})
}

// migrated returns a function that makes a file with empty tables, in less time than to migrate one.
func migrated(t *testing.T) func(t *testing.T) (path string) {
	t.Helper()
	path := temporary(t)
	s, err := sqlite.Open(t.Context(), path, nil)
	ended(t, err)
	ended(t, s.Migrate(t.Context()))
	ended(t, s.Close())
	data, err := os.ReadFile(path)
	ended(t, err)
	return func(t *testing.T) string {
		t.Helper()
		path := temporary(t)
		ended(t, os.WriteFile(path, data, 0o600))
		return path
	}
}
