package subscription_test

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/prepaidkit/prepaid/payment"
	"github.com/prepaidkit/prepaid/renewal"
	"github.com/prepaidkit/prepaid/subscription"
)

// lapsed is a world in which the automatic renewal of a subscription that ended on 10 August was ordered, stayed
// pending, and was overtaken by the interruption of the service.
func lapsed(t *testing.T, until string) (*world, *unsteady, subscription.Order) {
	t.Helper()
	w, g := newUnsteady(t, setup{})
	w.must(buy("call", "one-to-one"))
	g.delays()
	w.work(g, until, time.Hour)
	check(t, "status", w.latest("call").Status, subscription.Interrupted)
	o, ok := w.application().Blocking("call-1")
	check(t, "the renewal is open", ok, true)
	check(t, "it is the only one", w.count(subscription.EventOrderPlaced), 2)
	return w, g, o
}

// After the interruption only the customer's own payment resumes the service: if the pending renewal fails, no other
// one is attempted automatically for a period that is mostly over.
// Rule: no-attempt-after-the-interruption.
func TestRenewalThatFailsAfterTheInterruptionIsTheLast(t *testing.T) {
	for name, end := range map[string]func(w *world, o subscription.Order){
		"declined": func(w *world, o subscription.Order) {
			got := w.settle(payment.Result{Key: string(o.Attempt), Status: payment.Declined, Reason: payment.InsufficientBalance})
			check(w.t, "order", got.Status, subscription.OrderDeclined)
		},
		"cancelled": func(w *world, o subscription.Order) { w.must(subscription.Cancel{Order: o.ID}) },
	} {
		t.Run(name, func(t *testing.T) {
			w, g, o := lapsed(t, "2025-08-25T00:00:00Z")
			end(w, o)
			g.recovers()
			g.charges = 0
			w.work(g, "2025-09-25T00:00:00Z", time.Hour)
			check(t, "charges asked for", g.charges, 0)
			check(t, "orders", len(w.orders()), 2)
			check(t, "status", w.latest("call").Status, subscription.Interrupted)
			w.pays(1, 0, "199.00")

			r := w.must(renewal.Renew{Product: "call"})
			check(t, "paid by hand, it starts today", span(r.Order.Delivered.Period), "2025-09-25T00:00:00Z/2025-10-25T00:00:00Z")
			check(t, "status", w.latest("call").Status, subscription.Active)
		})
	}
}

// A late payment buys a whole period from that day, with a new anchor, wherever that day falls in the old period.
// Rule: late-renewal-starts-today.
func TestLateSuccessAfterTheInterruptionStartsToday(t *testing.T) {
	for at, want := range map[string]string{
		"2025-08-11T00:00:00Z": "2025-08-11T00:00:00Z/2025-09-11T00:00:00Z", // the grace period has just ended
		"2025-09-09T12:00:00Z": "2025-09-09T00:00:00Z/2025-10-09T00:00:00Z", // the old period would end tonight
		"2025-09-10T12:00:00Z": "2025-09-10T00:00:00Z/2025-10-10T00:00:00Z",
		"2025-09-30T12:00:00Z": "2025-09-30T00:00:00Z/2025-10-30T00:00:00Z",
	} {
		t.Run("by itself, "+at, func(t *testing.T) {
			w, _, o := lapsed(t, at)
			got := w.settle(paid(o))
			check(t, "order", got.Status, subscription.OrderPaid)
			check(t, "period", span(got.Delivered.Period), want)
			check(t, "minutes", w.application().Minutes("call", w.now).String(), "100000")
			check(t, "status", w.latest("call").Status, subscription.Active)
		})
		t.Run("by hand, "+at, func(t *testing.T) {
			w, g := newUnsteady(t, setup{})
			w.must(once("call", "one-to-one"))
			w.at("2025-08-10T12:00:00Z")
			g.delays()
			o := w.place(renewal.Renew{Product: "call", Cycles: 2})
			w.at(at)
			got := w.settle(paid(o))
			check(t, "order", got.Status, subscription.OrderPaid)
			check(t, "period", span(got.Delivered.Period), want)
			sub := w.latest("call")
			check(t, "the second follows", sub.Cycles[2].Period.Start, sub.Cycles[1].Period.End)
		})
	}
	t.Run("within the grace time nothing is lost", func(t *testing.T) {
		w, g := newUnsteady(t, setup{})
		w.must(buy("call", "one-to-one"))
		g.delays()
		w.work(g, "2025-08-10T23:00:00Z", time.Hour)
		o, _ := w.application().Blocking("call-1")
		w.at("2025-08-10T23:59:59Z")
		check(t, "period", span(w.settle(paid(o)).Delivered.Period), "2025-08-10T00:00:00Z/2025-09-10T00:00:00Z")
	})
}

