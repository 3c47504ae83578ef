package pricing_test

import (
	"errors"
	"strings"
	"testing"
	"testing/iotest"
	"time"

	"github.com/prepaidkit/prepaid/pricing"
)

const sampleCatalog = `{
  "revision": "2025-06",
  "notes": "For tests.",
  "zone": "Asia/Shanghai",
  "rounding": "half_even",
  "day_count": "elapsed",
  "agreement": {"version": "sla-3", "documents": [
    {"name": "SLA", "url": "https://example.com/sla"}, {"name": "Billing terms", "url": "https://example.com/billing"}]},
  "service": {"grace_hours": 48, "retention_days": 30, "late_usage_hours": 6},
  "products": [
    {"id": "call", "name": "Call", "upgradable": true, "notes": "Ranks leave room.", "versions": [
      {"id": "group-call", "name": "Group Call", "rank": 30, "notes": "Listed first, ranked last.", "features": {"mau": "10,000", "extra_mau": "0.015"},
        "terms": [{"months": 1, "minutes": 300000, "list": {"USD": "597.00", "JPY": "90000"}},
                  {"months": 12, "minutes": 3600000, "list": {"USD": "5970.00"}}]},
      {"id": "1-to-1-call", "name": "1-to-1 Call", "rank": 10,
        "terms": [{"months": 1, "minutes": 100000, "list": {"USD": "199.00", "JPY": "30000"}}],
        "offers": [{"id": "june", "months": 1, "price": {"USD": "149.00"}, "from": "2025-06-10", "until": "2025-06-20"},
                   {"id": "first", "first_purchase": true, "months": 1, "price": {"USD": "99.00"}}]},
      {"id": "trial", "name": "Trial", "rank": 0, "trial": {"per_application": 2, "per_account": 10},
        "terms": [{"days": 7, "minutes": 10000, "list": {"USD": "0.00"}}]},
      {"id": "duo", "name": "Duo", "rank": 20, "withdrawn": true, "price_falls": true,
        "terms": [{"months": 1, "minutes": 100000, "list": {"USD": "189.00"}}]}
    ]},
    {"id": "beauty-ar", "name": "Beauty AR", "versions": [
      {"id": "lite", "name": "Lite", "rank": 1, "terms": [{"months": 1, "list": {"USD": "50.00"}}]},
      {"id": "pro", "name": "Pro", "rank": 2, "terms": [{"months": 1, "list": {"USD": "90.00"}}]}
    ]}
  ]
}`

func catalog(tb testing.TB, text string) *pricing.Catalog {
	tb.Helper()
	c, err := pricing.ParseCatalog(strings.NewReader(text))
	if err != nil {
		tb.Fatal(err)
	}
	return c
}

// How long an order waits for the customer, from its placing: a day unless the catalog says otherwise.
// Rule: pending-hours.
func TestPendingHours(t *testing.T) {
	for text, want := range map[string]time.Duration{
		`"late_usage_hours": 6`:                        24 * time.Hour,
		`"late_usage_hours": 6, "pending_hours": 1`:    time.Hour,
		`"late_usage_hours": 6, "pending_hours": 8760`: 8760 * time.Hour,
	} {
		c := catalog(t, strings.Replace(sampleCatalog, `"late_usage_hours": 6`, text, 1))
		equal(t, text, c.ServiceTerms().Pending, want)
	}
}

