package storetest_test

import (
	"testing"

	"github.com/prepaidkit/prepaid/store"
	"github.com/prepaidkit/prepaid/store/memory"
	"github.com/prepaidkit/prepaid/store/storetest"
)

// The whole suite, from the only test that a store needs. A store that must be closed or removed uses the t passed to
// open: t.Cleanup, t.TempDir.
func ExampleRun() {
	testStore := func(t *testing.T) { // TestStore, in a file of tests
		storetest.Run(t, func(t *testing.T) store.Store {
			s := memory.New() // or yours
			t.Cleanup(func() { t.Log("closed") })
			return s
		})
	}
	_ = testStore // go test runs it
	// Output:
}