// A new subscription replaces the old one and the renewal that was ordered for it: the renewal is no longer charged,
// and if it already was, the money goes back.
// Rule: same-product-does-not-stack.
func TestOpenRenewalIsGivenUpWhenANewSubscriptionTakesItsPlace(t *testing.T) {
	for _, reached := range []bool{false, true} {
		t.Run(fmt.Sprintf("reached the gateway %t", reached), func(t *testing.T) {
			w, g := newUnsteady(t, setup{})
			w.must(once("call", "one-to-one"))
			w.at("2025-08-12T00:00:00Z")
			g.losesCharges()
			if reached {
				g.losesAnswers()
			}
			r, err := w.do(renewal.Renew{Product: "call"})
			fails(t, err, subscription.ErrPaymentPending)
			g.recovers()
			w.must(once("call", "group-call"))
			o := w.order(r.Receipt.OrderID)
			check(t, "order", o.Status, subscription.OrderCanceling)
			check(t, "note", o.Note, "another subscription has taken its place")
			g.charges = 0
			w.work(g, "2025-08-12T06:00:00Z", time.Hour)
			check(t, "charged", g.charges, 0)
			check(t, "version", w.latest("call").Version(), "group-call")
			check(t, "cycles", len(w.latest("call").Cycles), 1)
			if reached {
				check(t, "order", w.order(r.Receipt.OrderID).Status, subscription.OrderCanceled)
				w.back(r.Receipt.OrderID, "1 late 199.00 USD made")
				w.pays(3, 1, "796.00")
			} else {
				check(t, "order", w.order(r.Receipt.OrderID).Status, subscription.OrderCanceled)
				w.back(r.Receipt.OrderID)
				w.pays(2, 0, "796.00")
			}
		})
	}
}

// An upgrade is for the period in which it was ordered. After that period it isn't charged for the first time, even if
// the subscription continues with prepaid cycles, and it blocks nothing.
// Rule: nothing-undeliverable-is-charged.
func TestUpgradePastItsPeriodIsNotCharged(t *testing.T) {
	for name, ask := range map[string]func(w *world, g *unsteady, id subscription.OrderID){
		"the worker": func(w *world, g *unsteady, _ subscription.OrderID) { w.work(g, "2025-08-10T02:00:00Z", time.Hour) },
		"Collect": func(w *world, _ *unsteady, id subscription.OrderID) {
			o, err := w.Collect(w.t.Context(), app, id)
			fails(w.t, err, subscription.ErrCanceled)
			check(w.t, "note", o.Note, "the period has ended")
			w.at("2025-08-10T02:00:00Z")
			_, err = w.Collect(w.t.Context(), app, id)
			fails(w.t, err, subscription.ErrCanceled)
		},
		"the repeated key": func(w *world, _ *unsteady, _ subscription.OrderID) {
			for _, at := range []string{"2025-08-10T00:00:00Z", "2025-08-10T02:00:00Z"} {
				w.at(at)
				_, err := w.Do(w.t.Context(), app, upgrade("group-call"), "upgrade")
				fails(w.t, err, subscription.ErrCanceled)
			}
		},
	} {
		t.Run(name, func(t *testing.T) {
			w, g := newUnsteady(t, setup{})
			w.must(once("call", "one-to-one"))
			w.must(renewal.Renew{Product: "call", Cycles: 11})
			w.at("2025-08-09T23:00:00Z")
			g.losesCharges()
			r, err := w.Do(t.Context(), app, upgrade("group-call"), "upgrade")
			fails(t, err, subscription.ErrPaymentPending)
			g.recovers()
			g.charges = 0
			w.at("2025-08-10T00:00:00Z")
			ask(w, g, r.Receipt.OrderID)
			check(t, "charges asked for", g.charges, 0)
			check(t, "order", w.order(r.Receipt.OrderID).Status, subscription.OrderCanceled)
			check(t, "version", w.latest("call").Version(), "one-to-one")
			w.must(upgrade("group-call"))
		})
	}
}

