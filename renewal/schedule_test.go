package renewal_test

import (
	"testing"
	"time"

	"github.com/prepaidkit/prepaid/renewal"
	"github.com/prepaidkit/prepaid/subscription"
)

// The normal case: reminded, renewed a day before the end, and continued at the end.
// Rule: renewal-schedule.
func TestRenewsADayBeforeTheEnd(t *testing.T) {
	w := newWorld(t, setup{})
	w.must(buy("call", "one-to-one"))
	w.run("2025-02-01T00:00:00Z")
	same(t, "events after the purchase", w.log()[8:], []string{
		"2025-01-25 00:00 renewal_reminder 199.00 USD renews itself [2025-02-01 2025-03-01)",
		"2025-01-29 00:00 renewal_reminder 199.00 USD renews itself [2025-02-01 2025-03-01)",
		"2025-01-31 00:00 order_placed 199.00 USD",
		"2025-01-31 00:00 order_paid 199.00 USD [2025-02-01 2025-03-01)",
		"2025-01-31 00:00 period_paid 199.00 USD [2025-02-01 2025-03-01)",
		"2025-02-01 00:00 period_began [2025-02-01 2025-03-01)",
		"2025-02-01 00:00 lot_granted [2025-02-01 2025-03-01)",
	})
	same(t, "charges", w.charges(), []string{"2025-01-01 10:00 -199.00 USD", "2025-01-31 00:00 -199.00 USD"})
	check(t, "status", w.status(), subscription.Active)
}

// A failed payment is retried on the schedule, up to the end and through the grace period. Then service is interrupted,
// no more attempts are made, and the subscription expires after the retention period.
// Rule: renewal-schedule, interrupted-then-expired, one-order-one-key.
func TestFailedPaymentIsTriedAgainToTheEndOfTheSchedule(t *testing.T) {
	w := newWorld(t, setup{})
	w.must(buy("call", "one-to-one"))
	w.drain()
	w.run("2025-12-31T00:00:00Z")
	same(t, "history", w.since("2025-01-02"), []string{
		"2025-01-31 00:00 order_placed 199.00 USD",
		"2025-01-31 00:00 order_declined insufficient_balance 199.00 USD",
		"2025-01-31 00:00 status_changed past_due",
		"2025-01-31 12:00 order_placed 199.00 USD",
		"2025-01-31 12:00 order_declined insufficient_balance 199.00 USD",
		"2025-01-31 21:00 order_placed 199.00 USD",
		"2025-01-31 21:00 order_declined insufficient_balance 199.00 USD",
		"2025-02-01 00:00 order_placed 199.00 USD",
		"2025-02-01 00:00 order_declined insufficient_balance 199.00 USD",
		"2025-02-01 06:00 order_placed 199.00 USD",
		"2025-02-01 06:00 order_declined insufficient_balance 199.00 USD",
		"2025-02-01 12:00 order_placed 199.00 USD",
		"2025-02-01 12:00 order_declined insufficient_balance 199.00 USD",
		"2025-02-01 18:00 order_placed 199.00 USD",
		"2025-02-01 18:00 order_declined insufficient_balance 199.00 USD",
		"2025-02-02 00:00 status_changed interrupted",
		"2025-04-03 00:00 status_changed expired",
	})
	keys := map[subscription.AttemptID]bool{}
	for _, o := range w.orders() {
		keys[o.Attempt] = true
	}
	check(t, "every order has a key of its own: keys", len(keys), 8)
	check(t, "nothing is ever due again", w.stored().Due, time.Time{})
}

