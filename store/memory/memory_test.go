package memory_test

import (
	"testing"

	"github.com/prepaidkit/prepaid/internal/testsize"
	"github.com/prepaidkit/prepaid/store"
	"github.com/prepaidkit/prepaid/store/memory"
	"github.com/prepaidkit/prepaid/store/storetest"
	"github.com/prepaidkit/prepaid/subscription"
)

// The store satisfies the contract of all stores.
// Rule: change-is-atomic, pruning-keeps-the-books, placed-order-is-inserted, feed-skips-nothing, cursor-is-of-one-feed,
// reports-agree.
func TestConformance(t *testing.T) {
	testsize.Shorten(t)
	storetest.Run(t, func(*testing.T) store.Store { return memory.New() })
}

func TestStoresShareNothing(t *testing.T) {
	a, b := memory.New(), memory.New()
	c := subscription.Change{Application: "a", Next: subscription.Application{ID: "a", Revision: 1}}
	for _, s := range []*memory.Store{a, b} {
		if err := s.Commit(t.Context(), c); err != nil {
			t.Error(err)
		}
	}
}
