// Command tax is a summer of a seller in Berlin: prices with tax on top and prices with tax included, a customer in another
// member state who owes the tax (reverse charge), a rate that changes on a day, an upgrade, partial refunds, and the figures of
// a quarter for the tax return. It runs in virtual time, so its output is always the same.
//
//	go run ./examples/tax
//
// What a reader learns:
//
//   - Rates are in the catalog (prices.json), each from a day on: a change is announced to the renewing customers by itself,
//     and charged from its day. What a customer is, is a recorded fact (subscription.SetTax).
//   - Each tax is rounded once, on the net that is printed, not on each line, and refunds share it, so that all shares sum to it.
//   - What to copy is report.go: taxes by name and rate, and what was sold without tax, of any span, proved against the journal.
//
// The rate is that of the day on which an order is placed, also where its period begins later. Whether that is right for what
// you sell, and which customers are exempt, is for whoever files your returns to say.
package main

import (
	"fmt"
	"os"
	_ "time/tzdata" // for machines without a time zone database
)

func main() {
	if err := run(os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "tax:", err)
		os.Exit(1)
	}
}
