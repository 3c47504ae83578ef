package pricing_test

import (
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/prepaidkit/prepaid/pricing"
)

// exampleCatalog is the catalog of the examples below.
var exampleCatalog = must(pricing.ParseCatalog(strings.NewReader(`{
	"revision": "2025-06", "zone": "Asia/Shanghai",
	"agreement": {"version": "sla-3", "documents": [{"name": "SLA", "url": "https://example.com/sla"}]},
	"products": [{"id": "call", "name": "Call", "upgradable": true, "versions": [
		{"id": "1-to-1-call", "name": "1-to-1 Call", "rank": 10, "features": {"mau": "5,000"},
			"terms": [{"months": 1, "minutes": 100000, "list": {"USD": "199.00"}}, {"months": 12, "minutes": 1200000, "list": {"USD": "1990.00"}}],
			"offers": [{"id": "june", "first_purchase": true, "months": 1, "price": {"USD": "99.00"}, "from": "2025-06-01", "until": "2025-06-30"}]},
		{"id": "group-call", "name": "Group Call", "rank": 20,
			"terms": [{"months": 1, "minutes": 300000, "list": {"USD": "597.00"}}]}
	]}]
}`)))

func ExampleParseCatalog() {
	c, err := pricing.ParseCatalog(strings.NewReader(`{
		"revision": "2025-06", "zone": "Asia/Shanghai",
		"products": [{"id": "call", "name": "Call", "upgradable": true, "versions": [
			{"id": "1-to-1-call", "rank": 10, "terms": [{"months": 1, "minutes": 100000, "list": {"USD": "199.00"}}]}
		]}]
	}`))
	fmt.Println(c.Revision(), c.Zone().Name(), c.Rounding(), c.DayCount(), err)
	// Output: 2025-06 Asia/Shanghai half_up calendar <nil>
}

// Every problem is reported at once, each with its path in the file.
func ExampleCatalogError() {
	_, err := pricing.ParseCatalog(strings.NewReader(`{
		"revision": "2025-06", "zone": "Asia/Shangai",
		"products": [{"id": "call", "upgradeable": true, "versions": [
			{"id": "1-to-1-call", "rank": 10, "terms": [{"months": 1, "list": {"USD": "199.005"}}]}
		]}]
	}`))
	if refused, ok := errors.AsType[*pricing.CatalogError](err); ok {
		for _, p := range refused.Problems {
			fmt.Println(p)
		}
	}
	// Output:
	// zone: unknown zone "Asia/Shangai"
	// products[0].versions[0].terms[0].list.USD: pricing: more digits than the currency has: "199.005" has 3 decimals, want at most 2
	// products[0].upgradeable: unknown field
}

func ExampleCatalog_List() {
	h := must(exampleCatalog.List("call", "group-call", pricing.Months(1), "USD"))
	fmt.Println(h.Price, h.Minutes)

	_, err := exampleCatalog.List("call", "group-call", pricing.Months(12), "USD")
	fmt.Println(err)
	// Output:
	// 597.00 USD 300000
	// pricing: not sold for that term and currency: call/group-call, 12 months, "USD"
}

func ExampleCatalog_Discounted() {
	june := time.Date(2025, time.June, 16, 0, 0, 0, 0, time.UTC)
	h, offer, err := exampleCatalog.Discounted("call", "1-to-1-call", "june", pricing.Months(1), "USD", june)
	fmt.Println(h.Price, h.Minutes, offer.FirstPurchase, err)

	_, _, err = exampleCatalog.Discounted("call", "1-to-1-call", "june", pricing.Months(1), "USD", june.AddDate(0, 1, 0))
	fmt.Println(errors.Is(err, pricing.ErrUnknownOffer))
	// Output:
	// 99.00 USD 100000 true <nil>
	// true
}

func ExampleCatalog_UpgradePath() {
	for _, v := range exampleCatalog.UpgradePath("call", "1-to-1-call") {
		fmt.Println(v.ID, v.Rank)
	}
	fmt.Println(len(exampleCatalog.UpgradePath("call", "group-call")))
	// Output:
	// group-call 20
	// 0
}

func ExampleCatalog_Products() {
	for _, p := range exampleCatalog.Products() {
		fmt.Println(p.ID, p.Name, p.Upgradable)
	}
	// Output: call Call true
}

func ExampleCatalog_Product() {
	_, err := exampleCatalog.Product("chat")
	fmt.Println(must(exampleCatalog.Product("call")).Name, err)
	// Output: Call pricing: no such product: "chat"
}

func ExampleCatalog_Versions() {
	for _, v := range exampleCatalog.Versions("call") {
		fmt.Println(v.Rank, v.Name)
	}
	// Output:
	// 10 1-to-1 Call
	// 20 Group Call
}

func ExampleCatalog_Version() {
	v := must(exampleCatalog.Version("call", "group-call"))
	fmt.Println(v.Name, v.IsTrial(), v.Withdrawn)
	// Output: Group Call false false
}

func ExampleCatalog_Terms() {
	fmt.Println(exampleCatalog.Terms("call", "1-to-1-call"))
	// Output: [1 month 12 months]
}

func ExampleCatalog_Offers() {
	for _, o := range exampleCatalog.Offers("call", "1-to-1-call") {
		fmt.Println(o.ID, o.Term, o.From, o.Until)
	}
	// Output: june 1 month 2025-06-01 2025-06-30
}

func ExampleCatalog_Features() {
	fmt.Println(exampleCatalog.Features("call", "1-to-1-call")["mau"])
	// Output: 5,000
}

func ExampleCatalog_Agreement() {
	a := exampleCatalog.Agreement()
	fmt.Println(a.Version, a.Documents[0].Name, a.Documents[0].URL)
	// Output: sla-3 SLA https://example.com/sla
}

func ExampleCatalog_ServiceTerms() {
	s := exampleCatalog.ServiceTerms()
	fmt.Println(s.Grace, s.Retention, s.LateUsage)
	// Output: 24h0m0s 1440h0m0s 24h0m0s
}

// Periods computed with an earlier catalog may have a different zone.
func ExampleCatalog_ZoneOf() {
	fmt.Println(must(exampleCatalog.ZoneOf("Europe/Berlin")).Name())
	// Output: Europe/Berlin
}
