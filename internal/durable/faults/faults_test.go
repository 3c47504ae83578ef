package faults_test

import (
	"errors"
	"io"
	"os"
	"slices"
	"testing"

	"github.com/prepaidkit/prepaid/internal/durable/faults"
	"github.com/prepaidkit/prepaid/internal/pgtest"
	"github.com/prepaidkit/prepaid/internal/testsize"
)

func TestMain(m *testing.M) {
	faults.Child()
	os.Exit(pgtest.Main(m))
}

// Nothing is lost or done twice in a file whose processes are killed and whose disk is temporarily full.
func TestSQLite(t *testing.T) {
	kills, full, apps := testsize.Of(6, 20), testsize.Of(1, 2), testsize.Of(12, 24)
	r := run(t, &faults.Options{Store: faults.SQLite, Kills: kills, Full: full, Applications: apps, Days: days()})
	if f := r.Figures; f.Kills < kills || f.Full != full || f.Lost == 0 || f.Renewals == 0 && testsize.IsFull() || f.Records == 0 || !hosted(f) {
		t.Errorf("too little happened: %s", f)
	}
}

// hosted reports whether each kind of the host's activities took place.
func hosted(f faults.Figures) bool {
	return f.Feed.Handled > 0 && f.Feed.Refused > 0 && f.Held > 0 && f.Refusals > 0 && f.Within > 0 && f.Deposits > 0 && f.Catalogs > 1 && (f.Pruned > 0 || f.Days < 40)
}

// The same holds on a server that is killed as well, over connections that are cut, also between a commit and its
// answer.
func TestPostgres(t *testing.T) {
	kills, restarts := testsize.Of(6, 20), testsize.Of(1, 2)
	r := run(t, &faults.Options{
		Store: faults.Postgres, Kills: kills, Restarts: restarts, Cuts: 25, Days: min(days(), 45), Applications: testsize.Of(12, 24),
	})
	if f := r.Figures; f.Kills < kills || f.Restarts != restarts || f.Cut == 0 || f.Before == 0 || f.After == 0 || f.Lost == 0 ||
		f.Renewals == 0 && testsize.IsFull() || f.Records == 0 || !hosted(f) {
		t.Errorf("too little happened: %s", f)
	}
}

// What a server acknowledged outlives it if a synchronous standby takes over, at any moment.
// Rule: acknowledged-survives-failover.
func TestFailover(t *testing.T) {
	testsize.Full(t)
	r := run(t, &faults.Options{Store: faults.Postgres, Kills: 8, Restarts: 1, Failovers: 3, Days: 2, Applications: 12})
	if f := r.Figures; f.Failovers != 3 || f.Records == 0 || f.Collected == 0 {
		t.Errorf("too little happened: %s", f)
	}
}

// days is the virtual time of a run: enough for purchases to be renewed twice and for old rows to be pruned, or a few
// days.
func days() int { return testsize.Of(6, 70) }

// gap is the longest pause between two kills, in milliseconds: processes must be able to start in between.
func gap() int {
	if slow {
		return 700
	}
	return 350
}

func run(t *testing.T, o *faults.Options) *faults.Report {
	t.Helper()
	o.Seed, o.Gap = 1, gap()
	r, err := faults.Run(t.Context(), o)
	needed(t, err)
	t.Log(r)
	if len(r.Violations) > 0 {
		t.Fatalf("%d promises are broken, such as %.1000s", len(r.Violations), r.Violations[0])
	}
	return r
}

// needed skips a test for which there is no Postgres server, and fails it on any other error.
func needed(t *testing.T, err error) {
	t.Helper()
	switch {
	case err == nil:
	case errors.Is(err, pgtest.ErrNoPrograms) && os.Getenv("PREPAID_REQUIRE_SERVERS") == "":
		t.Skip("NOT TESTED: needs a Postgres server that can be killed:", err)
	default:
		t.Fatal(err)
	}
}

// Each defect of the children is caught by a promise that it breaks: an audit that can't fail proves nothing.
func TestMutants(t *testing.T) {
	testsize.Full(t)
	caughtBy := map[string][]string{
		"stale-commit":   {"receipt", "replay", "minutes", "usage", "money", "sum"},
		"lost-commit":    {"receipt", "usage", "money", "sum"},
		"receipts-lost":  {"receipt"},
		"fresh-key":      {"money", "sum"},
		"changed-record": {"usage"},
		"host-apart":     {"host"},
		"deposit-again":  {"deposit"},
		"pruned-early":   {"receipt", "usage", "replay", "minutes"},
		"not-flushed":    {"receipt", "usage", "money", "sum"},
		"standby-behind": {"receipt", "usage", "money", "sum"},
		"told-later":     {"feed"},
	}
	for _, name := range faults.MutantNames() {
		if caughtBy[name] == nil {
			t.Errorf("%s: nothing is said about what catches it", name)
		}
		what := faults.Mutants()[name]
		t.Run(name, func(t *testing.T) {
			for kills := 6; kills < 50; kills *= 2 { // a busy machine may need more of them
				o := &faults.Options{
					Store: faults.SQLite, Kills: kills, Full: -1, Days: -1, Applications: 12, Mutant: name, Gap: gap(),
					Seed: 1, Dir: t.TempDir(),
				}
				switch name { // those that need a server
				case "not-flushed":
					o.Store, o.Restarts, o.Cuts = faults.Postgres, 6, -1
				case "standby-behind":
					o.Store, o.Restarts, o.Failovers, o.Cuts = faults.Postgres, -1, 4, -1
				}
				r, err := faults.Run(t.Context(), o)
				needed(t, err)
				for _, v := range r.Violations {
					if slices.Contains(caughtBy[name], v.Kind) {
						t.Logf("%s: %d promises broken, such as %.300s", what, len(r.Violations), v)
						return
					}
				}
				t.Logf("%s: %d promises broken, none of %v", what, len(r.Violations), caughtBy[name])
			}
			t.Error("not caught")
		})
	}
}

// Worker processes on one Postgres database share what is due, and do none of it twice.
func TestShare(t *testing.T) {
	due := testsize.Of(200, 600)
	for tries := 3; ; tries-- { // on a busy machine one of them may get no share
		idle := false
		all, err := faults.Share(t.Context(), due, io.Discard, 1, 2, 4)
		needed(t, err)
		for _, s := range all {
			sum := 0
			for _, paid := range s.Paid {
				sum += paid
			}
			if sum != due || len(s.Violations) > 0 {
				t.Fatalf("%d workers paid for %d of %d renewals, and broke %v", s.Workers, sum, due, s.Violations)
			}
			idle = idle || slices.Contains(s.Paid, 0)
			t.Logf("%d workers: %d renewals a second, by each %v", s.Workers, s.PerSecond, s.Paid)
		}
		if !idle {
			return
		}
		if tries == 1 {
			t.Fatal("a worker did nothing")
		}
	}
}
