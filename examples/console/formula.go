package main

import (
	"math/big"
	"regexp"
	"strconv"

	"github.com/prepaidkit/prepaid/pricing"
)

// bigNumber is a whole number of more than three digits.
var bigNumber = regexp.MustCompile(`(^|[^.\d])(\d{4,})`)

// formula is how a line was computed, as people read it, such as "(1,990.00 − 99.00) × 16/31 days". It is empty for a
// line that is its amount.
func (c *console) formula(l pricing.Line) string {
	text := l.Formula()
	if text == l.Amount.Amount() {
		return ""
	}
	text = bigNumber.ReplaceAllStringFunc(text, func(found string) string {
		digits := bigNumber.FindStringSubmatch(found)
		n, err := strconv.ParseInt(digits[2], 10, 64)
		if err != nil {
			return found
		}
		return digits[1] + grouped(n)
	})
	if l.Kind == pricing.UpgradeLine && c.catalog.DayCount() != pricing.Elapsed {
		text += " days"
	}
	return text
}

// columns are those of a table of lines that have anything to say, beside what a line is for and its amount.
type columns struct{ Formula, Exact bool }

func (c *console) columns(lines []pricing.Line) columns {
	var shown columns
	for _, l := range lines {
		shown.Formula = shown.Formula || c.formula(l) != ""
		shown.Exact = shown.Exact || unrounded(l) != ""
	}
	return shown
}

// Before returns the number of columns before the amount.
func (c columns) Before() int {
	n := 1
	for _, shown := range []bool{c.Formula, c.Exact} {
		if shown {
			n++
		}
	}
	return n
}

// rateText formats a price per 1,000 minutes with at least the two decimals of money: 0.50 USD, 0.908 USD.
func rateText(r pricing.Rate, currency pricing.Currency) string {
	decimals := max(2, -r.Decimal().Exponent())
	return r.Decimal().StringFixed(decimals) + " " + string(currency)
}

// unrounded is a line's value before it was rounded, with four decimals and a sign that there are more. It is empty for a line
// that needed no rounding.
func unrounded(l pricing.Line) string {
	exact := l.Exact()
	if exact.Cmp(l.Amount.Decimal().Rat()) == 0 {
		return ""
	}
	const decimals = 4
	if n, finite := exact.FloatPrec(); finite && n <= decimals {
		return exact.FloatString(n)
	}
	scale := big.NewInt(10_000)
	whole := new(big.Int).Quo(new(big.Int).Mul(exact.Num(), scale), exact.Denom())
	return new(big.Rat).SetFrac(whole, scale).FloatString(decimals) + "…"
}
