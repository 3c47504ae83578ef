package main

import (
	"errors"
	"flag"
	"fmt"
	"io"

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

// run implements the command: it answers stdin on stdout, line by line, and returns the exit status.
func run(args []string, stdin io.Reader, stdout, stderr io.Writer) int {
	flags := flag.NewFlagSet("calculator", flag.ContinueOnError)
	flags.SetOutput(stderr)
	file := flags.String("catalog", "", "catalog `FILE`; the sample catalog where absent")
	tables := flags.Bool("table", false, "print human-readable tables instead of JSON")
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
	cat, err := catalog.Open(*file)
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

// answerAll answers every line of in. It reports whether a line failed; the error is a read or write error.
func answerAll(cat *pricing.Catalog, in io.Reader, out io.Writer, write func(io.Writer, result) error) (failed bool, err error) {
	err = lines.Answer(in, out, func(out io.Writer, line []byte, _ int, err error) error {
		var r result
		if err == nil {
			r, err = answer(cat, line)
		}
		if err != nil {
			failed = true
			r = problem{err.Error()}
		}
		return write(out, r)
	})
	return failed, err
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
