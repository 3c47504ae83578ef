package storetest

import (
	"time"

	"github.com/prepaidkit/prepaid/subscription"
)

// clockCases checks that a store on a server returns the time of its clock. The cases are skipped if the store isn't a
// [subscription.Clocked].
func clockCases() []check {
	cases := []check{
		{"the clock goes on, in UTC", func(e *env) {
			first := e.clock()
			e.stored("a")
			const pause = 20 * time.Millisecond
			time.Sleep(pause)
			second := e.clock()
			// The clock cannot be off by more than this, even on a slow machine.
			if passed := second.Sub(first); passed < pause/2 || passed > e.patience {
				e.Fatalf("Clock: %s and, more than %s later, %s", first, pause, second)
			}
			if first.Location() != time.UTC || first.Year() < 2025 {
				e.Fatalf("Clock: %s, want the current time in UTC", first)
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

// clocked returns the store of the case as a [subscription.Clocked]. It skips the case if the store has no clock.
func (e *env) clocked() subscription.Clocked {
	e.Helper()
	return optional[subscription.Clocked](e)
}

func (e *env) clock() time.Time {
	e.Helper()
	now, err := e.clocked().Clock(e.ctx)
	if err != nil {
		e.Fatalf("Clock: %v", err)
	}
	return now
}
