package subscription_test

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"github.com/prepaidkit/prepaid/payment"
	"github.com/prepaidkit/prepaid/payment/balance"
	"github.com/prepaidkit/prepaid/pricing"
	"github.com/prepaidkit/prepaid/renewal"
	"github.com/prepaidkit/prepaid/subscription"
	"github.com/prepaidkit/prepaid/topup"
)

// small is a catalog of small prices, of which 0.50 USD is the least that is charged.
func small(tb testing.TB, edits ...string) *pricing.Catalog {
	tb.Helper()
	text := `{"revision": "small", "zone": "UTC", "charges": {"USD": {"least": "0.50"}},
		"tax": {"regions": [{"region": "DE", "rates": [{"name": "VAT", "percent": "19"}]}]},
		"products": [{"id": "talk", "upgradable": true, "versions": [
			{"id": "base", "rank": 1, "terms": [{"months": 1, "minutes": 1000, "list": {"USD": "10.00"}}]},
			{"id": "plus", "rank": 2, "terms": [{"months": 1, "minutes": 2000, "list": {"USD": "22.09"}}]},
			{"id": "max", "rank": 3, "terms": [{"months": 1, "minutes": 4000, "list": {"USD": "40.00"}}]}]}],
		"packs": [{"id": "any", "products": ["talk"], "validity": {"months": 1}, "custom": {"step": 10, "least": 10, "tiers": [{"per_thousand": {"USD": "10"}}]}}],
		"usage": {"kinds": [{"id": "audio", "per_thousand": {"USD": "1.00"}}]}}`
	cat, err := pricing.ParseCatalog(strings.NewReader(strings.NewReplacer(edits...).Replace(text)))
	if err != nil {
		tb.Fatal(err)
	}
	return cat
}

func talk(version pricing.VersionID) subscription.Purchase {
	return subscription.Purchase{Product: "talk", Version: version, Term: pricing.Months(1), Currency: "USD"}
}

func lines(o subscription.Order) string {
	var parts []string
	for _, l := range o.Lines {
		parts = append(parts, fmt.Sprintf("%s %s", l.Kind, l.Amount.Amount()))
	}
	return strings.Join(parts, ", ") + " = " + o.Amount.String()
}

// Trap: an upgrade for 0.39 is refused by the provider, or waits forever; a tiny amount is waived again and again. On the last
// of 31 days 12.09/31 is 0.39, which is waived. The period keeps its recorded price, so that the next upgrade pays for both:
// 30.00/31 is 0.97. The renewal is at list price.
// Rule: tiny-upgrade-is-waived.
func TestTinyUpgradeIsWaived(t *testing.T) {
	w := newWorld(t, setup{catalog: small(t)})
	w.must(talk("base"))
	w.at("2025-08-09T12:00:00Z")
	q := w.quote(subscription.Upgrade{Product: "talk", To: "plus"})
	check(t, "quote", q.Amount.String(), "0.00 USD")
	out, err := w.Confirm(t.Context(), app, subscription.Upgrade{Product: "talk", To: "plus"}, q, "plus")
	w.ok(err)
	check(t, "waived", lines(out.Order), "upgrade 0.39, waiver -0.39 = 0.00 USD")
	check(t, "status", out.Order.Status, subscription.OrderPaid)
	check(t, "minutes", out.Order.Delivered.Increment.String(), "32") // 1,000/31
	cycle := w.latest("talk").Cycles[0]
	check(t, "version", cycle.Version, "plus")
	check(t, "recorded price", cycle.Price.String(), "10.00 USD")

	second := w.must(subscription.Upgrade{Product: "talk", To: "max"}).Order
	check(t, "pays for both", lines(second), "upgrade 0.97 = 0.97 USD")
	check(t, "recorded price", w.latest("talk").Cycles[0].Price.String(), "40.00 USD")
	check(t, "renewal", w.must(renewal.Renew{Product: "talk"}).Order.Amount.String(), "40.00 USD")
}

// What is compared with the least is the total: with 19 %, 0.45 are 0.54.
// Rule: least-charge.
func TestLeastIsOfTheTotal(t *testing.T) {
	w := newWorld(t, setup{catalog: small(t, "22.09", "24.00")})
	w.must(talk("base"))
	w.at("2025-08-09T12:00:00Z")
	w.must(subscription.SetTax{Region: "DE"})
	o := w.must(subscription.Upgrade{Product: "talk", To: "plus"}).Order
	check(t, "charged", lines(o), "upgrade 0.45 = 0.54 USD")
	check(t, "total of the period", w.latest("talk").Cycles[0].Total.String(), "28.56 USD")
}

