package subscription_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/prepaidkit/prepaid/pricing"
	"github.com/prepaidkit/prepaid/subscription"
)

// taxed is the catalog with two regions, and its prices without tax or, if included says so, with it.
func taxed(tb testing.TB, included bool) *pricing.Catalog {
	tb.Helper()
	return catalog(tb, "catalog.json", `"products": [`, fmt.Sprintf(`"tax": {"included": %t, "regions": [
		{"region": "DE", "rates": [{"name": "VAT", "percent": "19", "from": "2007-01-01"}, {"name": "VAT", "percent": "16", "from": "2025-07-20"}]},
		{"region": "QC", "rates": [{"name": "GST", "percent": "5"}, {"name": "QST", "percent": "9.975"}]}
	]}, "products": [`, included))
}

// taxesOf returns an order's net amount, taxes and amount.
func taxesOf(net, amount pricing.Money, taxes []pricing.Tax) string {
	parts := []string{net.String()}
	for _, t := range taxes {
		parts = append(parts, fmt.Sprintf("%s %s%% %s", t.Name, t.Percent, t.Amount))
	}
	return strings.Join(append(parts, amount.String()), ", ")
}

func (w *world) tax(facts subscription.SetTax) { w.t.Helper(); w.must(facts) }

// What the customer is, and whether prices include tax, decides what a price of 199.00 costs. The quote, the charge and the
// order say the same.
// Rule: tax-on-the-rounded-net, tax-included, tax-facts-are-recorded.
func TestTaxOfAPurchase(t *testing.T) {
	own := []pricing.TaxRate{{Name: "GST", Percent: percent(t, "5")}, {Name: "PST", Percent: percent(t, "7")}}
	for _, tt := range []struct {
		name     string
		facts    subscription.SetTax
		included bool
		want     string
	}{
		{"nothing recorded", subscription.SetTax{Number: "DE123"}, false, "199.00 USD, 199.00 USD"},
		{"on top", subscription.SetTax{Region: "DE"}, false, "199.00 USD, VAT 19% 37.81 USD, 236.81 USD"},
		{"included", subscription.SetTax{Region: "DE"}, true, "167.23 USD, VAT 19% 31.77 USD, 199.00 USD"},
		{"two on top", subscription.SetTax{Region: "QC"}, false, "199.00 USD, GST 5% 9.95 USD, QST 9.975% 19.85 USD, 228.80 USD"},
		{"exempt", subscription.SetTax{Region: "DE", Exempt: "reverse charge", Number: "FR1"}, false, "199.00 USD, 199.00 USD"},
		{"exempt, included", subscription.SetTax{Region: "DE", Exempt: "reverse charge"}, true, "199.00 USD, 199.00 USD"},
		{"its own rates", subscription.SetTax{Region: "DE", Rates: own}, false, "199.00 USD, GST 5% 9.95 USD, PST 7% 13.93 USD, 222.88 USD"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			w := newWorld(t, setup{catalog: taxed(t, tt.included)})
			w.tax(tt.facts)
			q := w.quote(buy("call", "one-to-one"))
			check(t, "quote", taxesOf(q.Net(), q.Amount, q.Taxes), tt.want)
			o := w.must(buy("call", "one-to-one")).Order
			check(t, "order", taxesOf(o.Net(), o.Amount, o.Taxes), tt.want)
			check(t, "status", o.Status, subscription.OrderPaid)
			check(t, "collected", o.Collected, o.Amount)
			check(t, "recorded price, before tax", w.latest("call").Cycles[0].Price.String(), "199.00 USD")
		})
	}
}

// An upgrade is priced without tax from the recorded prices, rounded, and taxed at the rate of its own day: 398 × 21/31 is
// 269.61, of which 16 % is 43.14. The next upgrade starts from the list price.
// Rule: tax-on-the-rounded-net, tax-of-the-day-of-placing.
func TestTaxOfAnUpgrade(t *testing.T) {
	w := newWorld(t, setup{catalog: taxed(t, false)})
	w.tax(subscription.SetTax{Region: "DE"})
	w.must(buy("call", "one-to-one"))
	check(t, "total of the period", w.latest("call").Cycles[0].Total.String(), "236.81 USD")
	w.at("2025-07-20T10:00:00Z")
	o := w.must(upgrade("group-call")).Order
	check(t, "order", taxesOf(o.Net(), o.Amount, o.Taxes), "269.61 USD, VAT 16% 43.14 USD, 312.75 USD")
	cycle := w.latest("call").Cycles[0]
	check(t, "price", cycle.Price.String(), "597.00 USD")
	check(t, "total", cycle.Total.String(), "692.52 USD")
}

