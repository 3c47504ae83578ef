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
