package renewal_test

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/prepaidkit/prepaid/internal/testworld"
	"github.com/prepaidkit/prepaid/payment"
	"github.com/prepaidkit/prepaid/payment/balance"
	"github.com/prepaidkit/prepaid/pricing"
	"github.com/prepaidkit/prepaid/renewal"
	"github.com/prepaidkit/prepaid/subscription"
)

// bought are the events of orders and of automatic top-ups themselves.
var bought = []subscription.EventType{
	subscription.EventOrderPlaced, subscription.EventOrderPaid, subscription.EventOrderDeclined,
	subscription.EventOrderCanceling, subscription.EventOrderCanceled, subscription.EventDecisionFailed,
	subscription.EventAutoTopUpOn, subscription.EventAutoTopUpOff, subscription.EventAutoTopUpStopped,
}

// minutes reads a catalog of small packages and packs. The edits are pairs of old and new text.
func minutes(tb testing.TB, edits ...string) *pricing.Catalog {
	tb.Helper()
	return testworld.Catalog(tb, "../subscription/testdata/minutes.json", edits...)
}

// low is a world with a package of 100 minutes, from 2025-01-01 to 2025-02-01, and what is given of an automatic top-up
// with packs of 50 minutes for 6.00.
func low(tb testing.TB, s setup, c subscription.SetAutoTopUp) *world {
	tb.Helper()
	if s.catalog == nil {
		s.catalog = minutes(tb)
	}
	w := newWorld(tb, s)
	w.must(subscription.Purchase{
		Product: "call", Version: "small", Term: pricing.Months(1), Currency: "USD", NoAutoRenew: true, Agreement: agreement,
	})
	c.Product, c.Currency = "call", "USD"
	if c.Pack == "" {
		c.Pack = "call-50"
	}
	w.must(c)
	return w
}

// use counts usage of so many minutes now, and returns what is left.
func (w *world) use(n int64) string {
	w.t.Helper()
	w.keys++
	r, err := w.Consume(w.t.Context(), app, subscription.Usage{
		ID: fmt.Sprint("use-", w.keys), Product: "call", Kind: "audio", At: w.now, Seconds: n * 60,
	})
	w.ok(err)
	w.ok(r[0].Err)
	return w.spendable()
}

func (w *world) spendable() string {
	return w.application().Minutes("call", w.now).String()
}

// topUp returns the automatic top-up as stored.
func (w *world) topUp() subscription.AutoTopUp {
	w.t.Helper()
	t, known := w.stored().AutoTopUp("call")
	check(w.t, "an automatic top-up", known, true)
	return t
}

// topUps returns the events of orders and top-ups since an instant.
func (w *world) topUps(since string) []string {
	w.t.Helper()
	var lines []string
	for _, l := range w.log(bought...) {
		if l >= since {
			lines = append(lines, l)
		}
	}
	return lines
}

// A pack is bought when less than the threshold is left, not when exactly that is, and by the next round. Off by default,
// it buys nothing.
// Rule: auto-top-up.
func TestAutoTopUpBuysBelowTheThreshold(t *testing.T) {
	w := low(t, setup{}, subscription.SetAutoTopUp{Below: subscription.Minutes(30), PerPeriod: 2})
	w.at("2025-01-10T12:00:00Z")
	w.work()
	check(t, "left", w.use(70), "30")
	w.work()
	check(t, "left", w.spendable(), "30")
	check(t, "due", short(w.stored().Due), "2025-01-25 00:00") // a reminder, 7 days before 2025-02-01
	check(t, "left", w.use(1), "29")
	check(t, "due", short(w.stored().Due), "2025-01-10 12:00")
	w.work()
	check(t, "left", w.spendable(), "79")
	same(t, "events", w.topUps("2025-01-02"), []string{
		"2025-01-10 12:00 order_placed 6.00 USD", "2025-01-10 12:00 order_paid 6.00 USD [2025-01-10 2026-01-10)",
	})
	o := w.orders()[1]
	product, is := o.AutoTopUp()
	check(t, "product", product, "call")
	check(t, "automatic", is, true)
	check(t, "present", o.Present, false)
	check(t, "agreement", o.Agreement, agreement)
	check(t, "remaining", o.Delivered.Remaining.String(), "79")

	off := low(t, setup{}, subscription.SetAutoTopUp{Below: subscription.Minutes(30)})
	off.must(subscription.SetAutoTopUp{Product: "call", Off: true})
	off.use(100)
	off.run("2025-01-31T00:00:00Z")
	check(t, "orders", len(off.orders()), 1)
	if _, err := off.do(subscription.SetAutoTopUp{Product: "call", Off: true}); err != nil {
		t.Errorf("off again: %v", err)
	}
	off.refuse(subscription.ErrNotFound, subscription.SetAutoTopUp{Product: "live", Off: true})
}

