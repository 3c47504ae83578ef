package renewal_test

import (
	"context"
	"testing"

	"github.com/prepaidkit/prepaid/payment"
	"github.com/prepaidkit/prepaid/payment/balance"
	"github.com/prepaidkit/prepaid/renewal"
	"github.com/prepaidkit/prepaid/subscription"
)

// A hard decline under a wrong clock stops nothing once the clock is reset.
func TestResetAfterHardDecline(t *testing.T) {
	reason := payment.Reason("")
	w := newWorld(t, setup{gateway: declining(&reason), policy: renewal.Policy{Reminders: hours()}})
	w.must(buy("call", "one-to-one"))
	reason = payment.LostOrStolen
	w.at("2025-02-01T19:00:00Z") // wrong: it is 30 January
	w.work()
	w.at("2025-01-30T00:00:00Z")
	w.must(subscription.ResetClock{Note: "ops"})
	s := w.latest("call")
	t.Logf("after reset: %s attempts %d stopped %q owed %t", s.Status, s.Renewal.Attempts, s.Renewal.Stopped, s.Owed())
	w.run("2035-01-01T00:00:00Z")
	check(t, "status ten years later", w.status(), subscription.Expired)
}

// The decline of an order that was placed before another method was reported says nothing about that method.
func TestDeclineOfTheOldMethodAfterTheChange(t *testing.T) {
	open := true
	w := newWorld(t, setup{policy: renewal.Policy{Reminders: hours()}, gateway: func(w *world, behind *balance.Accounts) payment.Gateway {
		g := &gatewayFuncs{Gateway: behind}
		g.OnCharge = func(ctx context.Context, c payment.Charge) (payment.Result, error) {
			if open && w.now.Day() == 31 {
				return payment.Result{Key: c.Key, Status: payment.Pending}, nil
			}
			return behind.Charge(ctx, c)
		}
		g.OnLookup = func(ctx context.Context, key string) (payment.Result, error) {
			if open && w.now.Day() == 31 {
				return payment.Result{Key: key, Status: payment.Pending}, nil
			}
			return behind.Lookup(ctx, key)
		}
		return g
	}})
	w.must(buy("call", "one-to-one"))
	w.run("2025-01-31T00:00:00Z")
	o := w.stored().Orders[0]
	w.at("2025-01-31T01:00:00Z")
	w.must(subscription.PaymentMethodChanged{})
	w.at("2025-01-31T01:00:05Z")
	w.settle(payment.Result{Key: string(o.Attempt), Status: payment.Declined, Reason: payment.ExpiredMethod})
	open = false // the new card works
	w.run("2025-06-01T00:00:00Z")
	check(t, "renewed", len(w.events(subscription.EventPeriodPaid)) > 1, true)
	check(t, "status", w.status(), subscription.Active)
}

// A catalog that lacks the customer's region makes a renewal impossible, like one that lacks the version.
func TestRegionGone(t *testing.T) {
	w := newWorld(t, setup{catalog: taxed(t)})
	w.must(subscription.SetTax{Region: "DE"})
	w.must(buy("call", "one-to-one"))
	w.catalog = catalog(t)
	w.run("2026-01-01T00:00:00Z")
	t.Logf("failed %d, not renewable %d, reminders %d", len(w.events(subscription.EventDecisionFailed)), len(w.events(subscription.EventNotRenewable)), len(w.events(subscription.EventReminder)))
	check(t, "status", w.status(), subscription.Expired)
}

// A schedule of its own that ends within the grace time makes no attempt after the interruption, whoever ran when.
func TestScheduleWithinGraceChargesWeeksLater(t *testing.T) {
	w := newWorld(t, setup{policy: renewal.Policy{Attempts: hours(-24, -1), Reminders: hours()}})
	w.must(buy("call", "one-to-one"))
	w.drain()
	w.run("2025-01-31T01:00:00Z") // declined
	w.deposit("1000.00 USD")
	w.at("2025-02-25T00:00:00Z") // no worker ran meanwhile
	w.work()
	w.run("2025-02-26T00:00:00Z")
	same(t, "history", w.since("2025-02-20"), nil)
}

// Nor does another payment method.
func TestPaymentMethodChangedAfterInterruption(t *testing.T) {
	reason := payment.Reason("")
	w := newWorld(t, setup{gateway: declining(&reason), policy: renewal.Policy{Attempts: hours(-24, -1), Reminders: hours()}})
	w.must(buy("call", "one-to-one"))
	reason = payment.TryLater
	w.run("2025-02-20T01:00:00Z")
	reason = ""
	w.must(subscription.PaymentMethodChanged{})
	w.run("2025-02-21T00:00:00Z")
	check(t, "status", w.status(), subscription.Interrupted)
}

// An upgrade that costs nothing records the total too, so that nothing is announced that doesn't change.
func TestFreeUpgradeKeepsTheTotal(t *testing.T) {
	cat := catalog(t, `"agreement":`, `"tax": {"regions": [{"region": "DE", "rates": [{"name": "VAT", "percent": "19"}]}]}, "agreement":`, `{"USD": "597.00"}`, `{"USD": "199.00"}`)
	w := newWorld(t, setup{catalog: cat, policy: renewal.Policy{Reminders: hours()}})
	w.must(subscription.SetTax{Region: "DE"})
	w.must(buy("call", "one-to-one"))
	w.must(subscription.Upgrade{Product: "call", To: "group-call"})
	check(t, "total", w.latest("call").Cycles[0].Total.String(), "236.81 USD")
	w.run("2025-02-02T00:00:00Z")
	check(t, "announced", len(w.events(subscription.EventPriceChange)), 0)
}

// A preview ends where the region is gone.
func TestPreviewRegionGone(t *testing.T) {
	w := newWorld(t, setup{catalog: taxed(t)})
	w.must(subscription.SetTax{Region: "DE"})
	w.must(buy("call", "one-to-one"))
	w.catalog = catalog(t)
	n := 0
	for range renewal.Preview(w.stored(), w.policy, w.catalog, w.now, instant(t, "2035-01-01T00:00:00Z")) {
		n++
	}
	t.Log(n)
}
