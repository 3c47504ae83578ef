// Command scale simulates the claims of many workers on a Postgres store: see package scale and docs/scale.md. For each
// scenario and each number of nodes and workers it prints a line.
//
//	go run ./internal/durable/cmd/scale
//	go run ./internal/durable/cmd/scale -scenarios instant -workers 100 -gateway 20ms
//	go run ./internal/durable/cmd/scale -help
//
// The scenarios are: even, a day of a month in which applications are due evenly; midnight, those of a day are due at one
// instant, as periods end with days; instant, all are due at one instant; outage, what was due in the last day was not renewed;
// crashes, the same, and one batch in a hundred ends with its worker.
//
// "joined" nodes are one store with Options.Distributed, "apart" are stores of their own, each with its part of the
// applications and of the workers. "looked" is how many index entries claims look at for each application that they claim.
package main

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"runtime/debug"
	"strconv"
	"strings"
	"time"

	"github.com/prepaidkit/prepaid/internal/durable/scale"
)

func main() {
	debug.SetMemoryLimit(1600 << 20)                        // what is collected late would need two gigabytes
	os.Exit(status(run(os.Args[1:], os.Stdout), os.Stderr)) //nolint:forbidigo // a program
}

// status prints an error and returns the exit status.
func status(err error, out io.Writer) int {
	if err != nil {
		fmt.Fprintln(out, "scale:", err)
		return 1
	}
	return 0
}

// layout is how applications are on nodes.
type layout struct {
	name         string
	stores, each int // databases, and nodes of each
}

// layouts returns those of a list: "10 joined, 10 apart".
func layouts(list string) ([]layout, error) {
	var all []layout
	for s := range strings.SplitSeq(list, ",") {
		number, how, _ := strings.Cut(strings.TrimSpace(s), " ")
		n, err := strconv.Atoi(number)
		l := layout{strings.TrimSpace(s), 1, n}
		if how == "apart" {
			l.stores, l.each = n, 1
		}
		if err != nil || n < 1 || n > 1000 || how == "" && n > 1 || how != "" && how != "joined" && how != "apart" {
			return nil, fmt.Errorf(`-nodes %q: want "1", "10 joined" or "10 apart"`, list)
		}
		all = append(all, l)
	}
	return all, nil
}

func run(args []string, out io.Writer) error {
	o := scale.DefaultOptions()
	flags := flag.NewFlagSet("scale", flag.ContinueOnError)
	flags.SetOutput(out)
	only := flags.String("scenarios", "even,midnight,instant,outage,crashes", "which ones")
	which := flags.String("nodes", "1,10 joined,10 apart", "how many, and how applications are on them")
	list := flags.String("workers", "1,10,100", "how many processes")
	flags.IntVar(&o.Stored, "stored", 100_000_000, "applications, which pay for months")
	flags.Uint64Var(&o.Seed, "seed", o.Seed, "of what is random: when workers start, and crash")
	settings(flags, &o)
	if err := flags.Parse(args); err != nil {
		return err
	}
	on, err := layouts(*which)
	if err != nil {
		return err
	}
	workers, err := numbers(*list)
	if err != nil {
		return err
	}
	if err := check(o); err != nil {
		return err
	}
	fmt.Fprintf(out, "%-9s %-10s %7s %11s %10s %10s %5s %11s %7s %9s %9s %9s %9s\n", "scenario", "nodes", "workers", "renewed",
		"per second", "until", "db %", "looked", "empty %", "conflicts", "p50 late", "p99 late", "dead max")
	var all []*job
	for name := range strings.SplitSeq(*only, ",") {
		found := false
		for _, l := range on {
			for _, sc := range scale.Scenarios(o.Stored / l.stores) {
				if sc.Name != strings.TrimSpace(name) {
					continue
				}
				found = true
				for _, n := range workers {
					if n >= l.stores {
						all = append(all, newJob(o, sc, l, n))
					}
				}
			}
		}
		if !found {
			return fmt.Errorf("-scenarios %q: want even, midnight, instant, outage or crashes", name)
		}
	}
	simulate(all)
	for _, j := range all {
		<-j.done
		j.print(out)
	}
	return nil
}

// job is the simulation of one of the stores, all of which do the same.
type job struct {
	layout

	workers  int
	options  scale.Options
	scenario scale.Scenario
	result   scale.Result
	done     chan struct{}
}

func newJob(o scale.Options, sc scale.Scenario, l layout, workers int) *job {
	o.Stored, o.VacuumAt, o.Workers, o.Nodes = o.Stored/l.stores, o.VacuumAt/l.stores, workers/l.stores, l.each
	o.Distributed = o.Distributed || l.each > 1
	return &job{layout: l, workers: workers, options: o, scenario: sc, done: make(chan struct{})}
}

// large is how many applications are so many that two such simulations aren't run at the same time, for want of memory.
const large = 20_000_000

// simulate starts the simulations: the large ones one after the other, and the others beside them.
func simulate(all []*job) {
	for _, big := range []bool{false, true} {
		go func() {
			for _, j := range all {
				if j.scenario.Applications() > large == big {
					j.result = scale.Run(j.options, j.scenario)
					close(j.done)
				}
			}
		}()
	}
}

