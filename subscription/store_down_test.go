package subscription_test

import (
	"context"
	"errors"
	"testing"

	"github.com/prepaidkit/prepaid/payment"
	"github.com/prepaidkit/prepaid/payment/balance"
	"github.com/prepaidkit/prepaid/payment/paymenttest"
	"github.com/prepaidkit/prepaid/pricing"
	"github.com/prepaidkit/prepaid/subscription"
)

func TestStoreThatCannotBeReadIsTold(t *testing.T) {
	down := errors.New("store is down")
	working := true
	w := newWorld(t, setup{gateway: pending, wrap: func(_ *world, st subscription.Store) subscription.Store {
		return &storeFuncs{Store: st, load: func(ctx context.Context, reads ...subscription.Read) ([]subscription.Snapshot, error) {
			if !working {
				return nil, down
			}
			return st.Load(ctx, reads...)
		}}
	}})
	o := w.place(buy("call", "one-to-one"))
	working = false
	ctx := t.Context()
	_, doErr := w.Do(ctx, app, buy("call", "one-to-one"), "key 1")
	_, quoteErr := w.Quote(ctx, app, buy("live", "lite"))
	_, settleErr := w.Settle(ctx, o.Attempt, paid(o))
	_, collectErr := w.Collect(ctx, app, o.ID)
	_, applicationErr := w.Application(ctx, app)
	_, orderErr := w.Order(ctx, app, o.ID)
	for name, err := range map[string]error{
		"Do": doErr, "Quote": quoteErr, "Settle": settleErr, "Collect": collectErr,
		"Application": applicationErr, "Order": orderErr,
	} {
		check(t, name, errors.Is(err, down), true)
	}
}

// failingLoads fails one load, after a given number of others, if it is set to.
type failingLoads struct {
	subscription.Store
	after int
	armed bool
}

func (s *failingLoads) Load(ctx context.Context, reads ...subscription.Read) ([]subscription.Snapshot, error) {
	if s.armed {
		s.after--
		if s.after < 0 {
			return nil, errLoad
		}
	}
	return s.Store.Load(ctx, reads...)
}

var errLoad = errors.New("the store gave no answer")

// A receipt with a key is valid even if there is an error, so the receipt of an order that couldn't be read has no key.
func TestReceiptIsNotShownWithoutItsOrder(t *testing.T) {
	failing := &failingLoads{after: 1}
	w := newWorld(t, setup{wrap: func(_ *world, st subscription.Store) subscription.Store {
		failing.Store = st
		return failing
	}})
	buy := subscription.Purchase{
		Product: "call", Version: "one-to-one", Term: pricing.Months(1), Currency: "USD", Agreement: agreement,
	}
	if _, err := w.Do(t.Context(), app, buy, "buy"); err != nil {
		t.Fatal(err)
	}
	failing.armed = true
	receipt, err := w.Do(t.Context(), app, buy, "buy")
	if !errors.Is(err, errLoad) || receipt.Receipt.Key != "" {
		t.Errorf("Do = receipt %q of order %q showing %q, %v; want none", receipt.Receipt.Key, receipt.Receipt.OrderID, receipt.Order.ID, err)
	}
}

// An open order that couldn't be reloaded is still pending, and is returned together with the error.
func TestPendingOrderIsShownBesideAnError(t *testing.T) {
	failing := &failingLoads{after: 1}
	w := newWorld(t, setup{
		wrap: func(_ *world, st subscription.Store) subscription.Store {
			failing.Store = st
			return failing
		},
		gateway: func(_ *world, behind *balance.Accounts) payment.Gateway {
			return paymenttest.NewHostile(behind, &paymenttest.HostileOptions{Plan: paymenttest.Script(paymenttest.TimeoutBefore)})
		},
	})
	buy := subscription.Purchase{
		Product: "call", Version: "one-to-one", Term: pricing.Months(1), Currency: "USD", Agreement: agreement,
	}
	if _, err := w.Do(t.Context(), app, buy, "buy"); !errors.Is(err, subscription.ErrPaymentPending) {
		t.Fatal(err)
	}
	failing.armed = true
	receipt, err := w.Do(t.Context(), app, buy, "buy")
	if !errors.Is(err, errLoad) || !errors.Is(err, subscription.ErrPaymentPending) || receipt.Order.ID != receipt.Receipt.OrderID {
		t.Errorf("Do = order %q showing %q, %v; want the pending order", receipt.Receipt.OrderID, receipt.Order.ID, err)
	}
}
