package faults

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"regexp"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/prepaidkit/prepaid/internal/audit"
	"github.com/prepaidkit/prepaid/internal/simulation"
	"github.com/prepaidkit/prepaid/payment"
	"github.com/prepaidkit/prepaid/store"
	"github.com/prepaidkit/prepaid/subscription"
)

// zone is the time zone of a run.
const zone = "Asia/Shanghai"

// run is one run. The truth about it is kept here, in the process that is never killed.
type run struct {
	options   Options
	clock     *clock
	bank      *bank
	start     time.Time
	site      *site
	crew      *crew
	follower  *follower
	log       *log
	deposits  []deposit // into accounts in the database
	pruned    time.Time // everything older was pruned
	customers []*customer
	attended  []time.Time      // the workers' undisturbed rounds
	post      []payment.Result // notifications that aren't delivered yet
	notices   []payment.Reversal

	rested  atomic.Bool
	ticked  atomic.Int64 // how many rounds were undisturbed
	catalog atomic.Int64 // the number of the one in force
	archive archive      // what was pruned
	full    atomic.Int64 // errors of a full disk

	mu         sync.Mutex
	figures    Figures
	violations []audit.Violation
}

// Run starts processes on a store, kills them and what they depend on, brings everything to rest, and audits it. It
// fails if that couldn't be done; broken promises are in the report.
func Run(ctx context.Context, opts *Options) (*Report, error) {
	began := time.Now() //nolint:forbidigo // how long it takes
	r := &run{options: opts.filled()}
	if _, ok := mutants()[r.options.Mutant]; !ok && r.options.Mutant != "" {
		return nil, fmt.Errorf("faults: no mutant %q", r.options.Mutant)
	}
	r.start = time.Date(2025, time.January, 29, 3, 0, 0, 0, time.UTC)
	r.clock, r.pruned = &clock{now: r.start}, r.start
	r.bank = newBank(r.clock, r.options.Seed, false)
	r.archive = archive{}
	r.follower = newFollower()
	r.figures = Figures{Store: r.options.Store, Seed: r.options.Seed, Errors: map[string]int{}}
	ctx, cancel := context.WithTimeout(ctx, r.options.Patience)
	defer cancel()
	var err error
	if r.site, err = open(ctx, &r.options); err != nil {
		return nil, err
	}
	if r.log, err = newLog(r.site.dir); err != nil {
		return nil, errors.Join(err, r.site.close(true))
	}
	err = r.play(ctx)
	r.figures.Days = int(r.clock.read().Sub(r.start) / (24 * time.Hour))
	report := &Report{Violations: r.violations}
	r.figures.Violations, r.figures.Took = len(r.violations), time.Since(began) //nolint:forbidigo // likewise
	report.Figures = r.figures
	keep := err != nil || len(r.violations) > 0
	if keep {
		report.Kept = r.site.dir
	}
	return report, errors.Join(err, r.log.close(), r.site.close(!keep && r.options.Dir == ""))
}

// play performs the run.
func (r *run) play(ctx context.Context) error {
	if err := r.migrate(ctx); err != nil {
		return err
	}
	for i := range r.options.Applications {
		c := newCustomer(r, i)
		if !inAccounts(string(c.account)) {
			if err := r.bank.accounts.Open(ctx, string(c.account)); err != nil {
				return err
			}
		}
		r.customers = append(r.customers, c)
	}
	s := settings{Store: r.options.Store, At: r.site.address, Zone: zone, Mutant: r.options.Mutant, Purses: true}
	var err error
	r.crew, err = newCrew(s, r.options.Services, r.options.Workers, r.serve, func(format string, args ...any) {
		r.violatef("process", "", format, args...)
	})
	if err != nil {
		return err
	}
	var wait sync.WaitGroup
	for _, c := range r.customers {
		wait.Go(c.live)
	}
	wait.Go(r.tick)
	wait.Go(r.postman)
	wait.Go(r.follow)
	wait.Go(r.disputes)
	wait.Go(func() { r.hosting(ctx) })
	err = r.strike(ctx)
	r.rested.Store(true)
	wait.Wait()
	r.sayf("at rest after %d kills", r.figures.Kills)
	if err != nil {
		r.crew.close()
		return err
	}
	st, err := r.database(ctx)
	if err != nil {
		r.crew.close()
		return err
	}
	defer st.close() //nolint:errcheck // nothing depends on it any more
	err = r.rest(ctx, st)
	r.crew.close()
	if err != nil {
		return err
	}
	if err := r.integrity(ctx); err != nil {
		return err
	}
	return r.verdict(ctx, st)
}

