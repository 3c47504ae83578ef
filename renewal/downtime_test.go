package renewal_test

import (
	"strconv"
	"testing"

	"github.com/prepaidkit/prepaid/renewal"
	"github.com/prepaidkit/prepaid/subscription"
)

// Trap: after a day of downtime, that day's renewals never happen. The worker was down on the last day and at the end.
// It renews immediately, from the end, and nothing is lost.
// Rule: downtime-loses-no-renewal.
func TestWorkerWasDownForADay(t *testing.T) {
	for _, back := range []string{"2025-01-31 18:00", "2025-02-01 00:00", "2025-02-01 23:59"} {
		t.Run(back, func(t *testing.T) {
			w := newWorld(t, setup{})
			w.must(buy("call", "one-to-one"))
			w.run("2025-01-30T20:00:00Z")
			w.now = instant(t, back)
			w.work()
			w.run("2025-02-03T00:00:00Z")
			same(t, "charges", w.charges(), []string{"2025-01-01 10:00 -199.00 USD", back + " -199.00 USD"})
			same(t, "periods", spans(w), []string{"[2025-01-01 2025-02-01)", "[2025-02-01 2025-03-01)"})
			check(t, "status", w.status(), subscription.Active)
		})
	}
}

// Two days of downtime: the grace period is over, since time passes without a worker, but the promised renewal was
// never attempted. It is made up for, in the period that was owed.
// Rule: downtime-loses-no-renewal.
func TestWorkerWasDownBeyondTheGraceTime(t *testing.T) {
	w := newWorld(t, setup{})
	w.must(buy("call", "one-to-one"))
	w.run("2025-01-30T20:00:00Z")
	w.at("2025-02-03T09:00:00Z")
	check(t, "status without a worker", w.status(), subscription.Interrupted)
	w.work()
	same(t, "history", w.since("2025-01-02"), []string{
		"2025-02-01 00:00 status_changed past_due",
		"2025-02-02 00:00 status_changed interrupted",
		"2025-02-03 09:00 order_placed 199.00 USD",
		"2025-02-03 09:00 order_paid 199.00 USD [2025-02-01 2025-03-01)",
		"2025-02-03 09:00 status_changed active",
	})
	w.run("2025-03-01T00:00:00Z")
	same(t, "periods", spans(w), []string{"[2025-01-01 2025-02-01)", "[2025-02-01 2025-03-01)", "[2025-03-01 2025-04-01)"})
}

// A month of downtime: periods that passed without service are recorded as skipped and not charged. The period that
// contains now is charged, and the anchor does not change.
// Rule: missed-periods-are-skipped.
func TestWorkerWasDownForAMonth(t *testing.T) {
	w := newWorld(t, setup{start: "2025-01-31T10:00:00Z"})
	w.must(buy("call", "one-to-one"))
	w.run("2025-02-20T00:00:00Z")
	w.at("2025-04-02T12:00:00Z")
	w.work()
	same(t, "history", w.since("2025-02-20"), []string{
		"2025-02-28 00:00 status_changed past_due",
		"2025-03-01 00:00 status_changed interrupted",
		"2025-04-02 12:00 period_skipped [2025-02-28 2025-03-31)",
		"2025-04-02 12:00 order_placed 199.00 USD",
		"2025-04-02 12:00 order_paid 199.00 USD [2025-03-31 2025-04-30)",
		"2025-04-02 12:00 status_changed active",
	})
	w.run("2025-06-01T00:00:00Z")
	same(t, "periods", spans(w), []string{
		"[2025-01-31 2025-02-28)", "[2025-03-31 2025-04-30)", "[2025-04-30 2025-05-31)", "[2025-05-31 2025-06-30)",
	})
}

// Five months of downtime, longer than the retention period: the result is the same, and nothing is lost.
// Rule: missed-periods-are-skipped.
func TestWorkerWasDownForFiveMonths(t *testing.T) {
	w := newWorld(t, setup{start: "2025-01-31T10:00:00Z"})
	w.must(buy("call", "one-to-one"))
	w.run("2025-02-20T00:00:00Z")
	w.at("2025-07-20T12:00:00Z")
	check(t, "status without a worker", w.status(), subscription.Interrupted)
	w.work()
	same(t, "history", w.since("2025-02-20"), []string{
		"2025-02-28 00:00 status_changed past_due",
		"2025-03-01 00:00 status_changed interrupted",
		"2025-07-20 12:00 period_skipped [2025-02-28 2025-03-31)",
		"2025-07-20 12:00 period_skipped [2025-03-31 2025-04-30)",
		"2025-07-20 12:00 period_skipped [2025-04-30 2025-05-31)",
		"2025-07-20 12:00 period_skipped [2025-05-31 2025-06-30)",
		"2025-07-20 12:00 order_placed 199.00 USD",
		"2025-07-20 12:00 order_paid 199.00 USD [2025-06-30 2025-07-31)",
		"2025-07-20 12:00 status_changed active",
	})
	same(t, "charges", w.charges(), []string{"2025-01-31 10:00 -199.00 USD", "2025-07-20 12:00 -199.00 USD"})
	check(t, "minutes", w.application().Minutes("call", w.now), subscription.Minutes(100000))
	w.run("2025-09-01T00:00:00Z")
	check(t, "the 31st comes back", w.end(), "2025-09-30 00:00")
	same(t, "periods", spans(w), []string{
		"[2025-01-31 2025-02-28)", "[2025-06-30 2025-07-31)", "[2025-07-31 2025-08-31)", "[2025-08-31 2025-09-30)",
	})
}

