package journal_test

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/prepaidkit/prepaid/internal/testworld"
	"github.com/prepaidkit/prepaid/payment/balance"
	"github.com/prepaidkit/prepaid/pricing"
	"github.com/prepaidkit/prepaid/renewal"
	"github.com/prepaidkit/prepaid/store/journal"
	"github.com/prepaidkit/prepaid/store/memory"
	"github.com/prepaidkit/prepaid/subscription"
	"github.com/prepaidkit/prepaid/topup"
)

// prices is the price list of the tests.
const prices = `{
	"revision": "1", "zone": "UTC",
	"tax": {"regions": [{"region": "DE", "rates": [{"name": "VAT", "percent": "19"}]}]},
	"service": {"grace_hours": 24, "late_usage_hours": 12},
	"products": [
		{"id": "call", "name": "Call", "upgradable": true, "versions": [
			{"id": "lite", "name": "Lite", "rank": 1, "terms": [{"months": 1, "minutes": 1000,
				"list": {"EUR": "100.00", "JPY": "100", "KWD": "1.000"}}]},
			{"id": "pro", "name": "Pro", "rank": 2, "terms": [{"months": 1, "minutes": 3000, "list": {"EUR": "300.00"}}]}
		]},
		{"id": "beauty", "name": "Beauty", "versions": [
			{"id": "basic", "name": "Basic", "rank": 1, "terms": [{"months": 1, "list": {"EUR": "30.00", "JPY": "100", "KWD": "0.100"}}]}
		]}
	],
	"usage": {"kinds": [{"id": "audio", "name": "Audio", "weight": "1", "per_thousand": {"EUR": "50.00"}}]},
	"packs": [{"id": "p500", "name": "500", "products": ["call"], "minutes": 500, "validity": {"months": 3}, "price": {"EUR": "60.00"}}]
}`

// customer is one application whose life a test writes.
type customer struct {
	testing.TB
	*subscription.Service

	store *memory.Store
	cat   *pricing.Catalog
	gate  *testworld.Gateway // which collects from an account, unless a test redefines it
	now   time.Time
	n     int
	names map[string]string // of orders
}

const app = "acme-1"

// newCustomer returns a customer who pays from an account that never runs dry.
func newCustomer(tb testing.TB, region pricing.RegionID, funds string) *customer {
	tb.Helper()
	cat, err := pricing.ParseCatalog(strings.NewReader(prices))
	accounts := balance.New(nil)
	c := &customer{
		TB: tb, store: memory.New(), cat: cat, gate: &testworld.Gateway{Gateway: accounts}, names: map[string]string{},
	}
	c.must(err)
	c.Service, err = subscription.NewService(c.store, c.gate, subscription.StaticCatalog(c.cat), &subscription.Options{
		Now: func() time.Time { return c.now },
	})
	c.must(err)
	c.must(accounts.Open(context.Background(), "acme"))
	c.must(accounts.Deposit(context.Background(), "acme", "wire", testworld.Money(tb, funds)))
	c.at("2025-01-01 00:00")
	c.do("", subscription.Create{Account: "acme"})
	if region != "" {
		c.do("", subscription.SetTax{Region: region})
	}
	return c
}

func (c *customer) must(err error) {
	c.Helper()
	if err != nil {
		c.Fatal(err)
	}
}

// at moves the clock.
func (c *customer) at(instant string) { c.now = testworld.Instant(c.TB, instant) }

// do runs a command, and names the order that it places.
func (c *customer) do(name string, command subscription.Command) subscription.Order {
	c.Helper()
	c.n++
	out, err := c.Do(context.Background(), app, command, fmt.Sprint("key-", c.n))
	c.must(err)
	if name != "" {
		c.names[string(out.Order.ID)] = name
	}
	return out.Order
}

// buy purchases a month without auto-renewal.
func (c *customer) buy(name string, product pricing.ProductID, version pricing.VersionID, in pricing.Currency) subscription.Order {
	c.Helper()
	return c.do(name, subscription.Purchase{
		Product: product, Version: version, Term: pricing.Months(1), Currency: in, NoAutoRenew: true,
	})
}

// use uses minutes of calls.
func (c *customer) use(minutes int64) {
	c.Helper()
	c.n++
	results, err := c.Consume(context.Background(), app, subscription.Usage{
		ID: fmt.Sprint("u-", c.n), Product: "call", Kind: "audio", At: c.now, Seconds: 60 * minutes,
	})
	c.must(err)
	c.must(results[0].Err)
}

// wait lets time take its steps.
func (c *customer) wait() {
	c.Helper()
	w, err := renewal.NewWorker(c.Service, c.store, nil)
	c.must(err)
	_, err = w.Once(context.Background())
	c.must(err)
}

