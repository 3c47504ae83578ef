package renewal_test

import (
	"testing"

	"github.com/prepaidkit/prepaid/payment"
	"github.com/prepaidkit/prepaid/payment/balance"
	"github.com/prepaidkit/prepaid/renewal"
	"github.com/prepaidkit/prepaid/subscription"
)

// money249 is the catalog after a price change.
func money249(tb testing.TB) []string {
	tb.Helper()
	return []string{`"USD": "199.00"`, `"USD": "249.00"`}
}

// A price that changed long before the end is announced with the next reminder, and charged at the first
// attempt.
// Rule: price-change-is-announced.
func TestPriceChangeIsAnnouncedWithTheReminder(t *testing.T) {
	w := newWorld(t, setup{})
	w.must(buy("call", "one-to-one"))
	w.catalog = catalog(t, money249(t)...)
	w.run("2025-02-28T00:00:00Z")
	same(t, "history", w.since("2025-01-02"), []string{
		"2025-01-25 00:00 price_changed 249.00 USD",
		"2025-01-31 00:00 order_placed 249.00 USD",
		"2025-01-31 00:00 order_paid 249.00 USD [2025-02-01 2025-03-01)",
		"2025-02-28 00:00 order_placed 249.00 USD",
		"2025-02-28 00:00 order_paid 249.00 USD [2025-03-01 2025-04-01)",
	})
	same(t, "reminders", w.log(subscription.EventReminder)[:2], []string{
		"2025-01-25 00:00 renewal_reminder 249.00 USD renews itself [2025-02-01 2025-03-01)",
		"2025-01-29 00:00 renewal_reminder 249.00 USD renews itself [2025-02-01 2025-03-01)",
	})
}

// A price that changed after the last reminder is announced by the first attempt, and charged by the next:
// an event before the charge, never a silent surprise.
// Rule: price-change-is-announced.
func TestPriceChangeAfterTheLastReminderWaitsForTheNextAttempt(t *testing.T) {
	w := newWorld(t, setup{})
	w.must(buy("call", "one-to-one"))
	w.run("2025-01-30T12:00:00Z")
	w.catalog = catalog(t, money249(t)...)
	w.run("2025-02-02T00:00:00Z")
	same(t, "history", w.since("2025-01-02"), []string{
		"2025-01-31 00:00 price_changed 249.00 USD",
		"2025-01-31 12:00 order_placed 249.00 USD",
		"2025-01-31 12:00 order_paid 249.00 USD [2025-02-01 2025-03-01)",
	})
}

// At the last attempt there is no next one: it charges, with the event before the order.
// Rule: price-change-is-announced.
func TestPriceChangeAtTheLastAttemptIsCharged(t *testing.T) {
	for name, policy := range map[string]renewal.Policy{
		"the only attempt":    {Attempts: hours(-12), Reminders: hours()},
		"the last of several": {Attempts: hours(-48, -24, -12), Reminders: hours()},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t, setup{policy: policy})
			w.must(buy("call", "one-to-one"))
			w.drain()
			w.run("2025-01-31T06:00:00Z")
			w.catalog = catalog(t, money249(t)...)
			w.deposit("1000.00 USD")
			w.run("2025-02-02T00:00:00Z")
			same(t, "history", w.since("2025-01-31 06")[:3], []string{
				"2025-01-31 12:00 price_changed 249.00 USD",
				"2025-01-31 12:00 order_placed 249.00 USD",
				"2025-01-31 12:00 order_paid 249.00 USD [2025-02-01 2025-03-01)",
			})
		})
	}
}

