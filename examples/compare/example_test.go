package compare_test

import (
	"fmt"

	"github.com/prepaidkit/prepaid/examples/catalog"
	"github.com/prepaidkit/prepaid/examples/compare"
)

// A month with 20,000 minutes of HD video and 5,000 of audio, paid in each possible way.
func ExampleWays() {
	cat, err := catalog.Load()
	if err != nil {
		fmt.Println(err)
		return
	}
	audio, err := cat.UsageKind("audio")
	if err != nil {
		fmt.Println(err)
		return
	}
	hd, err := cat.UsageKind("hd")
	if err != nil {
		fmt.Println(err)
		return
	}
	c, err := compare.Ways(cat, "rtc-engine", "USD", compare.Amount{Kind: audio, Minutes: 5000}, compare.Amount{Kind: hd, Minutes: 20_000})
	fmt.Println(c.PackageMinutes, "package minutes", err)
	for _, w := range c.Ways {
		fmt.Println(w.Amount, w.Name)
	}
	// Output:
	// 85000 package minutes <nil>
	// 81.60 USD packs
	// 84.75 USD pay-as-you-go
	// 132.60 USD rtc-engine/lite + packs
	// 133.91 USD rtc-engine/lite + pay-as-you-go
	// 299.00 USD rtc-engine/standard
	// 899.00 USD rtc-engine/pro
}

// A pack of its own size for 30,000 minutes is cheaper than two fixed ones.
func ExampleCheapestPacks() {
	cat, err := catalog.Load()
	if err != nil {
		fmt.Println(err)
		return
	}
	packs, ok, err := compare.CheapestPacks(cat, "call", "USD", 30_000)
	fmt.Println(packs.Minutes, packs.Prices[0].Amount, ok, err)
	// Output:
	// 30000 28.80 USD true <nil>
}

// HD video takes four package minutes a minute.
func ExamplePackageMinutes() {
	cat, err := catalog.Load()
	if err != nil {
		fmt.Println(err)
		return
	}
	hd, err := cat.UsageKind("hd")
	if err != nil {
		fmt.Println(err)
		return
	}
	used := compare.Amount{Kind: hd, Minutes: 60}
	fmt.Println(used.PackageMinutes())
	fmt.Println(compare.PackageMinutes(used, used))
	// Output:
	// 240
	// 480 <nil>
}
