package simulation_test

import (
	"flag"
	"runtime/debug"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/prepaidkit/prepaid/internal/simulation"
	"github.com/prepaidkit/prepaid/internal/testsize"
	"github.com/prepaidkit/prepaid/store"
	"github.com/prepaidkit/prepaid/store/memory"
)

var (
	worlds = flag.Int("worlds", testsize.Of(1, 10), "how many worlds of 24 applications and 24 months are simulated")
	seed   = flag.Uint64("seed", 0, "the seed of the first world")
	points = flag.Int("points", testsize.Of(31, 1), "every how many calls of the script get their crashes")
)

func newStore() store.Store { return memory.New() }

// A world makes a lot of garbage and keeps little: less frequent collections save a third of the time.
func TestMain(m *testing.M) {
	debug.SetGCPercent(400)
	m.Run()
}

// No promise is broken in years of many applications with random crashes and faults. At rest, the gateway's statement has no
// difference from the store.
// Rule: statement-finds-differences.
func TestWorlds(t *testing.T) {
	figures, failure := simulation.Worlds(newStore, &simulation.Options{Seed: *seed, Worlds: *worlds})
	t.Logf("injected:\n%s", figures)
	if failure != nil {
		t.Fatal(failure)
	}
	for what, n := range map[string]int{
		"gifts": figures.Gifts, "imports": figures.Imports, "imports repeated": figures.ImportsAgain,
		"imports refused": figures.ImportsRefused, "accounts changed": figures.AccountsChanged, "closed": figures.Closed,
		"erased": figures.Erased, "money that moved after closing": figures.AfterClosing,
	} {
		if n == 0 {
			t.Errorf("nothing met: %s", what)
		}
	}
}

// No promise is broken wherever a process crashes, before or after any of its calls.
func TestEveryCrashPoint(t *testing.T) {
	figures, failure := simulation.CrashPoints(newStore, &simulation.Options{Seed: *seed, Points: *points})
	if failure != nil {
		t.Fatal(failure)
	}
	t.Logf("injected:\n%s", figures)
	if figures.ScriptCalls < 300 {
		t.Errorf("the script has %d calls, want at least 300", figures.ScriptCalls)
	}
	if *points == 1 && (figures.CrashPoints != 2*figures.ScriptCalls || figures.Crashes < 2*figures.ScriptCalls*9/10) {
		t.Errorf("%d crash points and %d crashes of %d calls", figures.CrashPoints, figures.Crashes, figures.ScriptCalls)
	}
}

// The same seed makes the same world, so that a failure can be repeated.
func TestSameSeed(t *testing.T) {
	o := &simulation.Options{Seed: 11, Worlds: 2, Applications: 9, Months: testsize.Of(3, 9)}
	once, _ := simulation.Worlds(newStore, o)
	again, _ := simulation.Worlds(newStore, o)
	if diff := cmp.Diff(once, again); diff != "" {
		t.Errorf("the same seed (-once +again):\n%s", diff)
	}
}

