// Command worker renews the packages of three hundred customers with two worker processes on one SQLite file, and kills one of
// them twice: once after it has claimed a batch, and once in the middle of charging another. The other process goes on, and takes
// over what was left. Together they renew all, none twice.
//
//	go run ./examples/worker
//
// What a reader learns:
//
//   - Workers need no leader and know nothing of each other. A claim hides a batch from the others until its lease ends; that
//     saves work, and nothing depends on it.
//   - An order is stored before it is charged. Whoever takes over asks the gateway about it first, so what the other process has
//     charged is found, and the rest is charged under the same keys.
//
// What to copy is open.go and, of child.go, three lines: NewWorker, and Run instead of Once. The clock of both processes is what
// the first one tells them, so that the output is always the same; a worker of yours has the machine's. With Postgres, and on
// several machines, only opening the database differs.
package main

import (
	"context"
	"fmt"
	"os"
)

func main() {
	var err error
	if len(os.Args) > 1 && os.Args[1] == childArg {
		err = child(context.Background(), os.Args[2:], os.Stdin, os.Stdout)
	} else if dir, failed := os.MkdirTemp("", "worker"); failed != nil {
		err = failed
	} else {
		err = run(context.Background(), dir, os.Stdout)
		_ = os.RemoveAll(dir) // a temporary directory
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "worker:", err)
		os.Exit(1)
	}
}
