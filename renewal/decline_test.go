package renewal_test

import (
	"context"
	"strings"
	"testing"

	"github.com/prepaidkit/prepaid/payment"
	"github.com/prepaidkit/prepaid/payment/balance"
	"github.com/prepaidkit/prepaid/renewal"
	"github.com/prepaidkit/prepaid/subscription"
)

// declining is a gateway that declines charges for a reason while there is one.
func declining(why *payment.Reason) func(w *world, behind *balance.Accounts) payment.Gateway {
	return func(_ *world, behind *balance.Accounts) payment.Gateway {
		g := &gatewayFuncs{Gateway: behind}
		g.OnCharge = func(ctx context.Context, c payment.Charge) (payment.Result, error) {
			if *why != "" {
				return payment.Result{Key: c.Key, Status: payment.Declined, Reason: *why}, nil
			}
			return behind.Charge(ctx, c)
		}
		return g
	}
}

// After a hard decline nothing more is charged, whatever the schedule says, and the subscription ends as any that
// isn't paid for. A reason that nobody knows is soft.
// Rule: hard-decline-stops-attempts.
func TestHardDeclineStopsAttempts(t *testing.T) {
	for why, attempts := range map[payment.Reason]int{
		payment.NoPaymentMethod: 1, payment.ExpiredMethod: 1, payment.LostOrStolen: 1, payment.Suspected: 1,
		payment.InsufficientBalance: 7, payment.NeedsAuthentication: 7, payment.TryLater: 7, payment.Canceled: 7, "do_not_honor": 7,
	} {
		t.Run(string(why), func(t *testing.T) {
			reason := payment.Reason("")
			w := newWorld(t, setup{gateway: declining(&reason)})
			w.must(buy("call", "one-to-one"))
			reason = why
			w.run("2025-12-31T00:00:00Z")
			check(t, "attempts", len(w.events(subscription.EventOrderDeclined)), attempts)
			check(t, "status", w.status(), subscription.Expired)
			check(t, "due", w.stored().Due.IsZero(), true)
		})
	}
}

// The customer's own payment, for whatever it is, shows that there is a method that works: attempts go on by the schedule.
// Reminders say why they have stopped.
// Rule: hard-decline-stops-attempts.
func TestPaymentByHandEndsAHardDecline(t *testing.T) {
	reason := payment.Reason("")
	w := newWorld(t, setup{
		gateway: declining(&reason),
		policy:  renewal.Policy{Attempts: hours(-48, -1), Reminders: hours(-24)},
	})
	w.must(buy("call", "one-to-one"))
	reason = payment.LostOrStolen
	w.run("2025-01-31T12:00:00Z")
	reminder := w.events(subscription.EventReminder)
	check(t, "reminders", len(reminder), 1)
	check(t, "why", reminder[0].Reason, payment.LostOrStolen)
	check(t, "stopped", w.latest("call").Renewal.Stopped, payment.LostOrStolen)

	reason = ""
	w.must(buy("live", "lite"))
	check(t, "stopped", w.latest("call").Renewal.Stopped, "")
	w.run("2025-02-01T00:00:00Z")
	same(t, "history", w.log(subscription.EventOrderDeclined, subscription.EventPeriodPaid)[1:], []string{
		"2025-01-30 00:00 order_declined lost_or_stolen 199.00 USD",
		"2025-01-31 12:00 period_paid 129.00 USD [2025-01-31 2025-02-28)",
		"2025-01-31 23:00 period_paid 199.00 USD [2025-02-01 2025-03-01)",
	})
}