// Switching auto-renewal off and on again gives no new promise: an unpaid subscription expires on schedule.
// Rule: no-attempt-after-the-interruption.
func TestToggledAutoRenewalStillExpires(t *testing.T) {
	toggle := func(w *world) {
		w.must(subscription.AutoRenew{Product: "call"})
		w.must(subscription.AutoRenew{Product: "call", On: true})
	}
	poor := func(t *testing.T) *world {
		t.Helper()
		w := newWorld(t, setup{poor: true})
		w.deposit("199.00 USD")
		w.must(buy("call", "one-to-one"))
		return w
	}
	expires := func(t *testing.T, w *world) {
		t.Helper()
		w.at("2025-10-09T23:59:59Z") // 60 days after the one-day grace period
		check(t, "a second before", w.latest("call").Status, subscription.Interrupted)
		w.at("2025-10-10T00:00:00Z")
		check(t, "status", w.latest("call").Status, subscription.Expired)
	}
	t.Run("when every attempt has failed, in the grace time", func(t *testing.T) {
		w := poor(t)
		w.work(w.accounts, "2025-08-10T20:00:00Z", time.Hour)
		check(t, "status", w.latest("call").Status, subscription.PastDue)
		toggle(w)
		w.work(w.accounts, "2025-08-12T00:00:00Z", time.Hour)
		expires(t, w)
	})
	t.Run("when every attempt has failed, after it", func(t *testing.T) {
		w := poor(t)
		w.work(w.accounts, "2025-08-12T00:00:00Z", time.Hour)
		toggle(w)
		w.deposit("1000.00 USD")
		w.work(w.accounts, "2025-08-13T00:00:00Z", time.Hour)
		check(t, "balance", w.balance(), "1000.00 USD")
		expires(t, w)
	})
	t.Run("when no worker ran", func(t *testing.T) {
		w := newWorld(t, setup{})
		w.must(buy("call", "one-to-one"))
		w.at("2025-08-12T00:00:00Z")
		toggle(w)
		w.work(w.accounts, "2025-08-13T00:00:00Z", time.Hour)
		w.pays(1, 0, "199.00") // switching it on again is about the next period, not about one without service
		expires(t, w)
	})
	t.Run("what was promised and never tried doesn't", func(t *testing.T) {
		w := newWorld(t, setup{})
		w.must(buy("call", "one-to-one"))
		w.at("2025-12-01T00:00:00Z")
		w.must(subscription.AutoRenew{Product: "call", On: true}) // it is on already
		check(t, "status", w.latest("call").Status, subscription.Interrupted)
	})
}

// A renewal that the customer tried early is no debt: the service is paid for, and so isn't past due.
// Rule: early-decline-is-no-debt.
func TestOnlyAnAutomaticRenewalMakesASubscriptionPastDue(t *testing.T) {
	w := newWorld(t, setup{poor: true})
	w.deposit("1194.00 USD")
	decline := func() {
		t.Helper()
		_, err := w.do(renewal.Renew{Product: "call"})
		declined, _ := errors.AsType[*subscription.OrderError](err)
		check(t, "declined", declined != nil && declined.Reason == payment.InsufficientBalance, true)
	}
	w.must(buy("call", "one-to-one"))
	w.must(renewal.Renew{Product: "call", Cycles: 5})
	decline()
	check(t, "a renewal by hand, with months left", w.latest("call").Status, subscription.Active)
	w.at("2025-10-15T00:00:00Z")
	check(t, "months later", w.latest("call").Status, subscription.Active)
	w.at("2026-01-09T00:00:00Z")
	decline()
	check(t, "a renewal by hand, on the last day", w.latest("call").Status, subscription.Active)
	w.work(w.accounts, "2026-01-09T01:00:00Z", time.Hour)
	check(t, "an automatic one", w.latest("call").Status, subscription.PastDue)
	check(t, "by an event", lastStatus(w.events(), "call-1"), subscription.PastDue)
}

// A prepaid period is in force when it begins, whatever was owed before.
func TestPastDueBecomesActiveWhenAPaidPeriodBegins(t *testing.T) {
	for _, before := range []subscription.Status{subscription.PastDue, subscription.Interrupted, subscription.Ended} {
		t.Run(string(before), func(t *testing.T) { begins(t, before) })
	}
}

func begins(t *testing.T, before subscription.Status) {
	t.Helper()
	w := newWorld(t, setup{})
	w.must(once("call", "one-to-one"))
	w.must(prepay{Product: "call", Cycles: 1})
	a := w.stored()
	a.Subscriptions[0].Status = before
	c, err := subscription.Advance(a, w.catalog, instant(t, "2025-08-09T23:59:59Z"))
	w.ok(err)
	check(t, "nothing before", c.IsZero(), true)
	c, err = subscription.Advance(a, w.catalog, instant(t, "2025-08-10T00:00:00Z"))
	w.ok(err)
	w.ok(c.Check(a))
	check(t, "status", c.Next.Subscriptions[0].Status, subscription.Active)
	check(t, "event", lastStatus(c.Events, "call-1"), subscription.Active)
	check(t, "minutes", c.Next.Minutes("call", instant(t, "2025-08-10T00:00:00Z")).String(), "100000")
}
