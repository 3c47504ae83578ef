// Package testsize says how large a run of tests is: small, so that all of them end within a minute or two, or full, which
// takes several, and which PREPAID_LONG=1 asks for, as CI does.
//
// A test that means something at a small size has two sizes, see [Of]. One that doesn't says with [Full] that it was not run.
package testsize

import (
	"flag"
	"os"
	"testing"
)

const variable = "PREPAID_LONG"

// IsFull reports whether the run is at full size.
func IsFull() bool {
	return os.Getenv(variable) != "" //nolint:forbidigo // a setting of test runs
}

// Of returns the size of a run that is small, or full.
func Of[T any](small, full T) T {
	if IsFull() {
		return full
	}
	return small
}

// Full skips a test unless the run is at full size.
func Full(tb testing.TB) {
	tb.Helper()
	if !IsFull() {
		tb.Skip("NOT TESTED, since it takes long:", variable+"=1 asks for it")
	}
}

// Shorten makes [testing.Short] true until the end of a test, unless the run is at full size. It is for the suites that
// other modules run too, which know nothing of PREPAID_LONG.
func Shorten(tb testing.TB) {
	tb.Helper()
	if IsFull() || testing.Short() {
		return
	}
	set := func(value string) {
		if err := flag.Set("test.short", value); err != nil {
			tb.Fatal(err)
		}
	}
	set("true")
	tb.Cleanup(func() { set("false") })
}
