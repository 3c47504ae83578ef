package renewal_test

import (
	"testing"
	"time"

	"github.com/prepaidkit/prepaid/pricing"
	"github.com/prepaidkit/prepaid/renewal"
	"github.com/prepaidkit/prepaid/subscription"
)

// A term shorter than the lead time is renewed as soon as its last period begins, and only once at a time.
func TestTermShorterThanTheLeadTime(t *testing.T) {
	w := newWorld(t, setup{policy: renewal.Policy{Attempts: hours(-20*24, -1), Reminders: hours()}})
	week := buy("call", "one-to-one")
	week.Term = pricing.Days(7)
	w.must(week)
	w.work()
	w.work()
	w.run("2025-01-16T00:00:00Z")
	same(t, "charges", w.charges(), []string{
		"2025-01-01 10:00 -59.00 USD", // [1, 8)
		"2025-01-01 10:00 -59.00 USD", // [8, 15)
		"2025-01-08 00:00 -59.00 USD", // [15, 22)
		"2025-01-15 00:00 -59.00 USD",
	})
}

// A grace period longer than the term: service continues, so each period is paid in turn, from the end, and none is
// skipped.
func TestGraceLongerThanTheTerm(t *testing.T) {
	w := newWorld(t, setup{
		catalog: catalog(t, `"grace_hours": 24`, `"grace_hours": 720`),
		policy:  renewal.Policy{Attempts: hours(-1, 10*24, 20*24), Reminders: hours()},
	})
	week := buy("call", "one-to-one")
	week.Term = pricing.Days(7)
	w.must(week)
	w.drain()
	w.run("2025-01-17T00:00:00Z")
	w.deposit("1000.00 USD")
	w.run("2025-01-20T00:00:00Z")
	same(t, "history", w.since("2025-01-02"), []string{
		"2025-01-07 23:00 order_placed 59.00 USD",
		"2025-01-07 23:00 order_declined insufficient_balance 59.00 USD",
		"2025-01-07 23:00 status_changed past_due",
		"2025-01-18 00:00 order_placed 59.00 USD",
		"2025-01-18 00:00 order_paid 59.00 USD [2025-01-08 2025-01-15)",
		"2025-01-18 00:00 status_changed active",
		"2025-01-18 00:00 status_changed past_due", // effective on the 15th, but time never runs backward
		"2025-01-18 00:00 order_placed 59.00 USD",
		"2025-01-18 00:00 order_paid 59.00 USD [2025-01-15 2025-01-22)",
		"2025-01-18 00:00 status_changed active",
	})
}

// A year at a time.
// Rule: term-is-one-period.
func TestYearlyTerm(t *testing.T) {
	w := newWorld(t, setup{start: "2024-02-29T10:00:00Z"})
	year := buy("call", "one-to-one")
	year.Term = pricing.Months(12)
	w.must(year)
	w.run("2028-03-01T00:00:00Z")
	same(t, "periods", w.log(subscription.EventPeriodPaid), []string{
		"2024-02-29 10:00 period_paid 1990.00 USD [2024-02-29 2025-02-28)",
		"2025-02-27 00:00 period_paid 1990.00 USD [2025-02-28 2026-02-28)",
		"2026-02-27 00:00 period_paid 1990.00 USD [2026-02-28 2027-02-28)",
		"2027-02-27 00:00 period_paid 1990.00 USD [2027-02-28 2028-02-29)",
		"2028-02-28 00:00 period_paid 1990.00 USD [2028-02-29 2029-02-28)",
	})
}

// A trial never renews: the customer is reminded from after its first day, and it ends.
// Rule: trial-never-renews.
func TestTrialEndsAfterReminders(t *testing.T) {
	w := newWorld(t, setup{})
	trial := buy("call", "trial")
	trial.Term = pricing.Days(7)
	w.must(trial)
	w.run("2025-03-01T00:00:00Z")
	same(t, "reminders", w.log(subscription.EventReminder), []string{
		"2025-01-05 00:00 renewal_reminder ends", "2025-01-07 00:00 renewal_reminder ends",
	})
	same(t, "status", w.log(subscription.EventStatus), []string{"2025-01-08 00:00 status_changed expired"})
	check(t, "due", w.stored().Due, time.Time{})
	w.refuse(renewal.ErrNotRenewable, renew(1))
}

// An invalid document causes an error or a note, never a panic.
func TestSubscriptionWithoutAPeriod(t *testing.T) {
	w := newWorld(t, setup{})
	w.must(buy("call", "one-to-one"))
	app := w.stored()
	app.Subscriptions[0].Cycles = nil
	c, err := renewal.Decide(subscription.Snapshot{Application: app}, w.policy, w.catalog, w.now)
	if err == nil {
		err = c.Check(app)
	}
	fails(t, err, subscription.ErrInvariant)
	_, err = renew(1).Decide(subscription.Snapshot{Application: app}, w.catalog, w.now)
	fails(t, err, subscription.ErrInvariant)
	for u := range renewal.Preview(app, w.policy, w.catalog, w.now, w.now.AddDate(0, 3, 0)) {
		t.Errorf("Preview yields %+v", u)
	}
}
