package simulation_test

import (
	"context"
	"errors"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/prepaidkit/prepaid/internal/simulation"
	"github.com/prepaidkit/prepaid/payment/balance"
	"github.com/prepaidkit/prepaid/pricing"
	"github.com/prepaidkit/prepaid/renewal"
	"github.com/prepaidkit/prepaid/store"
	"github.com/prepaidkit/prepaid/store/memory"
	"github.com/prepaidkit/prepaid/subscription"
)

// clocked is a store on a server whose clock differs from the machine's by behind.
type clocked struct {
	store.Store
	behind *atomic.Int64
}

func (s clocked) Clock(context.Context) (time.Time, error) {
	return time.Now().Add(-time.Duration(s.behind.Load())), nil
}

// A machine whose clock is years ahead decides nothing and expires nothing while the store's clock is known; once its
// clock is right, it continues. Worlds emulate the refusal; here the service makes it.
// Rule: wrong-clock-decides-nothing.
func TestMachineYearsAhead(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		if done := yearsAhead(t, func(st clocked) store.Store { return st }); len(done) > 0 {
			t.Errorf("years ahead of the store's clock: %v", done)
		}
	})
}

// The test above detects a machine that trusts its own clock.
func TestMachineYearsAheadIsNoticed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		if done := yearsAhead(t, func(st clocked) store.Store { return st.Store }); len(done) == 0 {
			t.Error("a clock that is years ahead did nothing")
		}
	})
}

// yearsAhead runs a service and a worker by the machine's clock while the store's is years behind, and returns what
// they did anyway.
func yearsAhead(t *testing.T, open func(clocked) store.Store) []string {
	t.Helper()
	ctx := t.Context()
	cat, err := simulation.Catalog("UTC")
	if err != nil {
		t.Fatal(err)
	}
	behind := &atomic.Int64{}
	st := open(clocked{memory.New(), behind})
	accounts := balance.New(nil)
	service, err := subscription.NewService(st, accounts, subscription.StaticCatalog(cat), nil)
	if err != nil {
		t.Fatal(err)
	}
	worker, err := renewal.NewWorker(service, st, nil)
	if err != nil {
		t.Fatal(err)
	}
	if err := accounts.Open(ctx, "payer"); err != nil {
		t.Fatal(err)
	}
	paysIn(t, accounts, "payer", "", 1_000_00)
	does(t, service, "app", "create", subscription.Create{Account: "payer"})
	does(t, service, "app", "buy", subscription.Purchase{
		Product: "live", Version: "pro", Term: pricing.Months(1), Currency: "USD", Agreement: "a-1",
	})
	before, err := service.Application(ctx, "app")
	if err != nil {
		t.Fatal(err)
	}

	var done []string
	refused := func(what string, err error) {
		if !errors.Is(err, subscription.ErrClock) {
			done = append(done, what)
		}
	}
	behind.Store(int64(5 * 365 * 24 * time.Hour))
	time.Sleep(2 * time.Minute) // the store's clock is read again
	_, err = worker.Once(ctx)
	refused("a round", err)
	_, err = service.Do(ctx, "app", subscription.ClaimFree{Free: "monthly"}, "free")
	refused("a request", err)
	_, err = service.Quote(ctx, "app", subscription.Upgrade{Product: "live", To: "pro"})
	refused("a quote", err)
	_, err = service.Consume(ctx, "app", subscription.Usage{ID: "u", Product: "live", Kind: "hd", At: time.Now(), Seconds: 60})
	refused("usage", err)
	after, err := service.Application(ctx, "app")
	if err != nil {
		t.Fatalf("a read: %v", err)
	}
	if after.Revision != before.Revision {
		done = append(done, "a change")
	}
	behind.Store(0)
	time.Sleep(2 * time.Minute)
	if _, err := service.Do(ctx, "app", subscription.ClaimFree{Free: "monthly"}, "free"); err != nil {
		done = append(done, "a refusal although the clock is right: "+err.Error())
	}
	return done
}