// The same when the first payment fails: the downtime leaves one attempt, and then the subscription ends as usual.
// Rule: downtime-loses-no-renewal.
func TestDeclinedAfterFiveMonths(t *testing.T) {
	w := newWorld(t, setup{start: "2025-01-31T10:00:00Z"})
	w.must(buy("call", "one-to-one"))
	w.drain()
	w.at("2025-07-20T12:00:00Z")
	w.work()
	w.run("2025-12-31T00:00:00Z")
	same(t, "history", w.since("2025-06-01"), []string{
		"2025-07-20 12:00 period_skipped [2025-02-28 2025-03-31)",
		"2025-07-20 12:00 period_skipped [2025-03-31 2025-04-30)",
		"2025-07-20 12:00 period_skipped [2025-04-30 2025-05-31)",
		"2025-07-20 12:00 period_skipped [2025-05-31 2025-06-30)",
		"2025-07-20 12:00 order_placed 199.00 USD",
		"2025-07-20 12:00 order_declined insufficient_balance 199.00 USD",
		// The retention period ended in May; the subscription expires once nothing is owed.
		"2025-07-20 12:00 status_changed expired",
	})
	check(t, "status", w.status(), subscription.Expired)
}

// BillEach: every missed period is billed once, one by one, earliest first.
// Rule: missed-periods-are-skipped.
func TestBillEachMissedPeriod(t *testing.T) {
	w := newWorld(t, setup{start: "2025-01-31T10:00:00Z", policy: renewal.Policy{CatchUp: renewal.BillEach}})
	w.must(buy("call", "one-to-one"))
	w.run("2025-02-20T00:00:00Z")
	w.at("2025-07-20T12:00:00Z")
	stats := w.work()
	check(t, "paid", stats.Paid, 5)
	same(t, "periods", spans(w), []string{
		"[2025-01-31 2025-02-28)", "[2025-02-28 2025-03-31)", "[2025-03-31 2025-04-30)", "[2025-04-30 2025-05-31)",
		"[2025-05-31 2025-06-30)", "[2025-06-30 2025-07-31)",
	})
	same(t, "skipped", w.log(subscription.EventSkipped), nil)
	check(t, "status", w.status(), subscription.Active)
	check(t, "due", short(w.stored().Due), "2025-07-24 00:00") // the first reminder
	check(t, "balance", w.balance(), "98806.00 USD")
	check(t, "minutes", w.application().Minutes("call", w.now), subscription.Minutes(100000))
	w.run("2025-08-01T00:00:00Z")
	check(t, "end", w.end(), "2025-08-31 00:00")
}

// BillEach with money for two of five periods: billing stops when the money runs out, and the subscription ends as
// usual.
// Rule: missed-periods-are-skipped.
func TestBillEachStopsWhereTheMoneyDoes(t *testing.T) {
	w := newWorld(t, setup{start: "2025-01-31T10:00:00Z", policy: renewal.Policy{CatchUp: renewal.BillEach}, poor: true})
	w.deposit("640.00 USD") // the purchase and two more
	w.must(buy("call", "one-to-one"))
	w.at("2025-07-20T12:00:00Z")
	stats := w.work()
	check(t, "paid", stats.Paid, 2)
	check(t, "declined", stats.Declined, 1)
	check(t, "end", w.end(), "2025-04-30 00:00")
	w.deposit("10000.00 USD")
	w.run("2025-12-31T00:00:00Z")
	check(t, "balance", w.balance(), "10043.00 USD")
	check(t, "status", w.status(), subscription.Expired)
}

// Time passes without a worker: for a subscription that isn't renewed, a worker that never ran and one that ran every
// hour agree on the status at any instant.
// Rule: status-follows-the-clock.
func TestStatusDoesNotDependOnTheWorker(t *testing.T) {
	idle, busy := newWorld(t, setup{}), newWorld(t, setup{})
	for _, w := range []*world{idle, busy} {
		w.must(buy("call", "one-to-one"))
		w.must(turn(false))
	}
	for day := range 110 {
		at := instant(t, "2025-01-01T12:00:00Z").AddDate(0, 0, day)
		busy.run(at.Format("2006-01-02T15:04:05Z"))
		idle.now = at
		check(t, "status on day "+strconv.Itoa(day), idle.status(), busy.status())
	}
}

// spans lists the periods that were paid for.
func spans(w *world) []string {
	w.t.Helper()
	var all []string
	for _, e := range w.events(subscription.EventPeriodPaid) {
		all = append(all, span(e.Period))
	}
	return all
}

// An attempt that only announced a new price charged nothing. If the worker was down for the other attempts, the
// renewal is still owed: the customer was told the price, and the next worker charges it.
// Rule: downtime-loses-no-renewal.
func TestWorkerWasDownAfterAnAnnouncement(t *testing.T) {
	w := newWorld(t, setup{})
	w.must(buy("call", "one-to-one"))
	w.run("2025-01-30T12:00:00Z")
	w.catalog = catalog(t, money249(t)...)
	w.run("2025-01-31T06:00:00Z")
	w.at("2025-02-04T09:00:00Z")
	w.work()
	same(t, "history", w.since("2025-01-31"), []string{
		"2025-01-31 00:00 price_changed 249.00 USD",
		"2025-02-01 00:00 status_changed past_due",
		"2025-02-02 00:00 status_changed interrupted",
		"2025-02-04 09:00 order_placed 249.00 USD",
		"2025-02-04 09:00 order_paid 249.00 USD [2025-02-01 2025-03-01)",
		"2025-02-04 09:00 status_changed active",
	})
}
