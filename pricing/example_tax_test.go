package pricing_test

import (
	"errors"
	"fmt"
	"strings"

	"github.com/prepaidkit/prepaid/pricing"
)

// rated returns rates, given as names and percentages.
func rated(pairs ...string) []pricing.TaxRate {
	var rates []pricing.TaxRate
	for i := 0; i < len(pairs); i += 2 {
		percent, err := pricing.ParseRate(pairs[i+1])
		if err != nil {
			panic(err)
		}
		rates = append(rates, pricing.TaxRate{Name: pairs[i], Percent: percent})
	}
	return rates
}

// The same price, with tax on top and with tax included.
func ExampleTaxed() {
	price, err := pricing.ParseMoney("199.00", "USD")
	if err != nil {
		panic(err)
	}
	for _, included := range []bool{false, true} {
		net, total, taxes, err := pricing.Taxed(price, rated("VAT", "19"), included, pricing.HalfUp)
		fmt.Println(net, "+", taxes[0].Amount, "=", total, err)
	}
	// Output:
	// 199.00 USD + 37.81 USD = 236.81 USD <nil>
	// 167.23 USD + 31.77 USD = 199.00 USD <nil>
}

// A rate that falls and rises again.
func ExampleTaxRatesOn() {
	rates := rated("VAT", "19", "VAT", "16", "VAT", "19")
	for i, from := range []string{"2007-01-01", "2020-07-01", "2021-01-01"} {
		rates[i].From, _ = pricing.ParseDate(from)
	}
	for _, s := range []string{"2020-06-30", "2020-12-31", "2021-01-01"} {
		on, _ := pricing.ParseDate(s)
		fmt.Println(s, pricing.TaxRatesOn(rates, on)[0].Percent)
	}
	// Output:
	// 2020-06-30 19
	// 2020-12-31 16
	// 2021-01-01 19
}

func ExampleValidateTaxRates() {
	err := pricing.ValidateTaxRates(rated("VAT", "19", "VAT", "7"))
	fmt.Println(errors.Is(err, pricing.ErrTax), err)
	// Output: true pricing: invalid tax rates: VAT has two rates from the same day on
}

func ExampleCatalog_TaxRates() {
	cat, err := pricing.ParseCatalog(strings.NewReader(`{"revision": "1", "zone": "UTC",
		"tax": {"included": true, "regions": [{"region": "DE", "rates": [{"name": "VAT", "percent": "19", "from": "2007-01-01"}]}]},
		"products": [{"id": "call", "versions": [{"id": "lite", "rank": 1, "terms": [{"months": 1, "list": {"EUR": "10.00"}}]}]}]}`))
	if err != nil {
		panic(err)
	}
	on, _ := pricing.ParseDate("2026-11-30")
	rates, err := cat.TaxRates("DE", on)
	fmt.Println(cat.TaxRegions(), cat.TaxIncluded(), rates[0].Name, rates[0].Percent, err)
	_, err = cat.TaxRates("FR", on)
	fmt.Println(err)
	// Output:
	// [DE] true VAT 19 <nil>
	// pricing: no such tax region: "FR"
}

func ExampleRate_AppendText() {
	rate, err := pricing.ParseRate("0.856")
	if err != nil {
		panic(err)
	}
	b, err := rate.AppendText([]byte("USD "))
	fmt.Println(string(b), err)
	// Output: USD 0.856 <nil>
}

func ExampleDate_MonthStart() {
	day, err := pricing.ParseDate("2024-02-10")
	fmt.Println(day.MonthStart(), err)
	// Output: 2024-02-01 <nil>
}

func ExampleDate_MonthEnd() {
	day, err := pricing.ParseDate("2024-02-10")
	fmt.Println(day.MonthEnd(), err)
	// Output: 2024-02-29 <nil>
}