// lines returns the postings of a span as text, with the names of orders.
func (c *customer) lines(from, to string) []string {
	c.Helper()
	all, err := ofApplication(c.TB.Context(), c.store, app, testworld.Instant(c.TB, from), testworld.Instant(c.TB, to))
	c.must(err)
	lines := make([]string, len(all))
	for i, p := range all {
		order, rest, _ := strings.Cut(p.Ref, "/")
		if rest != "" {
			rest = " " + rest
		}
		lines[i] = fmt.Sprintf("%s %s%s: %s > %s %s", p.At.Format("01-02 15:04"), c.names[order], rest, short(p.Debit), short(p.Credit), p.Amount.Amount())
	}
	return lines
}

// short leaves out the kind of a ledger.
func short(l journal.Ledger) string {
	name := string(l)
	return name[strings.LastIndexByte(name, ':')+1:]
}

// TestYear compares a customer's year with figures that were worked out by hand. The price list is above: 19 % VAT on top,
// 1,000 minutes for 100.00, 3,000 for 300.00, a pack of 500 for 60.00, and Beauty, without minutes, for 30.00 a month.
//
// Rule: journal-postings.
func TestYear(t *testing.T) {
	t.Parallel()
	c := newCustomer(t, "DE", "10000.00 EUR")

	c.at("2025-01-10 10:00")
	c.buy("lite", "call", "lite", "EUR") // 100.00 and 19.00 VAT, for 10 January to 9 February: 31 days
	c.at("2025-01-15 09:00")
	c.use(250) // 250 of 1,000 minutes of 100.00: 25.00
	c.at("2025-01-26 12:00")
	// 15 of 31 days are left. (300.00 − 100.00) × 15/31 = 96.774 → 96.77; VAT 18.386 → 18.39; 2,000 × 15/31 = 967 minutes.
	c.do("upgrade", subscription.Upgrade{Product: "call", To: "pro"})
	c.at("2025-02-05 08:00")
	c.use(1100) // the other 750 of Lite: 75.00; 350 of the upgrade's 967: 96.77 × 350/967 = 35.0253 → 35.03
	c.at("2025-02-08 08:00")
	renewed := c.do("renewal", renewal.Renew{Product: "call"}) // 300.00 and 57.00 VAT, from 10 February on
	c.at("2025-02-11 00:00")                                   // twelve hours after late usage ended, and the first look since
	c.wait()                                                   // 617 minutes of the upgrade have expired: 96.77 − 35.03 = 61.74
	c.at("2025-02-20 16:00")
	c.do("pack", topup.Buy{Pack: "p500", Currency: "EUR"}) // 60.00 and 11.40 VAT, for three months
	c.at("2025-03-01 10:00")
	c.use(3250) // all 3,000 of the renewal: 300.00; 250 of the pack's 500: 30.00
	c.at("2025-03-05 10:00")
	// 23.80 of 357.00: VAT 57.00 × 23.80/357.00 = 3.80, and 20.00 net. Nothing is taken back.
	c.do("", subscription.RefundOrder{Order: renewed.ID, Amount: testworld.Money(t, "23.80 EUR"), Note: "an outage"})
	c.at("2025-05-20 12:00")
	c.wait() // 250 minutes of the pack have expired: 30.00
	c.at("2025-06-03 10:00")
	beauty := c.buy("beauty", "beauty", "basic", "EUR") // 30.00 and 5.70 VAT, for 3 June to 2 July: 30 days, 1.00 each
	c.at("2025-06-06 12:00")
	// Four days are earned. 21.42 of 35.70: VAT 5.70 × 21.42/35.70 = 3.42, and 18.00 net. The other 26 days, 26.00, are
	// taken back: 18.00 of them are refunded, 8.00 are kept.
	c.do("", subscription.RefundOrder{Order: beauty.ID, Amount: testworld.Money(t, "21.42 EUR"), Take: subscription.TakeAll})
	c.at("2025-12-31 00:00")
	c.wait()

	want := []string{
		"01-10 10:00 lite: cash > VAT 19.00",
		"01-10 10:00 lite: cash > deferred revenue 100.00",
		"01-15 09:00 lite: deferred revenue > usage 25.00",
		"01-26 12:00 upgrade: cash > VAT 18.39",
		"01-26 12:00 upgrade: cash > deferred revenue 96.77",
		"02-05 08:00 lite: deferred revenue > usage 75.00",
		"02-05 08:00 upgrade: deferred revenue > usage 35.03",
		"02-08 08:00 renewal: cash > VAT 57.00",
		"02-08 08:00 renewal: cash > deferred revenue 300.00",
		"02-11 00:00 upgrade: deferred revenue > breakage 61.74",
		"02-20 16:00 pack: cash > VAT 11.40",
		"02-20 16:00 pack: cash > deferred revenue 60.00",
		"03-01 10:00 renewal: deferred revenue > usage 300.00",
		"03-01 10:00 pack: deferred revenue > usage 30.00",
		"03-05 10:00 renewal refund/1: VAT > refunds payable 3.80",
		"03-05 10:00 renewal refund/1: refunds payable > cash 23.80",
		"03-05 10:00 renewal refund/1: refunds > refunds payable 20.00",
		"05-20 12:00 pack: deferred revenue > breakage 30.00",
		"06-03 10:00 beauty: cash > VAT 5.70",
		"06-03 10:00 beauty: cash > deferred revenue 30.00",
		"06-03 10:00 beauty: deferred revenue > days 1.00",
		"06-04 00:00 beauty: deferred revenue > days 1.00",
		"06-05 00:00 beauty: deferred revenue > days 1.00",
		"06-06 00:00 beauty: deferred revenue > days 1.00",
		"06-06 12:00 beauty refund/1: VAT > refunds payable 3.42",
		"06-06 12:00 beauty refund/1: refunds payable > cash 21.42",
		"06-06 12:00 beauty refund/1: deferred revenue > refunds payable 18.00",
		"06-06 12:00 beauty: deferred revenue > breakage 8.00",
	}
	if diff := cmp.Diff(want, c.lines("2025-01-01 00:00", "2026-01-01 00:00")); diff != "" {
		t.Errorf("the year (-want +got):\n%s", diff)
	}
	// Cash: 119.00 + 115.16 + 357.00 + 71.40 − 23.80 + 35.70 − 21.42 = 653.04.
	// VAT: 19.00 + 18.39 + 57.00 + 11.40 − 3.80 + 5.70 − 3.42 = 104.27. Revenue is the rest: 548.77.
	postings := journal.Postings(t.Context(), c.store, time.Time{}, c.now)
	got, err := journal.Balances(postings)
	c.must(err)
	sums := map[journal.Ledger]string{}
	for _, b := range got {
		if b.Amount.Sign() != 0 {
			sums[b.Ledger] = b.Amount.Amount()
		}
	}
	if diff := cmp.Diff(map[journal.Ledger]string{
		journal.Cash: "653.04", journal.Tax("VAT"): "-104.27", journal.Usage: "-465.03", journal.Days: "-4.00",
		journal.Breakage: "-99.74", journal.Refunds: "20.00",
	}, sums); diff != "" {
		t.Errorf("balances (-want +got):\n%s", diff)
	}
}

