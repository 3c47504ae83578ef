package subscription_test

import (
	"encoding/json"
	"errors"
	"math"
	"testing"

	"github.com/prepaidkit/prepaid/subscription"
)

// JSON contains minutes with at most three decimals, and they round-trip.
func TestQuantityInJSON(t *testing.T) {
	for text, want := range map[string]subscription.Quantity{
		"0": 0, "1": 1000, "100000": 100_000_000, "0.5": 500, "4.125": 4125, "0.001": 1, "-0.5": -500, "-12.05": -12_050,
		"9223372036854775.807": math.MaxInt64, "-9223372036854775.808": math.MinInt64,
	} {
		var got subscription.Quantity
		if err := json.Unmarshal([]byte(text), &got); err != nil || got != want {
			t.Errorf("%s is %d, %v, want %d", text, got, err, want)
		}
		back, err := json.Marshal(want)
		check(t, text+" again", string(back), text)
		check(t, text+" again", err, nil)
	}
	kept := subscription.Quantity(7)
	check(t, "null", json.Unmarshal([]byte("null"), &kept), nil)
	check(t, "after null", kept, 7)
}

func TestQuantityInJSONRefuses(t *testing.T) {
	for _, text := range []string{
		"0.0005", "1.2345", "1e3", "0.5e1", `"1"`, "true", "[]", "9223372036854775.808", "-9223372036854775.809", "99999999999999999999",
		"", "-", "1.", ".5", "1.-5", "1.5x",
	} {
		got := subscription.Quantity(7)
		if err := got.UnmarshalJSON([]byte(text)); !errors.Is(err, subscription.ErrInvalid) || got != 7 {
			t.Errorf("%q is %d, %v", text, got, err)
		}
	}
}

func FuzzQuantityInJSON(f *testing.F) {
	for _, q := range []int64{0, 1, -1, 999, 1000, -1001, math.MaxInt64, math.MinInt64} {
		f.Add(q)
	}
	f.Fuzz(func(t *testing.T, n int64) {
		q := subscription.Quantity(n)
		text, err := json.Marshal(q)
		if err != nil {
			t.Fatal(err)
		}
		var again subscription.Quantity
		if err := json.Unmarshal(text, &again); err != nil || again != q {
			t.Errorf("%d is %s, and comes back as %d, %v", n, text, again, err)
		}
	})
}

func TestQuantity(t *testing.T) {
	for q, want := range map[subscription.Quantity]string{
		0: "0", 1: "0.001", 500: "0.5", 1000: "1", 4500: "4.5", -1: "-0.001", -1500: "-1.5", 1_000_010: "1000.01",
		math.MaxInt64: "9223372036854775.807", math.MinInt64: "-9223372036854775.808",
	} {
		check(t, "text", q.String(), want)
	}
	check(t, "the most", subscription.Minutes(math.MaxInt64), math.MaxInt64)
	check(t, "the least", subscription.Minutes(math.MinInt64), math.MinInt64)
	check(t, "whole, toward zero", subscription.Quantity(-1999).Whole(), -1)
}
