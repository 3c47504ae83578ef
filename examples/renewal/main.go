// Command renewal simulates a month for three customers of one shop. One renews. One runs out of money, is interrupted,
// and returns. One has turned auto-renewal off. It prints each customer's view: events with their times, orders, and
// the remaining balance. It runs in virtual time, so its output is always the same.
//
//	go run ./examples/renewal
package main

import (
	"fmt"
	"os"
)

func main() {
	if err := run(os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "renewal:", err)
		os.Exit(1)
	}
}
