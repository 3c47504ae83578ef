package pricing_test

import (
	"fmt"
	"math/big"
	"strings"
	"testing"

	"github.com/prepaidkit/prepaid/pricing"
)

// anyPack is a catalog that sells one custom pack.
func anyPack(rounding, sizes, tiers string) string {
	return `{"revision": "r1", "zone": "UTC", "rounding": "` + rounding + `",
		"products": [{"id": "live", "versions": [{"id": "lite", "rank": 1, "terms": [{"months": 1, "list": {"USD": "10.00"}}]}]}],
		"packs": [{"id": "any", "products": ["live"], "validity": {"months": 6}, "custom": {` + sizes + `, "tiers": [` + tiers + `]}}]}`
}

// A pack has a price or is free. It is never free because its price was rounded.
// Rule: pack-is-never-free-by-rounding.
func TestPackThatCostsNothingIsRefused(t *testing.T) {
	for _, tt := range []struct {
		name, rounding, sizes, tiers string
		want                         []string
	}{
		{
			"five minutes by the minute", "half_up", `"step": 1, "least": 5`, `{"per_thousand": {"USD": "0.99"}}`,
			[]string{"packs[0].custom.tiers[0].per_thousand.USD: 5, the smallest size at this price, would cost 0.00 USD: 0.00495 rounded half_up"},
		},
		{"six, which cost a cent", "half_up", `"step": 1, "least": 6`, `{"per_thousand": {"USD": "0.99"}}`, nil},
		{"half a cent", "half_up", `"step": 10`, `{"per_thousand": {"USD": "0.5"}}`, nil},
		{
			"half a cent to the even neighbor", "half_even", `"step": 10`, `{"per_thousand": {"USD": "0.5"}}`,
			[]string{"packs[0].custom.tiers[0].per_thousand.USD: 10, the smallest size at this price, would cost 0.00 USD: 0.005 rounded half_even"},
		},
		{
			"almost a cent, down", "down", `"step": 10`, `{"per_thousand": {"USD": "0.999999999"}}`,
			[]string{"packs[0].custom.tiers[0].per_thousand.USD: 10, the smallest size at this price, would cost 0.00 USD: 0.00999999999 rounded down"},
		},
		{"next to nothing, up", "up", `"step": 1`, `{"per_thousand": {"USD": "0.000000001"}}`, nil},
		{
			"yen, while dollars will do", "half_up", `"step": 10`, `{"per_thousand": {"USD": "0.99", "JPY": "49", "EUR": "0.9"}}`,
			[]string{"packs[0].custom.tiers[0].per_thousand.JPY: 10, the smallest size at this price, would cost 0 JPY: 0.49 rounded half_up"},
		},
		{
			"a higher tier", "half_up", `"step": 10`, `{"per_thousand": {"USD": "0.99"}}, {"from": 41, "per_thousand": {"USD": "0.09"}}`,
			[]string{"packs[0].custom.tiers[1].per_thousand.USD: 50, the smallest size at this price, would cost 0.00 USD: 0.0045 rounded half_up"},
		},
		{
			"each tier and currency", "half_up", `"step": 1`, `{"per_thousand": {"USD": "0.4", "EUR": "0.3"}}, {"from": 2, "per_thousand": {"USD": "0.2"}}`,
			[]string{
				"packs[0].custom.tiers[0].per_thousand.USD: 1, the smallest size at this price, would cost 0.00 USD: 0.0004 rounded half_up",
				"packs[0].custom.tiers[0].per_thousand.EUR: 1, the smallest size at this price, would cost 0.00 EUR: 0.0003 rounded half_up",
				"packs[0].custom.tiers[1].per_thousand.USD: 2, the smallest size at this price, would cost 0.00 USD: 0.0004 rounded half_up",
			},
		},
		{"a tier below the least size", "half_up", `"step": 10, "least": 50`, `{"per_thousand": {"USD": "0.01"}}, {"from": 50, "per_thousand": {"USD": "0.99"}}`, nil},
		{"a tier above the most", "half_up", `"step": 10, "most": 100`, `{"per_thousand": {"USD": "0.99"}}, {"from": 101, "per_thousand": {"USD": "0.000000001"}}`, nil},
		{"a tier between two steps", "half_up", `"step": 10`, `{"per_thousand": {"USD": "0.99"}}, {"from": 41, "per_thousand": {"USD": "0.01"}}, {"from": 50, "per_thousand": {"USD": "0.9"}}`, nil},
		{"free on purpose", "half_up", `"step": 1`, `{"per_thousand": {"USD": "0"}}, {"from": 10, "per_thousand": {"USD": "0.99"}}`, nil},
		{"more than fits", "half_up", `"step": 1000000`, `{"per_thousand": {"USD": "9223372036854775807"}}`, nil},
		{"sizes that are wrong anyway", "half_up", `"step": 0`, `{"per_thousand": {"USD": "0.000000001"}}`, []string{"packs[0].custom.step: is 0, want a whole number from 1 to 1000000000000"}},
		{"a rounding that is wrong anyway", "nearest", `"step": 1`, `{"per_thousand": {"USD": "0.000000001"}}`, []string{`rounding: "nearest" is not a valid choice`}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			text := anyPack(tt.rounding, tt.sizes, tt.tiers)
			if tt.want == nil {
				catalog(t, text)
				return
			}
			equal(t, "problems", problems(t, text), tt.want)
		})
	}
}

// When the limit of reported problems is reached, invalid sizes are still not used in computations.
func TestPackAfterTooManyProblems(t *testing.T) {
	text := anyPack("half_up", `"step": 0`, `{"per_thousand": {"USD": "0.000000001"}}`)
	text = strings.Replace(text, `"packs": [`, `"packs": [`+strings.Repeat("0,", 1100), 1)
	got := problems(t, text)
	equal(t, "problems", len(got), 1001)
	equal(t, "the last", got[1000], "(file): more problems omitted")
}

