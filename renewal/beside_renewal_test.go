package renewal_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/prepaidkit/prepaid/payment"
	"github.com/prepaidkit/prepaid/payment/balance"
	"github.com/prepaidkit/prepaid/payment/paymenttest"
	"github.com/prepaidkit/prepaid/pricing"
	"github.com/prepaidkit/prepaid/renewal"
	"github.com/prepaidkit/prepaid/subscription"
)

// An upgrade under review that failed doesn't block renewal attempts. Nor does it hide a renewal that is being
// collected, which must not be placed twice.
func TestOrderUnderReviewHidesNoOpenRenewal(t *testing.T) {
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
	sub, live := w.stored().Live("call")
	check(t, "live", live, true)
	for _, after := range []time.Duration{time.Minute, 6*time.Hour + time.Minute} {
		app := w.stored()
		change, err := renewal.Decide(subscription.Snapshot{Application: app}, w.policy, w.catalog, sub.End().Add(after))
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

// A purchase that replaces a subscription cancels the order being collected for it. If the answer to that order arrives
// in the same batch, both are settled.
func TestReplacedRenewalIsSettledInTheSameBatch(t *testing.T) {
	w := newWorld(t, setup{gateway: func(w *world, behind *balance.Accounts) payment.Gateway {
		return paymenttest.NewHostile(behind, &paymenttest.HostileOptions{
			Plan: paymenttest.Script(paymenttest.None, paymenttest.TimeoutBefore, paymenttest.None, paymenttest.DeclineOther),
			Now:  func() time.Time { return w.now },
		})
	}})
	buy := subscription.Purchase{
		Product: "call", Version: "one-to-one", Term: pricing.Months(1), Currency: "USD", Agreement: agreement,
	}
	w.must(buy)
	w.at("2025-02-10T10:00:00Z") // interrupted, and no worker ran
	again, _ := w.do(buy)
	if again.Order.Status != subscription.OrderOpen {
		t.Fatalf("the purchase is %s, want open", again.Order.Status)
	}
	w.work()
	var statuses []subscription.OrderStatus
	for _, o := range w.orders() {
		statuses = append(statuses, o.Status)
	}
	want := []subscription.OrderStatus{subscription.OrderPaid, subscription.OrderPaid, subscription.OrderCanceled}
	if diff := cmp.Diff(want, statuses); diff != "" {
		t.Errorf("orders (-want +got):\n%s", diff)
	}
}
