// Command quickstart sells a package, upgrades it, tops it up and uses it, with the in-memory store and a prepaid
// balance. It prints the price of every step and how it was computed. It runs in virtual time, so its output is always
// the same.
//
//	go run ./examples/quickstart
package main

import (
	"fmt"
	"os"
)

func main() {
	if err := run(os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "quickstart:", err)
		os.Exit(1)
	}
}
