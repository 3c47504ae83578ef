// Command faults kills processes, servers and connections while customers and workers use a durable store, fills the
// disk, and audits the result. It prints its figures, and exits with status 1 if a promise was broken.
//
//	go run ./internal/durable/cmd/faults -store sqlite -kills 200
//	go run ./internal/durable/cmd/faults -store postgres -kills 200 -restarts 20
//	go run ./internal/durable/cmd/faults -store postgres -kills 100 -failovers 20
//	go run ./internal/durable/cmd/faults -store sqlite -mutant fresh-key
//	go run ./internal/durable/cmd/faults -share -due 20000
package main

import (
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"os"

	"github.com/prepaidkit/prepaid/internal/durable/faults"
)

func main() {
	faults.Child()
	os.Exit(run(os.Args[1:], os.Stdout, os.Stderr)) //nolint:forbidigo // a program
}

// run returns the exit status: 0, 1 for a broken promise or a failed run, 2 for a wrong flag.
func run(args []string, out, errs io.Writer) int {
	o := faults.Options{Progress: errs}
	flags := flag.NewFlagSet("faults", flag.ContinueOnError)
	flags.SetOutput(errs)
	flags.StringVar(&o.Store, "store", faults.SQLite, "sqlite or postgres")
	flags.IntVar(&o.Kills, "kills", 200, "how many processes are killed")
	flags.IntVar(&o.Restarts, "restarts", 20, "how often the Postgres server is killed and started again")
	flags.IntVar(&o.Failovers, "failovers", 0, "how often the Postgres server is lost and its synchronous standby takes over")
	flags.IntVar(&o.Full, "full", 3, "how often the disk of a SQLite file is full for a while")
	flags.IntVar(&o.Cuts, "cuts", 10, "of a thousand commits on Postgres, how many lose their connection before, and how many after")
	flags.IntVar(&o.Days, "days", 70, "how many days of virtual time pass at least; -1 is none")
	flags.IntVar(&o.Applications, "apps", 24, "how many applications")
	flags.IntVar(&o.Services, "services", 2, "how many processes serve customers")
	flags.IntVar(&o.Workers, "workers", 2, "how many processes are workers")
	flags.Uint64Var(&o.Seed, "seed", 1, "the seed of what customers do")
	flags.StringVar(&o.Mutant, "mutant", "", "the name of a defect to put in; \"list\" lists them")
	flags.StringVar(&o.Dir, "dir", "", "where the file and the log are kept; the default is a temporary directory")
	flags.DurationVar(&o.Patience, "patience", 0, "the most that the run may take; the default is 10 minutes")
	share := flags.Bool("share", false, "instead, how fast 1, 2 and 4 worker processes renew what is due in one Postgres")
	due := flags.Int("due", 10_000, "with -share: how many applications are due")
	if err := flags.Parse(args); err != nil {
		return 2
	}
	switch {
	case o.Mutant == "list":
		for _, name := range faults.MutantNames() {
			fmt.Fprintf(out, "%-16s %s\n", name, faults.Mutants()[name])
		}
		return 0
	case *share:
		return shares(*due, out, errs)
	}
	report, err := faults.Run(context.Background(), &o)
	if report != nil {
		fmt.Fprintln(out, report)
	}
	if err != nil {
		fmt.Fprintln(errs, err)
		return 1
	}
	return min(len(report.Violations), 1)
}

// shares renews what is due with 1, 2 and 4 workers, and returns the exit status.
func shares(due int, out, errs io.Writer) int {
	all, err := faults.Share(context.Background(), due, errs, 1, 2, 4)
	status := 0
	for _, s := range all {
		status = max(status, min(len(s.Violations), 1))
	}
	text, encoding := json.MarshalIndent(all, "", "  ")
	fmt.Fprintln(out, string(text))
	for _, err := range []error{err, encoding} {
		if err != nil {
			fmt.Fprintln(errs, err)
			status = 1
		}
	}
	return status
}