// Another payment method is tried at once: within the grace time the service continues from the end. After the
// interruption the default schedule has ended, and one that goes on tries it.
// Rule: changed-payment-method-is-tried-at-once.
func TestPaymentMethodChangedIsTriedAtOnce(t *testing.T) {
	long := renewal.Policy{Attempts: hours(-24, 72)}
	for _, tt := range []struct {
		name   string
		why    payment.Reason
		policy renewal.Policy
		at     string
		paid   string // "": not paid
	}{
		{"before anything was tried", payment.LostOrStolen, renewal.Policy{}, "2025-01-30T10:00:00Z", "2025-01-31 00:00 [2025-02-01 2025-03-01)"},
		{"before the end", payment.LostOrStolen, renewal.Policy{}, "2025-01-31T10:00:00Z", "2025-01-31 10:00 [2025-02-01 2025-03-01)"},
		{"before the end, soft", payment.TryLater, renewal.Policy{}, "2025-01-31T10:00:00Z", "2025-01-31 10:00 [2025-02-01 2025-03-01)"},
		{"within the grace time", payment.ExpiredMethod, renewal.Policy{}, "2025-02-01T20:00:00Z", "2025-02-01 20:00 [2025-02-01 2025-03-01)"},
		{"after the interruption", payment.ExpiredMethod, renewal.Policy{}, "2025-02-02T10:00:00Z", ""},
		{"after the interruption, long", payment.ExpiredMethod, long, "2025-02-03T10:00:00Z", "2025-02-03 10:00 [2025-02-03 2025-03-03)"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			reason := payment.Reason("")
			w := newWorld(t, setup{gateway: declining(&reason), policy: tt.policy})
			w.must(buy("call", "one-to-one"))
			reason = tt.why
			w.run(tt.at)
			reason = ""
			w.must(subscription.PaymentMethodChanged{})
			w.run("2025-02-20T00:00:00Z")
			var paid []string
			for _, line := range w.log(subscription.EventPeriodPaid)[1:] {
				paid = append(paid, strings.Replace(line, "period_paid 199.00 USD ", "", 1))
			}
			check(t, "paid", strings.Join(paid, ", "), tt.paid)
		})
	}
	w := newWorld(t, setup{})
	w.must(subscription.PaymentMethodChanged{})
	check(t, "recorded, with nothing to renew", len(w.events(subscription.EventPaymentMethod)), 1)
	_, err := w.Do(t.Context(), "nobody", subscription.PaymentMethodChanged{}, "key")
	fails(t, err, subscription.ErrNotFound)
}

// A schedule of its own goes on after the interruption, until the retention ends: what is paid then begins a new period
// on that day, under an ID that no other attempt has.
// Rule: schedule-outlasts-the-grace-time.
func TestScheduleOutlastsTheGraceTime(t *testing.T) {
	policy := renewal.Policy{Attempts: hours(-24, 48, 30*24, 62*24), Reminders: hours()}
	w := newWorld(t, setup{policy: policy})
	w.must(buy("call", "one-to-one"))
	w.drain()
	w.run("2025-02-20T00:00:00Z")
	w.deposit("1000.00 USD")
	w.run("2025-04-01T00:00:00Z")
	same(t, "history", w.since("2025-01-02"), []string{
		"2025-01-31 00:00 order_placed 199.00 USD",
		"2025-01-31 00:00 order_declined insufficient_balance 199.00 USD",
		"2025-01-31 00:00 status_changed past_due",
		"2025-02-02 00:00 status_changed interrupted",
		"2025-02-03 00:00 order_placed 199.00 USD",
		"2025-02-03 00:00 order_declined insufficient_balance 199.00 USD",
		"2025-03-03 00:00 order_placed 199.00 USD",
		"2025-03-03 00:00 order_paid 199.00 USD [2025-03-03 2025-04-03)",
		"2025-03-03 00:00 status_changed active",
	})
	keys := map[subscription.AttemptID]bool{}
	for _, o := range w.orders() {
		keys[o.Attempt] = true
	}
	check(t, "keys", len(keys), 4)

	t.Run("and ends with it", func(t *testing.T) {
		w := newWorld(t, setup{policy: policy})
		w.must(buy("call", "one-to-one"))
		w.drain()
		w.run("2025-05-01T00:00:00Z") // the last attempt would be on April 4, a day after the end of the retention
		check(t, "attempts", len(w.events(subscription.EventOrderDeclined)), 3)
		check(t, "status", w.status(), subscription.Expired)
	})
	t.Run("and with automatic renewal", func(t *testing.T) {
		w := newWorld(t, setup{policy: policy})
		w.must(buy("call", "one-to-one"))
		w.drain()
		w.run("2025-02-10T00:00:00Z")
		w.must(subscription.AutoRenew{Product: "call"})
		w.run("2025-05-01T00:00:00Z")
		check(t, "attempts", len(w.events(subscription.EventOrderDeclined)), 2)
	})
}

// A hard decline under a wrong clock stops nothing once the clock is reset.
// Rule: hard-decline-stops-attempts.
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
	check(t, "stopped", s.Renewal.Stopped, "")
	w.run("2035-01-01T00:00:00Z")
	check(t, "status ten years later", w.status(), subscription.Expired)
}

// The decline of an order that was placed before another method was reported says nothing about that method.
// Rule: changed-payment-method-is-tried-at-once.
func TestDeclineOfTheOldMethodAfterTheChange(t *testing.T) {
	open := false
	w := newWorld(t, setup{policy: renewal.Policy{Reminders: hours()}, gateway: pendingWhile(&open)})
	w.must(buy("call", "one-to-one"))
	open = true
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

// A schedule of its own that ends within the grace time makes no attempt after the interruption, whoever ran when.
// Rule: no-attempt-after-the-interruption.
func TestScheduleWithinTheGraceTimeEndsWithIt(t *testing.T) {
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
// Rule: no-attempt-after-the-interruption.
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
