package pricing_test

import (
	"encoding/json"
	"errors"
	"fmt"

	"github.com/shopspring/decimal"

	"github.com/prepaidkit/prepaid/pricing"
)

// must keeps the examples short. Production code handles the error.
func must[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}

func ExampleNewMoney() {
	m := must(pricing.NewMoney(decimal.New(19900, -2), "USD"))
	fmt.Println(m)

	_, err := pricing.NewMoney(decimal.New(5, -3), "USD") // never rounds
	fmt.Println(err)
	// Output:
	// 199.00 USD
	// pricing: more digits than the currency has: got 3 decimals, want at most 2
}

func ExampleCatalog_Currencies() {
	fmt.Println(exampleCatalog.Currencies())
	// Output: [USD]
}

func ExampleParseMoney() {
	fmt.Println(pricing.ParseMoney("199.00", "USD"))
	fmt.Println(pricing.ParseMoney("1500", "JPY"))

	_, err := pricing.ParseMoney("1e9", "USD")
	fmt.Println(errors.Is(err, pricing.ErrSyntax))
	// Output:
	// 199.00 USD <nil>
	// 1500 JPY <nil>
	// true
}

func ExampleFromMinor() {
	fmt.Println(must(pricing.FromMinor(19900, "USD")))
	fmt.Println(must(pricing.FromMinor(19900, "JPY")))
	fmt.Println(must(pricing.FromMinor(19900, "KWD")))
	// Output:
	// 199.00 USD
	// 19900 JPY
	// 19.900 KWD
}

func ExampleMoney() {
	type order struct {
		Amount pricing.Money `json:"amount"`
		Refund pricing.Money `json:"refund,omitzero"`
	}
	fmt.Println(string(must(json.Marshal(order{Amount: must(pricing.ParseMoney("597.00", "USD"))}))))
	// Output: {"amount":"597.00 USD"}
}

func ExampleMoney_UnmarshalText() {
	var m pricing.Money
	fmt.Println(m.UnmarshalText([]byte("597.00 USD")), m.Minor(), m.Currency())
	// Output: <nil> 59700 USD
}

func ExampleMoney_Add() {
	price, tax := must(pricing.ParseMoney("199.00", "USD")), must(pricing.ParseMoney("19.90", "USD"))
	fmt.Println(must(price.Add(tax)))

	_, err := price.Add(must(pricing.ParseMoney("199", "JPY")))
	fmt.Println(err)
	// Output:
	// 218.90 USD
	// pricing: amounts of different currencies: 199.00 USD and 199 JPY
}

func ExampleMoney_Sub() {
	list, paid := must(pricing.ParseMoney("199.00", "USD")), must(pricing.ParseMoney("99.00", "USD"))
	fmt.Println(must(list.Sub(paid)))
	// Output: 100.00 USD
}

func ExampleMoney_Mul() {
	cycle := must(pricing.ParseMoney("199.00", "USD"))
	fmt.Println(must(cycle.Mul(3)))
	// Output: 597.00 USD
}

func ExampleMoney_Cmp() {
	balance, price := must(pricing.ParseMoney("150.00", "USD")), must(pricing.ParseMoney("199.00", "USD"))
	fmt.Println(must(balance.Cmp(price)))
	// Output: -1
}

func ExampleMoney_Allocate() {
	m := must(pricing.ParseMoney("1.00", "USD"))
	fmt.Println(must(m.Allocate(1, 1, 1)))
	fmt.Println(must(m.Allocate(1, 2)))
	// Output:
	// [0.34 USD 0.33 USD 0.33 USD]
	// [0.33 USD 0.67 USD]
}

// What is given back of a tax when 50.00 of 236.81 goes back.
func ExampleMoney_Share() {
	tax := must(pricing.ParseMoney("37.81", "USD"))
	fmt.Println(must(tax.Share(5000, 23681, pricing.HalfUp)))
	// Output: 7.98 USD
}

func ExampleMoney_Rate() {
	fmt.Println(must(must(pricing.ParseMoney("199.50", "USD")).Rate()))
	// Output: 199.5
}

func ExampleMoney_Decimal() {
	m := must(pricing.ParseMoney("199.50", "USD"))
	fmt.Println(m.Decimal().Mul(decimal.New(2, 0)).StringFixed(2), m.Amount(), m.Minor(), m.Sign())
	// Output: 399.00 199.50 19950 1
}

