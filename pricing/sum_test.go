package pricing_test

import (
	"fmt"
	"math/big"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/prepaidkit/prepaid/pricing"
)

// A sum is exact, whatever the fractions. Kinds of usage with weights of 1.001, 1.003 and 1.007, and a price of
// 3.990000001, have a common denominator of 10,110,310,210,000,000,000: more than 63 bits.
func TestPriceUsageOfFractions(t *testing.T) {
	c := catalog(t, strings.Replace(minutesCatalog, `"3.99"`, `"3.990000001"`, 1))
	p, err := c.PriceUsage("USD",
		pricing.UsageAmount{Kind: "hd", Minutes: pricing.Ratio{Num: 1_000_000, Den: 1001}}, // 3.98601398701… USD
		pricing.UsageAmount{Kind: "hd", Minutes: pricing.Ratio{Num: 1_000_000, Den: 1003}}, // 3.97806580358…
		pricing.UsageAmount{Kind: "hd", Minutes: pricing.Ratio{Num: 1_000_000, Den: 1007}}, // 3.96226415193…
	)
	wrapped(t, "PriceUsage", err, nil)
	equal(t, "Amount", p.Amount.String(), "11.93 USD") // 11.92634394253…
	equal(t, "Exact", pricing.FormatExact(p.Exact()), "927531053309387/77771617000000")
	var formulas, exact, shares []string
	for _, l := range p.Lines {
		formulas = append(formulas, l.Formula())
		exact = append(exact, pricing.FormatExact(l.Exact()))
		shares = append(shares, l.Amount.Amount())
	}
	equal(t, "Formula", formulas, []string{
		"3.990000001 × 1000000/1001000", "3.990000001 × 1000000/1003000", "3.990000001 × 1000000/1007000",
	})
	equal(t, "Exact of the lines", exact, []string{"306923077/77000000", "3990000001/1003000000", "3990000001/1007000000"})
	equal(t, "shares", shares, []string{"3.99", "3.98", "3.96"})
}

