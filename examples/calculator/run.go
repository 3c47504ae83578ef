package main

import (
	"bufio"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"

	"github.com/prepaidkit/prepaid/examples/catalog"
	"github.com/prepaidkit/prepaid/internal/lines"
	"github.com/prepaidkit/prepaid/pricing"
)

// Exit statuses.
const (
	allAnswered = 0
	someFailed  = 1 // a line was answered with an error, or reading or writing failed
	noStart     = 2 // wrong flags or an unusable catalog
)

// run is the whole command: it answers stdin on stdout, line by line, and returns the exit status.
func run(args []string, stdin io.Reader, stdout, stderr io.Writer) int {
	flags := flag.NewFlagSet("calculator", flag.ContinueOnError)
	flags.SetOutput(stderr)
	file := flags.String("catalog", "", "catalog `FILE`; the sample catalog where absent")
	tables := flags.Bool("table", false, "print tables for people instead of JSON")
	if err := flags.Parse(args); err != nil {
		if errors.Is(err, flag.ErrHelp) {
			return allAnswered
		}
		return noStart
	}
	if flags.NArg() > 0 {
		fmt.Fprintf(stderr, "calculator: unexpected argument %q: requests are read from standard input\n", flags.Arg(0))
		return noStart
	}
	cat, err := loadCatalog(*file)
	if err != nil {
		fmt.Fprintln(stderr, "calculator:", err)
		return noStart
	}
	write := writeJSON
	if *tables {
		write = writeTable
	}
	failed, err := answerAll(cat, stdin, stdout, write)
	if err != nil {
		fmt.Fprintln(stderr, "calculator:", err)
	}
	if failed || err != nil {
		return someFailed
	}
	return allAnswered
}

func loadCatalog(file string) (*pricing.Catalog, error) {
	if file == "" {
		return catalog.Load()
	}
	f, err := os.Open(file)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return pricing.ParseCatalog(f)
}

// answerAll answers every line of in. It reports whether a line failed; its error is one of reading or
// writing.
func answerAll(cat *pricing.Catalog, in io.Reader, out io.Writer, write func(io.Writer, result) error) (failed bool, err error) {
	requests := lines.New(in)
	w := bufio.NewWriter(out)
	for {
		line, err := requests.Next()
		if errors.Is(err, io.EOF) {
			return failed, w.Flush()
		}
		if err != nil && !errors.Is(err, lines.ErrLong) {
			return failed, errors.Join(err, w.Flush())
		}
		if err == nil && len(line) == 0 {
			continue
		}
		var r result
		if err == nil {
			r, err = answer(cat, line)
		}
		if err != nil {
			failed = true
			r = problem{err.Error()}
		}
		if err := write(w, r); err != nil {
			return failed, err
		}
		// Whoever waits for an answer before asking again gets it.
		if requests.Waits() {
			if err := w.Flush(); err != nil {
				return failed, err
			}
		}
	}
}

// answer answers one request.
func answer(cat *pricing.Catalog, line []byte) (result, error) {
	r, err := parseRequest(line)
	if err != nil {
		return nil, err
	}
	switch op := r.text("op"); {
	case r.err() != nil:
		return nil, r.err()
	case op == "purchase":
		return purchase(cat, r)
	case op == "upgrade":
		return upgrade(cat, r)
	case op == "periods":
		return periods(cat, r)
	case op == "path":
		return path(cat, r)
	case op == "pack":
		return pack(cat, r)
	case op == "usage":
		return usage(cat, r)
	case op == "deduct":
		return deduct(cat, r)
	case op == "estimate":
		return estimate(cat, r)
	default:
		return nil, fmt.Errorf("op: %.32q is none of purchase, upgrade, periods, path, pack, usage, deduct, estimate", op)
	}
}
