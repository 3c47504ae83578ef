package pricing_test

import (
	"errors"
	"runtime"
	"testing"
	"time"
	_ "time/tzdata" // the zones of the tables, even if the machine has none

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/prepaidkit/prepaid/internal/testworld"
	"github.com/prepaidkit/prepaid/pricing"
)

// byValue compares amounts and rates with ==, as users do.
var byValue = cmpopts.EquateComparable(pricing.Money{}, pricing.Rate{})

var (
	money = testworld.Money
	rate  = testworld.Rate
)

func day(tb testing.TB, s string) pricing.Date {
	tb.Helper()
	d, err := pricing.ParseDate(s)
	if err != nil {
		tb.Fatal(err)
	}
	return d
}

func zone(tb testing.TB, name string) pricing.Zone {
	tb.Helper()
	z, err := pricing.LoadZone(name)
	if err != nil {
		tb.Fatal(err)
	}
	return z
}

// instant parses "2025-06-16T10:00:00Z", optionally with a fraction of a second.
func instant(tb testing.TB, s string) time.Time {
	tb.Helper()
	t, err := time.Parse(time.RFC3339Nano, s)
	if err != nil {
		tb.Fatal(err)
	}
	return t
}

// period returns period n of an anchor.
func period(tb testing.TB, anchor string, term pricing.Term, n int, z pricing.Zone) pricing.Period {
	tb.Helper()
	p, err := pricing.Anchor{Date: day(tb, anchor), Term: term}.Period(n, z)
	if err != nil {
		tb.Fatal(err)
	}
	return p
}

// equal fails the test unless got and want are equal.
func equal[T any](tb testing.TB, what string, got, want T) {
	tb.Helper()
	if diff := cmp.Diff(want, got, byValue); diff != "" {
		tb.Errorf("%s (-want +got):\n%s", what, diff)
	}
}

// wrapped fails the test unless err is or wraps want; a nil want means no error.
func wrapped(tb testing.TB, what string, err, want error) {
	tb.Helper()
	if !errors.Is(err, want) {
		tb.Errorf("%s: error %v, want %v", what, err, want)
	}
}

// allocated returns the number of bytes that f allocates.
func allocated(f func()) uint64 {
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	f()
	runtime.ReadMemStats(&after)
	return after.TotalAlloc - before.TotalAlloc
}
