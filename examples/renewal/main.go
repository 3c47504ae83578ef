// Command renewal tells a month in the life of three customers of one shop: one renews, one runs out of
// money, is interrupted and comes back, one turned auto-renewal off. It shows what each of them sees: events
// with their instants, orders, and what is left of the balance. It runs in virtual time, so that its output
// is always the same.
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