// Service continues until the end of the grace period, and a payment during that period continues from the end.
// Rule: grace-continues-from-the-end.
func TestDepositBetweenRetriesContinuesFromTheEnd(t *testing.T) {
	for _, tt := range []struct{ deposit, paid string }{
		{"2025-01-31T05:00:00Z", "2025-01-31 12:00"},
		{"2025-01-31T23:00:00Z", "2025-02-01 00:00"},
		{"2025-02-01T05:59:00Z", "2025-02-01 06:00"},
		{"2025-02-01T17:00:00Z", "2025-02-01 18:00"},
	} {
		t.Run(tt.deposit, func(t *testing.T) {
			w := newWorld(t, setup{})
			w.must(buy("call", "one-to-one"))
			w.drain()
			w.run(tt.deposit)
			check(t, "status before", w.status(), subscription.PastDue)
			w.deposit("199.00 USD")
			w.run("2025-02-03T00:00:00Z")
			same(t, "charges", w.charges(), []string{"2025-01-01 10:00 -199.00 USD", tt.paid + " -199.00 USD"})
			s := w.latest("call")
			check(t, "status", s.Status, subscription.Active)
			check(t, "period", span(s.Cycles[len(s.Cycles)-1].Period), "[2025-02-01 2025-03-01)")
			check(t, "gap", s.Cycles[len(s.Cycles)-1].Resumed, false)
			check(t, "minutes", w.application().Minutes("call", w.now), subscription.Minutes(100000))
		})
	}
}

// A deposit after the interruption alone changes nothing: there are no more automatic attempts.
// Rule: no-attempt-after-the-interruption.
func TestNoAutomaticAttemptAfterTheInterruption(t *testing.T) {
	w := newWorld(t, setup{})
	w.must(buy("call", "one-to-one"))
	w.drain()
	w.run("2025-02-02T00:00:00Z")
	w.deposit("1000.00 USD")
	orders := len(w.orders())
	w.run("2025-04-02T23:59:00Z")
	check(t, "orders", len(w.orders()), orders)
	check(t, "status", w.status(), subscription.Interrupted)
	check(t, "balance", w.balance(), "1000.00 USD")
}

// The default schedule ends with the grace period, however short that is.
// Rule: renewal-schedule.
func TestDefaultScheduleEndsWithTheGraceTime(t *testing.T) {
	w := newWorld(t, setup{
		catalog: catalog(t, `"grace_hours": 24`, `"grace_hours": 6`),
		policy:  renewal.Policy{Reminders: hours()},
	})
	w.must(buy("call", "one-to-one"))
	w.drain()
	w.run("2025-02-10T00:00:00Z")
	same(t, "history", w.since("2025-01-31 13"), []string{
		"2025-01-31 21:00 order_placed 199.00 USD",
		"2025-01-31 21:00 order_declined insufficient_balance 199.00 USD",
		"2025-02-01 00:00 order_placed 199.00 USD",
		"2025-02-01 00:00 order_declined insufficient_balance 199.00 USD",
		"2025-02-01 06:00 status_changed interrupted",
	})
}

// Without a grace period, service is interrupted at the end, and the default schedule's attempt at the end isn't made.
// Rule: interrupted-then-expired.
func TestWithoutGrace(t *testing.T) {
	w := newWorld(t, setup{
		catalog: catalog(t, `"grace_hours": 24`, `"grace_hours": 0`),
		policy:  renewal.Policy{Reminders: hours()},
	})
	w.must(buy("call", "one-to-one"))
	w.drain()
	w.run("2025-02-10T00:00:00Z")
	same(t, "history", w.since("2025-01-31 13"), []string{
		"2025-01-31 21:00 order_placed 199.00 USD",
		"2025-01-31 21:00 order_declined insufficient_balance 199.00 USD",
		"2025-02-01 00:00 status_changed interrupted",
	})
}

