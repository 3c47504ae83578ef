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
	"time"

	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/prepaidkit/prepaid/pricing"
	"github.com/prepaidkit/prepaid/store/journal"
	"github.com/prepaidkit/prepaid/store/postgres"
	"github.com/prepaidkit/prepaid/store/sqlite"
)

// settings are the command's flags.
type settings struct {
	store, from, to, zone, format string
}

// postings are what a format writes.
type postings = iter.Seq2[journal.Posting, error]

// run writes the journal and returns the exit status.
func run(ctx context.Context, args []string, now time.Time, stdout, stderr io.Writer) int {
	var s settings
	flags := flag.NewFlagSet("books", flag.ContinueOnError)
	flags.SetOutput(stderr)
	flags.StringVar(&s.store, "store", "", "`sqlite:FILE` or postgres:URL; a sample year by default")
	flags.StringVar(&s.from, "from", "", "the first `day`, such as 2025-01-01; the beginning by default")
	flags.StringVar(&s.to, "to", "", "the `day` after the last one; today by default")
	flags.StringVar(&s.zone, "zone", "UTC", "the time `zone` of days and months")
	flags.StringVar(&s.format, "format", "months", "months, csv or hledger")
	if flags.Parse(args) != nil {
		return 2
	}
	err := errors.New("want flags, and nothing else")
	if flags.NArg() == 0 {
		out := bufio.NewWriter(stdout)
		err = errors.Join(write(ctx, &s, now, out, stderr), out.Flush())
	}
	if err != nil {
		fmt.Fprintln(stderr, "books:", err)
		return 2
	}
	return 0
}

// write writes what the flags ask for. If that is nothing, it says so on stderr.
func write(ctx context.Context, s *settings, now time.Time, out, stderr io.Writer) error {
	zone, err := pricing.LoadZone(s.zone)
	if err != nil {
		return err
	}
	formats := map[string]func(io.Writer, postings, pricing.Zone) error{"months": months, "csv": writeCSV, "hledger": writeHledger}
	format := formats[s.format]
	if format == nil {
		return fmt.Errorf("-format is %.40q, want months, csv or hledger", s.format)
	}
	source, closed, err := open(ctx, s.store)
	if err != nil {
		return err
	}
	defer closed()
	if s.store == "" {
		now = sampleEnd()
	}
	from, to := time.Time{}, zone.StartOf(zone.DateOf(now))
	if s.from != "" {
		if from, err = day(s.from, zone); err != nil {
			return fmt.Errorf("-from: %w", err)
		}
	}
	if s.to != "" {
		if to, err = day(s.to, zone); err != nil {
			return fmt.Errorf("-to: %w", err)
		}
	}
	n := 0
	err = format(out, func(yield func(journal.Posting, error) bool) {
		for p, err := range journal.Postings(ctx, source, from, to) {
			n++
			if !yield(p, err) {
				return
			}
		}
	}, zone)
	if n == 0 {
		fmt.Fprintf(stderr, "books: no postings before %s\n", zone.DateOf(to))
	}
	return err
}

// day returns the beginning of a day.
func day(text string, zone pricing.Zone) (time.Time, error) {
	d, err := pricing.ParseDate(text)
	return zone.StartOf(d), err
}

// open opens the store that -store names, as it is, or makes the sample. It returns what closes it, too.
func open(ctx context.Context, name string) (journal.Source, func(), error) {
	kind, at, _ := strings.Cut(name, ":")
	switch {
	case name == "":
		source, err := sample(ctx)
		return source, func() {}, err
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
