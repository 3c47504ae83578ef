package pricing_test

import (
	"encoding/json"
	"math"
	"math/big"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/prepaidkit/prepaid/pricing"
)

const most = math.MaxInt64

var once = pricing.Ratio{Num: 1, Den: 1}

// A price explains itself line by line: each line has its formula with inputs, the exact value and the amount.
// Rule: prices-explain-themselves.
func TestLineFormula(t *testing.T) {
	for _, tt := range []struct {
		name                    string
		currency                pricing.Currency
		unit, credit            string
		times                   pricing.Ratio
		formula, exact, rounded string
	}{
		{"purchase", "USD", "597", "0", once, "597.00", "597", "597.00 USD"},
		{"three periods", "USD", "199", "0", pricing.Ratio{Num: 3, Den: 1}, "199.00 × 3", "597", "597.00 USD"},
		{"upgrade", "USD", "597", "199", pricing.Ratio{Num: 16, Den: 31}, "(597.00 − 199.00) × 16/31", "6368/31", "205.42 USD"},
		{"from a free package", "USD", "39", "0", pricing.Ratio{Num: 15, Den: 30}, "39.00 × 15/30", "19.5", "19.50 USD"},
		{"a whole cycle", "USD", "597", "99", once, "597.00 − 99.00", "498", "498.00 USD"},
		{"the credit is higher", "USD", "100", "300", pricing.Ratio{Num: 15, Den: 30}, "max(0, 100.00 − 300.00) × 15/30", "0", "0.00 USD"},
		{"the credit is higher, a whole cycle", "USD", "0", "0.01", once, "max(0, 0.00 − 0.01)", "0", "0.00 USD"},
		{"finer than a cent", "USD", "0.856", "0", pricing.Ratio{Num: 1000, Den: 1}, "0.856 × 1000", "856", "856.00 USD"},
		{"yen", "JPY", "30000", "10000", pricing.Ratio{Num: 10, Den: 31}, "(30000 − 10000) × 10/31", "200000/31", "6452 JPY"},
		{"yen with a finer rate", "JPY", "0.5", "0", pricing.Ratio{Num: 3, Den: 1}, "0.5 × 3", "1.5", "2 JPY"},
		{"dinars", "KWD", "1.25", "0.125", pricing.Ratio{Num: 10, Den: 31}, "(1.250 − 0.125) × 10/31", "45/124", "0.363 KWD"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			p, err := pricing.Total(tt.currency, "", []pricing.Line{{
				Unit: rate(t, tt.unit), Credit: rate(t, tt.credit), Times: tt.times,
			}})
			wrapped(t, "Total", err, nil)
			equal(t, "Formula", p.Lines[0].Formula(), tt.formula)
			equal(t, "Exact", pricing.FormatExact(p.Lines[0].Exact()), tt.exact)
			equal(t, "Exact of the price", pricing.FormatExact(p.Exact()), tt.exact)
			equal(t, "Amount of the line", p.Lines[0].Amount.String(), tt.rounded)
			equal(t, "Amount", p.Amount.String(), tt.rounded)
		})
	}
}

func TestFormatExact(t *testing.T) {
	for _, tt := range []struct {
		num, den int64
		want     string
	}{
		{110, 1, "110"}, {41364, 10000, "4.1364"}, {6368, 31, "6368/31"}, {12736, 62, "6368/31"}, {1, 8, "0.125"}, {0, 1, "0"}, {-1, 2, "-0.5"}, {-1, 3, "-1/3"},
	} {
		equal(t, tt.want, pricing.FormatExact(big.NewRat(tt.num, tt.den)), tt.want)
	}
}

// Changing the result of Exact changes nothing else.
func TestLineExactIsANewValue(t *testing.T) {
	l := pricing.Line{Unit: rate(t, "597"), Times: once}
	l.Exact().SetInt64(0)
	equal(t, "Exact", pricing.FormatExact(l.Exact()), "597")
}

