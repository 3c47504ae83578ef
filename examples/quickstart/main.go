// Command quickstart sells a package, upgrades it, adds minutes to it, uses it, gives money back and renews it, with the
// in-memory store and a prepaid balance. It prints every price with its formula, and says what happens. It runs in virtual
// time, so its output is always the same. Read run.go along with it: each step is one method.
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
