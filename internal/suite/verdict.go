package suite

import (
	"context"
	"fmt"
	"runtime"
	"strings"
	"testing"
)

// Verdict is the outcome of one case.
type Verdict struct {
	Case    string // area/name
	Failed  string // the first message, "" if it passed
	Skipped string // the reason, "" if it wasn't skipped
}

// Judge runs a case and returns its verdict instead of failing a test.
func Judge[E any](ctx context.Context, name string, c Case[E], environment func(tb TB) E) Verdict {
	r := &recorder{ctx: ctx, verdict: Verdict{Case: name}}
	done := make(chan struct{})
	go func() { // because Fatalf and Skipf end the goroutine
		defer close(done)
		c.Run(environment(r))
	}()
	<-done
	return r.verdict
}

// Catch fails the test unless one of the named cases that begin with prefix fails.
func Catch(t *testing.T, names []string, prefix string, judge func(name string) Verdict) {
	t.Helper()
	tried := 0
	for _, name := range names {
		if !strings.HasPrefix(name, prefix) {
			continue
		}
		tried++
		if v := judge(name); v.Failed != "" {
			t.Logf("%s: %.1000s", name, v.Failed)
			return
		}
	}
	t.Errorf("none of %d cases of %q failed", tried, prefix)
}

// recorder is a TB that keeps the first message.
type recorder struct {
	ctx     context.Context //nolint:containedctx // a case is one test, and this is the test's
	verdict Verdict
}

func (r *recorder) Helper()                  {}
func (r *recorder) Context() context.Context { return r.ctx }

func (r *recorder) Errorf(format string, args ...any) {
	if r.verdict.Failed == "" {
		r.verdict.Failed = fmt.Sprintf(format, args...)
	}
}

func (r *recorder) Fatalf(format string, args ...any) {
	r.Errorf(format, args...)
	runtime.Goexit()
}

func (r *recorder) Skipf(format string, args ...any) {
	r.verdict.Skipped = fmt.Sprintf(format, args...)
	runtime.Goexit()
}
