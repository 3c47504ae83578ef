package sqlite_test

import (
	"path/filepath"
	"testing"

	"github.com/prepaidkit/prepaid/store/sqlite"
)

func open(t testing.TB, path string, opts *sqlite.Options) *sqlite.Store {
	t.Helper()
	s, err := sqlite.Open(t.Context(), path, opts)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	if err := s.Migrate(t.Context()); err != nil {
		t.Fatal(err)
	}
	return s
}

func TestMigrateTwice(t *testing.T) {
	s := open(t, filepath.Join(t.TempDir(), "a.db"), nil)
	if err := s.Migrate(t.Context()); err != nil {
		t.Fatal(err)
	}
}
