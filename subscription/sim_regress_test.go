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

// failingLoads fails the load that comes after so many others, if it is to.
type failingLoads struct {
	subscription.Store
	after int
	armed bool
}

var errLoad = errors.New("the store gave no answer")

func (s *failingLoads) Load(ctx context.Context, reads ...subscription.Read) ([]subscription.Snapshot, error) {
	if s.armed {
		s.after--
		if s.after < 0 {
			return nil, errLoad
		}
	}
	return s.Store.Load(ctx, reads...)
}

// A receipt whose key is set is valid beside an error too, so that one whose order couldn't be read isn't.
func TestReceiptWithoutItsOrder(t *testing.T) {
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

// An open order that couldn't be looked at again is still pending, and shown beside the error.
func TestPendingOrderBesideAnError(t *testing.T) {
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