// It buys again until there is enough. 100 minutes, 90 of them used: 10, 60, 110, 160.
// Rule: auto-top-up.
func TestAutoTopUpUntilThereIsEnough(t *testing.T) {
	w := low(t, setup{}, subscription.SetAutoTopUp{Below: subscription.Minutes(120), PerPeriod: 5})
	check(t, "left", w.use(90), "10")
	w.run("2025-01-01T10:00:00Z")
	check(t, "left", w.spendable(), "160")
	check(t, "orders", len(w.orders()), 4)
	check(t, "bought", w.topUp().Bought, 3)
	check(t, "number", w.topUp().Number, 3)
	check(t, "obstacle", w.topUp().Obstacle, "")
}

// At most so many are bought in a period of the subscription. That the limit is reached is told once; the next period
// begins anew. Without a subscription, periods are calendar months.
// Rule: auto-top-up-limit.
func TestAutoTopUpLimit(t *testing.T) {
	w := low(t, setup{}, subscription.SetAutoTopUp{Below: subscription.Minutes(30), PerPeriod: 2})
	w.must(subscription.AutoRenew{Product: "call", On: true})
	w.at("2025-01-20T12:00:00Z")
	for i, n := range []int64{71, 50, 50} {
		check(t, "left", w.use(n), "29") // 100 - 71, 29 + 50 - 50, and again
		w.run("2025-01-20T12:00:00Z")
		check(t, "left", w.spendable(), []string{"79", "79", "29"}[i])
	}
	w.use(29)
	w.run("2025-01-30T00:00:00Z")
	check(t, "left", w.spendable(), "0")
	check(t, "obstacle", w.topUp().Obstacle, "limit")
	same(t, "events", w.topUps("2025-01-02"), []string{
		"2025-01-20 12:00 order_placed 6.00 USD", "2025-01-20 12:00 order_paid 6.00 USD [2025-01-20 2026-01-20)",
		"2025-01-20 12:00 order_placed 6.00 USD", "2025-01-20 12:00 order_paid 6.00 USD [2025-01-20 2026-01-20)",
		"2025-01-20 12:00 auto_top_up_stopped 2 of at most 2 were bought in the period [2025-01-01 2025-02-01)",
	})
	// The renewal brings 100 minutes on 2025-02-01, so nothing is missing then.
	w.run("2025-02-10T00:00:00Z")
	check(t, "left", w.spendable(), "100")
	check(t, "bought", w.topUp().Bought, 2)
	w.use(71)
	w.run("2025-02-10T00:00:00Z")
	check(t, "left", w.spendable(), "79")
	check(t, "since", short(w.topUp().Since), "2025-02-01 00:00")
	check(t, "bought", w.topUp().Bought, 1)
	check(t, "number", w.topUp().Number, 3)
}

// Without a subscription, the limit is for a calendar month, and whoever has reached it is served at the beginning of the
// next one.
// Rule: auto-top-up-limit.
func TestAutoTopUpLimitInACalendarMonth(t *testing.T) {
	w := newWorld(t, setup{catalog: minutes(t), start: "2025-01-10T10:00:00Z"})
	w.must(subscription.SetAutoTopUp{
		Product: "call", Pack: "short-50", Currency: "USD", Below: subscription.Minutes(120), PerPeriod: 2, Agreement: agreement,
	})
	w.run("2025-03-01T00:00:00Z")
	// Those of January end on 2025-02-10, when those of February are there.
	same(t, "events", w.topUps("2025"), []string{
		"2025-01-10 10:00 auto_top_up_on 1 × short-50 in USD, at most 2 in a period",
		"2025-01-10 10:00 order_placed 5.00 USD", "2025-01-10 10:00 order_paid 5.00 USD [2025-01-10 2025-02-10)",
		"2025-01-10 10:00 order_placed 5.00 USD", "2025-01-10 10:00 order_paid 5.00 USD [2025-01-10 2025-02-10)",
		"2025-01-10 10:00 auto_top_up_stopped 2 of at most 2 were bought in the period [2025-01-01 2025-02-01)",
		"2025-02-01 00:00 order_placed 5.00 USD", "2025-02-01 00:00 order_paid 5.00 USD [2025-02-01 2025-03-01)",
		"2025-02-10 00:00 order_placed 5.00 USD", "2025-02-10 00:00 order_paid 5.00 USD [2025-02-10 2025-03-10)",
		"2025-02-10 00:00 auto_top_up_stopped 2 of at most 2 were bought in the period [2025-02-01 2025-03-01)",
		"2025-03-01 00:00 order_placed 5.00 USD", "2025-03-01 00:00 order_paid 5.00 USD [2025-03-01 2025-04-01)",
		"2025-03-01 00:00 order_placed 5.00 USD", "2025-03-01 00:00 order_paid 5.00 USD [2025-03-01 2025-04-01)",
	})
}

