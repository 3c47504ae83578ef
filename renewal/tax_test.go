package renewal_test

import (
	"testing"

	"github.com/prepaidkit/prepaid/pricing"
	"github.com/prepaidkit/prepaid/renewal"
	"github.com/prepaidkit/prepaid/subscription"
)

// taxed is the catalog with a region whose tax falls from 19 to 16 % on January 30.
func taxed(tb testing.TB) *pricing.Catalog {
	tb.Helper()
	return catalog(tb, `"agreement":`, `"tax": {"regions": [{"region": "DE", "rates": [
		{"name": "VAT", "percent": "19", "from": "2007-01-01"}, {"name": "VAT", "percent": "16", "from": "2025-01-30"}]}]}, "agreement":`)
}

// Trap: a renewal has no tax, or last year's. A renewal is taxed at the rate of its own day, and another total is announced
// before it is charged: 199.00 and 16 % are 230.84.
// Rule: tax-of-the-day-of-placing, price-change-is-announced.
func TestTaxRateThatChangesIsAnnounced(t *testing.T) {
	w := newWorld(t, setup{catalog: taxed(t)})
	w.must(subscription.SetTax{Region: "DE"})
	w.must(buy("call", "one-to-one"))
	w.run("2025-04-01T00:00:00Z")
	same(t, "history", w.since("2025-01-02"), []string{
		"2025-01-31 00:00 price_changed 230.84 USD",
		"2025-01-31 12:00 order_placed 230.84 USD",
		"2025-01-31 12:00 order_paid 230.84 USD [2025-02-01 2025-03-01)",
		"2025-02-28 00:00 order_placed 230.84 USD",
		"2025-02-28 00:00 order_paid 230.84 USD [2025-03-01 2025-04-01)",
		"2025-03-31 00:00 order_placed 230.84 USD",
		"2025-03-31 00:00 order_paid 230.84 USD [2025-04-01 2025-05-01)",
	})
	check(t, "reminded with the total", w.events(subscription.EventReminder)[0].Amount.String(), "236.81 USD")
	same(t, "charges", w.charges()[:2], []string{"2025-01-01 10:00 -236.81 USD", "2025-01-31 12:00 -230.84 USD"})
}

// A customer who turns out to be exempt, or not to be, pays another total, which is announced; a renewal by hand and several
// cycles ahead are taxed on their sum.
// Rule: tax-facts-are-recorded, price-change-is-announced.
func TestTaxFactsThatChangeAreAnnounced(t *testing.T) {
	w := newWorld(t, setup{catalog: taxed(t)})
	w.must(buy("call", "one-to-one"))
	w.must(subscription.SetTax{Region: "DE"})
	o := w.must(renew(3)).Order
	check(t, "three cycles", o.Net().String(), "597.00 USD")
	check(t, "with tax", o.Amount.String(), "710.43 USD") // 113.43
	check(t, "total of each", w.latest("call").Cycles[1].Total.String(), "236.81 USD")
	w.must(subscription.SetTax{Region: "DE", Exempt: "a school"})
	w.run("2025-06-01T00:00:00Z")
	same(t, "history", w.since("2025-01-02"), []string{
		"2025-04-24 00:00 price_changed 199.00 USD",
		"2025-04-30 00:00 order_placed 199.00 USD",
		"2025-04-30 00:00 order_paid 199.00 USD [2025-05-01 2025-06-01)",
		"2025-05-31 00:00 order_placed 199.00 USD",
		"2025-05-31 00:00 order_paid 199.00 USD [2025-06-01 2025-07-01)",
	})
}

// A preview shows net, taxes and the total, as they will be charged.
// Rule: preview-foretells.
func TestPreviewShowsTaxes(t *testing.T) {
	w := newWorld(t, setup{catalog: taxed(t)})
	w.must(subscription.SetTax{Region: "DE"})
	w.must(buy("call", "one-to-one"))
	var charges []string
	for u := range renewal.Preview(w.stored(), w.policy, w.catalog, w.now, instant(t, "2025-03-01T00:00:00Z")) {
		if u.Charge.Sign() > 0 {
			charges = append(charges, u.At.Format("01-02")+" "+u.Net.String()+" + "+u.Taxes[0].Amount.String()+" = "+u.Charge.String())
		}
	}
	same(t, "charges", charges, []string{
		"01-31 199.00 USD + 31.84 USD = 230.84 USD", "02-28 199.00 USD + 31.84 USD = 230.84 USD",
	})
}

// A catalog that lacks the customer's region makes a renewal impossible, like one that lacks the version.
// Rule: tax-facts-are-recorded.
func TestRegionGone(t *testing.T) {
	w := newWorld(t, setup{catalog: taxed(t)})
	w.must(subscription.SetTax{Region: "DE"})
	w.must(buy("call", "one-to-one"))
	w.catalog = catalog(t)
	w.run("2026-01-01T00:00:00Z")
	check(t, "set aside", len(w.events(subscription.EventDecisionFailed)), 0)
	check(t, "told", len(w.events(subscription.EventNotRenewable)) > 0, true)
	check(t, "reminded", len(w.events(subscription.EventReminder)) > 0, true)
	check(t, "status", w.status(), subscription.Expired)
}

// An upgrade that costs nothing records the total too, so that nothing is announced that doesn't change.
// Rule: tax-facts-are-recorded.
func TestFreeUpgradeKeepsTheTotal(t *testing.T) {
	cat := catalog(t, `"agreement":`, `"tax": {"regions": [{"region": "DE", "rates": [{"name": "VAT", "percent": "19"}]}]}, "agreement":`, `{"USD": "597.00"}`, `{"USD": "199.00"}`)
	w := newWorld(t, setup{catalog: cat, policy: renewal.Policy{Reminders: hours()}})
	w.must(subscription.SetTax{Region: "DE"})
	w.must(buy("call", "one-to-one"))
	w.must(subscription.Upgrade{Product: "call", To: "group-call"})
	check(t, "total", w.latest("call").Cycles[0].Total.String(), "236.81 USD")
	w.run("2025-02-02T00:00:00Z")
	check(t, "announced", len(w.events(subscription.EventPriceChange)), 0)
}

// A preview ends where the region is gone.
// Rule: preview-foretells.
func TestPreviewRegionGone(t *testing.T) {
	w := newWorld(t, setup{catalog: taxed(t)})
	w.must(subscription.SetTax{Region: "DE"})
	w.must(buy("call", "one-to-one"))
	w.catalog = catalog(t)
	var charges []pricing.Money
	for u := range renewal.Preview(w.stored(), w.policy, w.catalog, w.now, instant(t, "2035-01-01T00:00:00Z")) {
		if u.Charge.Sign() > 0 {
			charges = append(charges, u.Charge)
		}
	}
	check(t, "charges", len(charges), 0)
}
