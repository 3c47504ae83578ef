package subscription_test

import (
	"context"
	"time"

	"github.com/prepaidkit/prepaid/payment"
	"github.com/prepaidkit/prepaid/payment/balance"
	"github.com/prepaidkit/prepaid/payment/paymenttest"
	"github.com/prepaidkit/prepaid/subscription"
)

// hostile returns a gateway in front of the accounts whose charges meet the given faults, by the world's clock.
func hostile(o paymenttest.HostileOptions, faults ...paymenttest.Fault) func(*world, *balance.Accounts) payment.Gateway {
	return func(w *world, behind *balance.Accounts) payment.Gateway {
		o.Plan = paymenttest.Script(faults...)
		o.Now = func() time.Time { return w.now }
		return paymenttest.NewHostile(behind, &o)
	}
}

// storeFuncs is a store whose functions a test can replace.
type storeFuncs struct {
	subscription.Store
	load   func(ctx context.Context, reads ...subscription.Read) ([]subscription.Snapshot, error)
	commit func(ctx context.Context, changes ...subscription.Change) error
}

func (s *storeFuncs) Load(ctx context.Context, reads ...subscription.Read) ([]subscription.Snapshot, error) {
	if s.load == nil {
		return s.Store.Load(ctx, reads...)
	}
	return s.load(ctx, reads...)
}

func (s *storeFuncs) Commit(ctx context.Context, changes ...subscription.Change) error {
	if s.commit == nil {
		return s.Store.Commit(ctx, changes...)
	}
	return s.commit(ctx, changes...)
}
