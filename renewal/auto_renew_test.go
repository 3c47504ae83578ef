package renewal_test

import (
	"context"
	"testing"
	"time"

	"github.com/prepaidkit/prepaid/payment"
	"github.com/prepaidkit/prepaid/payment/balance"
	"github.com/prepaidkit/prepaid/pricing"
	"github.com/prepaidkit/prepaid/renewal"
	"github.com/prepaidkit/prepaid/subscription"
)

func turn(on bool) subscription.AutoRenew { return subscription.AutoRenew{Product: "call", On: on} }

// With auto-renewal off, the customer is reminded of the end and never charged; after the end the subscription has ended,
// and goes out of service with the grace period.
// Rule: auto-renewal-is-on, renewal-reminders, ended-is-not-owed.
func TestTurnedOffIsNeverCharged(t *testing.T) {
	w := newWorld(t, setup{})
	w.must(buy("call", "one-to-one"))
	w.must(turn(false))
	w.run("2025-12-31T00:00:00Z")
	same(t, "charges", w.charges(), []string{"2025-01-01 10:00 -199.00 USD"})
	same(t, "history", w.since("2025-01-02"), []string{
		"2025-02-01 00:00 status_changed ended",
		"2025-04-03 00:00 status_changed expired",
	})
	same(t, "out of service", w.log(subscription.EventServiceEnded), []string{"2025-02-02 00:00 service_ended"})
	same(t, "reminders", w.log(subscription.EventReminder), []string{
		"2025-01-25 00:00 renewal_reminder ends",
		"2025-01-29 00:00 renewal_reminder ends",
		"2025-01-31 00:00 renewal_reminder ends",
	})
}

// Turning auto-renewal on again takes effect immediately if the renewal is already due, but never after the
// interruption.
// Rule: auto-renewal-is-on.
func TestTurnedOnAgain(t *testing.T) {
	for _, tt := range []struct{ at, charged string }{
		{"2025-01-15T09:00:00Z", "2025-01-31 00:00"},
		{"2025-01-31T09:00:00Z", "2025-01-31 09:00"},
		{"2025-02-01T20:00:00Z", "2025-02-01 20:00"},
		{"2025-02-02T00:00:00Z", ""}, // the grace period is over
		{"2025-03-10T00:00:00Z", ""},
	} {
		t.Run(tt.at, func(t *testing.T) {
			w := newWorld(t, setup{})
			w.must(buy("call", "one-to-one"))
			w.must(turn(false))
			w.run(tt.at)
			w.must(turn(true))
			w.must(turn(true)) // again, which changes nothing
			w.run("2025-02-20T00:00:00Z")
			want := []string{"2025-01-01 10:00 -199.00 USD"}
			if tt.charged != "" {
				want = append(want, tt.charged+" -199.00 USD")
			}
			if w.now.Before(instant(t, tt.at)) {
				w.now = instant(t, tt.at)
			}
			same(t, "charges", w.charges(), want)
			if tt.charged == "" {
				w.run("2025-12-31T00:00:00Z")
				same(t, "charges in the end", w.charges(), want)
				check(t, "status in the end", w.status(), subscription.Expired)
			}
		})
	}
}

// Turning auto-renewal off and on again after all attempts have been made does not keep a subscription forever: no
// attempt is left, and it expires as usual.
// Rule: no-attempt-after-the-interruption.
func TestToggledAfterTheLastAttemptStillExpires(t *testing.T) {
	w := newWorld(t, setup{})
	w.must(buy("call", "one-to-one"))
	w.drain()
	w.run("2025-02-01T19:00:00Z")
	w.must(turn(false))
	w.must(turn(true))
	w.deposit("1000.00 USD")
	w.run("2025-12-31T00:00:00Z")
	check(t, "status", w.status(), subscription.Expired)
	check(t, "balance", w.balance(), "1000.00 USD")
	same(t, "history", w.since("2025-02-01 19:00"), []string{
		"2025-02-01 19:00 status_changed ended",
		"2025-02-01 19:00 status_changed past_due",
		"2025-02-02 00:00 status_changed interrupted",
		"2025-04-03 00:00 status_changed expired",
	})
}

// If a changed policy or catalog leaves no more attempts, the renewal doesn't stay open forever.
func TestShorterScheduleEndsTheAttempts(t *testing.T) {
	for name, change := range map[string]func(w *world){
		"policy":  func(w *world) { w.policy = renewal.Policy{Attempts: hours(-24, -12)} },
		"catalog": func(w *world) { w.catalog = catalog(w.t, `"grace_hours": 24`, `"grace_hours": 0`) },
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t, setup{})
			w.must(buy("call", "one-to-one"))
			w.drain()
			w.run("2025-02-01T01:00:00Z")
			change(w)
			w.run("2025-12-31T00:00:00Z")
			check(t, "status", w.status(), subscription.Expired)
			check(t, "orders", len(w.orders()), 1+4)
		})
	}
}

