package pricing_test

import (
	"errors"
	"fmt"
	"strings"

	"github.com/prepaidkit/prepaid/pricing"
)

// A currency without coins below five cents, in which less than half a unit isn't charged.
var francs = pricing.ChargeTerms{Least: must(pricing.ParseMoney("0.50", "CHF")), Step: must(pricing.ParseMoney("0.05", "CHF"))}

// A catalog has terms for the currencies that need them. The others are charged to the minor unit.
func ExampleCatalog_ChargeTerms() {
	c := must(pricing.ParseCatalog(strings.NewReader(`{
		"revision": "2025-06", "zone": "Europe/Zurich", "charges": {"CHF": {"least": "0.50", "step": "0.05"}},
		"products": [{"id": "call", "name": "Call", "versions": [
			{"id": "lite", "rank": 10, "terms": [{"months": 1, "minutes": 1000, "list": {"CHF": "19.90", "EUR": "19.99"}}]}
		]}]
	}`)))
	fmt.Println(c.ChargeTerms("CHF").Least, "at least, in steps of", c.ChargeTerms("CHF").Step)
	fmt.Println(c.ChargeTerms("EUR") == pricing.ChargeTerms{})
	// Output:
	// 0.50 CHF at least, in steps of 0.05 CHF
	// true
}

// A total is rounded to the step. A negative one is an error, since nobody is charged it.
func ExampleChargeTerms_Stepped() {
	fmt.Println(francs.Stepped(must(pricing.ParseMoney("10.03", "CHF")), pricing.HalfUp))
	fmt.Println(francs.Stepped(must(pricing.ParseMoney("10.03", "EUR")), pricing.HalfUp)) // these terms aren't the euro's

	_, err := francs.Stepped(must(pricing.ParseMoney("-10.03", "CHF")), pricing.HalfUp)
	fmt.Println(errors.Is(err, pricing.ErrNegative))
	// Output:
	// 10.05 CHF <nil>
	// 10.03 EUR <nil>
	// true
}

func ExampleChargeTerms_Below() {
	for _, total := range []string{"0.00", "0.39", "0.50"} {
		fmt.Println(total, francs.Below(must(pricing.ParseMoney(total, "CHF"))))
	}
	// Output:
	// 0.00 false
	// 0.39 true
	// 0.50 false
}

// The line makes the lines of an order sum to what is charged.
func ExampleRoundingOf() {
	total := must(pricing.ParseMoney("10.03", "CHF"))
	line := pricing.RoundingOf(total, must(francs.Stepped(total, pricing.HalfUp)))
	fmt.Println(line.Kind, line.Amount)
	// Output: rounding 0.02 CHF
}

// An upgrade for 0.39 costs nothing where 0.50 is the least that is charged.
func ExampleWaiverOf() {
	price := must(pricing.ParseMoney("0.39", "CHF"))
	line := pricing.WaiverOf(price)
	fmt.Println(line.Kind, line.Amount, must(price.Add(line.Amount)))
	// Output: waiver -0.39 CHF 0.00 CHF
}