// migrate creates the tables, including the host's, before processes are started.
func (r *run) migrate(ctx context.Context) error {
	d, err := r.database(ctx)
	if err != nil {
		return err
	}
	for _, statement := range d.host.make {
		err = errors.Join(err, d.host.exec(ctx, statement))
	}
	return errors.Join(err, d.close())
}

// database opens the store without the proxy.
func (r *run) database(ctx context.Context) (*database, error) {
	return openStore(ctx, &settings{Store: r.options.Store, At: r.site.nearest()}, r.clock.read)
}

func (r *run) resting() bool { return r.rested.Load() }

// breathe pauses for a moment, so that workers make progress and time advances.
func (r *run) breathe() { <-time.After(time.Duration(rand.IntN(50)) * time.Millisecond) }

func (r *run) sayf(format string, args ...any) { fmt.Fprintf(r.options.Progress, format+"\n", args...) }

func (r *run) violatef(kind string, app subscription.ApplicationID, format string, args ...any) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.violations = append(r.violations, audit.Violation{
		Kind: kind, Application: app, At: r.clock.read(), Text: fmt.Sprintf(format, args...),
	})
}

// ask sends a customer's request to any process and returns its answer, or unknown if there is none.
func (r *run) ask(rng *rand.Rand, call string, app subscription.ApplicationID, body any) reply {
	now := r.clock.read()
	r.log.note(now, call, app, body)
	var got reply
	err := r.crew.any(rng).ask(call, r.moment(now), body, &got)
	if err != nil {
		got = reply{Outcome: unknown, Text: err.Error()}
	}
	r.log.note(now, "answer", app, got)
	r.mu.Lock()
	r.figures.Requests++
	switch {
	case errors.Is(err, errGone):
		r.figures.Lost++
	case got.Outcome == unknown:
		r.figures.Failed++
		r.failure(got.Text)
	}
	r.mu.Unlock()
	if got.Outcome == unknown {
		<-time.After(time.Duration(5+rand.IntN(20)) * time.Millisecond)
	}
	return got
}

// numbers match the parts that vary between texts of the same error.
var numbers = regexp.MustCompile(`(app|account|key|record)-\d+|\d{2,}|[0-9a-f]{16,}`)

// failure counts an error by its text. The caller holds the lock.
func (r *run) failure(text string) {
	text, _, _ = strings.Cut(numbers.ReplaceAllString(text, "#"), "\n")
	if len(text) > 200 {
		text = text[:200]
	}
	if _, ok := r.figures.Errors[text]; ok || len(r.figures.Errors) < 40 {
		r.figures.Errors[text]++
	}
	if full.MatchString(text) {
		r.full.Add(1)
	}
}

var full = regexp.MustCompile(`(?i)\bfull\b`)

// evidence returns the basis of the audit.
func (r *run) evidence(ctx context.Context, st store.Store) (*audit.Evidence, error) {
	all, err := simulation.Catalogs(zone)
	if err != nil {
		return nil, err
	}
	journal, err := r.bank.journal(ctx)
	if err != nil {
		return nil, err
	}
	last := r.catalog.Load()
	e := &audit.Evidence{
		Store: st, Now: r.clock.read(), Catalog: all[last], Catalogs: all[:last+1],
		Collected: r.bank.hostile.Collected(), Returned: r.bank.hostile.Returned(), Reversed: r.bank.hostile.Reversals(),
		Journal: journal, Rounds: r.attended,
	}
	for _, c := range r.customers {
		e.Customers = append(e.Customers, c.testimony())
	}
	return e, nil
}

// newDir creates the directory of a run, unless the options name one.
func newDir(o *Options) (string, error) {
	if o.Dir != "" {
		return o.Dir, os.MkdirAll(o.Dir, 0o750)
	}
	return os.MkdirTemp("", "prepaid-faults-")
}
