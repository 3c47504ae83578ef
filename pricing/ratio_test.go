package pricing_test

import (
	"math"
	"testing"

	"github.com/prepaidkit/prepaid/pricing"
)

// A fraction of whole minutes is rounded down.
// Rule: rounding-mode.
func TestRatioFloor(t *testing.T) {
	const most = math.MaxInt64
	for _, tt := range []struct {
		name  string
		ratio pricing.Ratio
		n     int64
		want  int64
		err   error
	}{
		{"the first day", pricing.Ratio{Num: 31, Den: 31}, 200_000, 200_000, nil},
		{"rounded down", pricing.Ratio{Num: 16, Den: 31}, 200_000, 103_225, nil},
		{"almost one more", pricing.Ratio{Num: 999, Den: 1000}, 1, 0, nil},
		{"none", pricing.Ratio{Num: 0, Den: 31}, 200_000, 0, nil},
		{"of none", pricing.Ratio{Num: 16, Den: 31}, 0, 0, nil},
		{"more than one", pricing.Ratio{Num: 7, Den: 2}, 3, 10, nil},
		{"a product beyond 64 bits", pricing.Ratio{Num: most - 1, Den: most}, most - 1, most - 2, nil},
		{"all of the most", pricing.Ratio{Num: 31, Den: 31}, most, most, nil},
		{"the most and a half", pricing.Ratio{Num: 3, Den: 2}, 6148914691236517205, most, nil},
		{"out of range", pricing.Ratio{Num: 2, Den: 1}, most, 0, pricing.ErrOverflow},
		{"far out of range", pricing.Ratio{Num: most, Den: 1}, most, 0, pricing.ErrOverflow},
		{"negative", pricing.Ratio{Num: 1, Den: 2}, -1, 0, pricing.ErrNegative},
		{"the zero value", pricing.Ratio{}, 1, 0, pricing.ErrRatio},
		{"negative numerator", pricing.Ratio{Num: -1, Den: 2}, 1, 0, pricing.ErrRatio},
		{"negative denominator", pricing.Ratio{Num: 1, Den: -2}, 1, 0, pricing.ErrRatio},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got, err := tt.ratio.Floor(tt.n)
			wrapped(t, "Floor", err, tt.err)
			equal(t, "Floor", got, tt.want)
		})
	}
}

func TestRatioCmp(t *testing.T) {
	for _, tt := range []struct {
		name string
		r, s pricing.Ratio
		want int
	}{
		{"kept as counted, equal in value", pricing.Ratio{Num: 15, Den: 30}, pricing.Ratio{Num: 1, Den: 2}, 0},
		{"less", pricing.Ratio{Num: 15, Den: 31}, pricing.Ratio{Num: 15, Den: 30}, -1},
		{"greater", pricing.Ratio{Num: 16, Den: 31}, pricing.Ratio{Num: 15, Den: 30}, 1},
		{
			"apart by less than a float could tell",
			pricing.Ratio{Num: math.MaxInt64 - 1, Den: math.MaxInt64},
			pricing.Ratio{Num: math.MaxInt64 - 2, Den: math.MaxInt64 - 1}, 1,
		},
	} {
		t.Run(tt.name, func(t *testing.T) { equal(t, "Cmp", tt.r.Cmp(tt.s), tt.want) })
	}
}

func TestRatioString(t *testing.T) {
	equal(t, "String", pricing.Ratio{Num: 15, Den: 30}.String(), "15/30")
	equal(t, "String", pricing.Ratio{Num: 3, Den: 1}.String(), "3")
}
