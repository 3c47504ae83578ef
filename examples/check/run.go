package main

import (
	"bufio"
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"iter"
	"os"
	"strings"

	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/prepaidkit/prepaid/examples/catalog"
	"github.com/prepaidkit/prepaid/store"
	"github.com/prepaidkit/prepaid/store/postgres"
	"github.com/prepaidkit/prepaid/store/sqlite"
)

// The exit statuses.
const (
	nothing = iota // is stranded
	findings
	failed
)

// run compares or audits, prints and returns the exit status.
func run(ctx context.Context, args []string, stdout, stderr io.Writer) int {
	flags := flag.NewFlagSet("check", flag.ContinueOnError)
	flags.SetOutput(stderr)
	name := flags.String("store", "", "`sqlite:FILE` or postgres:URL")
	file := flags.String("catalog", "", "the price list, a `FILE`")
	audits := flags.Bool("audit", false, "audit the store, instead of comparing it with the price list")
	if flags.Parse(args) != nil {
		return failed
	}
	found := "stranded"
	var n int
	var err error
	if *audits {
		found = "findings"
		n, err = prove(ctx, *name, *file, flags.NArg(), stdout, stderr)
	} else {
		n, err = compare(ctx, *name, *file, flags.NArg(), stdout)
	}
	if err != nil {
		fmt.Fprintln(stderr, "check:", err)
		return failed
	}
	fmt.Fprintf(stderr, "check: %s: %d\n", found, n)
	if n > 0 {
		return findings
	}
	return nothing
}

// compare prints what the catalog in a file would strand, and returns how much it is.
func compare(ctx context.Context, name, file string, rest int, stdout io.Writer) (n int, err error) {
	if file == "" || rest > 0 {
		return 0, errors.New("want -store and -catalog, and nothing else")
	}
	cat, err := catalog.Open(file)
	if err != nil {
		return 0, err
	}
	st, closed, err := open(ctx, name)
	if err != nil {
		return 0, err
	}
	defer closed()
	return printed(store.StrandedBy(ctx, st, cat), stdout)
}

// printed prints what a sequence yields, one line each, and returns how much it is.
func printed[T any](seq iter.Seq2[T, error], stdout io.Writer) (n int, err error) {
	out := bufio.NewWriter(stdout)
	for found, err := range seq {
		if err != nil {
			_ = out.Flush() // the error says enough
			return n, err
		}
		n++
		fmt.Fprintln(out, found)
	}
	return n, out.Flush()
}

// open opens the store that -store names, as it is, and returns what closes it.
func open(ctx context.Context, name string) (store.Store, func(), error) {
	kind, at, _ := strings.Cut(name, ":")
	switch {
	case kind == "sqlite" && at != "":
		if _, err := os.Stat(at); err != nil { // it would be created
			return nil, nil, err
		}
		st, err := sqlite.Open(ctx, at, nil)
		if err != nil {
			return nil, nil, err
		}
		return st, func() { _ = st.Close() }, nil // nothing was written
	case kind == "postgres" && at != "":
		pool, err := pgxpool.New(ctx, at)
		if err != nil {
			return nil, nil, err
		}
		st, err := postgres.New(pool, nil)
		if err != nil {
			pool.Close()
			return nil, nil, err
		}
		return st, pool.Close, nil
	}
	return nil, nil, fmt.Errorf("-store is %.80q, want sqlite:FILE or postgres:URL", name)
}