// While an order may still be collected, nothing else is ordered, however long it takes and whoever asks.
// Rule: auto-top-up-one-at-a-time.
func TestAutoTopUpOneAtATime(t *testing.T) {
	w := low(t, setup{gateway: pendingFrom("2025-01-02")}, subscription.SetAutoTopUp{Below: subscription.Minutes(120), PerPeriod: 9})
	w.run("2025-01-01T10:00:00Z")
	check(t, "orders", len(w.orders()), 2)
	w.at("2025-01-03T10:00:00Z")
	w.use(120)
	w.run("2025-01-05T00:00:00Z")
	w.use(10)
	w.must(subscription.PaymentMethodChanged{})
	w.run("2025-01-20T00:00:00Z")
	check(t, "orders", len(w.orders()), 3)
	open := w.stored().Orders[0]
	check(t, "status", open.Status, subscription.OrderOpen)
	w.settle(paid(open))
	w.run("2025-01-20T00:00:00Z")
	check(t, "orders", len(w.orders()), 4)
	check(t, "left", w.spendable(), "70") // 150 - 130 + 50
}

// Two products whose minutes ran low aren't both served by packs that cover both.
// Rule: auto-top-up-one-at-a-time.
func TestAutoTopUpsOfTwoProducts(t *testing.T) {
	w := newWorld(t, setup{catalog: minutes(t)})
	for _, product := range []pricing.ProductID{"call", "live"} {
		w.must(subscription.SetAutoTopUp{
			Product: product, Pack: "any-50", Currency: "USD", Below: subscription.Minutes(50), PerPeriod: 5, Agreement: agreement,
		})
	}
	w.run("2025-01-01T10:00:00Z")
	check(t, "orders", len(w.orders()), 1)
	check(t, "left", w.spendable(), "50")
}

// After a decline that may pass, attempts follow after 6, 12 and 24 hours, each a new order at today's price, and then none
// until the next period.
// Rule: auto-top-up-retries.
func TestAutoTopUpRetries(t *testing.T) {
	reason := payment.Reason("")
	w := low(t, setup{gateway: declining(&reason)}, subscription.SetAutoTopUp{Below: subscription.Minutes(30), PerPeriod: 1})
	reason = payment.InsufficientBalance
	w.at("2025-01-10T00:00:00Z")
	w.use(80)
	w.run("2025-01-31T23:59:59Z")
	same(t, "events", w.topUps("2025-01-02"), []string{
		"2025-01-10 00:00 order_placed 6.00 USD", "2025-01-10 00:00 order_declined insufficient_balance 6.00 USD",
		"2025-01-10 06:00 order_placed 6.00 USD", "2025-01-10 06:00 order_declined insufficient_balance 6.00 USD",
		"2025-01-10 18:00 order_placed 6.00 USD", "2025-01-10 18:00 order_declined insufficient_balance 6.00 USD",
		"2025-01-11 18:00 order_placed 6.00 USD", "2025-01-11 18:00 order_declined insufficient_balance 6.00 USD",
	})
	check(t, "held until", short(w.topUp().HeldUntil), "2025-02-01 00:00")
	reason = ""
	w.must(renewal.Renew{Product: "call"}) // which continues from the end
	w.run("2025-02-01T00:00:00Z")
	w.use(80)
	w.run("2025-02-01T00:00:00Z")
	check(t, "number", w.topUp().Number, 5)
	check(t, "bought", w.topUp().Bought, 1)
	check(t, "attempts", w.topUp().Attempts, 0)
}