// Trap: a recurrence exactly on a boundary runs twice or never. A worker that runs just before, exactly at (twice), and
// just after every instant of the schedule makes each attempt once, at its instant.
// Rule: boundary-runs-once, renewal-reminders.
func TestEveryBoundaryInstantRunsOnce(t *testing.T) {
	w := newWorld(t, setup{})
	w.must(buy("call", "one-to-one"))
	w.drain()
	end := instant(t, "2025-02-01T00:00:00Z")
	for _, offset := range append(hours(-7*24, -3*24), renewal.DefaultPolicy().Attempts...) {
		for _, moment := range []time.Duration{-time.Microsecond, 0, 0, time.Microsecond} {
			w.now = end.Add(offset + moment)
			w.work()
		}
	}
	same(t, "orders placed", w.log(subscription.EventOrderPlaced)[1:], []string{
		"2025-01-31 00:00 order_placed 199.00 USD",
		"2025-01-31 12:00 order_placed 199.00 USD",
		"2025-01-31 21:00 order_placed 199.00 USD",
		"2025-02-01 00:00 order_placed 199.00 USD",
		"2025-02-01 06:00 order_placed 199.00 USD",
		"2025-02-01 12:00 order_placed 199.00 USD",
		"2025-02-01 18:00 order_placed 199.00 USD",
	})
	same(t, "reminders", w.log(subscription.EventReminder), []string{
		"2025-01-25 00:00 renewal_reminder 199.00 USD renews itself [2025-02-01 2025-03-01)",
		"2025-01-29 00:00 renewal_reminder 199.00 USD renews itself [2025-02-01 2025-03-01)",
	})
}

// Trap: the same for payments that succeed. At the first instant of a period one renewal is made, no matter who
// processes the boundary and how often.
// Rule: boundary-runs-once.
func TestPaidBoundaryInstantsRunOnce(t *testing.T) {
	w := newWorld(t, setup{policy: renewal.Policy{Attempts: hours(0), Reminders: hours()}})
	w.must(buy("call", "one-to-one"))
	for _, boundary := range []string{"2025-02-01", "2025-03-01", "2025-04-01"} {
		for _, moment := range []time.Duration{-time.Microsecond, 0, 0, time.Microsecond} {
			w.now = instant(t, boundary+"T00:00:00Z").Add(moment)
			w.work()
			w.work()
		}
	}
	same(t, "charges", w.charges(), []string{
		"2025-01-01 10:00 -199.00 USD", "2025-02-01 00:00 -199.00 USD", "2025-03-01 00:00 -199.00 USD", "2025-04-01 00:00 -199.00 USD",
	})
	same(t, "minutes granted", w.log(subscription.EventLotGranted), []string{
		"2025-01-01 10:00 lot_granted [2025-01-01 2025-02-01)", "2025-02-01 00:00 lot_granted [2025-02-01 2025-03-01)",
		"2025-03-01 00:00 lot_granted [2025-03-01 2025-04-01)", "2025-04-01 00:00 lot_granted [2025-04-01 2025-05-01)",
	})
}

// Missed attempts don't accumulate: a worker that runs between two instants makes one attempt immediately and waits for
// the next instant.
// Rule: missed-attempts-do-not-pile-up.
func TestMissedAttemptsDontPileUp(t *testing.T) {
	w := newWorld(t, setup{})
	w.must(buy("call", "one-to-one"))
	w.drain()
	w.at("2025-01-31T22:30:00Z")
	w.work()
	w.run("2025-02-01T07:00:00Z")
	same(t, "orders placed", w.log(subscription.EventOrderPlaced)[1:], []string{
		"2025-01-31 22:30 order_placed 199.00 USD",
		"2025-02-01 00:00 order_placed 199.00 USD",
		"2025-02-01 06:00 order_placed 199.00 USD",
	})
}

// Trap: "renewed" is announced before the payment. While the payment is pending, nothing reports the period as paid and
// no minutes are granted. If it fails, nothing has to be reversed.
// Rule: renewed-means-paid.
func TestRenewedIsNotAnnouncedBeforeThePayment(t *testing.T) {
	w := newWorld(t, setup{gateway: pendingFrom("2025-01-31")})
	w.must(buy("call", "one-to-one"))
	w.run("2025-02-01T12:00:00Z")
	placed, ok := w.stored().Blocking("call-1")
	check(t, "placed", ok, true)
	same(t, "announced", w.log(subscription.EventPeriodPaid, subscription.EventOrderPaid)[2:], nil)
	check(t, "minutes", w.application().Minutes("call", w.now), 0)
	w.settle(declined(placed))
	same(t, "history", w.since("2025-01-31"), []string{
		"2025-01-31 00:00 order_placed 199.00 USD",
		"2025-02-01 00:00 status_changed past_due",
		"2025-02-01 12:00 order_declined insufficient_balance 199.00 USD",
	})
}
