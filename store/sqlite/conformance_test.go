package sqlite_test

import (
	"path/filepath"
	"testing"

	"github.com/prepaidkit/prepaid/store"
	"github.com/prepaidkit/prepaid/store/storetest"
)

func TestConformance(t *testing.T) {
	storetest.Run(t, func(t *testing.T) store.Store {
		t.Helper()
		return open(t, filepath.Join(t.TempDir(), "a.db"), nil)
	})
}
