package paymenttest

import (
	"context"
	"fmt"
	"runtime"
)

// Verdict is what one case of the suite said about a gateway.
type Verdict struct {
	Case    string // area/name
	Failed  string // the first message, "" if it passed
	Skipped string // why, "" if it wasn't
}

// Verdicts runs every case of the suite against the gateways that open returns, as Run does, but collects
// the failures instead of failing.
func Verdicts(ctx context.Context, open func() Harness) []Verdict {
	var all []Verdict
	for _, a := range areas() { //nolint:contextcheck // a case takes its context from its tb
		for _, c := range a.cases {
			r := &recorder{ctx: ctx, verdict: Verdict{Case: a.name + "/" + c.name}}
			done := make(chan struct{})
			go func() { // for Fatalf and Skipf end it
				defer close(done)
				c.run(newEnv(r, open()))
			}()
			<-done
			all = append(all, r.verdict)
		}
	}
	return all
}

// recorder is a tb that keeps what it is told.
type recorder struct {
	ctx     context.Context
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
