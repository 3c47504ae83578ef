package simulation_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/prepaidkit/prepaid/internal/simulation"
	"github.com/prepaidkit/prepaid/payment"
	"github.com/prepaidkit/prepaid/payment/balance"
	"github.com/prepaidkit/prepaid/pricing"
	"github.com/prepaidkit/prepaid/renewal"
	"github.com/prepaidkit/prepaid/store"
	"github.com/prepaidkit/prepaid/store/memory"
	"github.com/prepaidkit/prepaid/subscription"
)

// unsteady is a gateway whose calls take a random time.
type unsteady struct{ payment.Gateway }

func (g unsteady) Charge(ctx context.Context, c payment.Charge) (payment.Result, error) {
	time.Sleep(rand.N(200 * time.Microsecond))
	return g.Gateway.Charge(ctx, c)
}

func (g unsteady) Lookup(ctx context.Context, key string) (payment.Result, error) {
	time.Sleep(rand.N(200 * time.Microsecond))
	return g.Gateway.Lookup(ctx, key)
}

// turned is a store that shows workers the subscriptions of an application in a different order, as if scheduling had
// changed it.
type turned struct{ store.Store }

func (s turned) Claim(ctx context.Context, asOf time.Time, lease time.Duration, limit int) ([]renewal.Claimed, error) {
	claimed, err := s.Store.Claim(ctx, asOf, lease, limit)
	for i := range claimed {
		if rand.IntN(2) == 0 {
			slices.Reverse(claimed[i].Snapshot.Application.Subscriptions)
		}
	}
	return claimed, err
}

// If there is money for one of two renewals of an application, the one that comes first in the document is paid,
// however many gateway calls and batches run concurrently.
// Rule: document-order-decides.
func TestMoneyForOneRenewalPaysTheFirst(t *testing.T) {
	if others := renewedOutOfOrder(t, memory.New()); len(others) > 0 {
		t.Errorf("scheduling chose which renewal is paid: %v", others)
	}
}

// The test above detects a wrong order.
func TestMoneyForOneRenewalNoticesAnotherOrder(t *testing.T) {
	if others := renewedOutOfOrder(t, turned{memory.New()}); len(others) == 0 {
		t.Error("a random order isn't detected")
	}
}

// renewedOutOfOrder renews two subscriptions of each of many applications, with money for one, and returns the
// applications for which the first one in the document wasn't the one renewed.
func renewedOutOfOrder(t *testing.T, st store.Store) []subscription.ApplicationID {
	t.Helper()
	const applications = 60
	ctx := t.Context()
	cat, err := simulation.Catalog("UTC")
	if err != nil {
		t.Fatal(err)
	}
	now := time.Date(2025, time.March, 10, 12, 0, 0, 0, time.UTC)
	clock := func() time.Time { return now }
	accounts := balance.New(&balance.Options{Now: clock})
	service, err := subscription.NewService(st, unsteady{accounts}, subscription.StaticCatalog(cat), &subscription.Options{Now: clock})
	if err != nil {
		t.Fatal(err)
	}
	var ids []subscription.ApplicationID
	for i := range applications {
		id := subscription.ApplicationID(fmt.Sprintf("app-%02d", i))
		ids = append(ids, id)
		if err := accounts.Open(ctx, string(id)); err != nil {
			t.Fatal(err)
		}
		paysIn(t, accounts, id, "first", 30_01+50_01)
		does(t, service, id, "create", subscription.Create{Account: subscription.AccountID(id)})
		bought := []subscription.Purchase{
			{Product: "beauty", Version: "basic", Term: pricing.Months(1), Currency: "USD", Agreement: "a-1"},
			{Product: "live", Version: "pro", Term: pricing.Months(1), Currency: "USD", Agreement: "a-1"},
		}
		if i%2 == 0 {
			slices.Reverse(bought)
		}
		does(t, service, id, "one", bought[0])
		does(t, service, id, "two", bought[1])
		// 15.01 is left: together with this it is enough for either one, but not for both.
		paysIn(t, accounts, id, "second", 35_00+int64(i%3))
	}
	now = now.AddDate(0, 1, -1)
	worker, err := renewal.NewWorker(service, st, &renewal.Options{Batch: 8, Parallel: 4, Concurrency: 16})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := worker.Once(ctx); err != nil {
		t.Fatal(err)
	}
	var others []subscription.ApplicationID
	for _, id := range ids {
		if paid := renewed(t, st, id); !slices.Equal(paid, []bool{true, false}) {
			others = append(others, id)
		}
	}
	return others
}

// renewed reports for each renewal of an application, in the order of purchase, whether it was paid.
func renewed(t *testing.T, st store.Store, id subscription.ApplicationID) []bool {
	t.Helper()
	var bought []subscription.SubscriptionID
	paid := map[subscription.SubscriptionID]bool{}
	for o, err := range st.Orders(t.Context(), id) {
		if err != nil {
			t.Fatal(err)
		}
		switch o.Kind {
		case subscription.PurchaseOrder:
			bought = append(bought, o.Subscription)
		case subscription.RenewalOrder:
			paid[o.Subscription] = o.Status == subscription.OrderPaid
		case subscription.UpgradeOrder, subscription.TopUpOrder, subscription.UsageOrder:
		}
	}
	var all []bool
	for _, s := range bought {
		all = append(all, paid[s])
	}
	return all
}

func paysIn(t *testing.T, accounts *balance.Accounts, id subscription.ApplicationID, key string, cents int64) {
	t.Helper()
	amount, err := pricing.FromMinor(cents, "USD")
	if err == nil {
		err = accounts.Deposit(t.Context(), string(id), string(id)+key, amount)
	}
	if err != nil {
		t.Fatal(err)
	}
}

func does(t *testing.T, s *subscription.Service, id subscription.ApplicationID, key string, cmd subscription.Command) {
	t.Helper()
	if _, err := s.Do(t.Context(), id, cmd, key); err != nil {
		t.Fatal(err)
	}
}
