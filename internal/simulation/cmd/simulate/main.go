// Command simulate runs simulated worlds on the in-memory store. It prints what was injected or, if a promise was
// broken, the seed and a short history.
//
//	go run ./internal/simulation/cmd/simulate -runs 200 -apps 24 -months 24
//	go run ./internal/simulation/cmd/simulate -seed 4711 -runs 1 -crash random
//	go run ./internal/simulation/cmd/simulate -mutant fresh-key
package main

import (
	"flag"
	"fmt"
	"io"
	"maps"
	"os"
	"runtime/debug"
	"slices"
	"time"

	"github.com/prepaidkit/prepaid/internal/simulation"
	"github.com/prepaidkit/prepaid/store"
	"github.com/prepaidkit/prepaid/store/memory"
)

func main() {
	debug.SetGCPercent(400)                         // a world makes a lot of garbage and keeps little
	os.Exit(run(os.Args[1:], os.Stdout, os.Stderr)) //nolint:forbidigo // a program
}

// run returns the exit status: 0, 1 for a broken promise, 2 for a wrong flag.
func run(args []string, out, errs io.Writer) int {
	flags := flag.NewFlagSet("simulate", flag.ContinueOnError)
	flags.SetOutput(errs)
	seed := flags.Uint64("seed", 0, "the seed of the first world")
	runs := flags.Int("runs", 8, "how many worlds")
	months := flags.Int("months", 24, "how many months of virtual time in each")
	apps := flags.Int("apps", 24, "how many applications in each")
	workers := flags.Int("workers", 3, "how many workers in each")
	crash := flags.String("crash", "all", "`where`: all (every call of the script, and at random), points (the script alone), random, none")
	mutant := flags.String("mutant", "", "the name of a defect to put in; \"list\" lists them")
	if err := flags.Parse(args); err != nil {
		return 2
	}
	if *mutant == "list" {
		all := simulation.Mutants()
		for _, name := range slices.Sorted(maps.Keys(all)) {
			fmt.Fprintf(out, "%-22s %s\n", name, all[name])
		}
		return 0
	}
	o := &simulation.Options{
		Seed: *seed, Worlds: *runs, Months: *months, Applications: *apps, Workers: *workers, Mutant: *mutant,
		NoCrashes: *crash == "none",
	}
	simulate := simulation.Simulate
	switch *crash {
	case "all":
	case "points":
		simulate = simulation.CrashPoints
	case "random", "none":
		o.Points = -1
	default:
		fmt.Fprintf(errs, "simulate: -crash %q: want all, points, random or none\n", *crash)
		return 2
	}
	began := time.Now() //nolint:forbidigo // how long it took
	figures, failure := simulate(func() store.Store { return memory.New() }, o)
	fmt.Fprintf(out, "%s\n%s\n", figures, time.Since(began).Round(time.Millisecond)) //nolint:forbidigo // likewise
	if failure != nil {
		fmt.Fprintln(out, failure)
		return 1
	}
	return 0
}