// Each defect is caught by the promise that it breaks: a simulation that can't fail proves nothing.
func TestMutants(t *testing.T) {
	testsize.Full(t)
	caughtBy := map[string][]string{
		"charge-first":        {"error", "money", "sum"},
		"fresh-key":           {"error", "money", "sum"},
		"forgery-believed":    {"money", "sum", "unresolved"},
		"lease-as-lock":       {"overdue", "owed"},
		"overdue-forgotten":   {"overdue", "owed"},
		"stale-commit":        {"invariant", "revision", "replay", "minutes"},
		"settled-twice":       {"error", "replay", "status", "delivery", "calendar"},
		"chained-periods":     {"invariant", "decision", "calendar"},
		"decline-as-success":  {"money", "sum"},
		"unknown-as-decline":  {"money", "sum"},
		"late-delivers":       {"error", "replay", "status", "money", "sum"},
		"retention-ignored":   {"double charge", "money", "sum"},
		"amount-ignored":      {"money", "sum"},
		"minutes-for-nothing": {"invariant", "minutes"},
		"event-lost":          {"invariant", "replay", "events"},
		"receipts-lost":       {"receipt"},
		"off-ignored":         {"replay"},
		"records-forgotten":   {"usage"},
		"billed-twice":        {"usage"},
		"top-up-unpaid":       {"invariant", "minutes"},
		"released-twice":      {"invariant", "minutes"},
		"usage-cuts-package":  {"status"},
		"time-backwards":      {"time"},
		"clock-believed":      {"clock"},
		"round-stands-still":  {"time"},
		"todays-price":        {"price"},
		"refund-given-up":     {"refund"},
		"content-ignored":     {"money"},
		"review-unseen":       {"review"},
		"review-frees-usage":  {"review", "usage"},
		"revision-keys":       {"key"},
		"numbers-again":       {"decision"},
		"hard-forgotten":      {"replay"},
		"tax-forgotten":       {"tax"},
		"action-forgotten":    {"waits"},
		"refund-twice":        {"refund", "double refund"},
		"refund-forgotten":    {"unresolved", "refund"},
		"refund-stays-made":   {"refund", "sum"},
		"reversal-twice":      {"refund"},
		"taken-and-kept":      {"taken"},
		"share-drift":         {"share"},
		"late-kept":           {"kept", "refund"},
		"waiver-recorded":     {"replay", "price"},
		"carried-twice":       {"usage"},

		"import-unrecognized":  {"import"},
		"import-again":         {"import"},
		"gift-twice":           {"minutes"},
		"account-moves-orders": {"account"},
		"closed-sells":         {"left", "document"},
		"erased-keeps-note":    {"left"},
		"actor-forgotten":      {"actor"},

		"leaver-owes":      {"status"},
		"leaver-stays":     {"replay", "period"},
		"change-forgotten": {"agreed"},
		"deal-forgotten":   {"agreed"},
		"deal-for-good":    {"replay", "agreed"},

		"auto-top-up-twice": {"top-up"},
		"auto-top-up-limit": {"top-up"},
		"auto-top-up-hard":  {"top-up"},

		"correction-twice":     {"minutes", "usage"},
		"correction-mints":     {"minutes", "usage"},
		"correction-forgotten": {"minutes", "usage"},
		"forgiven-billed":      {"usage"},
		"forgiven-untold":      {"usage"},

		"overdraft-forgotten": {"overdraft"},
		"overdraft-twice":     {"overdraft"},
		"overdraft-unlimited": {"overdraft"},
		"overdraft-too-early": {"overdraft"},
	}
	for name, what := range simulation.Mutants() {
		t.Run(name, func(t *testing.T) {
			wanted, ok := caughtBy[name]
			if !ok {
				t.Fatalf("%s: no promise is listed that should catch it", what)
			}
			o := &simulation.Options{Worlds: 100, Applications: 8, Months: 12, Mutant: name, Whole: true}
			if name == "retention-ignored" || name == "review-frees-usage" { // they take an outage longer than the gateway's retention
				o.Months = 24
			}
			_, failure := simulation.Worlds(newStore, o)
			if failure == nil {
				t.Fatalf("%s: not caught", what)
			}
			for _, v := range failure.Violations {
				if slices.Contains(wanted, v.Kind) {
					t.Logf("%s: caught: %s", what, v)
					return
				}
			}
			t.Errorf("%s: caught as %s, want one of %v", what, failure.Violations[0], wanted)
		})
	}
}

// A failure reports its seed, and the history that shows it is short.
func TestFailureIsShort(t *testing.T) {
	_, failure := simulation.Worlds(newStore, &simulation.Options{Worlds: 3, Applications: 8, Months: testsize.Of(9, 24), Mutant: "decline-as-success"})
	if failure == nil {
		t.Fatal("not caught")
	}
	if failure.Actions > 20 || failure.Of < 1000 {
		t.Errorf("%d of %d actions, want a few out of thousands", failure.Actions, failure.Of)
	}
	if text := failure.Error(); !strings.Contains(text, "seed 0") || !strings.Contains(text, "order_placed") {
		t.Errorf("the failure lacks its seed or history:\n%s", text)
	}
}