// A custom pack, or an order of one's own, that is too small to charge is refused.
// Rule: least-charge.
func TestTooLittleIsRefused(t *testing.T) {
	w := newWorld(t, setup{catalog: small(t)})
	w.must(talk("base"))
	w.refuse(pricing.ErrBelowLeast, topup.Buy{Pack: "any", Minutes: 40, Currency: "USD"})
	check(t, "0.50", w.must(topup.Buy{Pack: "any", Minutes: 50, Currency: "USD"}).Order.Amount.String(), "0.50 USD")
	_, err := w.Quote(t.Context(), app, topup.Buy{Pack: "any", Minutes: 40, Currency: "USD"})
	fails(t, err, pricing.ErrBelowLeast)
}

// A total is rounded to the step by a line of its own, which isn't taxed; recorded prices are those before it.
// Rule: totals-in-steps.
func TestTotalsInSteps(t *testing.T) {
	w := newWorld(t, setup{catalog: small(t, `{"least": "0.50"}`, `{"step": "0.05"}`)})
	w.must(subscription.SetTax{Region: "DE"})
	o := w.must(talk("plus")).Order // 22.09 and 4.20 are 26.29
	check(t, "order", lines(o), "purchase 22.09, rounding 0.01 = 26.30 USD")
	check(t, "net", o.Net().String(), "22.09 USD")
	check(t, "tax", o.Taxes[0].Amount.String(), "4.20 USD")
	check(t, "collected", o.Collected.String(), "26.30 USD")
	check(t, "recorded price", w.latest("talk").Cycles[0].Price.String(), "22.09 USD")
	check(t, "recorded total", w.latest("talk").Cycles[0].Total.String(), "26.29 USD")
	w.must(subscription.SetTax{})
	o = w.must(renewal.Renew{Product: "talk", Cycles: 3}).Order
	check(t, "down", lines(o), "renewal 66.27, rounding -0.02 = 66.25 USD")
	check(t, "net", o.Net().String(), "66.27 USD")
}

// metered is a world in pay-as-you-go mode, of 200 minutes for 0.20 USD a day where use says so.
func metered(t *testing.T, use ...string) *meter {
	t.Helper()
	m := &meter{}
	m.world = newWorld(t, setup{
		catalog: small(t), start: "2025-07-10T10:00:00Z",
		gateway: func(_ *world, behind *balance.Accounts) payment.Gateway {
			m.gate = &gatewayFuncs{Gateway: behind}
			return m.gate
		},
	})
	m.must(subscription.EnablePayAsYouGo{Currency: "USD"})
	for _, at := range use {
		m.at(at)
		m.use(subscription.Usage{ID: "u-" + at, Product: "talk", Kind: "audio", At: m.now, Seconds: 200 * 60})
	}
	return m
}

// Usage below the least is carried to the next day of the month: three days of 0.20 are one bill of 0.60, made when the third
// is closed. Nothing is due before that, and carried days aren't arrears.
// Rule: small-usage-is-carried.
func TestSmallUsageIsCarried(t *testing.T) {
	m := metered(t, "2025-07-10T10:00:00Z", "2025-07-12T10:00:00Z", "2025-07-20T10:00:00Z")
	m.run("2025-07-21T23:59:59Z")
	check(t, "orders", len(m.orders()), 0)
	check(t, "due", m.stored().Due, instant(t, "2025-07-22T00:00:00Z"))
	m.refuse(subscription.ErrNotFound, subscription.BillUsage{})
	m.run("2025-07-25T00:00:00Z")
	o := m.orders()[0]
	check(t, "bill", lines(o), "usage 0.60 = 0.60 USD")
	check(t, "days", *o.Deliveries[0].Usage, subscription.UsageDelivery{
		Day: 20279, Through: 20289, Until: instant(t, "2025-07-21T00:00:00Z"),
	})
	check(t, "status", o.Status, subscription.OrderPaid)
	check(t, "counters", len(m.stored().Counters), 0)
	check(t, "arrears", m.count(subscription.EventArrears), 0)
	late := subscription.Usage{ID: "late", Product: "talk", Kind: "audio", At: instant(t, "2025-07-15T00:00:00Z"), Seconds: 60}
	m.refuses(late, subscription.ErrTooLate)
}