// Whatever the denominators, the sum is rounded once, in every mode, and the remaining cents go to the largest
// remainders.
// Rule: rounds-once.
func TestTotalOfAnyFractions(t *testing.T) {
	line := func(unit string, num, den int64) pricing.Line {
		return pricing.Line{Unit: rate(t, unit), Times: pricing.Ratio{Num: num, Den: den}}
	}
	const fine = "0.000000001"
	const half = (most - 1) / 2 // of most − 1
	for _, tt := range []struct {
		name   string
		mode   pricing.Rounding
		lines  []pricing.Line
		exact  string
		want   string
		shares []int64
	}{
		{"a denominator beyond 64 bits", "", []pricing.Line{line(fine, 1, most)}, "1/9223372036854775807000000000", "0 JPY", []int64{0}},
		{"the same, rounded up", pricing.Up, []pricing.Line{line(fine, 1, most)}, "1/9223372036854775807000000000", "1 JPY", []int64{1}},
		{
			"a common denominator beyond 64 bits", pricing.Up, []pricing.Line{line("1", 1, most), line("1", 1, most-1)},
			"18446744073709551613/85070591730234615838173535747377725442", "1 JPY", []int64{0, 1},
		},
		{
			"an even half", pricing.HalfEven, []pricing.Line{line("1", 1, most), line("1", most-1, most), line("1", 1, most-1), line("1", most-2, most-1), line("1", 1, 2)},
			"2.5", "2 JPY", []int64{0, 1, 0, 1, 0},
		},
		{
			"a half", pricing.HalfUp, []pricing.Line{line("1", 1, most), line("1", most-1, most), line("1", 1, most-1), line("1", most-2, most-1), line("1", 1, 2)},
			"2.5", "3 JPY", []int64{0, 1, 0, 1, 1},
		},
		{
			"an odd half", pricing.HalfEven, []pricing.Line{line("1", 1, most), line("1", most-1, most), line("1", half, most-1)},
			"1.5", "2 JPY", []int64{0, 1, 1},
		},
		{"equal remainders: the earlier line", "", []pricing.Line{line("1", half, most-1), line("1", 1, 2), line("1", 1, most)}, "9223372036854775808/9223372036854775807", "1 JPY", []int64{1, 0, 0}},
		{
			"more whole units than one", pricing.Down, []pricing.Line{line("10", most-1, most), line("20", most-2, most-1)},
			"1276058875953519237434252455657844244530/42535295865117307919086767873688862721", "29 JPY", []int64{10, 19},
		},
		{
			"unit and credit of different scales", "", []pricing.Line{{Unit: rate(t, "9223372036854775807"), Credit: rate(t, fine), Times: pricing.Ratio{Num: 1, Den: 1_000_000}}},
			"9223372036854.775806999999999", "9223372036855 JPY", []int64{9223372036855},
		},
		{"the most and a third", "", []pricing.Line{line("9223372036854775807", 1, 1), line("1", 1, 3)}, "27670116110564327422/3", "9223372036854775807 JPY", []int64{most, 0}},
		{"the most and a half, down", pricing.Down, []pricing.Line{line("9223372036854775807", 1, 1), line("1", 1, 2)}, "9223372036854775807.5", "9223372036854775807 JPY", []int64{most, 0}},
		{"a line of the most and a fraction", pricing.Down, []pricing.Line{line("6148914691236517205", 3, 2)}, "9223372036854775807.5", "9223372036854775807 JPY", []int64{most}},
		{
			"fractions that make up the most", "", []pricing.Line{line("9223372036854775806", 1, 1), line("1", 2, 3), line("1", 2, 3)},
			"27670116110564327422/3", "9223372036854775807 JPY", []int64{most - 1, 1, 0},
		},
	} {
		t.Run(tt.name, func(t *testing.T) {
			p, err := pricing.Total("JPY", tt.mode, tt.lines)
			wrapped(t, "Total", err, nil)
			equal(t, "Exact", pricing.FormatExact(p.Exact()), tt.exact)
			equal(t, "Amount", p.Amount.String(), tt.want)
			var shares []int64
			for _, l := range p.Lines {
				equal(t, "Currency", l.Amount.Currency(), "JPY")
				shares = append(shares, l.Amount.Minor())
			}
			equal(t, "shares", shares, tt.shares)
		})
	}
}

// wantTotal is the oracle of Total: the sum of the lines in minor units and each line's share, computed with rational
// numbers alone.
func wantTotal(lines []pricing.Line, c pricing.Currency, mode pricing.Rounding) (total *big.Int, shares []*big.Int) {
	sum, order := new(big.Rat), make([]int, len(lines))
	fractions := make([]*big.Rat, len(lines))
	for i, l := range lines {
		r := new(big.Rat).Sub(fraction(l.Unit), fraction(l.Credit))
		if r.Sign() < 0 {
			r.SetInt64(0)
		}
		r.Mul(r.Mul(r, big.NewRat(l.Times.Num, l.Times.Den)), minorUnits(c))
		sum.Add(sum, r)
		shares = append(shares, rounded(r, pricing.Down))
		fractions[i], order[i] = r.Sub(r, new(big.Rat).SetInt(shares[i])), i
	}
	total = rounded(sum, mode)
	left := new(big.Int).Set(total)
	for _, s := range shares {
		left.Sub(left, s)
	}
	slices.SortStableFunc(order, func(i, j int) int { return fractions[j].Cmp(fractions[i]) })
	for _, i := range order[:left.Int64()] {
		shares[i] = new(big.Int).Add(shares[i], big.NewInt(1))
	}
	return total, shares
}

func fraction(r pricing.Rate) *big.Rat {
	v, _ := new(big.Rat).SetString(r.String())
	return v
}

