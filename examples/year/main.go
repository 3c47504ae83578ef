// Command year is a year of a thousand customers, in seconds: purchases, upgrades, packs, usage, payments that fail and come
// later, refunds, and customers who leave. It prints a month a line, and proves what it prints: the orders agree with the
// gateway's books and with the journal, and package store/audit finds nothing in the store.
//
//	go run ./examples/year
//	go run ./examples/year -customers 5000 -seed 7 -svg year.svg
//
// What a reader learns:
//
//   - A service, a worker and a gateway run on any clock. The year is a loop that sets it (world.go); a test of your own prices
//     and customers is such a loop.
//   - What happened is counted from events (months.go), money from store/journal and store.Reports (prove.go). Neither is kept
//     by the program as it goes.
//
// What to copy is prove.go, for any store and any gateway that lists what it moved. What customers do is drawn from a source
// with a seed, so that the output is always the same.
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
)

func main() {
	customers := flag.Int("customers", 1000, "how many customers come in the year")
	seed := flag.Uint64("seed", 1, "what they do")
	svg := flag.String("svg", "", "a file for a chart of revenue and subscriptions by month")
	flag.Parse()
	chart, err := run(context.Background(), *customers, *seed, os.Stdout)
	if err == nil && *svg != "" {
		err = os.WriteFile(*svg, chart, 0o600)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "year:", err)
		os.Exit(1)
	}
}
