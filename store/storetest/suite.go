package storetest

import (
	"testing"
	"time"

	"github.com/prepaidkit/prepaid/internal/suite"
	"github.com/prepaidkit/prepaid/store"
)

// patience is how long a case waits before it assumes a deadlock.
const patience = 30 * time.Second

// Run tests that a store satisfies the contracts of [subscription.Store], [renewal.Store] and [store.Store]. For each
// case it calls open, which must return an empty store that no other case uses. Run cleans nothing up: open does, with
// t.Cleanup.
//
// The areas, each a subtest with named cases, are load, commit, rows, records, refunds, iterators, applications, many,
// aliasing, context, text, refusals, amount, times, claim, prune, erase, feed, marks, keys, reports, clock, concurrency,
// service and simulation. Run it with the race detector. With -short the largest cases are smaller, or skipped.
func Run(t *testing.T, open func(t *testing.T) store.Store) {
	t.Helper()
	suite.Run(t, areas(), func(t *testing.T) *env {
		t.Helper()
		e := newEnv(t, func() store.Store { return open(t) }, patience)
		e.brief = testing.Short()
		return e
	})
}

// check is one case. It reports through its env, never to a *testing.T, so the package's own tests can observe its
// failure.
type check struct {
	name string
	run  func(e *env)
}

// Name implements [suite.Case].
func (c check) Name() string { return c.name }

// Run implements [suite.Case].
func (c check) Run(e *env) { c.run(e) }

// areas returns the areas in the order in which they run.
func areas() []suite.Area[check] {
	return []suite.Area[check]{
		{Name: "load", Cases: loadCases()},
		{Name: "commit", Cases: commitCases()},
		{Name: "rows", Cases: rowCases()},
		{Name: "records", Cases: recordCases()},
		{Name: "refunds", Cases: refundCases()},
		{Name: "iterators", Cases: iteratorCases()},
		{Name: "applications", Cases: applicationCases()},
		{Name: "many", Cases: manyCases()},
		{Name: "aliasing", Cases: aliasingCases()},
		{Name: "context", Cases: contextCases()},
		{Name: "text", Cases: textCases()},
		{Name: "refusals", Cases: refusalCases()},
		{Name: "amount", Cases: amountCases()},
		{Name: "times", Cases: timeCases()},
		{Name: "claim", Cases: claimCases()},
		{Name: "prune", Cases: pruneCases()},
		{Name: "erase", Cases: eraseCases()},
		{Name: "feed", Cases: feedCases()},
		{Name: "marks", Cases: markCases()},
		{Name: "keys", Cases: providerKeyCases()},
		{Name: "reports", Cases: reportCases()},
		{Name: "clock", Cases: clockCases()},
		{Name: "concurrency", Cases: concurrencyCases()},
		{Name: "service", Cases: serviceCases()},
		{Name: "simulation", Cases: simulationCases()},
	}
}

type tb = suite.TB