// The customer who acts is served at once: by turning it on again, by paying something else, by another payment method.
// Rule: auto-top-up-retries.
func TestAutoTopUpAfterTheCustomerActs(t *testing.T) {
	terms := subscription.SetAutoTopUp{Product: "call", Pack: "call-50", Currency: "USD", Below: subscription.Minutes(30)}
	for name, act := range map[string]func(w *world){
		"turned on again": func(w *world) { w.must(terms) },
		"paid by hand": func(w *world) {
			w.must(subscription.Purchase{Product: "live", Version: "lite", Term: pricing.Months(1), Currency: "USD"})
		},
		"payment method": func(w *world) { w.must(subscription.PaymentMethodChanged{}) },
	} {
		t.Run(name, func(t *testing.T) {
			reason := payment.Reason("")
			w := low(t, setup{gateway: declining(&reason)}, terms)
			reason = payment.TryLater
			w.at("2025-01-10T00:00:00Z")
			w.use(80)
			w.run("2025-01-20T00:00:00Z")
			check(t, "declined", len(w.events(subscription.EventOrderDeclined)), 4)
			reason = ""
			act(w)
			w.run("2025-01-20T00:00:00Z")
			check(t, "bought", w.topUp().Bought, 1)
		})
	}
}

// After a hard decline nothing is bought until the payment method is changed, which is tried at once; turning it off and on
// doesn't help, and neither does another automatic order that is paid.
// Rule: auto-top-up-stops-after-a-hard-decline.
func TestAutoTopUpStopsAfterAHardDecline(t *testing.T) {
	reason := payment.Reason("")
	w := low(t, setup{gateway: declining(&reason)}, subscription.SetAutoTopUp{Below: subscription.Minutes(30), PerPeriod: 3})
	w.must(subscription.AutoRenew{Product: "call", On: true})
	reason = payment.LostOrStolen
	w.at("2025-01-10T00:00:00Z")
	w.use(80)
	w.run("2025-01-20T00:00:00Z")
	w.must(subscription.SetAutoTopUp{Product: "call", Off: true})
	w.must(subscription.SetAutoTopUp{Product: "call", Pack: "call-50", Currency: "USD", Below: subscription.Minutes(120), PerPeriod: 3})
	reason = "" // the renewal is paid on 2025-01-31
	w.run("2025-02-05T00:00:00Z")
	check(t, "left", w.spendable(), "100")
	check(t, "stopped", w.topUp().Stopped, payment.LostOrStolen)
	same(t, "events", w.topUps("2025-01-02"), []string{
		"2025-01-10 00:00 order_placed 6.00 USD",
		"2025-01-10 00:00 order_declined lost_or_stolen 6.00 USD",
		"2025-01-10 00:00 auto_top_up_stopped lost_or_stolen",
		"2025-01-20 00:00 auto_top_up_off",
		"2025-01-20 00:00 auto_top_up_on 1 × call-50 in USD, at most 3 in a period",
		"2025-01-31 00:00 order_placed 10.00 USD",
		"2025-01-31 00:00 order_paid 10.00 USD [2025-02-01 2025-03-01)",
	})
	w.must(subscription.PaymentMethodChanged{})
	w.run("2025-02-05T00:00:00Z")
	check(t, "left", w.spendable(), "150")
	check(t, "stopped", w.topUp().Stopped, "")
}

// A new agreement stops it, with an event, until that one is accepted by whatever request.
// Rule: auto-top-up-agreement.
func TestAutoTopUpStopsWithANewAgreement(t *testing.T) {
	w := low(t, setup{}, subscription.SetAutoTopUp{Below: subscription.Minutes(30), PerPeriod: 3})
	w.catalog = minutes(t, `"version": "2025-06"`, `"version": "2026-01"`)
	w.at("2025-01-10T00:00:00Z")
	w.use(80)
	w.run("2025-01-11T00:00:00Z")
	w.use(10)
	w.run("2025-01-20T00:00:00Z")
	check(t, "orders", len(w.orders()), 1)
	check(t, "obstacle", w.topUp().Obstacle, "agreement_required")
	check(t, "told", len(w.events(subscription.EventAutoTopUpStopped)), 1)
	w.must(subscription.Accept{Agreement: "2026-01"})
	w.run("2025-01-20T00:00:00Z")
	check(t, "left", w.spendable(), "60")
	check(t, "agreement", w.topUp().Agreement, "2026-01")
	check(t, "agreement", w.orders()[1].Agreement, "2026-01")
	w.refuse(subscription.ErrAgreementRequired, subscription.SetAutoTopUp{
		Product: "call", Pack: "call-50", Currency: "USD", Below: 1, Agreement: "2025-06",
	})
}