func TestCatalogFacts(t *testing.T) {
	c := catalog(t, sampleCatalog)
	equal(t, "Revision", c.Revision(), "2025-06")
	equal(t, "Notes", c.Notes(), "For tests.")
	equal(t, "Zone", c.Zone().Name(), "Asia/Shanghai")
	equal(t, "Rounding", c.Rounding(), pricing.HalfEven)
	equal(t, "DayCount", c.DayCount(), pricing.Elapsed)
	equal(t, "AgreementVersion", c.AgreementVersion(), "sla-3")
	equal(t, "Agreement", c.Agreement(), pricing.Agreement{Version: "sla-3", Documents: []pricing.Document{
		{Name: "SLA", URL: "https://example.com/sla"}, {Name: "Billing terms", URL: "https://example.com/billing"},
	}})
	equal(t, "Service", c.ServiceTerms(), pricing.ServiceTerms{Grace: 48 * time.Hour, Retention: 30 * 24 * time.Hour, LateUsage: 6 * time.Hour, Arrears: 24 * time.Hour, Pending: 24 * time.Hour})
	equal(t, "Products", c.Products(), []pricing.Product{
		{ID: "call", Name: "Call", Upgradable: true}, {ID: "beauty-ar", Name: "Beauty AR"},
	})
	equal(t, "Versions", c.Versions("beauty-ar"), []pricing.Version{
		{Product: "beauty-ar", ID: "lite", Name: "Lite", Rank: 1}, {Product: "beauty-ar", ID: "pro", Name: "Pro", Rank: 2},
	})
	equal(t, "Versions of no product", c.Versions("chat"), nil)
	trial, err := c.Version("call", "trial")
	wrapped(t, "Version", err, nil)
	equal(t, "Version", trial, pricing.Version{
		Product: "call", ID: "trial", Name: "Trial", Trial: pricing.Trial{PerApplication: 2, PerAccount: 10},
	})
	equal(t, "IsTrial", trial.IsTrial(), true)
	equal(t, "Terms", c.Terms("call", "group-call"), []pricing.Term{pricing.Months(1), pricing.Months(12)})
	equal(t, "Terms of a trial", c.Terms("call", "trial"), []pricing.Term{pricing.Days(7)})
	equal(t, "Features", c.Features("call", "group-call"), map[string]string{"mau": "10,000", "extra_mau": "0.015"})
	equal(t, "Features of none", c.Features("call", "enterprise"), nil)
	equal(t, "Offers", c.Offers("call", "1-to-1-call"), []pricing.Offer{
		{ID: "june", Term: pricing.Months(1), From: day(t, "2025-06-10"), Until: day(t, "2025-06-20")},
		{ID: "first", Term: pricing.Months(1), FirstPurchase: true},
	})
}

func TestCatalogDefaults(t *testing.T) {
	c := catalog(t, smallCatalog)
	equal(t, "Rounding", c.Rounding(), pricing.HalfUp)
	equal(t, "DayCount", c.DayCount(), pricing.CalendarDays)
	equal(t, "Agreement", c.Agreement(), pricing.Agreement{})
	equal(t, "Service", c.ServiceTerms(), pricing.ServiceTerms{Grace: 24 * time.Hour, Retention: 60 * 24 * time.Hour, LateUsage: 24 * time.Hour, Arrears: 24 * time.Hour, Pending: 24 * time.Hour})
	equal(t, "Product", c.Products()[0].Upgradable, true)
	c = catalog(t, strings.Replace(sampleCatalog, `{"per_application": 2, "per_account": 10}`, `{}`, 1))
	v, err := c.Version("call", "trial")
	wrapped(t, "Version", err, nil)
	equal(t, "a trial without limits is had once", v.Trial, pricing.Trial{PerApplication: 1})
}

func TestCatalogLookupErrors(t *testing.T) {
	c := catalog(t, sampleCatalog)
	_, err := c.Product("chat")
	wrapped(t, "Product", err, pricing.ErrUnknownProduct)
	_, err = c.Version("chat", "pro")
	wrapped(t, "Version of no product", err, pricing.ErrUnknownProduct)
	_, err = c.Version("call", "pro")
	wrapped(t, "Version", err, pricing.ErrUnknownVersion)
	_, err = c.ZoneOf("Mars/Olympus")
	wrapped(t, "ZoneOf", err, pricing.ErrZone)
	for name, want := range map[string]string{"Asia/Shanghai": "Asia/Shanghai", "Europe/Berlin": "Europe/Berlin"} {
		z, err := c.ZoneOf(name)
		wrapped(t, "ZoneOf", err, nil)
		equal(t, "ZoneOf", z.Name(), want)
	}
}

