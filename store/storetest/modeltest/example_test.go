package modeltest_test

import (
	"testing"

	"github.com/prepaidkit/prepaid/store"
	"github.com/prepaidkit/prepaid/store/memory"
	"github.com/prepaidkit/prepaid/store/storetest"
	"github.com/prepaidkit/prepaid/store/storetest/modeltest"
)

// The complete test of a store: first the contract, call by call, and then the library on top of it.
func ExampleRun() {
	testStore := func(t *testing.T) { // TestStore, in a file of tests
		open := func(t *testing.T) store.Store {
			s := memory.New() // or yours
			t.Cleanup(func() { t.Log("closed") })
			return s
		}
		storetest.Run(t, open)
		modeltest.Run(t, open)
	}
	_ = testStore // go test runs it
	// Output:
}
