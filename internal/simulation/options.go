package simulation

import (
	"runtime"
	"sync"
	"testing"

	"github.com/prepaidkit/prepaid/store"
)

// Options set the size of a simulation. The zero value of each field means its default, and a nil *Options means all
// defaults.
type Options struct {
	Seed         uint64 // of the first world; the others have the following ones
	Worlds       int    // how many worlds; the default is 8
	Applications int    // in each world; the default is 24
	Months       int    // of virtual time in each world; the default is 24
	Workers      int    // in each world; the default is 3
	// NoCrashes disables the random crashes of the long runs.
	NoCrashes bool
	// Points is the distance between the calls of the script that are interrupted by a crash, before and after. The
	// default, 1, means every call; a negative number disables the script.
	Points int
	// Whole leaves the history of a failure unshortened.
	Whole bool
	// Mutant is the name of a defect to inject, see [Mutants]; "" means none.
	Mutant string
}

func (o *Options) filled() Options {
	var f Options
	if o != nil {
		f = *o
	}
	positive(&f.Worlds, 8)
	positive(&f.Applications, 24)
	positive(&f.Months, 24)
	positive(&f.Workers, 3)
	if f.Points == 0 {
		f.Points = 1
	}
	return f
}

// positive sets v to its default unless it is positive.
func positive(v *int, otherwise int) {
	if *v <= 0 {
		*v = otherwise
	}
}

// NewStore makes an empty store. A simulation makes many, one at a time, on its caller's goroutine.
type NewStore func() store.Store

// Run runs the long runs and the crash points for a store within a test. It logs what was injected, and fails the test,
// with the seed and a short history, if a promise was broken. opts may be nil.
func Run(tb testing.TB, newStore func() store.Store, opts *Options) {
	tb.Helper()
	figures, failure := Simulate(newStore, opts)
	tb.Logf("injected:\n%s", figures)
	if failure != nil {
		tb.Fatal(failure)
	}
}

// Simulate is [Run] outside a test. It stops at the first failure, and returns nil if there is none.
func Simulate(newStore NewStore, opts *Options) (Figures, *Failure) {
	o := opts.filled()
	figures, failure := CrashPoints(newStore, &o)
	if failure != nil {
		return figures, failure
	}
	long, failure := Worlds(newStore, &o)
	figures.add(&long)
	return figures, failure
}

// Worlds runs the worlds of the options, with random crashes.
func Worlds(newStore NewStore, opts *Options) (Figures, *Failure) {
	o := opts.filled()
	all := make([]settings, o.Worlds)
	for i := range all {
		all[i] = settingsOf(&o, o.Seed+uint64(i))
	}
	var figures Figures
	failure := playAll(newStore, all, func(s *settings) []action { return s.plan() }, &figures, &o)
	return figures, failure
}

// CrashPoints plays a script of some thousand calls to the store and the gateway once, to count them, and then again with a
// crash before and after each of them.
func CrashPoints(newStore NewStore, opts *Options) (Figures, *Failure) {
	o := opts.filled()
	var figures Figures
	if o.Points < 0 {
		return figures, nil
	}
	s := scriptSettings(&o)
	once, err := play(newStore, s, script())
	if err != nil {
		return figures, broken(s, err)
	}
	figures.ScriptCalls = once.played
	all := []settings{s}
	for n := 0; n < once.played; n += o.Points {
		for _, after := range []bool{false, true} {
			s.crashAt, s.crashAfter = n+1, after
			all = append(all, s)
		}
	}
	failure := playAll(newStore, all, func(*settings) []action { return script() }, &figures, &o)
	figures.CrashPoints = len(all) - 1
	return figures, failure
}

// playAll plays worlds, several at a time since they are independent, and stops at the first one that fails.
func playAll(newStore NewStore, all []settings, plan func(*settings) []action, figures *Figures, o *Options) *Failure {
	at := runtime.GOMAXPROCS(0)
	for ; len(all) > 0; all = all[min(at, len(all)):] {
		some := all[:min(at, len(all))]
		worlds, errs := make([]*world, len(some)), make([]error, len(some))
		var wait sync.WaitGroup
		for i := range some {
			actions := plan(&some[i])
			stores := storesFor(newStore, actions)
			wait.Go(func() { worlds[i], errs[i] = play(stores, some[i], actions) })
		}
		wait.Wait()
		for i, w := range worlds {
			if errs[i] != nil {
				return broken(some[i], errs[i])
			}
			figures.add(&w.figures)
			if len(w.violations) > 0 {
				return shrink(newStore, some[i], plan(&some[i]), w, o.Whole)
			}
		}
	}
	return nil
}

// storesFor makes the stores that a world needs, on its caller's goroutine: the first one, and another one for each
// backup that is restored.
func storesFor(newStore NewStore, actions []action) NewStore {
	stores := []store.Store{newStore()}
	for _, a := range actions {
		if a.kind == restoreBackup {
			stores = append(stores, newStore())
		}
	}
	return func() store.Store {
		next := stores[0]
		stores = stores[1:]
		return next
	}
}