// What is too small when its month closes is waived, once and for good, with an event. The next month begins anew.
// Rule: small-usage-is-carried.
func TestSmallUsageIsWaivedAtTheMonthsEnd(t *testing.T) {
	m := metered(t, "2025-07-30T10:00:00Z", "2025-07-31T10:00:00Z", "2025-08-01T10:00:00Z")
	m.run("2025-08-10T00:00:00Z")
	check(t, "orders", len(m.orders()), 1)
	o := m.orders()[0]
	check(t, "waived", lines(o), "usage 0.40, waiver -0.40 = 0.00 USD")
	check(t, "status", o.Status, subscription.OrderPaid)
	check(t, "at", o.PlacedAt, instant(t, "2025-08-02T00:00:00Z"))
	check(t, "told", m.count(subscription.EventUsageWaived), 1)
	check(t, "left for August", len(m.stored().Counters), 1)
	check(t, "due at the end of August", m.stored().Due, instant(t, "2025-09-02T00:00:00Z"))
}

// A carried bill that is declined is tried again as a whole.
// Rule: small-usage-is-carried, arrears-interrupt.
func TestCarriedBillThatIsDeclined(t *testing.T) {
	m := metered(t, "2025-07-10T10:00:00Z", "2025-07-12T10:00:00Z", "2025-07-13T10:00:00Z")
	m.drain()
	m.run("2025-07-15T00:00:00Z")
	check(t, "through", m.stored().Arrears.Through.String(), "2025-07-13")
	m.deposit("10.00 USD")
	m.run("2025-07-15T06:00:00Z")
	check(t, "arrears", m.stored().Arrears, subscription.Arrears{})
	check(t, "balance", m.balance(), "9.40 USD")
}

// A day that an order collects already, by a catalog without a least charge, is no part of a bill of the days around it.
// Rule: small-usage-is-carried, one-bill-per-day.
func TestCarriedBillLeavesOutABilledDay(t *testing.T) {
	m := metered(t, "2025-07-12T10:00:00Z")
	least := m.catalog
	m.catalog = small(t, `"charges": {"USD": {"least": "0.50"}},`, "")
	m.gate.OnCharge = func(_ context.Context, c payment.Charge) (payment.Result, error) {
		return payment.Result{Key: c.Key, Status: payment.Pending}, nil
	}
	m.at("2025-07-14T00:00:00Z")
	m.work()
	m.catalog = least
	check(t, "the day is billed", len(m.stored().Orders), 1)
	a := m.stored()
	for i, day := range []pricing.Date{20279, 20283, 20284, 20285} { // July 10, 14, 15 and 16
		c := a.Counters[0]
		c.Day, c.Order, c.Excess = day, "", subscription.Minutes(int64(200+i))
		a.Counters = append(a.Counters, c)
	}
	var got []string
	for _, b := range a.Unbilled(m.catalog) {
		got = append(got, fmt.Sprintf("%s-%s", b.Day, max(b.Day, b.Through)))
	}
	sameLines(t, "bills", got, "2025-07-10-2025-07-10", "2025-07-14-2025-07-16")
}

// Carrying must not keep usage from being counted: when the counters' room is half used, what is there is billed, or waived.
// Rule: small-usage-is-carried.
func TestCarriedUsageMakesRoom(t *testing.T) {
	var kinds []string
	for i := range 100 {
		kinds = append(kinds, fmt.Sprintf(`{"id": "k%02d", "per_thousand": {"USD": "0.000001"}}`, i))
	}
	m := metered(t)
	m.catalog = small(t, `{"id": "audio", "per_thousand": {"USD": "1.00"}}`, strings.Join(kinds, ", "))
	for day := range 20 {
		m.now = instant(t, "2025-08-01T10:00:00Z").AddDate(0, 0, day)
		for i := range 100 {
			results, err := m.Consume(t.Context(), app, subscription.Usage{
				ID: fmt.Sprint(day, "-", i), Product: "talk", Kind: pricing.UsageKindID(fmt.Sprintf("k%02d", i)), At: m.now, Seconds: 60,
			})
			m.ok(err)
			m.ok(results[0].Err)
		}
		m.work()
	}
	check(t, "billed before the month closed", m.kinds(subscription.UsageOrder) > 0, true)
}