func TestLineWithInvalidRatio(t *testing.T) {
	equal(t, "Exact", pricing.FormatExact(pricing.Line{Unit: rate(t, "597")}.Exact()), "0")
}

// A known mistake: each line is rounded, so the total is a cent off. The sum is rounded once and allocated to the lines
// by the largest remainder; ties go to the earlier line.
// Rule: lines-sum-to-amount.
func TestTotalAllocatesToLines(t *testing.T) {
	third := pricing.Ratio{Num: 1, Den: 3}
	for _, tt := range []struct {
		name  string
		mode  pricing.Rounding
		units []string
		times pricing.Ratio
		want  []string
		total string
	}{
		{"three thirds of a dollar", "", []string{"1", "1", "1"}, third, []string{"0.34", "0.33", "0.33"}, "1.00"},
		{"the largest remainder, not the first", "", []string{"1", "2", "1"}, third, []string{"0.33", "0.67", "0.33"}, "1.33"},
		{"halves that would each go up", "", []string{"0.005", "0.005", "0.005"}, once, []string{"0.01", "0.01", "0.00"}, "0.02"},
		{"rounded down, a share can still go up", pricing.Down, []string{"0.006", "0.006"}, once, []string{"0.01", "0.00"}, "0.01"},
		{"rounded up", pricing.Up, []string{"1", "0.001"}, once, []string{"1.00", "0.01"}, "1.01"},
		{"a line of nothing gets nothing", pricing.Up, []string{"0", "1.001", "0"}, once, []string{"0.00", "1.01", "0.00"}, "1.01"},
		{"six lines", "", []string{"1", "1", "1", "1", "1", "1"}, third, []string{"0.34", "0.34", "0.33", "0.33", "0.33", "0.33"}, "2.00"},
		{"none", "", nil, once, nil, "0.00"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			var lines []pricing.Line
			for _, u := range tt.units {
				lines = append(lines, pricing.Line{Unit: rate(t, u), Times: tt.times})
			}
			p, err := pricing.Total("USD", tt.mode, lines)
			wrapped(t, "Total", err, nil)
			equal(t, "Amount", p.Amount.Amount(), tt.total)
			var got []string
			for _, l := range p.Lines {
				got = append(got, l.Amount.Amount())
			}
			equal(t, "lines", got, tt.want)
		})
	}
}

// The published pay-as-you-go prices per 1,000 minutes. Lines are not rounded individually.
// Rule: rounds-once.
func TestTotalPublishedFigures(t *testing.T) {
	thousandths := func(minutes int64) pricing.Ratio { return pricing.Ratio{Num: minutes, Den: 1000} }
	type item struct {
		unit  string
		times pricing.Ratio
		want  string
	}
	for _, tt := range []struct {
		name          string
		items         []item
		exact, amount string
	}{
		{"60 HD + 240 2K + 60 audio minutes", []item{
			{"3.99", thousandths(60), "0.24"}, {"15.99", thousandths(240), "3.84"}, {"0.99", thousandths(60), "0.06"},
		}, "4.1364", "4.14"},
		{"300 HD + 60 audio minutes", []item{{"3.99", thousandths(300), "1.20"}, {"0.99", thousandths(60), "0.06"}}, "1.2564", "1.26"},
		{"Live with several hosts", []item{{"1.7382", once, "1.74"}, {"120", once, "120.00"}, {"1.5594", once, "1.56"}}, "123.2976", "123.30"},
		{"a whole cycle and the rest of one", []item{{"39", pricing.Ratio{Num: 120698925, Den: 100000000}, "47.07"}}, "47.07258075", "47.07"},
		{"twice half", []item{{"400", pricing.Ratio{Num: 1, Den: 2}, "200.00"}}, "200", "200.00"},
		{"custom pack below 25,000 minutes", []item{{"0.99", thousandths(24_000), "23.76"}}, "23.76", "23.76"},
		{"custom pack of 25,000 minutes", []item{{"0.960", thousandths(25_000), "24.00"}}, "24", "24.00"},
		{"custom pack of 250,000 minutes", []item{{"0.908", thousandths(250_000), "227.00"}}, "227", "227.00"},
		{"custom pack of 1,000,000 minutes", []item{{"0.856", thousandths(1_000_000), "856.00"}}, "856", "856.00"},
		{"custom pack of 3,000,000 minutes: not the 2,416 of a page", []item{{"0.805", thousandths(3_000_000), "2415.00"}}, "2415", "2415.00"},
		{"an audience minute: 4.50, not 4.495", []item{{"4.50", thousandths(1), "0.00"}}, "0.0045", "0.00"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			var lines []pricing.Line
			for _, i := range tt.items {
				lines = append(lines, pricing.Line{Unit: rate(t, i.unit), Times: i.times})
			}
			p, err := pricing.Total("USD", "", lines)
			wrapped(t, "Total", err, nil)
			equal(t, "Exact", pricing.FormatExact(p.Exact()), tt.exact)
			equal(t, "Amount", p.Amount.Amount(), tt.amount)
			for n, l := range p.Lines {
				equal(t, "line", l.Amount.Amount(), tt.items[n].want)
			}
		})
	}
}

