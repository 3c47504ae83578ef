package renewal_test

import (
	"testing"
	"time"

	"github.com/prepaidkit/prepaid/payment"
	"github.com/prepaidkit/prepaid/payment/balance"
	"github.com/prepaidkit/prepaid/payment/paymenttest"
	"github.com/prepaidkit/prepaid/pricing"
	"github.com/prepaidkit/prepaid/renewal"
	"github.com/prepaidkit/prepaid/subscription"
)

// An upgrade under review that came to nothing keeps no renewal from being tried; nor does it hide the one that
// is being collected, of which there must be no second.
func TestRenewalOpenBehindAnOrderUnderReview(t *testing.T) {
	w := newWorld(t, setup{gateway: func(w *world, behind *balance.Accounts) payment.Gateway {
		return paymenttest.NewHostile(behind, &paymenttest.HostileOptions{
			Plan: paymenttest.Script(paymenttest.None, paymenttest.WrongAmount, paymenttest.TimeoutBefore),
			Now:  func() time.Time { return w.now },
		})
	}})
	w.must(subscription.Purchase{
		Product: "call", Version: "one-to-one", Term: pricing.Months(1), Currency: "USD", Agreement: agreement,
	})
	upgrade, _ := w.do(subscription.Upgrade{Product: "call", To: "group-call"})
	if upgrade.Order.Status != subscription.OrderReview {
		t.Fatalf("the upgrade is %s, want review", upgrade.Order.Status)
	}
	sub, err := w.stored().Live("call")
	w.ok(err)
	for _, after := range []time.Duration{time.Minute, 6*time.Hour + time.Minute} {
		app := w.stored()
		change, err := renewal.Decide(app, w.policy, w.catalog, sub.End().Add(after))
		w.ok(err)
		w.ok(change.Check(app))
		w.ok(w.store.Commit(t.Context(), change))
		open := 0
		for _, o := range change.Next.Orders {
			if o.Status == subscription.OrderOpen {
				open++
			}
		}
		if open != 1 {
			t.Errorf("%s after the end %d renewals are being collected, want 1", after, open)
		}
	}
}