// checkTotal compares Total with its oracle.
func checkTotal(tb testing.TB, lines []pricing.Line, c pricing.Currency, mode pricing.Rounding) {
	tb.Helper()
	total, shares := wantTotal(lines, c, mode)
	p, err := pricing.Total(c, mode, slices.Clone(lines))
	if !fits(total) {
		wrapped(tb, "Total", err, pricing.ErrOverflow)
		return
	}
	if err != nil || p.Amount.Currency() != c || total.Cmp(big.NewInt(p.Amount.Minor())) != 0 {
		tb.Fatalf("%v in %s, rounded %q, are %s (%v), want %s", lines, c, mode, p.Amount, err, total)
	}
	for i, l := range p.Lines {
		if l.Amount.Currency() != c || shares[i].Cmp(big.NewInt(l.Amount.Minor())) != 0 {
			tb.Fatalf("%v in %s, rounded %q: line %d has %s, want %s of %s", lines, c, mode, i, l.Amount, shares[i], total)
		}
	}
}

// Any number of lines, with almost coprime denominators.
func TestTotalOfManyLines(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	for _, n := range []int{0, 1, 2, 3, 10, 63, 200} {
		for _, bits := range []int{8, 20, 40, 63} {
			lines := make([]pricing.Line, n)
			for i := range lines {
				den := 1 + random.Int64N(1<<bits-1)
				lines[i] = pricing.Line{
					Unit:  rate(t, fmt.Sprintf("%d.%09d", random.Int64N(1000), random.Int64N(1_000_000_000))),
					Times: pricing.Ratio{Num: random.Int64N(den), Den: den},
				}
				if i%5 == 4 {
					lines[i].Times.Den, lines[i].Credit = lines[i-1].Times.Den, rate(t, fmt.Sprintf("%d.5", random.Int64N(1000)))
				}
			}
			for _, mode := range modes {
				checkTotal(t, lines, pick(currencies[:6], uint8(n+bits)), mode)
			}
			p := pricing.Price{Lines: lines}
			want := new(big.Rat)
			for _, l := range lines {
				want.Add(want, l.Exact())
			}
			if p.Exact().Cmp(want) != 0 {
				t.Fatalf("%d lines add up to %s, want %s", n, p.Exact(), want)
			}
		}
	}
}

// Five lines with any rates and ratios: the total is the exact sum, rounded once, or ErrOverflow if and only if it
// doesn't fit. Each line gets its rounded-down value, and the largest remainders get one more.
func FuzzTotalOfAnyFractions(f *testing.F) {
	f.Add(uint64(1), uint64(2), uint8(63), uint8(63), uint8(0), uint8(0))
	f.Add(uint64(3), uint64(4), uint8(10), uint8(40), uint8(1), uint8(1))
	f.Add(uint64(5), uint64(6), uint8(63), uint8(1), uint8(2), uint8(2))
	f.Add(uint64(7), uint64(8), uint8(30), uint8(63), uint8(3), uint8(3))
	f.Fuzz(func(t *testing.T, seed1, seed2 uint64, unitBits, ratioBits, mode, c uint8) {
		random := rand.New(rand.NewPCG(seed1, seed2))
		draw := func(bits uint8) int64 { return int64(random.Uint64() >> (64 - min(63, 1+bits%63))) }
		lines := make([]pricing.Line, 5)
		for i := range lines {
			for _, r := range []*pricing.Rate{&lines[i].Unit, &lines[i].Credit} {
				units := draw(unitBits)
				text := fmt.Sprintf("%010d", units)
				*r = rate(t, text[:len(text)-9]+"."+text[len(text)-9:])
			}
			if i%2 == 0 {
				lines[i].Credit = pricing.Rate{}
			}
			lines[i].Times = pricing.Ratio{Num: draw(ratioBits), Den: max(1, draw(ratioBits))}
		}
		checkTotal(t, lines, pick(currencies[:6], c), pick(modes, mode))
	})
}