// What can't be bought any more is told once and tried again when there is a reason to; it is no loop, and nothing else of
// the application waits for it.
// Rule: auto-top-up-impossible.
func TestAutoTopUpOfWhatIsNotSold(t *testing.T) {
	withdrawn := []string{`"id": "call-50", "name"`, `"id": "call-50", "withdrawn": true, "name"`}
	for name, c := range map[string]struct {
		edits []string
		code  string
	}{
		"withdrawn":        {withdrawn, "not_on_sale"},
		"gone":             {[]string{`"id": "call-50"`, `"id": "call-51"`}, "unknown_pack"},
		"another currency": {[]string{`"price": {"USD": "6.00"}`, `"price": {"EUR": "6.00"}`}, "no_price"},
		"other products":   {[]string{`of Call", "products": ["call"]`, `of Call", "products": ["live"]`}, "invalid"},
	} {
		t.Run(name, func(t *testing.T) {
			w := low(t, setup{}, subscription.SetAutoTopUp{Below: subscription.Minutes(30), PerPeriod: 3})
			sold := w.catalog
			w.catalog = minutes(t, c.edits...)
			w.at("2025-01-10T00:00:00Z")
			w.use(80)
			w.run("2025-01-11T00:00:00Z")
			w.use(1)
			w.run("2025-01-24T00:00:00Z")
			check(t, "orders", len(w.orders()), 1)
			check(t, "obstacle", w.topUp().Obstacle, c.code)
			check(t, "told", len(w.events(subscription.EventAutoTopUpStopped)), 1)
			check(t, "due", short(w.stored().Due), "2025-01-25 00:00") // the reminder

			w.catalog = sold
			w.use(1)
			w.run("2025-01-24T00:00:00Z")
			check(t, "left", w.spendable(), "68") // 100 - 80 - 1 - 1 + 50
			check(t, "obstacle", w.topUp().Obstacle, "")
		})
	}
}

// A customer who has nothing left uses nothing, so every record is refused. Once the pack is sold again, the next one that is
// refused still has it bought.
// Rule: auto-top-up-impossible.
func TestAutoTopUpAfterUsageThatIsRefused(t *testing.T) {
	w := low(t, setup{}, subscription.SetAutoTopUp{Below: subscription.Minutes(30), PerPeriod: 3})
	sold := w.catalog
	w.catalog = minutes(t, `"id": "call-50", "name"`, `"id": "call-50", "withdrawn": true, "name"`)
	w.at("2025-01-10T00:00:00Z")
	w.use(100)
	w.run("2025-01-11T00:00:00Z")
	refused := func() {
		t.Helper()
		w.keys++
		r, err := w.Consume(t.Context(), app, subscription.Usage{
			ID: fmt.Sprint("use-", w.keys), Product: "call", Kind: "audio", At: w.now, Seconds: 60,
		})
		w.ok(err)
		check(t, "refused", errors.Is(r[0].Err, subscription.ErrExhausted), true)
	}
	before := w.stored()
	refused()
	check(t, "nothing is due while the pack is withdrawn", w.stored().Revision, before.Revision)
	w.catalog = sold
	refused()
	check(t, "due", short(w.stored().Due), "2025-01-11 00:00")
	check(t, "counted", len(w.stored().Counters), len(before.Counters))
	w.run("2025-01-12T00:00:00Z")
	check(t, "left", w.spendable(), "50")
	check(t, "orders", len(w.orders()), 2)
}

// A pack that costs nothing, or gives nothing that lasts, is bought no more often than the limit says.
// Rule: auto-top-up-limit.
func TestAutoTopUpIsNoLoop(t *testing.T) {
	cat := minutes(t, `"validity": {"months": 12}, "price": {"USD": "6.00"}`, `"validity": {"months": 12}, "price": {"USD": "0.00"}`)
	w := low(t, setup{catalog: cat}, subscription.SetAutoTopUp{Below: subscription.Minutes(1_000_000), PerPeriod: 100})
	w.run("2025-01-31T00:00:00Z")
	check(t, "orders", len(w.orders()), 101)
	check(t, "bought", w.topUp().Bought, 100)
	check(t, "told", len(w.events(subscription.EventAutoTopUpStopped)), 1)
}

