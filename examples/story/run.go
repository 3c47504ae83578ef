package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"

	"github.com/prepaidkit/prepaid/examples/catalog"
	"github.com/prepaidkit/prepaid/internal/lines"
	"github.com/prepaidkit/prepaid/store"
	"github.com/prepaidkit/prepaid/subscription"
)

// Exit statuses.
const (
	allDone    = 0
	someFailed = 1 // a step failed, or reading or writing failed
	noStart    = 2 // wrong flags, an unusable catalog or store
)

// run is the whole command: it runs the steps from stdin, writes their outcomes to stdout, and returns the exit
// status.
func run(ctx context.Context, args []string, stdin io.Reader, stdout, stderr io.Writer) int {
	flags := flag.NewFlagSet("story", flag.ContinueOnError)
	flags.SetOutput(stderr)
	file := flags.String("catalog", "", "catalog `FILE`; the sample catalog where absent")
	where := flags.String("store", "memory", "the `STORE`: memory, sqlite:FILE or postgres:URL")
	if err := flags.Parse(args); err != nil {
		if errors.Is(err, flag.ErrHelp) {
			return allDone
		}
		return noStart
	}
	if flags.NArg() > 0 {
		fmt.Fprintf(stderr, "story: unexpected argument %q: steps are read from standard input\n", flags.Arg(0))
		return noStart
	}
	st, closed, err := open(ctx, *where)
	if err != nil {
		fmt.Fprintln(stderr, "story:", err)
		return noStart
	}
	defer closed()
	w, err := begin(*file, st)
	if err != nil {
		fmt.Fprintln(stderr, "story:", err)
		return noStart
	}
	failed, err := w.tell(ctx, stdin, stdout)
	if err != nil {
		fmt.Fprintln(stderr, "story:", err)
	}
	if failed || err != nil {
		return someFailed
	}
	return allDone
}

// begin returns a world with the catalog in a file, or the sample catalog if file is "".
func begin(file string, st store.Store) (*world, error) {
	cat, err := catalog.Open(file)
	if err != nil {
		return nil, err
	}
	return newWorld(st, cat)
}

// tell runs every step from in and reports whether any step failed. It returns an error only if reading or writing
// fails.
func (w *world) tell(ctx context.Context, in io.Reader, out io.Writer) (failed bool, err error) {
	err = lines.Answer(in, out, func(out io.Writer, line []byte, number int, err error) error {
		answer, bad := w.answer(ctx, line, number, err)
		failed = failed || bad
		_, err = out.Write(append(encode(answer), '\n'))
		return err
	})
	return failed, err
}

// answer runs one step and returns its outcome. If the step fails, bad is true and answer describes the error.
func (w *world) answer(ctx context.Context, line []byte, number int, err error) (answer any, bad bool) {
	if err != nil {
		err = badStep("%w", err)
	} else {
		answer, err = w.step(ctx, line, number)
	}
	if err == nil {
		return answer, false
	}
	made, _ := answer.(outcome)
	return problem{failure{err.Error(), subscription.CodeOf(err)}, made}, true
}