// A price that goes up and back down again is announced both times, and the customer pays what was
// announced last.
// Rule: price-change-is-announced.
func TestPriceThatChangesTwice(t *testing.T) {
	w := newWorld(t, setup{})
	w.must(buy("call", "one-to-one"))
	first := w.catalog
	w.catalog = catalog(t, money249(t)...)
	w.run("2025-01-26T00:00:00Z")
	w.catalog = first
	w.run("2025-02-02T00:00:00Z")
	same(t, "history", w.since("2025-01-02"), []string{
		"2025-01-25 00:00 price_changed 249.00 USD",
		"2025-01-29 00:00 price_changed 199.00 USD",
		"2025-01-31 00:00 order_placed 199.00 USD",
		"2025-01-31 00:00 order_paid 199.00 USD [2025-02-01 2025-03-01)",
	})
}

// A discounted first period renews at the list price, which is announced as any other change.
// Rule: renewal-at-list-price.
func TestDiscountedFirstPeriodRenewsAtListPrice(t *testing.T) {
	w := newWorld(t, setup{})
	cheap := buy("call", "one-to-one")
	cheap.Offer = "first-month"
	w.must(cheap)
	w.run("2025-02-02T00:00:00Z")
	same(t, "history", w.since("2025-01-02"), []string{
		"2025-01-25 00:00 price_changed 199.00 USD",
		"2025-01-31 00:00 order_placed 199.00 USD",
		"2025-01-31 00:00 order_paid 199.00 USD [2025-02-01 2025-03-01)",
	})
	same(t, "charges", w.charges(), []string{"2025-01-01 10:00 -99.00 USD", "2025-01-31 00:00 -199.00 USD"})
}

// An open order is collected as it was placed; a price that changes meanwhile is for the next one.
// Rule: renewal-at-list-price.
func TestOpenOrderKeepsItsPrice(t *testing.T) {
	w := newWorld(t, setup{gateway: pendingFrom("2025-01-31")})
	w.must(buy("call", "one-to-one"))
	w.run("2025-01-31T06:00:00Z")
	o, _ := w.stored().Blocking("call-1")
	w.catalog = catalog(t, money249(t)...)
	w.run("2025-01-31T18:00:00Z")
	o = w.settle(paid(o))
	check(t, "order", o.Status, subscription.OrderPaid)
	check(t, "amount", o.Amount.String(), "199.00 USD")
}

// A version that is withdrawn from sale renews for those who hold it, at its list price.
// Rule: withdrawn-version-renews.
func TestWithdrawnVersionRenews(t *testing.T) {
	w := newWorld(t, setup{})
	w.must(buy("call", "one-to-one"))
	w.catalog = catalog(t, `"id": "one-to-one", "name": "1-to-1 Call", "rank": 2,`,
		`"id": "one-to-one", "name": "1-to-1 Call", "rank": 2, "withdrawn": true,`)
	w.refuse(subscription.ErrAlreadySubscribed, buy("call", "group-call"))
	w.run("2025-02-02T00:00:00Z")
	same(t, "charges", w.charges(), []string{"2025-01-01 10:00 -199.00 USD", "2025-01-31 00:00 -199.00 USD"})
	w.must(renew(1))
	check(t, "end", w.end(), "2025-04-01 00:00")
}

// A version that is gone from the catalog can't be renewed: each attempt says so, then it is interrupted
// and expires. Were it back in between, the next attempt would renew it.
// Rule: withdrawn-version-renews.
func TestVersionThatIsGoneFromTheCatalog(t *testing.T) {
	w := newWorld(t, setup{policy: renewal.Policy{Attempts: hours(-24, 0)}})
	w.must(buy("call", "one-to-one"))
	there := w.catalog
	gone := catalog(t, `"id": "one-to-one"`, `"id": "two-to-two"`)
	w.catalog = gone
	w.run("2025-01-31T12:00:00Z")
	w.catalog = there
	w.run("2025-02-05T00:00:00Z")
	check(t, "end", w.end(), "2025-03-01 00:00")
	w.catalog = gone
	w.run("2025-12-31T00:00:00Z")
	const why = `pricing: no such package version: "one-to-one" of call`
	same(t, "history", w.since("2025-01-02"), []string{
		"2025-01-31 00:00 renewal_impossible " + why,
		"2025-02-01 00:00 status_changed past_due",
		"2025-02-01 00:00 order_placed 199.00 USD",
		"2025-02-01 00:00 order_paid 199.00 USD [2025-02-01 2025-03-01)",
		"2025-02-01 00:00 status_changed active",
		"2025-02-28 00:00 renewal_impossible " + why,
		"2025-03-01 00:00 status_changed past_due",
		"2025-03-01 00:00 renewal_impossible " + why,
		"2025-03-02 00:00 status_changed interrupted",
		"2025-05-01 00:00 status_changed expired",
	})
	same(t, "reminders while it is gone", w.log(subscription.EventReminder)[2:4], []string{
		"2025-02-22 00:00 renewal_reminder ends", "2025-02-26 00:00 renewal_reminder ends",
	})
}