// A result that doesn't fit is refused, never wrong; the lines are then unchanged.
func TestTotalRefuses(t *testing.T) {
	line := func(unit string, num, den int64) pricing.Line {
		return pricing.Line{Unit: rate(t, unit), Times: pricing.Ratio{Num: num, Den: den}}
	}
	const fine = "0.000000001"
	for _, tt := range []struct {
		name     string
		currency pricing.Currency
		lines    []pricing.Line
		err      error
	}{
		{"no currency", "", nil, pricing.ErrCurrency},
		{"no ratio", "USD", []pricing.Line{{}}, pricing.ErrRatio},
		{"the second line has none", "USD", []pricing.Line{line("1", 1, 1), {}}, pricing.ErrRatio},
		{"a product out of range", "USD", []pricing.Line{line("1000000000", 1000000000, 1)}, pricing.ErrOverflow},
		{"a product far out of range", "USD", []pricing.Line{line("9223372036854775807", most/100, 1)}, pricing.ErrOverflow},
		{"cents out of range", "USD", []pricing.Line{line("1", most, 1)}, pricing.ErrOverflow},
		{"a sum out of range", "JPY", []pricing.Line{line("9223372036854775807", 1, 1), line("1", 1, 1)}, pricing.ErrOverflow},
		{"a sum of fractions out of range", "JPY", []pricing.Line{line("9223372036854775806", 1, 1), line("1", 4, 5), line("1", 4, 5)}, pricing.ErrOverflow},
		{"the most and a half", "JPY", []pricing.Line{line("9223372036854775807", 1, 1), line("1", 1, 2)}, pricing.ErrOverflow},
		{"a line of the most and a half", "JPY", []pricing.Line{line("6148914691236517205", 3, 2)}, pricing.ErrOverflow},
		{"the most by a fraction", "JPY", []pricing.Line{line("9223372036854775807", most-1, most)}, nil},
		{"out of range behind what 64 bits hold", "JPY", []pricing.Line{line("1", 1, most), line("1", 1, most-1), line("9223372036854775807", 2, 1)}, pricing.ErrOverflow},
		{"unit and credit of different scales", "USD", []pricing.Line{{
			Unit: rate(t, "9223372036854775807"), Credit: rate(t, fine), Times: once,
		}}, pricing.ErrOverflow},
	} {
		t.Run(tt.name, func(t *testing.T) {
			before := slices.Clone(tt.lines)
			p, err := pricing.Total(tt.currency, "", tt.lines)
			wrapped(t, "Total", err, tt.err)
			if err != nil {
				equal(t, "Total", p, pricing.Price{})
				if diff := cmp.Diff(before, tt.lines, byValue); diff != "" {
					t.Errorf("lines (-before +after):\n%s", diff)
				}
			}
		})
	}
}