// TestMinorUnits checks that revenue is rounded to the minor unit of its currency, and sums to what was paid.
//
// Rule: journal-rounding.
func TestMinorUnits(t *testing.T) {
	t.Parallel()
	for currency, want := range map[pricing.Currency][]string{
		// 100 × 333/1000 = 33.3, 100 × 666/1000 = 66.6; 31 days of 3.2258, of which one begins at the purchase.
		"JPY": {
			"call: cash > deferred revenue 100", "call: deferred revenue > usage 33", "call: deferred revenue > usage 34",
			"call: deferred revenue > usage 33", "beauty: cash > deferred revenue 100", "beauty: deferred revenue > days 3",
			"beauty: deferred revenue > days 3", "beauty: deferred revenue > days 4",
		},
		// 1.000 × 333/1000 = 0.333; 0.100 × 1/31 = 0.0032, × 2/31 = 0.0065, × 3/31 = 0.0097.
		"KWD": {
			"call: cash > deferred revenue 1.000", "call: deferred revenue > usage 0.333", "call: deferred revenue > usage 0.333",
			"call: deferred revenue > usage 0.334", "beauty: cash > deferred revenue 0.100", "beauty: deferred revenue > days 0.003",
			"beauty: deferred revenue > days 0.003", "beauty: deferred revenue > days 0.004",
		},
	} {
		c := newCustomer(t, "", "1000 "+string(currency))
		c.at("2025-01-01 10:00")
		c.buy("call", "call", "lite", currency)
		c.use(333)
		c.use(333)
		c.use(334)
		c.at("2025-01-01 11:00")
		c.buy("beauty", "beauty", "basic", currency)
		lines := c.lines("2025-01-01 00:00", "2025-01-03 12:00")
		for i := range lines {
			_, lines[i], _ = strings.Cut(lines[i], ":")
			_, lines[i], _ = strings.Cut(lines[i], " ")
		}
		if diff := cmp.Diff(want, lines); diff != "" {
			t.Errorf("%s (-want +got):\n%s", currency, diff)
		}
		month := c.lines("2025-01-01 00:00", "2025-03-01 00:00")
		if got := len(month); got != 1+3+1+31 {
			t.Errorf("%s: %d postings in all", currency, got)
		}
	}
}