func TestCatalogList(t *testing.T) {
	c := catalog(t, sampleCatalog)
	month := pricing.Months(1)
	for _, tt := range []struct {
		name     string
		product  pricing.ProductID
		version  pricing.VersionID
		term     pricing.Term
		currency pricing.Currency
		want     pricing.Package
		err      error
	}{
		{"a month", "call", "group-call", month, "USD", holding(t, "597.00 USD", 300_000), nil},
		{"in yen", "call", "group-call", month, "JPY", holding(t, "90000 JPY", 300_000), nil},
		{"a year", "call", "group-call", pricing.Months(12), "USD", holding(t, "5970.00 USD", 3_600_000), nil},
		{"a trial", "call", "trial", pricing.Days(7), "USD", holding(t, "0.00 USD", 10_000), nil},
		{"withdrawn, but held by somebody", "call", "duo", month, "USD", holding(t, "189.00 USD", 100_000), nil},
		{"without minutes", "beauty-ar", "pro", month, "USD", holding(t, "90.00 USD", 0), nil},
		{"a year in yen", "call", "group-call", pricing.Months(12), "JPY", pricing.Package{}, pricing.ErrNoPrice},
		{"7 months are not 7 days", "call", "trial", pricing.Months(7), "USD", pricing.Package{}, pricing.ErrNoPrice},
		{"no currency", "call", "group-call", month, "", pricing.Package{}, pricing.ErrNoPrice},
		{"no version", "call", "enterprise", month, "USD", pricing.Package{}, pricing.ErrUnknownVersion},
		{"no product", "chat", "group-call", month, "USD", pricing.Package{}, pricing.ErrUnknownProduct},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got, err := c.List(tt.product, tt.version, tt.term, tt.currency)
			wrapped(t, "List", err, tt.err)
			equal(t, "List", got, tt.want)
		})
	}
}

// An offer is valid from its first day through its last, counted in days of the catalog's zone.
// Rule: offer-limits.
func TestCatalogDiscounted(t *testing.T) {
	c := catalog(t, sampleCatalog)
	month := pricing.Months(1)
	for _, tt := range []struct {
		name     string
		version  pricing.VersionID
		offer    pricing.OfferID
		term     pricing.Term
		currency pricing.Currency
		at       string
		want     pricing.Package
		err      error
	}{
		{"before its first day in Shanghai", "1-to-1-call", "june", month, "USD", "2025-06-09T15:59:59Z", pricing.Package{}, pricing.ErrUnknownOffer},
		{"its first day", "1-to-1-call", "june", month, "USD", "2025-06-09T16:00:00Z", holding(t, "149.00 USD", 100_000), nil},
		{"its last day", "1-to-1-call", "june", month, "USD", "2025-06-20T15:59:59Z", holding(t, "149.00 USD", 100_000), nil},
		{"after its last day", "1-to-1-call", "june", month, "USD", "2025-06-20T16:00:00Z", pricing.Package{}, pricing.ErrUnknownOffer},
		{"unbounded, long ago", "1-to-1-call", "first", month, "USD", "1960-01-01T00:00:00Z", holding(t, "99.00 USD", 100_000), nil},
		{"unbounded, in the far future", "1-to-1-call", "first", month, "USD", "9000-01-01T00:00:00Z", holding(t, "99.00 USD", 100_000), nil},
		{"not in yen", "1-to-1-call", "first", month, "JPY", "2025-06-16T00:00:00Z", pricing.Package{}, pricing.ErrNoPrice},
		{"not in euro, which has no list price either", "1-to-1-call", "first", month, "EUR", "2025-06-16T00:00:00Z", pricing.Package{}, pricing.ErrNoPrice},
		{"not for a year, which is not sold", "1-to-1-call", "first", pricing.Months(12), "USD", "2025-06-16T00:00:00Z", pricing.Package{}, pricing.ErrNoPrice},
		{"of another version", "group-call", "first", month, "USD", "2025-06-16T00:00:00Z", pricing.Package{}, pricing.ErrUnknownOffer},
		{"no version", "enterprise", "first", month, "USD", "2025-06-16T00:00:00Z", pricing.Package{}, pricing.ErrUnknownVersion},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got, offer, err := c.Discounted("call", tt.version, tt.offer, tt.term, tt.currency, instant(t, tt.at))
			wrapped(t, "Discounted", err, tt.err)
			equal(t, "Discounted", got, tt.want)
			if err == nil {
				equal(t, "offer", offer.ID, tt.offer)
				equal(t, "FirstPurchase", offer.FirstPurchase, tt.offer == "first")
			}
		})
	}
	// For a term that is sold, but not under that offer.
	with := strings.Replace(sampleCatalog, `{"months": 1, "minutes": 100000, "list": {"USD": "199.00", "JPY": "30000"}}`,
		`{"months": 1, "list": {"USD": "199.00"}}, {"months": 2, "list": {"USD": "398.00"}}`, 1)
	_, _, err := catalog(t, with).Discounted("call", "1-to-1-call", "first", pricing.Months(2), "USD", instant(t, "2025-06-16T00:00:00Z"))
	wrapped(t, "for another term", err, pricing.ErrUnknownOffer)
}