func ExampleMoney_IsZero() {
	var none pricing.Money
	free := must(pricing.ParseMoney("0.00", "USD"))
	fmt.Println(none.IsZero(), free.IsZero(), free.Sign())
	// Output: true false 0
}

func ExampleCurrency_Digits() {
	fmt.Println(must(pricing.Currency("USD").Digits()), must(pricing.Currency("JPY").Digits()), must(pricing.Currency("KWD").Digits()))
	// Output: 2 0 3
}

func ExampleParseRate() {
	r := must(pricing.ParseRate("0.8560")) // USD per thousand minutes
	fmt.Println(r)

	_, err := pricing.ParseRate("-1")
	fmt.Println(errors.Is(err, pricing.ErrNegative))
	// Output:
	// 0.856
	// true
}

func ExampleNewRate() {
	r := must(pricing.NewRate(decimal.New(856, -3)))
	fmt.Println(r, r.Decimal().Equal(decimal.New(856, -3)))
	// Output: 0.856 true
}

func ExampleRatio_Floor() {
	remaining := pricing.Ratio{Num: 16, Den: 31}
	fmt.Println(must(remaining.Floor(200_000))) // 103,225.8 minutes: a fraction is never owed
	// Output: 103225
}

func ExampleRatio_Cmp() {
	fmt.Println(pricing.Ratio{Num: 15, Den: 30}.Cmp(pricing.Ratio{Num: 15, Den: 31}))
	// Output: 1
}

func ExampleRatio_Validate() {
	fmt.Println(pricing.Ratio{Num: 16, Den: 31}.Validate())
	fmt.Println(pricing.Ratio{}.Validate())
	// Output:
	// <nil>
	// pricing: invalid ratio: 0/0
}

func ExampleRounding_Validate() {
	fmt.Println(pricing.HalfEven.Validate())
	fmt.Println(pricing.Rounding("nearest").Validate())
	// Output:
	// <nil>
	// pricing: unknown rounding mode: "nearest"
}

func ExampleTotal() {
	// 60 HD, 240 2K and 60 audio minutes, each at a price per thousand.
	price := must(pricing.Total("USD", pricing.HalfUp, []pricing.Line{
		{Item: "hd", Unit: must(pricing.ParseRate("3.99")), Times: pricing.Ratio{Num: 60, Den: 1000}},
		{Item: "2k", Unit: must(pricing.ParseRate("15.99")), Times: pricing.Ratio{Num: 240, Den: 1000}},
		{Item: "audio", Unit: must(pricing.ParseRate("0.99")), Times: pricing.Ratio{Num: 60, Den: 1000}},
	}))
	for _, line := range price.Lines {
		fmt.Println(line.Item, line.Formula(), "=", pricing.FormatExact(line.Exact()), "→", line.Amount)
	}
	fmt.Println(pricing.FormatExact(price.Exact()), "→", price.Amount)
	// Output:
	// hd 3.99 × 60/1000 = 0.2394 → 0.24 USD
	// 2k 15.99 × 240/1000 = 3.8376 → 3.84 USD
	// audio 0.99 × 60/1000 = 0.0594 → 0.06 USD
	// 4.1364 → 4.14 USD
}

func ExampleTotal_largestRemainder() {
	third := pricing.Line{Unit: must(pricing.ParseRate("1")), Times: pricing.Ratio{Num: 1, Den: 3}}
	price := must(pricing.Total("USD", pricing.HalfUp, []pricing.Line{third, third, third}))
	fmt.Println(price.Amount, "=", price.Lines[0].Amount, "+", price.Lines[1].Amount, "+", price.Lines[2].Amount)
	// Output: 1.00 USD = 0.34 USD + 0.33 USD + 0.33 USD
}

func ExampleLine_Formula() {
	line := pricing.Line{
		Unit: must(pricing.ParseRate("597")), Credit: must(pricing.ParseRate("199")), Times: pricing.Ratio{Num: 16, Den: 31},
		Amount: must(pricing.ParseMoney("205.42", "USD")),
	}
	fmt.Println(line.Formula())
	// Output: (597.00 − 199.00) × 16/31
}

func ExampleLine_Exact() {
	line := pricing.Line{Unit: must(pricing.ParseRate("3.99")), Times: pricing.Ratio{Num: 60, Den: 1000}}
	fmt.Println(line.Exact(), pricing.FormatExact(line.Exact()))
	// Output: 1197/5000 0.2394
}