// Amounts in the whole range can be priced.
func TestTotalOfTheMost(t *testing.T) {
	for _, mode := range []pricing.Rounding{pricing.HalfUp, pricing.HalfEven, pricing.Down, pricing.Up} {
		p, err := pricing.Total("USD", mode, []pricing.Line{{Unit: rate(t, "92233720368547758.07"), Times: once}})
		wrapped(t, "Total", err, nil)
		equal(t, "Amount", p.Amount.String(), mostUSD)
	}
}

func TestPriceJSON(t *testing.T) {
	p, err := pricing.Total("USD", "", []pricing.Line{{
		Kind: pricing.UpgradeLine, Item: "call/group-call", Unit: rate(t, "597"), Credit: rate(t, "199"), Times: pricing.Ratio{Num: 16, Den: 31},
	}, {
		Kind: pricing.CycleLine, Item: "call/group-call", Unit: rate(t, "597"), Times: once,
	}})
	wrapped(t, "Total", err, nil)
	b, err := json.Marshal(p)
	wrapped(t, "Marshal", err, nil)
	equal(t, "Marshal", string(b), `{"amount":"802.42 USD","lines":[`+
		`{"kind":"upgrade","item":"call/group-call","unit":"597","credit":"199","times":{"num":16,"den":31},"amount":"205.42 USD"},`+
		`{"kind":"cycle","item":"call/group-call","unit":"597","times":{"num":1,"den":1},"amount":"597.00 USD"}]}`)
	var got pricing.Price
	wrapped(t, "Unmarshal", json.Unmarshal(b, &got), nil)
	equal(t, "Unmarshal", got, p)
	equal(t, "Formula after JSON", got.Lines[0].Formula(), "(597.00 − 199.00) × 16/31")
}

// A purchase and a renewal cost n times the price, in one line.
func TestPricePurchaseAndRenewal(t *testing.T) {
	for _, tt := range []struct {
		name, price string
		n           int
		mode        pricing.Rounding
		want        string
		err         error
	}{
		{"one period", "199.00 USD", 1, "", "199.00 USD", nil},
		{"three periods", "199.00 USD", 3, "", "597.00 USD", nil},
		{"a free trial", "0.00 USD", 1, "", "0.00 USD", nil},
		{"none", "199.00 USD", 0, "", "0.00 USD", nil},
		{"the most", mostUSD, 1, "", mostUSD, nil},
		{"less than none", "199.00 USD", -1, "", "", pricing.ErrRatio},
		{"a negative price", "-199.00 USD", 1, "", "", pricing.ErrNegative},
		{"no price", "", 1, "", "", pricing.ErrCurrency},
		{"out of range", mostUSD, 2, "", "", pricing.ErrOverflow},
		{"unknown rounding", "199.00 USD", 1, "nearest", "", pricing.ErrRounding},
	} {
		t.Run(tt.name, func(t *testing.T) {
			for kind, price := range map[pricing.LineKind]func(string, pricing.Money, int, pricing.Rounding) (pricing.Price, error){
				pricing.PurchaseLine: pricing.PricePurchase, pricing.RenewalLine: pricing.PriceRenewal,
			} {
				p, err := price("call/1-to-1-call", money(t, tt.price), tt.n, tt.mode)
				wrapped(t, "error", err, tt.err)
				equal(t, "Amount", p.Amount.String(), tt.want)
				if err == nil {
					equal(t, "Lines", p.Lines, []pricing.Line{{
						Kind: kind, Item: "call/1-to-1-call", Unit: p.Lines[0].Unit, Times: pricing.Ratio{Num: int64(tt.n), Den: 1}, Amount: p.Amount,
					}})
				}
			}
		})
	}
}