// A pack that costs nothing is there at once. It may cover what another top-up has just ordered a pack for.
// Rule: auto-top-up.
func TestAutoTopUpsOfAFreePackAndAnother(t *testing.T) {
	cat := minutes(t, `"validity": {"months": 12, "to_month_end": true}, "price": {"USD": "7.00"}`,
		`"validity": {"months": 12, "to_month_end": true}, "price": {"USD": "0.00"}`)
	w := newWorld(t, setup{catalog: cat})
	for _, c := range []subscription.SetAutoTopUp{{Product: "call", Pack: "call-50"}, {Product: "live", Pack: "any-50"}} {
		c.Currency, c.Below, c.Agreement = "USD", subscription.Minutes(50), agreement
		w.must(c)
	}
	w.run("2025-01-01T10:00:00Z")
	check(t, "left", w.spendable(), "100")
	check(t, "failed", len(w.events(subscription.EventDecisionFailed)), 0)
}

// Minutes that expire are missing from then on, not when their lot is closed.
// Rule: auto-top-up.
func TestAutoTopUpWhenMinutesExpire(t *testing.T) {
	w := newWorld(t, setup{catalog: minutes(t)})
	w.must(subscription.SetAutoTopUp{
		Product: "call", Pack: "call-50", Currency: "USD", Below: subscription.Minutes(30), PerPeriod: 3, Agreement: agreement,
	})
	w.run("2026-01-01T00:00:00Z")
	same(t, "events", w.topUps("2025-01-02"), []string{
		"2026-01-01 00:00 order_placed 6.00 USD", "2026-01-01 00:00 order_paid 6.00 USD [2026-01-01 2027-01-01)",
	})
	check(t, "left", w.spendable(), "50")
}

// A customer who has left buys nothing more, and the money of one who owes a renewal is for that. Once the package runs again,
// so does the top-up.
// Rule: auto-top-up-of-active-packages.
func TestAutoTopUpOfWhoHasLeft(t *testing.T) {
	w := low(t, setup{}, subscription.SetAutoTopUp{Below: subscription.Minutes(30), PerPeriod: 3})
	w.run("2025-02-15T00:00:00Z")
	same(t, "events", w.topUps("2025-01-02"), []string{"2025-02-01 00:00 auto_top_up_stopped call-1 is ended [2025-02-01 2025-03-01)"})
	check(t, "left", w.spendable(), "0")
	w.must(renewal.Renew{Product: "call"})
	w.run("2025-02-15T00:00:00Z")
	w.use(80)
	w.run("2025-02-15T00:00:00Z")
	check(t, "bought", w.topUp().Bought, 1)
	check(t, "left", w.spendable(), "70")
}

// Rule: auto-top-up-of-active-packages.
func TestAutoTopUpLeavesTheRenewalItsMoney(t *testing.T) {
	reason := payment.Reason("")
	w := low(t, setup{gateway: declining(&reason)}, subscription.SetAutoTopUp{Below: subscription.Minutes(30), PerPeriod: 3})
	w.must(subscription.AutoRenew{Product: "call", On: true})
	reason = payment.InsufficientBalance
	w.run("2025-01-31T23:59:59Z")
	w.use(80) // past due since the first attempt, and 20 minutes are left
	reason = ""
	w.run("2025-02-02T00:00:00Z")
	same(t, "charged", w.charges()[1:], []string{"2025-02-01 00:00 -10.00 USD"})
	check(t, "left", w.spendable(), "100")
}

// taking is a way in which the money of an order goes back, and whether automatic top-ups end with it.
type taking struct {
	back func(w *world, o subscription.Order)
	off  bool
}

// takings returns the ways; the one that keeps automatic top-ups on takes back what is given.
func takings(kept subscription.Take) map[string]taking {
	return map[string]taking{
		"unused": {func(w *world, o subscription.Order) {
			w.must(subscription.RefundOrder{Order: o.ID, Amount: money(w.t, "3.00 USD"), Take: subscription.TakeUnused})
		}, true},
		"all": {func(w *world, o subscription.Order) {
			w.must(subscription.RefundOrder{Order: o.ID, Take: subscription.TakeAll})
		}, true},
		"kept on": {func(w *world, o subscription.Order) {
			w.must(subscription.RefundOrder{Order: o.ID, Take: kept, KeepAutoRenew: true})
		}, false},
		"goodwill": {func(w *world, o subscription.Order) {
			w.must(subscription.RefundOrder{Order: o.ID, Amount: money(w.t, "1.00 USD"), Take: subscription.TakeNothing})
		}, false},
		"chargeback": {func(w *world, o subscription.Order) {
			_, err := w.Reverse(w.t.Context(), o.Attempt, payment.Reversal{
				ID: "dp-1", Charge: string(o.Attempt), Status: payment.Reversed, Amount: o.Amount, At: w.now,
			})
			w.ok(err)
		}, true},
	}
}