func ExampleFormatExact() {
	line := pricing.Line{Unit: must(pricing.ParseRate("398")), Times: pricing.Ratio{Num: 16, Den: 32}}
	fmt.Println(pricing.FormatExact(line.Exact()))
	line.Times.Den = 31
	fmt.Println(pricing.FormatExact(line.Exact()))
	// Output:
	// 199
	// 6368/31
}

func ExamplePrice_Exact() {
	price := must(pricing.PricePurchase("call/group-call", must(pricing.ParseMoney("597.00", "USD")), 1, pricing.HalfUp))
	fmt.Println(pricing.FormatExact(price.Exact()))
	// Output: 597
}

func ExamplePricePurchase() {
	price := must(pricing.PricePurchase("call/1-to-1-call", must(pricing.ParseMoney("199.00", "USD")), 3, pricing.HalfUp))
	fmt.Println(price.Lines[0].Item, price.Lines[0].Formula(), "=", price.Amount)
	// Output: call/1-to-1-call 199.00 × 3 = 597.00 USD
}

func ExamplePriceRenewal() {
	price := must(pricing.PriceRenewal("call/1-to-1-call", must(pricing.ParseMoney("199.00", "USD")), 2, pricing.HalfUp))
	fmt.Println(price.Lines[0].Kind, price.Lines[0].Formula(), "=", price.Amount)
	// Output: renewal 199.00 × 2 = 398.00 USD
}

// A deal that covers two of five periods.
func ExamplePriceDeal() {
	deal, list := must(pricing.ParseMoney("150.00", "USD")), must(pricing.ParseMoney("199.00", "USD"))
	price := must(pricing.PriceDeal("call/1-to-1-call", deal, 2, list, 3, pricing.HalfUp))
	for _, l := range price.Lines {
		fmt.Println(l.Kind, l.Formula(), "=", l.Amount)
	}
	fmt.Println(price.Amount)
	// Output:
	// deal 150.00 × 2 = 300.00 USD
	// renewal 199.00 × 3 = 597.00 USD
	// 897.00 USD
}

// The current package was bought for 80.00 instead of 100.00 on 1 June. On 16 June, 15 of 30 days remain.
func ExamplePriceUpgrade() {
	anchor := pricing.Anchor{Date: must(pricing.ParseDate("2025-06-01")), Term: pricing.Months(1)}
	june := must(anchor.Period(0, pricing.Zone{}))
	price := must(pricing.PriceUpgrade(pricing.Upgrade{
		Item:   "call/group-call",
		Period: june,
		Days:   must(anchor.Days(0)),
		At:     june.Start.AddDate(0, 0, 15),
		From:   pricing.Package{Price: must(pricing.ParseMoney("80.00", "USD")), Minutes: 1_000},
		To:     pricing.Package{Price: must(pricing.ParseMoney("300.00", "USD")), Minutes: 5_000},
	}))
	fmt.Println(price.Lines[0].Formula(), "=", price.Amount)
	fmt.Println(price.Minutes, "minutes more")
	// Output:
	// (300.00 − 80.00) × 15/30 = 110.00 USD
	// 2000 minutes more
}

// A prepaid cycle that has not begun costs the full difference, and grants the full difference in minutes when it
// begins.
func ExamplePriceUpgrade_futureCycles() {
	current := pricing.Package{Price: must(pricing.ParseMoney("199.00", "USD")), Minutes: 100_000}
	july := must(pricing.Anchor{
		Date: must(pricing.ParseDate("2025-07-01")), Term: pricing.Months(1),
	}.Period(0, pricing.Zone{}))
	price := must(pricing.PriceUpgrade(pricing.Upgrade{
		Period: july,
		At:     july.Start.AddDate(0, 0, 15),
		From:   current,
		To:     pricing.Package{Price: must(pricing.ParseMoney("597.00", "USD")), Minutes: 300_000},
		Future: []pricing.Package{current},
	}))
	for _, line := range price.Lines {
		fmt.Println(line.Kind, line.Formula(), "=", line.Amount)
	}
	fmt.Println(price.Amount, price.Minutes, price.FutureMinutes)
	// Output:
	// upgrade (597.00 − 199.00) × 16/31 = 205.42 USD
	// cycle 597.00 − 199.00 = 398.00 USD
	// 603.42 USD 103225 [200000]
}
