package storetest

import (
	"time"

	"github.com/prepaidkit/prepaid/subscription"
)

// clockCases: a store on a server tells its wall clock. A store that isn't a [subscription.Clocked] skips them.
func clockCases() []check {
	cases := []check{
		{"the clock goes on, in UTC", func(e *env) {
			first := e.clock()
			e.stored("a")
			const pause = 20 * time.Millisecond
			time.Sleep(pause)
			second := e.clock()
			// However slow the machine is, it isn't slower than this.
			if passed := second.Sub(first); passed < pause/2 || passed > e.patience {
				e.Fatalf("Clock: %s, and more than %s later %s", first, pause, second)
			}
			if first.Location() != time.UTC || first.Year() < 2025 {
				e.Fatalf("Clock: %s, want the present in UTC", first)
			}
		}},
	}
	for _, w := range endings() {
		cases = append(cases, check{"the context " + w.name, func(e *env) {
			clocked := e.clocked()
			ctx, cancel := w.end(e.ctx)
			defer cancel()
			_, err := clocked.Clock(ctx)
			e.ended("Clock", err, w)
		}})
	}
	return cases
}

// clocked returns the store of the case as one that has a clock, and skips the case if it hasn't.
func (e *env) clocked() subscription.Clocked {
	e.Helper()
	c, ok := e.store.(subscription.Clocked)
	if !ok {
		e.Skipf("%T isn't a subscription.Clocked: it has no clock of its own", e.store)
	}
	return c
}

func (e *env) clock() time.Time {
	e.Helper()
	now, err := e.clocked().Clock(e.ctx)
	if err != nil {
		e.Fatalf("Clock: %v", err)
	}
	return now
}