// What is given back of a pack that was bought automatically isn't bought again: the top-up is turned off, unless staff
// keeps it on, and so it is after a chargeback.
// Rule: auto-top-up-off-when-taken-back.
func TestAutoTopUpEndsWhenItsPackIsTakenBack(t *testing.T) {
	for name, c := range takings(subscription.TakeAll) {
		t.Run(name, func(t *testing.T) {
			w := low(t, setup{}, subscription.SetAutoTopUp{Below: subscription.Minutes(30), PerPeriod: 3})
			w.at("2025-01-10T00:00:00Z")
			w.use(80)
			w.run("2025-01-11T00:00:00Z")
			o := w.orders()[1]
			c.back(w, o)
			w.run("2025-01-20T00:00:00Z")
			check(t, "off", w.topUp().Off, c.off)
			check(t, "events", len(w.events(subscription.EventAutoTopUpOff)), map[bool]int{true: 1}[c.off])
			if c.off {
				check(t, "orders", len(w.orders()), 2)
				check(t, "left", w.spendable(), "20")
			}
		})
	}
}

// An order that waits for the customer is given up after a day, like any other, and counts as one that wasn't paid.
// Rule: auto-top-up-retries.
func TestAutoTopUpThatWaitsForTheCustomer(t *testing.T) {
	w := low(t, setup{gateway: func(_ *world, behind *balance.Accounts) payment.Gateway {
		g := &gatewayFuncs{Gateway: behind}
		g.OnCharge = func(ctx context.Context, c payment.Charge) (payment.Result, error) {
			if c.Present {
				return behind.Charge(ctx, c)
			}
			return payment.Result{Key: c.Key, Status: payment.Pending, Action: payment.Action{Kind: payment.ActionRedirect, Value: "https://bank"}}, nil
		}
		g.OnLookup = func(_ context.Context, key string) (payment.Result, error) {
			return payment.Result{Key: key, Status: payment.NotFound}, nil
		}
		return g
	}}, subscription.SetAutoTopUp{Below: subscription.Minutes(30), PerPeriod: 3})
	w.at("2025-01-10T00:00:00Z")
	w.use(80)
	w.run("2025-01-30T00:00:00Z")
	check(t, "number", w.topUp().Number, 4)
	check(t, "bought", w.topUp().Bought, 0)
}

// Two workers that decide the same place the same order. A worker that stops after the charge leads to no second one.
// Rule: auto-top-up-one-at-a-time.
func TestAutoTopUpIsOneOrderWhoeverDecides(t *testing.T) {
	lost := false
	w := low(t, setup{gateway: func(_ *world, behind *balance.Accounts) payment.Gateway {
		g := &gatewayFuncs{Gateway: behind}
		g.OnCharge = func(ctx context.Context, c payment.Charge) (payment.Result, error) {
			r, err := behind.Charge(ctx, c)
			if lost {
				return payment.Result{}, errors.New("the answer is lost")
			}
			return r, err
		}
		return g
	}}, subscription.SetAutoTopUp{Below: subscription.Minutes(30), PerPeriod: 3})
	w.use(80)
	first, err := renewal.Decide(w.load(), w.policy, w.catalog, w.now)
	w.ok(err)
	second, err := renewal.Decide(w.load(), w.policy, w.catalog, w.now)
	w.ok(err)
	if diff := cmp.Diff(first, second, exactly); diff != "" || len(first.Orders) != 1 {
		t.Errorf("decided again, it is another change:\n%s", diff)
	}
	lost = true
	w.work()
	w.must(subscription.SetAutoTopUp{Product: "call", Pack: "call-50", Currency: "USD", Below: subscription.Minutes(30), PerPeriod: 3})
	w.work()
	lost = false
	w.run("2025-01-02T00:00:00Z")
	same(t, "charged", w.charges(), []string{"2025-01-01 10:00 -10.00 USD", "2025-01-01 10:00 -6.00 USD"})
	check(t, "left", w.spendable(), "70")
	check(t, "bought", w.topUp().Bought, 1)
}