// Trap: items that cost nothing trip the duplicate guard. A version that costs nothing renews every period,
// without the gateway, each time as an order of its own.
// Rule: zero-price-needs-no-gateway.
func TestZeroPriceRenewsEveryPeriod(t *testing.T) {
	w := newWorld(t, setup{gateway: func(*world, *balance.Accounts) payment.Gateway { return &gatewayFuncs{} }}) // any call would panic
	w.must(buy("call", "free"))
	w.run("2025-04-02T00:00:00Z")
	same(t, "periods", spans(w), []string{
		"[2025-01-01 2025-02-01)", "[2025-02-01 2025-03-01)", "[2025-03-01 2025-04-01)", "[2025-04-01 2025-05-01)",
	})
	ids := map[subscription.OrderID]bool{}
	for _, o := range w.orders() {
		ids[o.ID] = true
		check(t, "status", o.Status, subscription.OrderPaid)
		check(t, "key", o.Attempt, "")
	}
	check(t, "orders", len(ids), 4)
	check(t, "minutes", w.application().Minutes("call", w.now), subscription.Minutes(500))
}

// The same after a downtime, also where each missed period is billed.
// Rule: zero-price-needs-no-gateway.
func TestZeroPriceCatchesUp(t *testing.T) {
	for catchUp, want := range map[renewal.CatchUp]int{renewal.Lapse: 2, renewal.BillEach: 6} {
		w := newWorld(t, setup{policy: renewal.Policy{CatchUp: catchUp}})
		w.must(buy("call", "free"))
		w.at("2025-06-10T00:00:00Z")
		stats := w.work()
		check(t, string(catchUp)+": periods", len(spans(w)), want)
		check(t, string(catchUp)+": placed", stats.Placed, want-1)
		check(t, string(catchUp)+": paid", stats.Paid, want-1)
		check(t, string(catchUp)+": end", w.end(), "2025-07-01 00:00")
	}
}

// Two products on one application renew side by side, at the same instant and at others; one that fails
// doesn't hold the other back.
// Rule: one-failure-stops-one-subscription.
func TestTwoProductsOnOneApplication(t *testing.T) {
	w := newWorld(t, setup{poor: true})
	w.deposit("328.00 USD")
	w.must(buy("call", "one-to-one"))
	w.must(buy("live", "lite"))
	w.deposit("150.00 USD") // enough for live, not for call
	w.run("2025-02-03T00:00:00Z")
	live := w.latest("live")
	check(t, "live", live.Status, subscription.Active)
	check(t, "live ends", short(live.End()), "2025-03-01 00:00")
	check(t, "call", w.status(), subscription.Interrupted)
	check(t, "balance", w.balance(), "21.00 USD")
	w.deposit("5000.00 USD")
	w.must(renew(1)) // from 3 February
	w.run("2025-03-04T00:00:00Z")
	same(t, "periods", spans(w), []string{
		"[2025-01-01 2025-02-01)", "[2025-01-01 2025-02-01)", "[2025-02-01 2025-03-01)", "[2025-02-03 2025-03-03)",
		"[2025-03-01 2025-04-01)", "[2025-03-03 2025-04-03)",
	})
}
