package audit_test

import (
	"testing"
	"time"

	"github.com/prepaidkit/prepaid/internal/simulation"
	"github.com/prepaidkit/prepaid/internal/testsize"
	"github.com/prepaidkit/prepaid/pricing"
	"github.com/prepaidkit/prepaid/store"
	"github.com/prepaidkit/prepaid/store/audit"
	"github.com/prepaidkit/prepaid/store/memory"
	"github.com/prepaidkit/prepaid/subscription"
)

// findings audits a store and returns what is found.
func findings(tb testing.TB, s audit.Source, o *audit.Options) []audit.Finding {
	tb.Helper()
	var all []audit.Finding
	for f, err := range audit.Store(tb.Context(), s, o) {
		if err != nil {
			tb.Fatal(err)
		}
		all = append(all, f)
	}
	return all
}

// Nothing is found in the stores of years of many applications, whatever of it was pruned.
// Rule: audit-finds-only-what-is-wrong.
func TestSimulationHasNoFinding(t *testing.T) {
	t.Parallel()
	var stores []*memory.Store
	newStore := func() store.Store {
		stores = append(stores, memory.New())
		return stores[len(stores)-1]
	}
	_, failure := simulation.Worlds(newStore, &simulation.Options{Worlds: testsize.Of(1, 12), Applications: 8, Months: testsize.Of(8, 16)})
	if failure != nil {
		t.Fatal(failure)
	}
	for _, st := range stores {
		o := &audit.Options{Catalogs: catalogsOf(t, st)}
		for _, f := range findings(t, st, o) {
			t.Errorf("%s", f)
		}
		for _, part := range []int64{3, 2, 1} { // from the older events to all of them
			first, last := spanOf(t, st)
			if _, err := st.Prune(t.Context(), last.Add(-last.Sub(first)*time.Duration(part-1)/3+1)); err != nil {
				t.Fatal(err)
			}
			for _, f := range findings(t, st, o) {
				t.Errorf("pruned: %s", f)
			}
		}
	}
}

// spanOf returns when the first and the last application of a store were created and changed.
func spanOf(t *testing.T, st store.Store) (first, last time.Time) {
	t.Helper()
	for id, err := range st.Applications(t.Context()) {
		check(err)
		snapshots, err := st.Load(t.Context(), subscription.Read{Application: id})
		if err != nil {
			t.Fatal(err)
		}
		a := snapshots[0].Application
		if first.IsZero() || a.CreatedAt.Before(first) {
			first = a.CreatedAt
		}
		if a.AsOf.After(last) {
			last = a.AsOf
		}
	}
	return first, last
}

// catalogsOf returns the catalogs of a simulated world, in the zone of its calendar.
func catalogsOf(t *testing.T, st store.Store) []*pricing.Catalog {
	t.Helper()
	zone := "UTC"
	for id, err := range st.Applications(t.Context()) {
		check(err)
		for o, err := range st.Orders(t.Context(), id) {
			check(err)
			for _, d := range o.Deliveries {
				if d.Extend != nil {
					zone = d.Extend.Zone
				}
			}
		}
	}
	all, err := simulation.Catalogs(zone)
	if err != nil {
		t.Fatal(err)
	}
	return all
}
