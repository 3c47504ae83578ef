package compare_test

import (
	"errors"
	"math"
	"testing"

	"github.com/prepaidkit/prepaid/examples/catalog"
	"github.com/prepaidkit/prepaid/examples/compare"
	"github.com/prepaidkit/prepaid/pricing"
)

// TestBadAmounts checks that minutes below zero or above the maximum, and sums out of range, are errors.
func TestBadAmounts(t *testing.T) {
	cat, err := catalog.Load()
	if err != nil {
		t.Fatal(err)
	}
	kind := pricing.UsageKind{ID: "heavy", Covered: true, Weight: 1_000_000}
	for _, tt := range []struct {
		name    string
		minutes []int64
		want    error
	}{
		{"negative", []int64{-1}, pricing.ErrNegative},
		{"more than the maximum", []int64{compare.MaxMinutes + 1}, pricing.ErrOverflow},
		{"absurd", []int64{math.MaxInt64}, pricing.ErrOverflow},
		{"a sum out of range", []int64{
			compare.MaxMinutes, compare.MaxMinutes, compare.MaxMinutes, compare.MaxMinutes, compare.MaxMinutes,
			compare.MaxMinutes, compare.MaxMinutes, compare.MaxMinutes, compare.MaxMinutes, compare.MaxMinutes,
		}, pricing.ErrOverflow},
	} {
		var usage []compare.Amount
		for _, n := range tt.minutes {
			usage = append(usage, compare.Amount{Kind: kind, Minutes: n})
		}
		if _, err := compare.Ways(cat, "call", "USD", usage...); !errors.Is(err, tt.want) {
			t.Errorf("%s: got %v, want %v", tt.name, err, tt.want)
		}
	}
}

// TestNoWay checks that an unknown product and a currency without prices are errors.
func TestNoWay(t *testing.T) {
	cat, err := catalog.Load()
	if err != nil {
		t.Fatal(err)
	}
	if _, err := compare.Ways(cat, "fax", "USD"); !errors.Is(err, pricing.ErrUnknownProduct) {
		t.Errorf("unknown product: %v", err)
	}
	hd, err := cat.UsageKind("hd")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := compare.Ways(cat, "call", "EUR", compare.Amount{Kind: hd, Minutes: 1}); !errors.Is(err, pricing.ErrNoPrice) {
		t.Errorf("currency without prices: %v", err)
	}
}
