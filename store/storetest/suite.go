package storetest

import (
	"context"
	"testing"
	"time"

	"github.com/prepaidkit/prepaid/store"
)

// patience is how long a case waits before it assumes a deadlock.
const patience = 30 * time.Second

// Run tests that a store satisfies the contracts of [subscription.Store], [renewal.Store] and [store.Store]. For each
// case it calls open, which must return an empty store that no other case uses. Run cleans nothing up: open does, with
// t.Cleanup.
//
// The areas, each a subtest with named cases, are load, commit, rows, records, refunds, iterators, applications, many,
// aliasing, context, text, refusals, amount, times, claim, prune, clock, concurrency, service and simulation. Run the
// suite with the race detector; with it, or with -short, the largest cases are smaller.
func Run(t *testing.T, open func(t *testing.T) store.Store) {
	t.Helper()
	for _, a := range areas() {
		t.Run(a.name, func(t *testing.T) {
			for _, c := range a.cases {
				t.Run(c.name, func(t *testing.T) {
					e := newEnv(t, func() store.Store { return open(t) }, patience)
					e.brief = testing.Short() || raced
					c.run(e)
				})
			}
		})
	}
}

// area is a part of the contract, in one file of this package.
type area struct {
	name  string
	cases []check
}

// check is one case. It reports through its env, never to a *testing.T, so the package's own tests can observe its
// failure.
type check struct {
	name string
	run  func(e *env)
}

func areas() []area {
	return []area{
		{"load", loadCases()},
		{"commit", commitCases()},
		{"rows", rowCases()},
		{"records", recordCases()},
		{"refunds", refundCases()},
		{"iterators", iteratorCases()},
		{"applications", applicationCases()},
		{"many", manyCases()},
		{"aliasing", aliasingCases()},
		{"context", contextCases()},
		{"text", textCases()},
		{"refusals", refusalCases()},
		{"amount", amountCases()},
		{"times", timeCases()},
		{"claim", claimCases()},
		{"prune", pruneCases()},
		{"clock", clockCases()},
		{"concurrency", concurrencyCases()},
		{"service", serviceCases()},
		{"simulation", simulationCases()},
	}
}

// tb is the part of testing.TB that cases use.
type tb interface {
	failer
	Helper()
	Context() context.Context
	Skipf(format string, args ...any)
}

type failer interface {
	Errorf(format string, args ...any)
	Fatalf(format string, args ...any)
}
