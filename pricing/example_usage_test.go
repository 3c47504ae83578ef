package pricing_test

import (
	"errors"
	"fmt"
	"strings"

	"github.com/prepaidkit/prepaid/pricing"
)

// exampleMinutes is the catalog of the examples below.
var exampleMinutes = must(pricing.ParseCatalog(strings.NewReader(`{
	"revision": "2025-06", "zone": "Asia/Shanghai",
	"products": [{"id": "call", "versions": [
		{"id": "1-to-1-call", "rank": 10, "terms": [{"months": 1, "minutes": 100000, "list": {"USD": "199.00"}}]}
	]}],
	"usage": {
		"kinds": [
			{"id": "audio", "name": "Audio", "weight": "1", "per_thousand": {"USD": "0.99"}},
			{"id": "hd", "name": "HD video", "weight": "4", "per_thousand": {"USD": "3.99"}},
			{"id": "transcoding", "name": "Transcoding", "per_thousand": {"USD": "7.25"}}
		],
		"low_balance_percent": [20, 5, 0]
	},
	"packs": [
		{"id": "25k", "name": "25,000 minutes", "minutes": 25000, "products": ["call"], "price": {"USD": "24.00"}, "validity": {"months": 12, "to_month_end": true}},
		{"id": "custom", "name": "Any size", "products": ["call"], "validity": {"months": 12, "to_month_end": true}, "custom": {"tiers": [
			{"per_thousand": {"USD": "0.99"}}, {"from": 25000, "per_thousand": {"USD": "0.960"}}
		]}}
	],
	"free": [{"id": "free-minutes", "name": "Free minutes", "products": ["call"], "minutes": 10000, "cycles": 12}]
}`)))

func ExampleCatalog_PriceUsage() {
	price := must(exampleMinutes.PriceUsage("USD",
		pricing.UsageAmount{Kind: "hd", Minutes: pricing.Ratio{Num: 300, Den: 1}},
		pricing.UsageAmount{Kind: "audio", Minutes: pricing.Ratio{Num: 60, Den: 1}},
	))
	for _, line := range price.Lines {
		fmt.Println(line.Item, line.Formula(), "=", pricing.FormatExact(line.Exact()))
	}
	fmt.Println(pricing.FormatExact(price.Exact()), "→", price.Amount)
	// Output:
	// hd 3.99 × 300/1000 = 1.197
	// audio 0.99 × 60/1000 = 0.0594
	// 1.2564 → 1.26 USD
}

func ExampleCatalog_UsageRate() {
	fmt.Println(must(exampleMinutes.UsageRate("hd", "USD")), "USD for 1,000 minutes")

	_, err := exampleMinutes.UsageRate("hd", "JPY")
	fmt.Println(errors.Is(err, pricing.ErrNoPrice))
	// Output:
	// 3.99 USD for 1,000 minutes
	// true
}

func ExampleCatalog_UsageKinds() {
	for _, k := range exampleMinutes.UsageKinds() {
		if k.Covered {
			fmt.Println(k.Name, "takes", k.Weight, "package minutes a minute")
		} else {
			fmt.Println(k.Name, "is always paid for by usage")
		}
	}
	// Output:
	// Audio takes 1 package minutes a minute
	// HD video takes 4 package minutes a minute
	// Transcoding is always paid for by usage
}

func ExampleCatalog_UsageKind() {
	_, err := exampleMinutes.UsageKind("8k")
	fmt.Println(must(exampleMinutes.UsageKind("hd")).Weight, err)
	// Output: 4 pricing: no such kind of usage: "8k"
}

func ExampleCatalog_LowBalance() {
	fmt.Println(exampleMinutes.LowBalance())
	// Output: [20 5 0]
}

func ExampleCatalog_CreditLimit() {
	limit, limited := exampleMinutes.CreditLimit("USD")
	if !limited {
		fmt.Println("whatever is used may be owed")
	} else {
		fmt.Println("up to", limit, "may be owed")
	}
	// Output: whatever is used may be owed
}

func ExampleCatalog_Overrun() {
	fmt.Println(exampleMinutes.Overrun())
	// Output: refuse
}

func ExampleParseWeight() {
	w := must(pricing.ParseWeight("4.5"))
	fmt.Println(w, int64(w), "thousandths")

	_, err := pricing.ParseWeight("0.0005")
	fmt.Println(errors.Is(err, pricing.ErrPrecision))
	// Output:
	// 4.5 4500 thousandths
	// true
}

// The sum of a day is rounded up, not each record: 30, 20 and 40 seconds take 1, 0 and 1 minutes.
func ExampleRoundedMinutes() {
	var day, counted int64
	for _, seconds := range []int64{30, 20, 40} {
		day += seconds
		minutes := pricing.RoundedMinutes(day)
		fmt.Print(minutes-counted, " ")
		counted = minutes
	}
	// Output: 1 0 1
}

func ExampleCatalog_PricePack() {
	price, minutes, err := exampleMinutes.PricePack("25k", 3, "USD")
	fmt.Println(price.Lines[0].Formula(), "=", price.Amount, "for", minutes, "minutes", err)

	_, _, err = exampleMinutes.PricePack("25k", 0, "USD")
	fmt.Println(err)
	// Output:
	// 24.00 × 3 = 72.00 USD for 75000 minutes <nil>
	// pricing: pack not sold in that size or quantity: 0 × 25k
}

// All minutes cost the price of the tier that the size falls into.
func ExampleCatalog_PriceCustomPack() {
	for _, minutes := range []int64{24_000, 25_000, 30_000} {
		price := must(exampleMinutes.PriceCustomPack("custom", minutes, "USD"))
		fmt.Println(price.Lines[0].Formula(), "=", price.Amount)
	}
	// Output:
	// 0.99 × 24000/1000 = 23.76 USD
	// 0.96 × 25000/1000 = 24.00 USD
	// 0.96 × 30000/1000 = 28.80 USD
}

func ExampleCatalog_Packs() {
	for _, p := range exampleMinutes.Packs() {
		fmt.Println(p.Name, p.Custom(), p.Minutes, p.Products)
	}
	// Output:
	// 25,000 minutes false 25000 [call]
	// Any size true 0 [call]
}

func ExampleCatalog_Pack() {
	p := must(exampleMinutes.Pack("custom"))
	fmt.Println("from", p.Least, "by", p.Step, "with other prices from", p.Tiers)
	// Output: from 1000 by 1000 with other prices from [0 25000]
}

// A pack bought on 1 May 2021 is valid through 31 May 2022.
func ExampleValidity_Period() {
	z := exampleMinutes.Zone()
	p := must(pricing.Validity{Months: 12, ToMonthEnd: true}.Period(must(pricing.ParseDate("2021-05-01")), z))
	fmt.Println(z.DateOf(p.Start), "to", z.DateOf(p.End)-1)
	// Output: 2021-05-01 to 2022-05-31
}

func ExampleCatalog_FreeGrants() {
	for _, f := range exampleMinutes.FreeGrants() {
		fmt.Println(f.Name, f.Minutes, "a month, for", f.Cycles, "months")
	}
	// Output: Free minutes 10000 a month, for 12 months
}

func ExampleCatalog_FreeGrant() {
	_, err := exampleMinutes.FreeGrant("gift")
	fmt.Println(must(exampleMinutes.FreeGrant("free-minutes")).Products, err)
	// Output: [call] pricing: no such grant of free minutes: "gift"
}