// print prints a line about all stores.
func (j *job) print(out io.Writer) {
	r, looked := j.result, j.result.Looked()
	cores := int64(j.options.Cores * j.options.Nodes)
	fmt.Fprintf(out, "%-9s %-10s %7d %11d %10d %10s %5d %8d.%02d %7d %9d %9s %9s %9d\n", j.scenario.Name, j.name, j.workers,
		r.Renewed*j.stores, r.Rate(j.stores), r.Took.Round(time.Second), int64(100*r.Busy)/max(int64(r.Took)*cores, 1),
		looked/100, looked%100, 100*r.Empty/max(r.Claims, 1), r.Conflicts*j.stores, brief(r.P50), brief(r.P99), r.Doomed*j.stores)
}

// brief rounds to seconds from a minute on.
func brief(d time.Duration) string {
	if d < time.Minute {
		return d.Round(100 * time.Millisecond).String()
	}
	return d.Round(time.Second).String()
}

func settings(flags *flag.FlagSet, o *scale.Options) {
	c := &o.Costs
	flags.IntVar(&o.Cores, "cores", o.Cores, "of each node")
	flags.BoolVar(&o.Distributed, "distributed", false, "claim on one node, too, as with Options.Distributed")
	flags.BoolVar(&o.Shared, "shared", false, "the workers are on the node's cores")
	flags.IntVar(&o.Disk, "disk", o.Disk, "bytes of write-ahead log a second, of each node")
	flags.IntVar(&o.Vacuum, "vacuum", o.Vacuum, "dead row versions that a vacuum removes a second; 0: none")
	flags.IntVar(&o.VacuumAt, "vacuum-at", 0, "dead row versions at which a vacuum begins; 0: as the store's tables say, 5 %")
	flags.IntVar(&o.Batch, "batch", o.Batch, "as in renewal.Options, as the next four")
	flags.IntVar(&o.Parallel, "parallel", o.Parallel, "")
	flags.IntVar(&o.Concurrency, "concurrency", o.Concurrency, "")
	flags.DurationVar(&o.Lease, "lease", o.Lease, "")
	flags.DurationVar(&o.Interval, "interval", o.Interval, "")
	flags.DurationVar(&o.Poll, "poll", o.Poll, "as in renewal.Policy")
	flags.DurationVar(&c.Gateway, "gateway", c.Gateway, "a gateway call")
	flags.DurationVar(&c.ClaimCall, "claim-call", c.ClaimCall, "a claim, of a core, as all that follow")
	flags.DurationVar(&c.ClaimRow, "claim-row", c.ClaimRow, "each application that it claims")
	flags.DurationVar(&c.Leased, "leased", c.Leased, "each entry that it passes over, since the row is leased")
	flags.DurationVar(&c.Fresh, "fresh", c.Fresh, "each entry that it finds to be dead")
	flags.DurationVar(&c.Dead, "dead", c.Dead, "each entry that is known to be dead")
	flags.DurationVar(&c.PlaceCall, "place-call", c.PlaceCall, "the commit of a batch's orders")
	flags.DurationVar(&c.PlaceRow, "place-row", c.PlaceRow, "each of them")
	flags.DurationVar(&c.PayCall, "pay-call", c.PayCall, "the commit of a batch's payments")
	flags.DurationVar(&c.PayRow, "pay-row", c.PayRow, "each of them")
	flags.DurationVar(&c.Work, "work", c.Work, "the worker, for each application")
	flags.IntVar(&c.Log, "log", c.Log, "bytes of write-ahead log for each renewal")
}

var errRange = errors.New("out of range")

// check returns an error for what can't be simulated.
func check(o scale.Options) error {
	for _, n := range []int{o.Stored / 300, o.Cores, o.Disk, o.Vacuum + 1, o.Batch, o.Parallel, o.Concurrency, o.Costs.Log + 1} {
		if n < 1 || n > 1<<31-1 {
			return fmt.Errorf("a number: %w", errRange)
		}
	}
	for _, d := range []time.Duration{o.Lease, o.Interval, o.Poll} {
		if d <= 0 || d > 24*time.Hour {
			return fmt.Errorf("%s: %w", d, errRange)
		}
	}
	c := o.Costs
	for _, d := range []time.Duration{
		c.ClaimCall, c.ClaimRow, c.Leased, c.Fresh, c.Dead, c.PlaceCall, c.PlaceRow, c.PayCall, c.PayRow, c.Work, c.Gateway,
	} {
		if d < 0 || d > time.Hour {
			return fmt.Errorf("%s: %w", d, errRange)
		}
	}
	return nil
}

func numbers(list string) ([]int, error) {
	var all []int
	for s := range strings.SplitSeq(list, ",") {
		n, err := strconv.Atoi(strings.TrimSpace(s))
		if err != nil || n < 1 || n > 10_000 {
			return nil, fmt.Errorf("-workers %q: want numbers from 1 to 10000", list)
		}
		all = append(all, n)
	}
	return all, nil
}
