package main

import (
	"bufio"
	"context"
	"flag"
	"fmt"
	"io"
	"sync"
	"time"

	"github.com/prepaidkit/prepaid/examples/catalog"
	"github.com/prepaidkit/prepaid/examples/takeover"
	"github.com/prepaidkit/prepaid/payment/balance"
	"github.com/prepaidkit/prepaid/subscription"
)

// The exit statuses.
const (
	allThere = iota
	someRefused
	notFinished
)

// Lines are imported in batches, several at a time, so that the store is busy while others are decided.
const (
	batchSize = 500
	workers   = 3
)

// streams are what the command reads and writes.
type streams struct {
	in       io.Reader
	out, err io.Writer
}

// options are the flags.
type options struct {
	store, catalog, source, by, reason string
	dry                                bool
	sample                             int
}

// run imports, and returns the exit status.
func run(ctx context.Context, args []string, s streams, now func() time.Time) int {
	var o options
	flags := flag.NewFlagSet("import", flag.ContinueOnError)
	flags.SetOutput(s.err)
	flags.StringVar(&o.store, "store", "memory", "memory, `sqlite:FILE` or postgres:URL")
	flags.StringVar(&o.catalog, "catalog", "", "the price list, a `FILE`; the sample catalog if it is left out")
	flags.StringVar(&o.source, "source", "import", "the `NAME` of the other system")
	flags.StringVar(&o.by, "by", "import", "the `NAME` of who imports")
	flags.StringVar(&o.reason, "reason", "", "why, a `TEXT`")
	flags.BoolVar(&o.dry, "dry-run", false, "store nothing")
	flags.IntVar(&o.sample, "sample", 0, "print a file of `N` lines instead")
	if flags.Parse(args) != nil {
		return notFinished
	}
	var refused int
	var err error
	switch {
	case flags.NArg() > 0:
		err = fmt.Errorf("want a file on standard input, not %.40q", flags.Arg(0))
	case o.sample > 0:
		err = sample(s.out, o.sample, now())
	default:
		refused, err = importFile(ctx, o, s, now)
	}
	switch {
	case err != nil:
		fmt.Fprintln(s.err, "import:", err)
		return notFinished
	case refused > 0:
		return someRefused
	}
	return allThere
}

// importFile imports the lines of a file, and returns how many were refused.
func importFile(ctx context.Context, o options, s streams, now func() time.Time) (refused int, err error) {
	cat, err := catalog.Load()
	if o.catalog != "" {
		cat, err = catalog.Open(o.catalog)
	}
	if err != nil {
		return 0, err
	}
	lines, err := takeover.NewReader(bufio.NewReader(s.in), o.source)
	if err != nil {
		return 0, err
	}
	st, closed, err := open(ctx, o.store)
	if err != nil {
		return 0, err
	}
	defer closed()
	// Nothing that is imported costs anything, so no gateway is ever asked.
	service, err := subscription.NewService(st, balance.New(nil), subscription.StaticCatalog(cat), &subscription.Options{Now: now})
	if err != nil {
		return 0, err
	}
	j := job{
		Importer: takeover.Importer{Store: st, Clock: service.Collector(), Catalog: cat, By: o.by, Reason: o.reason, Dry: o.dry},
		report:   newReport(s.out), progress: s.err, took: elapsed{now, now()},
	}
	if err := j.all(ctx, lines); err != nil {
		return 0, fmt.Errorf("not finished, import it again: %w", err)
	}
	return j.report.refused, nil
}

// job is the import of one file.
type job struct {
	takeover.Importer

	report   *report
	progress io.Writer
	took     elapsed
}

// all imports the lines of a file, several batches at a time. It stops at the first error that isn't a line's own.
func (j *job) all(ctx context.Context, lines *takeover.Reader) error {
	ctx, stop := context.WithCancelCause(ctx)
	defer stop(nil)
	work, done := make(chan []*outcome), make(chan []*outcome)
	go func() {
		defer close(work)
		if err := feed(ctx, lines, work); err != nil {
			stop(err)
		}
	}()
	var group sync.WaitGroup
	for range workers {
		group.Go(func() {
			for batch := range work {
				if err := j.Import(ctx, linesOf(batch)); err != nil {
					stop(err)
					return
				}
				done <- batch
			}
		})
	}
	go func() {
		group.Wait()
		close(done)
	}()
	return j.follow(ctx, done, stop)
}

func linesOf(batch []*outcome) []*takeover.Line {
	lines := make([]*takeover.Line, len(batch))
	for i, o := range batch {
		lines[i] = &o.Line
	}
	return lines
}

// feed sends the lines in batches.
func feed(ctx context.Context, lines *takeover.Reader, work chan<- []*outcome) error {
	for place, more := 0, true; more; {
		var batch []*outcome
		for len(batch) < batchSize && more {
			l, ok, err := lines.Next()
			if err != nil {
				return err
			}
			if more = ok; ok {
				batch = append(batch, &outcome{Line: l, place: place})
				place++
			}
		}
		select {
		case work <- batch:
		case <-ctx.Done():
			return context.Cause(ctx)
		}
	}
	return nil
}

// follow reports what becomes of lines, and how far it is every second.
func (j *job) follow(ctx context.Context, done <-chan []*outcome, stop context.CancelCauseFunc) error {
	verb := "imported"
	if j.Dry {
		verb = "to import"
	}
	tick := time.NewTicker(time.Second)
	defer tick.Stop()
	for {
		select {
		case batch, more := <-done:
			if !more {
				fmt.Fprint(j.progress, j.report.progress(verb, j.took))
				return context.Cause(ctx)
			}
			for _, o := range batch {
				if err := j.report.add(*o); err != nil {
					stop(err)
				}
			}
		case <-tick.C:
			fmt.Fprint(j.progress, j.report.progress(verb, j.took))
		}
	}
}