// Every kind of order is taxed; one that costs nothing isn't.
// Rule: tax-on-the-rounded-net.
func TestTaxOfOtherOrders(t *testing.T) {
	w := newWorld(t, setup{catalog: taxed(t, false)})
	w.tax(subscription.SetTax{Region: "QC"})
	yen := buy("live", "lite")
	yen.Currency = "JPY"
	o := w.must(yen).Order
	check(t, "yen", taxesOf(o.Net(), o.Amount, o.Taxes), "19000 JPY, GST 5% 950 JPY, QST 9.975% 1895 JPY, 21845 JPY") // 1895.25
	trial := w.must(subscription.Purchase{Product: "call", Version: "trial", Term: pricing.Days(7), Currency: "USD", Agreement: agreement}).Order
	check(t, "trial", taxesOf(trial.Net(), trial.Amount, trial.Taxes), "0.00 USD, 0.00 USD")
	goodwill := w.must(goodwill{Product: "call", Minutes: 100, Currency: "USD", Ticket: "T-1"}).Order
	check(t, "gift", len(goodwill.Taxes), 0)
}

// Usage of a day is one order, rounded once, and taxed on that: 4.14 and 19 % of it, 0.7866.
// Rule: tax-on-the-rounded-net, one-bill-per-day.
func TestTaxOfUsage(t *testing.T) {
	m := newMeter(t, `"agreement":`, `"tax": {"regions": [{"region": "DE", "rates": [{"name": "VAT", "percent": "19"}]}]}, "agreement":`)
	m.tax(subscription.SetTax{Region: "DE"})
	m.paidGo()
	m.use(m.used("hd", 60), m.used("2k", 240), m.used("audio", 60))
	m.run("2025-07-12T00:00:00Z")
	o := m.orders()[0]
	check(t, "bill", taxesOf(o.Net(), o.Amount, o.Taxes), "4.14 USD, VAT 19% 0.79 USD, 4.93 USD")
	check(t, "status", o.Status, subscription.OrderPaid)
}

// What the customer is shown includes the taxes: where they change, the quote is stale.
// Rule: quote-is-the-charge, tax-facts-are-recorded.
func TestTaxMakesAQuoteStale(t *testing.T) {
	for _, included := range []bool{false, true} {
		w := newWorld(t, setup{catalog: taxed(t, included)})
		q := w.quote(buy("call", "one-to-one"))
		w.tax(subscription.SetTax{Region: "DE"})
		_, err := w.Confirm(t.Context(), app, buy("call", "one-to-one"), q, "buy")
		fails(t, err, subscription.ErrQuoteStale)
		q = w.quote(buy("call", "one-to-one"))
		edited := q
		edited.Taxes = slices.Clone(q.Taxes)
		edited.Taxes[0].Name = "none of it"
		_, err = w.Confirm(t.Context(), app, buy("call", "one-to-one"), edited, "buy")
		fails(t, err, subscription.ErrQuoteStale)
		out, err := w.Confirm(t.Context(), app, buy("call", "one-to-one"), q, "buy")
		w.ok(err)
		check(t, "amount", out.Order.Amount, q.Amount)
	}
}

// Rule: tax-facts-are-recorded.
func TestSetTax(t *testing.T) {
	w := newWorld(t, setup{catalog: taxed(t, false)})
	w.refuse(pricing.ErrUnknownRegion, subscription.SetTax{Region: "FR"})
	w.refuse(pricing.ErrTax, subscription.SetTax{Rates: []pricing.TaxRate{{Percent: percent(t, "5")}}})
	w.refuse(subscription.ErrInvalid, subscription.SetTax{Exempt: strings.Repeat("x", subscription.MaxText+1)})
	w.refuse(subscription.ErrInvalid, subscription.SetTax{Number: "\xff"})
	var many []pricing.TaxRate
	for i := range 256 {
		many = append(many, pricing.TaxRate{Name: strings.Repeat("\"", 64), Percent: percent(t, "5"), From: pricing.Date(i + 1)})
	}
	w.refuse(subscription.ErrTooLarge, subscription.SetTax{Rates: many})
	_, err := w.Do(t.Context(), "nobody", subscription.SetTax{}, "key")
	fails(t, err, subscription.ErrNotFound)
	check(t, "nothing changed", w.stored().Tax == nil, true)

	w.tax(subscription.SetTax{Region: "DE", Number: "DE123"})
	check(t, "region", w.stored().Tax.Region, "DE")
	w.tax(subscription.SetTax{})
	check(t, "none again", w.stored().Tax == nil, true)
	check(t, "recorded", w.count(subscription.EventTax), 2)

	// A catalog that forgets the region keeps the customer from ordering, rather than sell without tax.
	w.tax(subscription.SetTax{Region: "DE"})
	w.catalog = catalog(t, "catalog.json")
	w.refuse(pricing.ErrUnknownRegion, buy("call", "one-to-one"))
}