// An order that is being charged is completed even if auto-renewal is turned off meanwhile; the switch takes effect
// with the next cycle.
// Rule: auto-renewal-is-on.
func TestTurnedOffWhileAnOrderIsBeingCharged(t *testing.T) {
	for _, pays := range []bool{true, false} {
		w := newWorld(t, setup{gateway: pendingFrom("2025-01-31")})
		w.must(buy("call", "one-to-one"))
		w.run("2025-01-31T06:00:00Z")
		w.must(turn(false))
		o, ok := w.stored().Blocking("call-1")
		check(t, "open", ok, true)
		if pays {
			check(t, "order", w.settle(paid(o)).Status, subscription.OrderPaid)
		} else {
			check(t, "order", w.settle(declined(o)).Status, subscription.OrderDeclined)
		}
		w.run("2025-12-31T00:00:00Z")
		s := w.latest("call")
		check(t, "orders", len(w.orders()), 2)
		check(t, "status", s.Status, subscription.Expired)
		if pays {
			check(t, "end", short(s.End()), "2025-03-01 00:00")
		} else {
			check(t, "end", short(s.End()), "2025-02-01 00:00")
		}
	}
}

// An upgrade that is still open when the renewal is due is looked up until the end and then canceled. The renewal
// follows, and a late success of the upgrade is refunded.
// Rule: open-upgrade-gives-way.
func TestUpgradeStillOpenWhenTheRenewalFallsDue(t *testing.T) {
	open := map[string]bool{}
	lookups := 0
	w := newWorld(t, setup{gateway: func(_ *world, behind *balance.Accounts) payment.Gateway {
		g := &gatewayFuncs{Gateway: behind}
		g.OnCharge, g.OnLookup = func(ctx context.Context, c payment.Charge) (payment.Result, error) {
			if c.Description == "call/group-call" {
				open[c.Key] = true
				_, err := behind.Charge(ctx, c) // it succeeds, but the answer is lost
				return payment.Result{Key: c.Key, Status: payment.Pending}, err
			}
			return behind.Charge(ctx, c)
		}, func(ctx context.Context, key string) (payment.Result, error) {
			if open[key] {
				lookups++
				return payment.Result{Key: key, Status: payment.Pending}, nil
			}
			return behind.Lookup(ctx, key)
		}
		return g
	}})
	w.must(buy("call", "one-to-one"))
	w.at("2025-01-30T12:00:00Z")
	_, err := w.do(subscription.Upgrade{Product: "call", To: "group-call"})
	check(t, "upgrade is pending", err != nil, true)
	upgrade, _ := w.stored().Blocking("call-1")
	w.run("2025-02-01T00:00:00Z")
	if lookups < 5 {
		t.Errorf("looked up %d times", lookups)
	}
	same(t, "history", w.since("2025-01-30"), []string{
		"2025-01-30 12:00 order_placed 25.68 USD",
		"2025-02-01 00:00 status_changed past_due",
		"2025-02-01 00:00 order_cancelling 25.68 USD the period has ended",
		"2025-02-01 00:00 order_placed 199.00 USD",
		"2025-02-01 00:00 order_paid 199.00 USD [2025-02-01 2025-03-01)",
		"2025-02-01 00:00 status_changed active",
	})
	w.at("2025-02-05T00:00:00Z")
	late := w.settle(paid(upgrade))
	check(t, "late success", late.Status, subscription.OrderCanceled)
	check(t, "returned", late.RefundedAmount.String(), "25.68 USD")
	same(t, "charges", w.charges(), []string{
		"2025-01-01 10:00 -199.00 USD", "2025-01-30 12:00 -25.68 USD", "2025-02-01 00:00 -199.00 USD", "2025-02-05 00:00 25.68 USD",
	})
	check(t, "version", w.latest("call").Version(), "one-to-one")
}

// An upgrade under review doesn't block the renewal either: it can no longer be delivered, and waits for a person.
// Rule: open-upgrade-gives-way.
func TestUpgradeUnderReviewDoesntStopTheRenewal(t *testing.T) {
	w := newWorld(t, setup{gateway: func(w *world, behind *balance.Accounts) payment.Gateway {
		g, _ := pendingFrom("2025-01-20")(w, behind).(*gatewayFuncs)
		pending := g.OnCharge
		g.Keeps = 24 * time.Hour
		g.OnCharge = func(ctx context.Context, c payment.Charge) (payment.Result, error) {
			if c.Description == "call/group-call" {
				return pending(ctx, c)
			}
			return behind.Charge(ctx, c)
		}
		g.OnLookup = func(_ context.Context, key string) (payment.Result, error) {
			return payment.Result{Key: key, Status: payment.NotFound}, nil
		}
		return g
	}})
	w.must(buy("call", "one-to-one"))
	w.at("2025-01-20T12:00:00Z")
	_, err := w.do(subscription.Upgrade{Product: "call", To: "group-call"})
	check(t, "upgrade is pending", err != nil, true)
	w.run("2025-02-01T00:00:00Z")
	upgrade := w.orders()[1]
	check(t, "upgrade", upgrade.Status, subscription.OrderReview)
	check(t, "end", w.end(), "2025-03-01 00:00")
}

// After an upgrade between two attempts, the renewal has the price of the new version.
// Rule: upgrade-while-valid, upgrade-keeps-the-end, renewal-at-list-price.
func TestUpgradeBetweenAttempts(t *testing.T) {
	w := newWorld(t, setup{})
	w.must(buy("call", "one-to-one"))
	w.drain()
	w.run("2025-01-31T13:00:00Z")
	w.deposit("12.84 USD")
	w.must(subscription.Upgrade{Product: "call", To: "group-call"})
	w.deposit("597.00 USD")
	w.run("2025-02-01T00:00:00Z")
	check(t, "version", w.latest("call").Version(), pricing.VersionID("group-call"))
	same(t, "charges", w.charges(), []string{
		"2025-01-01 10:00 -199.00 USD", "2025-01-31 13:00 -12.84 USD", "2025-01-31 21:00 -597.00 USD",
	})
}
