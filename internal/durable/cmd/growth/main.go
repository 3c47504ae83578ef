// Command growth measures whether renewals slow down as a durable store grows, and its size on disk. For each size it
// fills an empty store, of which a tenth is due each month, and renews what is due, with commits that survive a power
// failure. Then it times reports: the first page of what ends within a week, who is past due, and the totals of a month;
// and with -audit, how long it takes to prove the whole store.
//
//	go run ./internal/durable/cmd/growth -store sqlite -sizes 10000,1000000 -audit
//	go run ./internal/durable/cmd/growth -store postgres -sizes 10000,1000000,5000000
//
// For Postgres it starts a private server in the directory for temporary files, which needs some 4 KB per application.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"strconv"
	"strings"
	"time"

	"github.com/prepaidkit/prepaid/internal/durable/growth"
)

func main() {
	os.Exit(status(run(context.Background(), os.Args[1:], os.Stdout), os.Stderr)) //nolint:forbidigo // a program
}

// status prints an error and returns the exit status.
func status(err error, out io.Writer) int {
	if err != nil {
		fmt.Fprintln(out, "growth:", err)
		return 1
	}
	return 0
}

func run(ctx context.Context, args []string, out io.Writer) error {
	flags := flag.NewFlagSet("growth", flag.ContinueOnError)
	name := flags.String("store", "sqlite", "sqlite or postgres")
	list := flags.String("sizes", "10000,100000", "how many applications, the smallest first")
	renewals := flags.Int("renewals", 20_000, "at least so many renewals are timed at each size, in up to 11 months")
	proved := flags.Bool("audit", false, "prove each store, too")
	if err := flags.Parse(args); err != nil {
		return err
	}
	sizes, err := numbers(*list)
	if err != nil {
		return err
	}
	open, ok := stores()[*name]
	if !ok {
		return fmt.Errorf("-store %q: want sqlite or postgres", *name)
	}
	fmt.Fprintf(out, "%-9s %12s %10s %9s %9s %7s %11s %6s %9s %9s %9s %9s\n", "store", "applications", "written/s", "bytes/app",
		"renewals", "months", "renewals/s", "ratio", "ending", "past due", "month", "audit")
	var first int64
	for _, n := range sizes {
		r, err := measure(ctx, open, n, *renewals, *proved)
		if err != nil {
			return err
		}
		if first == 0 {
			first = max(r.Rate(), 1)
		}
		percent := 100 * r.Rate() / first
		fmt.Fprintf(out, "%-9s %12d %10d %9d %9d %7d %11d %3d.%02d %9s %9s %9s %9s\n", *name, n,
			int64(time.Duration(n)*time.Second/max(r.Filled, 1)), r.size/int64(n), r.Renewals, r.Rounds, r.Rate(), percent/100, percent%100,
			brief(r.Ending), brief(r.PastDue), brief(r.Totals), brief(r.audited))
	}
	return nil
}

func brief(d time.Duration) string { return d.Round(10 * time.Microsecond).String() }

func numbers(list string) ([]int, error) {
	var sizes []int
	for s := range strings.SplitSeq(list, ",") {
		n, err := strconv.Atoi(strings.TrimSpace(s))
		if err != nil || n < 1 {
			return nil, fmt.Errorf("-sizes %q: want numbers from 1", list)
		}
		sizes = append(sizes, n)
	}
	return sizes, nil
}

// measured is what one size came to.
type measured struct {
	growth.Result

	size    int64 // in bytes, of the full store
	audited time.Duration
}

// measure measures one size on a new store.
func measure(ctx context.Context, open opener, applications, renewals int, proved bool) (m measured, err error) {
	d, err := open(ctx)
	if err != nil {
		return m, err
	}
	defer func() { err = errors.Join(err, d.close()) }()
	m.Result, err = growth.Measure(ctx, d.store, applications, renewals, func(ctx context.Context) error {
		var err error
		m.size, err = d.tidy(ctx)
		return err
	})
	if err == nil && proved {
		m.audited, err = growth.Audit(ctx, d.store)
	}
	return m, err
}
