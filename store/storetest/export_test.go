package storetest

import (
	"context"
	"fmt"
	"runtime"
	"time"

	"github.com/prepaidkit/prepaid/internal/testsize"
	"github.com/prepaidkit/prepaid/store"
	"github.com/prepaidkit/prepaid/subscription"
)

// The parts of the suite that its own tests look at.
var (
	Sample     = sample
	Spoil      = spoil
	Difference = difference
	Opaque     = opaque
)

// Spots returns how to put a text into each place of a change, by path.
func Spots() map[string]func(c *subscription.Change, text string) {
	all := map[string]func(c *subscription.Change, text string){}
	for _, s := range spots() {
		all[s.path] = s.put
	}
	return all
}

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

// Verdict returns the first failure that a case, area/name, reports of the stores that it opens, "" if they pass. The
// case waits no longer than that for what never takes long.
func Verdict(ctx context.Context, name string, open func() store.Store, patience time.Duration) string {
	return judge(ctx, name, open, patience).failed
}

// Skipped returns why a case isn't for the stores that it opens, "" if it is.
func Skipped(ctx context.Context, name string, open func() store.Store) string {
	return judge(ctx, name, open, time.Second).skipped
}

func judge(ctx context.Context, name string, open func() store.Store, patience time.Duration) *recorder {
	for _, a := range areas() { //nolint:contextcheck // the cases have the recorder's
		for _, c := range a.cases {
			if a.name+"/"+c.name != name {
				continue
			}
			r := &recorder{ctx: ctx}
			done := make(chan struct{})
			go func() { // for Fatalf ends it
				defer close(done)
				e := newEnv(r, open, patience)
				e.brief = !testsize.IsFull()
				c.run(e)
			}()
			<-done
			return r
		}
	}
	return &recorder{failed: "no such case"}
}

// recorder is a tb that keeps the first thing that it is told.
type recorder struct {
	ctx             context.Context
	failed, skipped string
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

func (r *recorder) Skipf(format string, args ...any) {
	r.skipped = fmt.Sprintf(format, args...)
	runtime.Goexit()
}