// A free pack and a free tier remain free.
// Rule: pack-is-never-free-by-rounding.
func TestFreePack(t *testing.T) {
	c := catalog(t, anyPack("half_up", `"step": 1`, `{"per_thousand": {"USD": "0.00"}}, {"from": 10, "per_thousand": {"USD": "0.99"}}`))
	for minutes, want := range map[int64]string{1: "0.00 USD", 9: "0.00 USD", 10: "0.01 USD"} {
		p, err := c.PriceCustomPack("any", minutes, "USD")
		wrapped(t, "PriceCustomPack", err, nil)
		equal(t, "PriceCustomPack", p.Amount.String(), want)
	}
	c = catalog(t, strings.Replace(minutesCatalog, `"24.00"`, `"0.00"`, 1))
	p, minutes, err := c.PricePack("25k", 2, "USD")
	wrapped(t, "PricePack", err, nil)
	equal(t, "PricePack", p.Amount.String(), "0.00 USD")
	equal(t, "minutes", minutes, 50_000)
}

// Whatever the catalog contains, a positive price that rounds to zero isn't a valid price.
// Rule: pack-is-never-free-by-rounding.
func TestPriceCustomPackNeverRoundsToZero(t *testing.T) {
	c := catalog(t, anyPack("up", `"step": 1`, `{"per_thousand": {"USD": "0.99", "EUR": "0"}}`))
	for _, tt := range []struct {
		name     string
		mode     pricing.Rounding
		minutes  int64
		currency pricing.Currency
		want     string
		err      error
	}{
		{"a minute, up", pricing.Up, 1, "USD", "0.01 USD", nil},
		{"five minutes", pricing.HalfUp, 5, "USD", "", pricing.ErrZeroPrice},
		{"six minutes", pricing.HalfUp, 6, "USD", "0.01 USD", nil},
		{"ten minutes, down", pricing.Down, 10, "USD", "", pricing.ErrZeroPrice},
		{"eleven minutes, down", pricing.Down, 11, "USD", "0.01 USD", nil},
		{"free in another currency", pricing.Down, 5, "EUR", "0.00 EUR", nil},
	} {
		t.Run(tt.name, func(t *testing.T) {
			p, err := c.WithRounding(tt.mode).PriceCustomPack("any", tt.minutes, tt.currency)
			wrapped(t, "PriceCustomPack", err, tt.err)
			equal(t, "PriceCustomPack", p.Amount.String(), tt.want)
		})
	}
}

// No valid catalog sells minutes at a positive price for nothing, and none is refused because of a size that it doesn't
// sell. The test tries every size.
func FuzzPackNeverCostsNothing(f *testing.F) {
	f.Add(uint8(0), uint8(4), uint16(100), uint16(50), uint32(99), uint8(2), uint32(96), uint8(2), uint8(0), uint8(0))
	f.Add(uint8(9), uint8(0), uint16(90), uint16(41), uint32(5), uint8(1), uint32(49), uint8(0), uint8(1), uint8(1))
	f.Add(uint8(9), uint8(19), uint16(9), uint16(41), uint32(1), uint8(9), uint32(0), uint8(0), uint8(3), uint8(2))
	f.Add(uint8(6), uint8(9), uint16(30), uint16(41), uint32(0), uint8(0), uint32(999), uint8(3), uint8(2), uint8(0))
	f.Fuzz(func(t *testing.T, step8, least8 uint8, spread, from16 uint16, rate1 uint32, scale1 uint8, rate2 uint32, scale2, mode, c uint8) {
		step, least := 1+int64(step8)%50, 1+int64(least8)
		most, from := least+int64(spread)%300, 1+int64(from16)%600
		if most-most%step < least {
			return
		}
		currency, rounding := pick(currencies[:6], c), pick(modes[:4], mode)
		rates := [2]pricing.Rate{}
		for i, v := range []struct {
			coefficient uint32
			scale       uint8
		}{{rate1, scale1}, {rate2, scale2}} {
			digits := fmt.Sprintf("%010d", v.coefficient)
			point := len(digits) - int(v.scale%10)
			rates[i] = rate(t, strings.TrimSuffix(digits[:point]+"."+digits[point:], "."))
		}
		text := anyPack(string(rounding), fmt.Sprintf(`"step": %d, "least": %d, "most": %d`, step, least, most),
			fmt.Sprintf(`{"per_thousand": {%q: %q}}, {"from": %d, "per_thousand": {%q: %q}}`, currency, rates[0], from, currency, rates[1]))
		catalog, err := pricing.ParseCatalog(strings.NewReader(text))
		for size := least + (step-least%step)%step; size <= most; size += step {
			r := rates[0]
			if size >= from {
				r = rates[1]
			}
			exact := new(big.Rat).Mul(fraction(r), big.NewRat(size, 1000))
			want := rounded(exact.Mul(exact, minorUnits(currency)), rounding)
			if want.Sign() == 0 && r != (pricing.Rate{}) {
				if err == nil {
					t.Fatalf("%d minutes at %s %s cost nothing:\n%s", size, r, currency, text)
				}
				return
			}
			if err != nil {
				continue
			}
			p, err := catalog.PriceCustomPack("any", size, currency)
			if err != nil || p.Amount.Minor() != want.Int64() {
				t.Fatalf("%d minutes cost %s (%v), want %s:\n%s", size, p.Amount, err, want, text)
			}
		}
		if err != nil {
			t.Fatalf("every size has a price: %v\n%s", err, text)
		}
	})
}