// An upgrade goes only to a strictly higher rank of the same product; it may skip ranks. Products that are not
// upgradable have none. Withdrawn versions and trials cannot be upgraded to.
// Rule: only-upward.
func TestCatalogUpgradePath(t *testing.T) {
	highTrial := strings.Replace(sampleCatalog, `"trial", "name": "Trial", "rank": 0`, `"trial", "name": "Trial", "rank": 40, "price_falls": true`, 1)
	for _, tt := range []struct {
		name    string
		catalog string
		product pricing.ProductID
		from    pricing.VersionID
		want    []pricing.VersionID
	}{
		{"the lowest, past a withdrawn one", sampleCatalog, "call", "1-to-1-call", []pricing.VersionID{"group-call"}},
		{"from a withdrawn one", sampleCatalog, "call", "duo", []pricing.VersionID{"group-call"}},
		{"two ranks at once", strings.Replace(sampleCatalog, `"withdrawn": true,`, "", 1), "call", "1-to-1-call", []pricing.VersionID{"duo", "group-call"}},
		{"the highest", sampleCatalog, "call", "group-call", nil},
		{"never to a trial", highTrial, "call", "1-to-1-call", []pricing.VersionID{"group-call"}},
		{"not upgradable", sampleCatalog, "beauty-ar", "lite", nil},
		{"no version", sampleCatalog, "call", "enterprise", nil},
		{"no product", sampleCatalog, "chat", "pro", nil},
	} {
		t.Run(tt.name, func(t *testing.T) {
			var got []pricing.VersionID
			for _, v := range catalog(t, tt.catalog).UpgradePath(tt.product, tt.from) {
				equal(t, "Product", v.Product, tt.product)
				got = append(got, v.ID)
			}
			equal(t, "UpgradePath", got, tt.want)
		})
	}
}

// Values are immutable to their users: returned values share no memory with the catalog.
// Rule: catalog-is-immutable.
func TestCatalogIsImmutable(t *testing.T) {
	c, untouched := catalog(t, sampleCatalog), catalog(t, sampleCatalog)
	c.Products()[0].Name = "changed"
	c.Versions("call")[0].Name = "changed"
	c.UpgradePath("call", "1-to-1-call")[0].Name = "changed"
	c.Terms("call", "group-call")[0] = pricing.Months(5)
	c.Offers("call", "1-to-1-call")[0].From = 0
	c.Features("call", "group-call")["mau"] = "0"
	c.Agreement().Documents[0].Name = "changed"
	equal(t, "Products", c.Products(), untouched.Products())
	equal(t, "Versions", c.Versions("call"), untouched.Versions("call"))
	equal(t, "UpgradePath", c.UpgradePath("call", "1-to-1-call"), untouched.UpgradePath("call", "1-to-1-call"))
	equal(t, "Terms", c.Terms("call", "group-call"), untouched.Terms("call", "group-call"))
	equal(t, "Offers", c.Offers("call", "1-to-1-call"), untouched.Offers("call", "1-to-1-call"))
	equal(t, "Features", c.Features("call", "group-call"), untouched.Features("call", "group-call"))
	equal(t, "Agreement", c.Agreement(), untouched.Agreement())
}

// An error of the reader is not reported as a problem of the catalog.
func TestParseCatalogReadError(t *testing.T) {
	broken := errors.New("broken pipe")
	_, err := pricing.ParseCatalog(iotest.ErrReader(broken))
	wrapped(t, "ParseCatalog", err, broken)
	if _, ok := errors.AsType[*pricing.CatalogError](err); ok {
		t.Error("a read error is a *CatalogError")
	}
}

// A version has neither an overdraft nor minutes in the grace time unless the catalog says so.
// Rule: overdraft-is-off.
func TestOverdraftMinutes(t *testing.T) {
	c := catalog(t, strings.Replace(sampleCatalog, `"rank": 10,`, `"rank": 10, "overdraft_minutes": 50, "grace_minutes": 30,`, 1))
	for id, want := range map[pricing.VersionID][2]int64{"1-to-1-call": {50, 30}, "group-call": {0, 0}} {
		v, err := c.Version("call", id)
		if got := [2]int64{v.OverdraftMinutes, v.GraceMinutes}; err != nil || got != want {
			t.Errorf("%s: %d minutes of overdraft and in the grace time, want %d; %v", id, got, want, err)
		}
	}
}
