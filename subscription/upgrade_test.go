package subscription_test

import (
	"context"
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/prepaidkit/prepaid/payment"
	"github.com/prepaidkit/prepaid/payment/balance"
	"github.com/prepaidkit/prepaid/pricing"
	"github.com/prepaidkit/prepaid/subscription"
)

func upgrade(to pricing.VersionID) subscription.Upgrade {
	return subscription.Upgrade{Product: "call", To: to, Agreement: agreement}
}

// Price = (list price of the new version − price of the current one) × remaining / total days; minutes are computed in
// the same way and rounded down.
// Rule: upgrade-price, credit-is-the-price-paid, upgrade-minutes, upgrade-keeps-the-end.
func TestUpgradePriceAndMinutes(t *testing.T) {
	for _, tt := range []struct {
		ratio, bought, upgraded string
		price                   string // from the list price
		minutes                 string
		discounted              string // from a current one bought at 99.00
	}{
		{"31/31", "2025-07-01T09:00:00Z", "2025-07-01T09:00:00Z", "398.00 USD", "200000", "498.00 USD"},
		{"16/31", "2025-07-01T09:00:00Z", "2025-07-16T23:59:59Z", "205.42 USD", "103225", "257.03 USD"},
		{"15/31", "2025-07-01T09:00:00Z", "2025-07-17T00:00:00Z", "192.58 USD", "96774", "240.97 USD"},
		{"15/30", "2025-06-01T09:00:00Z", "2025-06-16T12:00:00Z", "199.00 USD", "100000", "249.00 USD"},
		{"10/28", "2025-02-01T09:00:00Z", "2025-02-19T12:00:00Z", "142.14 USD", "71428", "177.86 USD"},
		{"1/31", "2025-07-01T09:00:00Z", "2025-07-31T23:59:59Z", "12.84 USD", "6451", "16.06 USD"},
	} {
		for _, offer := range []pricing.OfferID{"", "first-month"} {
			t.Run(strings.TrimSpace(tt.ratio+" "+string(offer)), func(t *testing.T) {
				w := newWorld(t, setup{start: tt.bought})
				p := buy("call", "one-to-one")
				p.Offer = offer
				w.must(p)
				before := w.latest("call")
				w.at(tt.upgraded)
				want := money(t, tt.price)
				if offer != "" {
					want = money(t, tt.discounted)
				}
				q, err := w.Quote(t.Context(), app, upgrade("group-call"))
				w.ok(err)
				check(t, "quoted", q.Amount, want)
				r := w.must(upgrade("group-call"))
				check(t, "charged", r.Order.Amount, want)
				if tt.ratio != "31/31" {
					check(t, "days", r.Order.Lines[0].Times.String(), tt.ratio)
				}
				check(t, "increment", r.Order.Delivered.Increment.String(), tt.minutes)
				check(t, "total", r.Order.Delivered.Total, subscription.Minutes(100000)+r.Order.Delivered.Increment)
				check(t, "remaining", r.Order.Delivered.Remaining, r.Order.Delivered.Total)

				after := w.latest("call")
				check(t, "version", after.Version(), "group-call")
				check(t, "the end stays", after.End(), before.End())
				check(t, "auto-renewal goes on", after.AutoRenew, true)
				check(t, "counts at list price from now on", after.Cycles[0].Price, money(t, "597.00 USD"))
				check(t, "minutes of a whole period", after.Cycles[0].Minutes, int64(300000))

				// Nothing is reset, lost or minted.
				a := w.application()
				check(t, "lots", len(a.Lots), 2)
				check(t, "the package's lot", a.Lots[0].Remaining.String(), "100000")
				check(t, "the upgrade's lot", a.Lots[1].Remaining.String(), tt.minutes)
				check(t, "the upgrade's lot ends with the period", a.Lots[1].Period.End, after.End())
				check(t, "it covers the whole day of the upgrade", a.Lots[1].Period.Start, w.now.Truncate(24*3600*1e9))
				check(t, "minutes to spend", a.Minutes("call", w.now), r.Order.Delivered.Remaining)
			})
		}
	}
}