// What is bought by hand is neither counted nor in the way; numbers count on, whether the top-up was off meanwhile or not.
// Rule: auto-top-up-limit.
func TestAutoTopUpCountsItsOwnOrdersOnly(t *testing.T) {
	terms := subscription.SetAutoTopUp{Product: "call", Pack: "call-50", Currency: "USD", Below: subscription.Minutes(30), PerPeriod: 2}
	w := low(t, setup{}, terms)
	w.at("2025-01-10T00:00:00Z")
	w.use(80)
	w.run("2025-01-10T00:00:00Z")
	w.must(subscription.SetAutoTopUp{Product: "call", Off: true})
	w.must(terms)
	w.use(50)
	w.run("2025-01-10T00:00:00Z")
	check(t, "bought", w.topUp().Bought, 2)
	w.must(subscription.SetAutoTopUp{Product: "call", Off: true})
	w.must(terms)
	w.use(50)
	w.run("2025-01-20T00:00:00Z")
	check(t, "bought", w.topUp().Bought, 2)
	check(t, "number", w.topUp().Number, 2)
	check(t, "orders", len(w.orders()), 3)
}

// What is due now is foretold; usage isn't.
// Rule: preview-foretells.
func TestPreviewOfAutoTopUps(t *testing.T) {
	w := low(t, setup{}, subscription.SetAutoTopUp{Below: subscription.Minutes(130), PerPeriod: 3})
	var got []string
	for u := range renewal.Preview(w.application(), w.policy, w.catalog, w.now, instant(t, "2025-02-02T00:00:00Z")) {
		if !u.Charge.IsZero() {
			got = append(got, short(u.At)+" "+string(u.Product)+" "+u.Charge.String())
		}
	}
	// 100 + 50 is enough until the package ends, and then nothing more is bought.
	same(t, "charges", got, []string{"2025-01-01 10:00 call 6.00 USD"})
	w.run("2025-02-02T00:00:00Z")
	same(t, "charged", w.charges()[1:], []string{"2025-01-01 10:00 -6.00 USD"})
}

// Delays are positive, and at most a year.
// Rule: auto-top-up-retries.
func TestPolicyOfAutoTopUps(t *testing.T) {
	for name, c := range map[string]struct {
		delays []time.Duration
		want   error
	}{
		"default": {nil, nil}, "none": {[]time.Duration{}, nil}, "own": {hours(1, 1, 240), nil},
		"zero": {hours(0), renewal.ErrPolicy}, "negative": {hours(1, -1), renewal.ErrPolicy}, "years": {hours(24 * 367), renewal.ErrPolicy},
	} {
		if err := (renewal.Policy{TopUpDelays: c.delays}).Validate(); !errors.Is(err, c.want) {
			t.Errorf("%s: %v, want %v", name, err, c.want)
		}
	}
	reason := payment.Reason("")
	w := low(t, setup{gateway: declining(&reason), policy: renewal.Policy{TopUpDelays: []time.Duration{}}},
		subscription.SetAutoTopUp{Below: subscription.Minutes(30)})
	reason = payment.TryLater
	w.use(80)
	w.run("2025-01-31T00:00:00Z")
	check(t, "declined", len(w.events(subscription.EventOrderDeclined)), 1)
}

// A customer who returns the package, or whose bank takes its payment back, has no minutes left then. The worker doesn't answer
// with a pack.
// Rule: auto-top-up-off-when-taken-back.
func TestAutoTopUpEndsWhenThePackageIsTakenBack(t *testing.T) {
	ways := takings(subscription.TakeUnused)
	ways["returned"] = taking{func(w *world, o subscription.Order) { w.must(subscription.ReturnPackage{Order: o.ID}) }, true}
	for name, c := range ways {
		t.Run(name, func(t *testing.T) {
			w := low(t, setup{}, subscription.SetAutoTopUp{Below: subscription.Minutes(30), PerPeriod: 3})
			w.at("2025-01-03T00:00:00Z")
			c.back(w, w.orders()[0])
			w.run("2025-01-08T00:00:00Z")
			check(t, "off", w.topUp().Off, c.off)
			check(t, "events", len(w.events(subscription.EventAutoTopUpOff)), map[bool]int{true: 1}[c.off])
			if c.off {
				check(t, "orders", len(w.orders()), 1)
			}
		})
	}
}
