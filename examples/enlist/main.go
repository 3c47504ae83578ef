// Command enlist sells a package within its host's own database transaction: the host's row and the order are
// there together, or neither is. Nothing is charged while the transaction is open; a worker collects the order once it
// is committed. Everything is in one SQLite file, the customers' balances too; with Postgres it is the same but for
// opening it. It runs in virtual time, so that its output is always the same.
//
//	go run ./examples/enlist
package main

import (
	"context"
	"fmt"
	"os"
)

func main() {
	dir, err := os.MkdirTemp("", "enlist")
	if err == nil {
		err = run(context.Background(), dir, os.Stdout)
		_ = os.RemoveAll(dir) // a directory of temporary files
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "enlist:", err)
		os.Exit(1)
	}
}