// What an upgrade costs, grants and changes, when it is refused, and when it is refunded.
// Rule: days-are-the-catalogs, one-open-order, only-what-is-on-sale, upgrade-price, credit-is-the-price-paid,
// upgrade-future-cycles, only-upward, upgrade-while-valid, late-upgrade-goes-back, steps-mint-nothing.
func TestUpgradeRules(t *testing.T) {
	// bought is a world with one-to-one bought on 1 July, now on the 16th.
	bought := func(t *testing.T, s setup) *world {
		t.Helper()
		s.start = "2025-07-01T09:00:00Z"
		w := newWorld(t, s)
		w.do(buy("call", "one-to-one")) //nolint:errcheck // pending, where the gateway is
		for _, o := range w.application().Orders {
			w.settle(paid(o))
		}
		w.at("2025-07-16T12:00:00Z")
		return w
	}
	t.Run("the current price is the one recorded, not today's list price", func(t *testing.T) {
		w := bought(t, setup{})
		w.catalog = catalog(t, "catalog.json",
			`"revision": "test-1"`, `"revision": "test-2"`,
			`{"months": 1, "minutes": 100000, "list": {"USD": "199.00"}}`, `{"months": 1, "minutes": 150000, "list": {"USD": "299.00"}}`)
		r := w.must(upgrade("group-call"))
		check(t, "amount", r.Order.Amount, money(t, "205.42 USD"))
		check(t, "minutes", r.Order.Delivered.Increment.String(), "103225")
		check(t, "catalog", r.Order.Catalog, "test-2")
	})
	t.Run("the new price is today's", func(t *testing.T) {
		w := bought(t, setup{})
		w.catalog = catalog(t, "catalog.json", `{"months": 1, "minutes": 300000, "list": {"USD": "597.00"}}`, `{"months": 1, "minutes": 310000, "list": {"USD": "509.00"}}`)
		r := w.must(upgrade("group-call"))
		check(t, "amount, (509 − 199) × 16/31", r.Order.Amount, money(t, "160.00 USD"))
	})
	t.Run("a second upgrade starts from the list price of the first", func(t *testing.T) {
		w := newWorld(t, setup{start: "2025-07-01T09:00:00Z"})
		p := buy("call", "one-to-one")
		p.Offer = "first-month"
		w.must(p)
		w.at("2025-07-16T12:00:00Z")
		w.must(upgrade("group-call"))
		w.at("2025-07-20T12:00:00Z")
		r := w.must(upgrade("stadium"))
		check(t, "amount, (1500 − 597) × 12/31", r.Order.Amount, money(t, "349.55 USD"))
		check(t, "minutes, (1000000 − 300000) × 12/31", r.Order.Delivered.Increment.String(), "270967")
		check(t, "total", r.Order.Delivered.Total.String(), "474192") // 100000 + 103225 + 270967
	})
	t.Run("in steps on one day it costs what it costs directly, within a minor unit a step", func(t *testing.T) {
		steps, direct := bought(t, setup{}), bought(t, setup{})
		a, b := steps.must(upgrade("group-call")), steps.must(upgrade("stadium"))
		sum, err := a.Order.Amount.Add(b.Order.Amount)
		steps.ok(err)
		want := direct.must(upgrade("stadium")) // skipping a rank
		if d := sum.Minor() - want.Order.Amount.Minor(); d < -2 || d > 2 {
			t.Errorf("steps cost %s, directly it is %s", sum, want.Order.Amount)
		}
		minutes := (a.Order.Delivered.Increment + b.Order.Delivered.Increment).Whole()
		if d := minutes - want.Order.Delivered.Increment.Whole(); d < -2 || d > 0 {
			t.Errorf("steps give %d minutes, directly it is %s", minutes, want.Order.Delivered.Increment)
		}
	})
	t.Run("cycles paid ahead cost their full difference, against their own price", func(t *testing.T) {
		w := bought(t, setup{})
		w.must(prepay{Product: "call", Cycles: 2})
		check(t, "cycles", len(w.latest("call").Cycles), 3)
		r := w.must(upgrade("group-call"))
		check(t, "amount, 398 × 16/31 + 2 × 398", r.Order.Amount, money(t, "1001.42 USD"))
		kinds := []pricing.LineKind{}
		for _, l := range r.Order.Lines {
			kinds = append(kinds, l.Kind)
		}
		if diff := cmp.Diff([]pricing.LineKind{pricing.UpgradeLine, pricing.CycleLine, pricing.CycleLine}, kinds); diff != "" {
			t.Errorf("lines (-want +got):\n%s", diff)
		}
		check(t, "granted at once", r.Order.Delivered.Increment.String(), "103225")
		w.at("2025-08-01T00:00:00Z")
		sub := w.latest("call")
		c, _ := sub.Current(w.now)
		check(t, "granted as the cycle begins", c.Granted.String(), "300000")
		check(t, "version", c.Version, "group-call")
		check(t, "price", c.Price, money(t, "597.00 USD"))
		check(t, "minutes to spend", w.application().Minutes("call", w.now).String(), "300000")
		// The second one is upgraded again.
		r = w.must(upgrade("stadium"))
		check(t, "amount, 903 × 31/31 + 903", r.Order.Amount, money(t, "1806.00 USD"))
	})
	t.Run("only to a higher version", func(t *testing.T) {
		w := bought(t, setup{})
		w.refuse(subscription.ErrNotHigher, upgrade("one-to-one"))
		w.refuse(subscription.ErrNotHigher, upgrade("trial"))
		w.must(upgrade("stadium"))
		w.refuse(subscription.ErrNotHigher, upgrade("group-call"))
		w.refuse(subscription.ErrNotHigher, upgrade("stadium"))
	})
	t.Run("not for a product that is never upgraded", func(t *testing.T) {
		w := bought(t, setup{})
		w.must(buy("beauty-ar", "lite"))
		w.refuse(subscription.ErrNotUpgradable, subscription.Upgrade{Product: "beauty-ar", To: "pro"})
	})
	t.Run("not to what isn't sold", func(t *testing.T) {
		w := bought(t, setup{})
		w.refuse(subscription.ErrNotOnSale, upgrade("legacy"))
		w.refuse(pricing.ErrUnknownVersion, upgrade("gold"))
		w.refuse(pricing.ErrUnknownProduct, subscription.Upgrade{Product: "fax", To: "gold"})
		w.refuse(subscription.ErrNotFound, subscription.Upgrade{Product: "live", To: "pro"})
	})
	t.Run("at the prices of the subscription's own term", func(t *testing.T) {
		w := newWorld(t, setup{})
		p := buy("call", "one-to-one")
		p.Term = pricing.Months(12)
		w.must(p)
		check(t, "amount", w.must(upgrade("group-call")).Order.Amount, money(t, "3980.00 USD"))
		w.refuse(pricing.ErrNoPrice, upgrade("stadium")) // which is sold by the month
	})
	t.Run("who holds a withdrawn version can still upgrade from it", func(t *testing.T) {
		w := bought(t, setup{})
		w.catalog = catalog(t, "catalog.json", `"name": "1-to-1 Call", "rank": 1,`, `"name": "1-to-1 Call", "rank": 1, "withdrawn": true,`)
		w.must(upgrade("group-call"))
	})
	t.Run("a version that the catalog has forgotten can't be compared", func(t *testing.T) {
		w := bought(t, setup{})
		w.catalog = catalog(t, "catalog.json", `"id": "one-to-one"`, `"id": "renamed"`)
		w.refuse(pricing.ErrUnknownVersion, upgrade("group-call"))
	})
	t.Run("only while valid, so not in the grace time", func(t *testing.T) {
		w := bought(t, setup{})
		w.at("2025-07-31T23:59:59Z")
		w.must(upgrade("group-call"))
		w.at("2025-08-01T00:00:00Z")
		check(t, "status", w.latest("call").Status, subscription.PastDue)
		w.refuse(subscription.ErrPeriodEnded, upgrade("stadium"))
		w.at("2025-08-02T00:00:00Z")
		w.refuse(subscription.ErrNotFound, upgrade("stadium")) // interrupted
	})
	t.Run("one open order for a subscription", func(t *testing.T) {
		w := bought(t, setup{gateway: pending})
		o := w.place(upgrade("group-call"))
		w.refuse(subscription.ErrOrderOpen, upgrade("stadium"))
		check(t, "nothing is raised before it is paid", w.latest("call").Version(), "one-to-one")
		check(t, "minutes", w.application().Minutes("call", w.now).String(), "100000")
		check(t, "status", w.settle(paid(o)).Status, subscription.OrderPaid)
		check(t, "version", w.latest("call").Version(), "group-call")
	})
	t.Run("it delivers exactly its lines, although it is paid on a later day", func(t *testing.T) {
		w := bought(t, setup{gateway: pending})
		o := w.place(upgrade("group-call"))
		w.at("2025-07-20T12:00:00Z")
		o = w.settle(paid(o))
		check(t, "amount", o.Collected, money(t, "205.42 USD"))
		check(t, "minutes", o.Delivered.Increment.String(), "103225")
	})
	t.Run("refunded, when its period has ended before it is paid", func(t *testing.T) {
		w := bought(t, setup{gateway: collects})
		o := w.place(upgrade("group-call"))
		w.at("2025-08-01T00:00:00Z")
		o = w.settle(paid(o))
		check(t, "status", o.Status, subscription.OrderRefunded)
		check(t, "note", o.Note, "the period has ended")
		check(t, "version", w.latest("call").Version(), "one-to-one")
		w.back(o.ID, "1 late "+o.Amount.String()+" made")
		check(t, "event", w.count(subscription.EventRefundDue), 1)
		check(t, "event", w.count(subscription.EventRefundMade), 1)
		check(t, "event", w.count(subscription.EventOrderRefunded), 1)
		check(t, "lots of an upgrade", w.count(subscription.EventLotGranted), 1)
	})
	t.Run("refunded, when the version has changed meanwhile", func(t *testing.T) {
		w := bought(t, setup{gateway: collects})
		first := w.place(upgrade("group-call"))
		w.must(subscription.Cancel{Order: first.ID})
		second := w.place(upgrade("stadium"))
		w.settle(paid(second))
		first = w.settle(paid(first))
		check(t, "status", first.Status, subscription.OrderCanceled)
		w.back(first.ID, "1 late "+first.Amount.String()+" made")
		check(t, "version", w.latest("call").Version(), "stadium")

		// Without the cancellation, with the obstacle alone.
		w = bought(t, setup{gateway: collects})
		o := w.place(upgrade("group-call"))
		s := w.load()
		s.Application.Subscriptions[0].Cycles[0].Version = "stadium"
		c, err := subscription.Settle(s, o.ID, paid(o), w.catalog.ZoneOf, w.now)
		w.ok(err)
		check(t, "status", c.Orders[0].Status, subscription.OrderRefunded)
		sameLines(t, "refunds", refundLines(c.Refunds), "1 late "+o.Amount.String()+" due")
		check(t, "note", c.Orders[0].Note, "the version or the cycles paid ahead have changed")
	})
	t.Run("refunded, when the subscription is over", func(t *testing.T) {
		w := bought(t, setup{gateway: collects})
		o := w.place(upgrade("group-call"))
		w.at("2025-08-20T00:00:00Z")
		o = w.settle(paid(o))
		check(t, "status", o.Status, subscription.OrderRefunded)
		check(t, "note", o.Note, "the subscription is over")
		w.back(o.ID, "1 late "+o.Amount.String()+" made")
	})
	t.Run("an upgrade that the balance doesn't cover changes nothing", func(t *testing.T) {
		w := newWorld(t, setup{poor: true})
		w.deposit("200.00 USD")
		w.must(buy("call", "one-to-one"))
		_, err := w.do(upgrade("group-call"))
		if of, ok := errors.AsType[*subscription.OrderError](err); !ok || of.Reason != payment.InsufficientBalance {
			t.Errorf("Do = %v, want a decline", err)
		}
		check(t, "version", w.latest("call").Version(), "one-to-one")
		check(t, "minutes", w.application().Minutes("call", w.now).String(), "100000")
	})
	t.Run("an upgrade that costs nothing is delivered at once and never charged", func(t *testing.T) {
		cat := catalog(t, "catalog.json",
			`"name": "Group Call", "rank": 2,`, `"name": "Group Call", "rank": 2, "price_falls": true,`,
			`{"months": 1, "minutes": 300000, "list": {"USD": "597.00"}}`, `{"months": 1, "minutes": 300000, "list": {"USD": "99.00"}}`)
		w := bought(t, setup{catalog: cat})
		r := w.must(upgrade("group-call"))
		check(t, "amount", r.Order.Amount, money(t, "0.00 USD"))
		check(t, "status", r.Order.Status, subscription.OrderPaid)
		check(t, "attempt", r.Order.Attempt, "")
		check(t, "version", w.latest("call").Version(), "group-call")
		charges, _, _ := w.charged()
		check(t, "charges", charges, 1)
	})
	t.Run("elapsed seconds are the other day count", func(t *testing.T) {
		w := bought(t, setup{catalog: catalog(t, "catalog.json", `"zone": "UTC"`, `"zone": "UTC", "day_count": "elapsed"`)})
		r := w.must(upgrade("group-call")) // 15.5 of 31 days
		check(t, "amount", r.Order.Amount, money(t, "199.00 USD"))
		check(t, "ratio", r.Order.Lines[0].Times, pricing.Ratio{Num: 15.5 * 86400, Den: 31 * 86400})
	})
	t.Run("the subscription keeps the zone that it was bought in", func(t *testing.T) {
		w := bought(t, setup{})
		w.catalog = catalog(t, "catalog_shanghai.json")
		w.at("2025-07-31T23:59:59Z") // 1 August in Shanghai
		r := w.must(upgrade("group-call"))
		check(t, "days", r.Order.Lines[0].Times.String(), "1/31")
	})
}

// collects leaves every charge pending but collects it from the accounts, so that it can be refunded.
func collects(w *world, behind *balance.Accounts) payment.Gateway {
	g := pending(w, behind).(*gatewayFuncs)
	answer := g.OnCharge
	g.OnCharge = func(ctx context.Context, c payment.Charge) (payment.Result, error) {
		if r, err := behind.Charge(ctx, c); err != nil || r.Status != payment.Succeeded {
			return r, err
		}
		return answer(ctx, c)
	}
	return g
}