// Net and taxes add up to the amount, and are what they were when the order was placed.
// Rule: lines-sum-to-amount, order-content-is-fixed.
func TestCheckRefusesDefectiveTaxes(t *testing.T) {
	w := newWorld(t, setup{catalog: taxed(t, false), gateway: pending})
	w.tax(subscription.SetTax{Region: "DE"})
	w.place(buy("call", "one-to-one"))
	r := w.store.last()
	for name, spoil := range map[string]func(o *subscription.Order){
		"another tax":        func(o *subscription.Order) { o.Taxes[0].Amount = money(t, "1.00 USD") },
		"another base":       func(o *subscription.Order) { o.Taxes[0].Base = money(t, "1.00 USD") },
		"no name":            func(o *subscription.Order) { o.Taxes[0].Name = "" },
		"no tax":             func(o *subscription.Order) { o.Taxes = nil },
		"included after all": func(o *subscription.Order) { o.TaxIncluded = true },
		"another currency":   func(o *subscription.Order) { o.Taxes[0].Amount = money(t, "1 JPY") },
	} {
		c := r.change.Clone()
		spoil(&c.Orders[0])
		spoil(&c.Next.Orders[0])
		if err := c.Check(r.base); err == nil || !strings.Contains(err.Error(), "invariant broken: 5:") {
			t.Errorf("%s: Check = %v, want invariant broken: 5:", name, err)
		}
	}
	settled, err := subscription.Settle(w.load(r.change.Orders[0].ID), r.change.Orders[0].ID, paid(r.change.Orders[0]), w.catalog.ZoneOf, w.now.Add(time.Second))
	w.ok(err)
	w.ok(settled.Check(w.stored()))
	later := settled.Clone()
	later.Orders[0].Taxes[0].Name = "another"
	fails(t, later.Check(w.stored()), subscription.ErrInvariant)
}

func percent(tb testing.TB, s string) pricing.Rate {
	tb.Helper()
	r, err := pricing.ParseRate(s)
	if err != nil {
		tb.Fatal(err)
	}
	return r
}

// The credit limit is compared with what would be charged, taxes included.
// Rule: credit-limit.
func TestCreditLimitWithTax(t *testing.T) {
	m := newMeter(t, `"low_balance_percent"`, `"credit_limit": {"USD": "1.00"}, "low_balance_percent"`,
		`"agreement": {`, `"tax": {"regions": [{"region": "DE", "rates": [{"name": "VAT", "percent": "25"}]}]}, "agreement": {`)
	m.must(subscription.SetTax{Region: "DE"})
	m.paidGo()
	results, err := m.Consume(t.Context(), app, m.used("hd", 250))
	m.ok(err)
	fails(t, results[0].Err, subscription.ErrCreditLimit) // 1.00 and 25 % are more than the limit
	results, err = m.Consume(t.Context(), app, m.used("hd", 200))
	m.ok(err)
	m.ok(results[0].Err)
	m.run("2025-07-14T00:00:00Z")
	check(t, "bill", m.orders()[0].Amount.String(), "1.00 USD") // 0.80 and 0.20
}

// A quote's totals can't be edited.
// Rule: quote-is-the-charge.
func TestQuoteTotalIsCovered(t *testing.T) {
	w := newWorld(t, setup{catalog: taxed(t, false)})
	w.tax(subscription.SetTax{Region: "DE"})
	q := w.quote(buy("call", "one-to-one"))
	e := *q.Deliveries[0].Extend
	e.Total = money(t, "1.00 USD")
	q.Deliveries = []subscription.Delivery{{Extend: &e}}
	_, err := w.Confirm(t.Context(), app, buy("call", "one-to-one"), q, "buy")
	fails(t, err, subscription.ErrQuoteStale)
}
