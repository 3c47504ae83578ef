package modeltest

import (
	"context"
	"fmt"
	"testing"

	"pgregory.net/rapid"

	"github.com/prepaidkit/prepaid/store"
	"github.com/prepaidkit/prepaid/subscription"
)

// Run tests a store with random walks against a model, and with concurrent requests that must be linearizable, in the
// subtests model and linearizable. It calls open several times, for an empty store that nothing else uses. Run cleans
// nothing up: open does, with t.Cleanup. Each walk and each concurrent round uses its own application.
func Run(t *testing.T, open func(t *testing.T) store.Store) {
	t.Helper()
	t.Run("model", func(t *testing.T) {
		walk := walks(t.Context(), [2]store.Store{open(t), open(t)})
		rapid.Check(t, walk)
	})
	t.Run("linearizable", func(t *testing.T) {
		if err := linearizable(t.Context(), open(t)); err != nil {
			t.Fatal(err)
		}
	})
}

// walks returns the property that rapid checks: a random walk of a new application.
func walks(ctx context.Context, stores [2]store.Store) func(t *rapid.T) {
	walk := 0
	return func(t *rapid.T) {
		walk++
		m := newMachine(ctx, t, subscription.ApplicationID(fmt.Sprintf("walk %d", walk)), stores)
		t.Repeat(m.actions())
		m.settled(t)
	}
}
