package testsize_test

import (
	"testing"

	"github.com/prepaidkit/prepaid/internal/testsize"
)

// A run is small, and skips what takes long, unless it is asked to be full.
func TestRunIsSmallUnlessItIsAskedToBeFull(t *testing.T) {
	for _, tt := range []struct {
		value string
		full  bool
		size  int
	}{{"", false, 1}, {"1", true, 100}} {
		t.Setenv("PREPAID_LONG", tt.value)
		skipped := true
		t.Run("what takes long", func(t *testing.T) {
			t.Cleanup(func() { skipped = t.Skipped() })
			testsize.Full(t)
		})
		if got := testsize.Of(1, 100); testsize.IsFull() != tt.full || got != tt.size || skipped == tt.full {
			t.Errorf("PREPAID_LONG=%q: full %t, size %d, skipped %t", tt.value, testsize.IsFull(), got, skipped)
		}
	}
}

// A suite is short within a small run, and afterward as before.
func TestShorten(t *testing.T) {
	for value, full := range map[string]bool{"": false, "1": true} {
		t.Setenv("PREPAID_LONG", value)
		was := testing.Short()
		t.Run("suite", func(t *testing.T) {
			testsize.Shorten(t)
			if want := was || !full; testing.Short() != want {
				t.Errorf("PREPAID_LONG=%q: short %t, want %t", value, testing.Short(), want)
			}
		})
		if testing.Short() != was {
			t.Errorf("PREPAID_LONG=%q: short %t afterward, want %t", value, testing.Short(), was)
		}
	}
}
