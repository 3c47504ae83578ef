// Command quickstart sells a package, upgrades it, tops it up and uses it, on the in-memory store and a
// prepaid balance, and shows what every step cost and why. It runs in virtual time, so that its output is always the same.
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
