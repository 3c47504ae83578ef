package storetest

import (
	"context"
	"fmt"
	"runtime"
	"time"

	"github.com/prepaidkit/prepaid/store"
)

// The parts of the suite that its own tests look at.
var (
	Sample     = sample
	Spoil      = spoil
	Difference = difference
	Opaque     = opaque
)

// Cases returns the names of all cases, area/name.
func Cases() []string {
	var names []string
	for _, a := range areas() {
		for _, c := range a.cases {
			names = append(names, a.name+"/"+c.name)
		}
	}
	return names
}

// Verdict returns the first failure that a case, area/name, reports of a store, "" if it passes. The case
// waits no longer than that for what never takes long.
func Verdict(ctx context.Context, name string, s store.Store, patience time.Duration) string {
	for _, a := range areas() { //nolint:contextcheck // the cases have the recorder's
		for _, c := range a.cases {
			if a.name+"/"+c.name != name {
				continue
			}
			r := &recorder{ctx: ctx}
			done := make(chan struct{})
			go func() { // for Fatalf ends it
				defer close(done)
				c.run(newEnv(r, s, patience))
			}()
			<-done
			return r.failed
		}
	}
	return "no such case"
}

// recorder is a tb that keeps the first thing that it is told.
type recorder struct {
	ctx    context.Context
	failed string
}

func (r *recorder) Helper()                  {}
func (r *recorder) Context() context.Context { return r.ctx }

func (r *recorder) Errorf(format string, args ...any) {
	if r.failed == "" {
		r.failed = fmt.Sprintf(format, args...)
	}
}

func (r *recorder) Fatalf(format string, args ...any) {
	r.Errorf(format, args...)
	runtime.Goexit()
}
