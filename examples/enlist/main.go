// Command enlist sells a package within a database transaction of its host: either both the host's row and the order
// are written, or neither is. Nothing is charged while the transaction is open; a worker collects the order after the
// commit. Everything is in one SQLite file, including the customers' balances. With Postgres, only opening the database
// differs. It runs in virtual time, so its output is always the same.
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
		_ = os.RemoveAll(dir) // a temporary directory
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "enlist:", err)
		os.Exit(1)
	}
}
