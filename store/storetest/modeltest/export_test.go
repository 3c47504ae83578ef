package modeltest

import (
	"context"
	"flag"
	"fmt"
	"runtime"
	"testing"

	"pgregory.net/rapid"

	"github.com/prepaidkit/prepaid/store"
)

// Linearizable is the concurrent part of Run.
func Linearizable(ctx context.Context, st store.Store) error { return linearizable(ctx, st) }

// Walks is the model part of Run, and reports whether the stores pass.
func Walks(t *testing.T, stores ...store.Store) bool {
	t.Helper()
	// A walk that fails as it should leaves no file behind, and needn't be the shortest one.
	set(t, "rapid.nofailfile", "true")
	set(t, "rapid.shrinktime", "100ms")
	r := &recorder{name: t.Name()}
	done := make(chan struct{})
	go func() {
		defer close(done)
		rapid.Check(r, walks(t.Context(), [2]store.Store(stores)))
	}()
	<-done
	if r.failed {
		t.Log(r.last)
	}
	return !r.failed
}

// set sets a flag for the time of the test.
func set(t *testing.T, name, value string) {
	t.Helper()
	f := flag.Lookup(name).Value
	was := f.String()
	if err := f.Set(value); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = f.Set(was) })
}

// recorder is a rapid.TB that notes whether it failed.
type recorder struct {
	name, last string
	failed     bool
}

func (*recorder) Helper()             {}
func (r *recorder) Name() string      { return r.name }
func (r *recorder) Failed() bool      { return r.failed }
func (r *recorder) Fail()             { r.failed = true }
func (r *recorder) FailNow()          { r.failed = true; runtime.Goexit() }
func (r *recorder) SkipNow()          { runtime.Goexit() }
func (r *recorder) Skip(...any)       { runtime.Goexit() }
func (*recorder) Logf(string, ...any) {}
func (*recorder) Log(...any)          {}

func (r *recorder) Skipf(string, ...any) { runtime.Goexit() }

func (r *recorder) Errorf(format string, args ...any) {
	r.Fail()
	r.last = fmt.Sprintf(format, args...)
}

func (r *recorder) Fatalf(format string, args ...any) { r.Errorf(format, args...); runtime.Goexit() }

// Error keeps the first message.
func (r *recorder) Error(args ...any) {
	if !r.failed {
		r.last = fmt.Sprint(args...)
	}
	r.failed = true
}

func (r *recorder) Fatal(args ...any) { r.Error(args...); runtime.Goexit() }
