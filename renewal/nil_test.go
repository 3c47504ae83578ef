package renewal_test

import (
	"errors"
	"testing"
	"time"

	"github.com/prepaidkit/prepaid/pricing"
	"github.com/prepaidkit/prepaid/renewal"
	"github.com/prepaidkit/prepaid/store/memory"
	"github.com/prepaidkit/prepaid/subscription"
)

// A worker of nothing is an error when it is made.
// Rule: nothing-panics.
func TestWorkerOfNothing(t *testing.T) {
	w := newWorld(t, setup{})
	var noStore *memory.Store
	for name, build := range map[string]func() (*renewal.Worker, error){
		"no service":          func() (*renewal.Worker, error) { return renewal.NewWorker(nil, w.store, nil) },
		"no store":            func() (*renewal.Worker, error) { return renewal.NewWorker(w.Service, nil, nil) },
		"a nil *memory.Store": func() (*renewal.Worker, error) { return renewal.NewWorker(w.Service, noStore, nil) },
	} {
		if worker, err := build(); worker != nil || !errors.Is(err, subscription.ErrInvalid) {
			t.Errorf("%s: %v, %v", name, worker, err)
		}
	}
}

// Decisions on nothing are errors or nothing to do, also by an empty list of attempts or without a catalog; none panics.
// Rule: nothing-panics.
func TestDecisionsOnNothing(t *testing.T) {
	w := newWorld(t, setup{})
	w.must(buy("call", "one-to-one"))
	odd := subscription.Application{
		ID: "a", Revision: 1, Subscriptions: []subscription.Subscription{{}, {Status: subscription.Interrupted, AutoRenew: true}},
		Orders:   []subscription.Order{{Status: subscription.OrderOpen, Kind: subscription.UpgradeOrder}},
		Counters: []subscription.UsageCounter{{Excess: 1}}, Reservations: []subscription.Reservation{{Parts: []subscription.ReservedPart{{Lot: 9}}}},
	}
	for _, app := range []subscription.Application{{}, {ID: "a", Revision: 1}, odd, w.stored()} {
		for _, p := range []renewal.Policy{{}, {Attempts: []time.Duration{}}, {Attempts: hours(3, 1)}, {CatchUp: "x", Poll: -1}} {
			for _, cat := range []*pricing.Catalog{nil, {}, w.catalog} {
				for _, now := range []time.Time{{}, w.now, w.now.AddDate(1, 0, 0)} {
					_ = renewal.Due(app, p, cat, now)
					_, _ = renewal.Decide(subscription.Snapshot{Application: app}, p, cat, now)
					for range renewal.Preview(app, p, cat, now, now.AddDate(0, 2, 0)) {
						continue
					}
					_, _ = renewal.Renew{}.Decide(subscription.Snapshot{Application: app}, cat, now)
				}
			}
		}
	}
	check(t, "without attempts there is none", renewal.Due(w.stored(), renewal.Policy{Attempts: []time.Duration{}}, w.catalog, w.now).IsZero(), false)
}
