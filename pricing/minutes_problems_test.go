package pricing_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/prepaidkit/prepaid/pricing"
)

// smallMinutes has one of each element about minutes that the cases below invalidate.
const smallMinutes = `{
  "revision": "r1", "zone": "UTC",
  "products": [{"id": "live", "versions": [{"id": "lite", "rank": 1, "terms": [{"months": 1, "list": {"USD": "10.00"}}]}]}],
  "usage": {"kinds": [
    {"id": "audio", "weight": "1", "per_thousand": {"USD": "0.99"}},
    {"id": "hd", "weight": "4", "per_thousand": {"USD": "3.99"}}
  ], "low_balance_percent": [20, 5, 0]},
  "packs": [
    {"id": "small", "minutes": 1000, "products": ["live"], "price": {"USD": "1.00"}, "validity": {"months": 12}},
    {"id": "any", "products": ["live"], "validity": {"months": 6, "to_month_end": true},
      "custom": {"step": 10, "least": 20, "most": 900, "tiers": [{"from": 0, "per_thousand": {"USD": "0.98"}}, {"from": 100, "per_thousand": {"USD": "0.97"}}]}}
  ],
  "free": [{"id": "gift", "products": ["live"], "minutes": 10, "cycles": 12}]
}`

// Every problem is reported once, each with its path in the file.
func TestParseCatalogMinutesProblems(t *testing.T) {
	for _, tt := range []struct {
		name  string
		edits []string // pairs of old and new text
		want  []string
	}{
		{"usage of another type", []string{`{"kinds": [`, `[{"kinds": [`, `[20, 5, 0]}`, `[20, 5, 0]}]`}, []string{"usage: want an object"}},
		{"kinds of another type", []string{`{"kinds": [`, `{"kinds": {"a": [`, "\n  ], \"low", "\n  ]}, \"low"}, []string{"usage.kinds: want a list"}},
		{"kind of another type", []string{`{"kinds": [`, `{"kinds": ["4k", null,`}, []string{"usage.kinds[0]: want an object", "usage.kinds[1]: is missing, want an object"}},
		{"kind without id", []string{`"id": "audio", `, ``}, []string{"usage.kinds[0].id: is empty"}},
		{"two kinds without id", []string{`"id": "audio", `, ``, `"id": "hd", `, ``}, []string{"usage.kinds[0].id: is empty", "usage.kinds[1].id: is empty"}},
		{"duplicate kind", []string{`"id": "hd"`, `"id": "audio"`}, []string{`usage.kinds[1].id: duplicate kind "audio"`}},
		{"name and notes of another type", []string{`"id": "hd"`, `"id": "hd", "name": 1, "notes": []`}, []string{"usage.kinds[1].name: want a string", "usage.kinds[1].notes: want a string"}},
		{"a weight with 4 decimals", []string{`"4"`, `"4.0005"`}, []string{`usage.kinds[1].weight: pricing: more digits than the currency has: weight "4.0005" has more than 3 decimals`}},
		{"a weight of nothing", []string{`"4"`, `"0"`}, []string{`usage.kinds[1].weight: pricing: value out of range: weight "0"`}},
		{"a negative weight", []string{`"4"`, `"-4"`}, []string{`usage.kinds[1].weight: pricing: negative value: rate`}},
		{"an absurd weight", []string{`"4"`, `"1000.001"`}, []string{`usage.kinds[1].weight: pricing: value out of range: weight "1000.001"`}},
		{"a weight that is a number", []string{`"4"`, `4`}, []string{"usage.kinds[1].weight: want a string"}},
		{"an empty weight", []string{`"4"`, `""`}, []string{`usage.kinds[1].weight: pricing: malformed text: decimal ""`}},
		{"no price", []string{`, "per_thousand": {"USD": "3.99"}`, ``}, []string{"usage.kinds[1].per_thousand: want at least one price"}},
		{"prices of another type", []string{`{"USD": "3.99"}`, `"3.99"`}, []string{"usage.kinds[1].per_thousand: want an object"}},
		{"a price that is a number", []string{`"3.99"`, `3.99`}, []string{"usage.kinds[1].per_thousand.USD: want a string"}},
		{"a negative price", []string{`"3.99"`, `"-3.99"`}, []string{"usage.kinds[1].per_thousand.USD: pricing: negative value: rate"}},
		{"a price with an exponent", []string{`"3.99"`, `"1e9"`}, []string{`usage.kinds[1].per_thousand.USD: pricing: malformed text: decimal "1e9"`}},
		{"too fine a price", []string{`"3.99"`, `"0.0000000001"`}, []string{"usage.kinds[1].per_thousand.USD: pricing: more digits than the currency has: a rate has at most 9 decimals"}},
		{"an unknown currency", []string{`"USD": "3.99"`, `"usd": "3.99"`}, []string{`usage.kinds[1].per_thousand.usd: pricing: unknown currency: "usd"`}},
		{"a price twice", []string{`"USD": "3.99"`, `"USD": "3.99", "USD": "1.00"`}, []string{"usage.kinds[1].per_thousand.USD: appears twice"}},
		{"an unknown overrun", []string{`"low_balance_percent"`, `"overrun": "forgive", "low_balance_percent"`}, []string{
			`usage.overrun: is "forgive", want "refuse" or "take"`,
		}},
		{"an overrun of another type", []string{`"low_balance_percent"`, `"overrun": true, "low_balance_percent"`}, []string{"usage.overrun: want a string"}},
		{"percentages of another type", []string{`[20, 5, 0]`, `20`}, []string{"usage.low_balance_percent: want a list"}},
		{"a percentage of another type", []string{`[20, 5, 0]`, `["20", 5, null, 0]`}, []string{
			"usage.low_balance_percent[0]: want a whole number", "usage.low_balance_percent[2]: is missing, want a whole number",
		}},
		{"a percentage out of range", []string{`[20, 5, 0]`, `[100, 5, -1]`}, []string{
			"usage.low_balance_percent[0]: is 100, want a whole number from 0 to 99", "usage.low_balance_percent[2]: is -1, want a whole number from 0 to 99",
		}},
		{"percentages that rise", []string{`[20, 5, 0]`, `[20, 50, 0]`}, []string{"usage.low_balance_percent[1]: 50 is not below the previous value"}},
		{"a percentage twice", []string{`[20, 5, 0]`, `[20, 20, 0, 0]`}, []string{
			"usage.low_balance_percent[1]: 20 is not below the previous value", "usage.low_balance_percent[3]: 0 is not below the previous value",
		}},

		{"packs of another type", []string{`"packs": [`, `"packs": {"a": [`, "\n  ],\n  \"free\"", "\n  ]},\n  \"free\""}, []string{"packs: want a list"}},
		{"pack of another type", []string{`"packs": [`, `"packs": [false,`}, []string{"packs[0]: want an object"}},
		{"packs without id", []string{`"id": "small", `, ``, `"id": "any", `, ``}, []string{"packs[0].id: is empty", "packs[1].id: is empty"}},
		{"duplicate pack", []string{`"id": "any"`, `"id": "small"`}, []string{`packs[1].id: duplicate pack "small"`}},
		{"withdrawn of another type", []string{`"id": "any"`, `"id": "any", "withdrawn": 1`}, []string{"packs[1].withdrawn: want true or false"}},
		{"no products", []string{`"minutes": 1000, "products": ["live"]`, `"minutes": 1000`}, []string{"packs[0].products: want at least one product"}},
		{"an unknown product", []string{`"minutes": 1000, "products": ["live"]`, `"minutes": 1000, "products": ["live", "fax"]`}, []string{`packs[0].products[1]: unknown product "fax"`}},
		{"a duplicate product", []string{`"minutes": 1000, "products": ["live"]`, `"minutes": 1000, "products": ["live", "live"]`}, []string{`packs[0].products[1]: duplicate product "live"`}},
		{"an unknown product twice", []string{`"minutes": 1000, "products": ["live"]`, `"minutes": 1000, "products": ["fax", "fax"]`}, []string{
			`packs[0].products[0]: unknown product "fax"`, `packs[0].products[1]: duplicate product "fax"`,
		}},
		{"products of another type", []string{`"minutes": 1000, "products": ["live"]`, `"minutes": 1000, "products": [1, "", ""]`}, []string{
			"packs[0].products[0]: want a string", "packs[0].products[1]: is empty", "packs[0].products[2]: is empty",
		}},
		{"no minutes", []string{`"minutes": 1000, `, ``}, []string{"packs[0]: want either minutes or custom"}},
		{"minutes and custom", []string{`"id": "any"`, `"id": "any", "minutes": 5`}, []string{"packs[1]: want either minutes or custom"}},
		{"minutes out of range", []string{`"minutes": 1000`, `"minutes": 100000001`}, []string{"packs[0].minutes: is 100000001, want a whole number from 1 to 100000000"}},
		{"no price of a pack", []string{`, "price": {"USD": "1.00"}`, ``}, []string{"packs[0].price: want at least one price"}},
		{"a negative price of a pack", []string{`"1.00"`, `"-1.00"`}, []string{"packs[0].price.USD: -1.00 USD is negative"}},
		{"half a cent", []string{`"1.00"`, `"1.005"`}, []string{`packs[0].price.USD: pricing: more digits than the currency has: "1.005" has 3 decimals, want at most 2`}},
		{"a price beside tiers", []string{`"id": "any"`, `"id": "any", "price": {"USD": "1.00"}`}, []string{"packs[1].price: unknown field"}},
		{"no validity", []string{`, "validity": {"months": 12}`, ``}, []string{"packs[0].validity: is missing, want an object"}},
		{"a validity without months", []string{`{"months": 12}`, `{"days": 12}`}, []string{"packs[0].validity.months: is missing, want a whole number", "packs[0].validity.days: unknown field"}},
		{"an absurd validity", []string{`{"months": 12}`, `{"months": 121, "to_month_end": "yes"}`}, []string{
			"packs[0].validity.months: is 121, want a whole number from 1 to 120", "packs[0].validity.to_month_end: want true or false",
		}},

		{"custom of another type", []string{`{"step": 10`, `[{"step": 10`, `{"USD": "0.97"}}]}`, `{"USD": "0.97"}}]}]`}, []string{"packs[1].custom: want an object"}},
		{"sizes out of range", []string{`"step": 10, "least": 20, "most": 900`, `"step": 0, "least": -1, "most": 1.5`}, []string{
			"packs[1].custom.step: is 0, want a whole number from 1 to 1000000000000",
			"packs[1].custom.least: is -1, want a whole number from 1 to 1000000000000",
			"packs[1].custom.most: is 1.5, want a whole number from 1 to 1000000000000",
		}},
		{"most below least", []string{`"most": 900`, `"most": 19`}, []string{"packs[1].custom.most: no multiple of step lies between least and most"}},
		{"no size", []string{`"least": 20, "most": 900`, `"least": 21, "most": 29`}, []string{"packs[1].custom.most: no multiple of step lies between least and most"}},
		{"no tiers", []string{`, "tiers": [{"from": 0, "per_thousand": {"USD": "0.98"}}, {"from": 100, "per_thousand": {"USD": "0.97"}}]`, ``}, []string{"packs[1].custom.tiers: want at least one tier"}},
		{"a tier of another type", []string{`{"from": 0,`, `0, {"from": 0,`}, []string{"packs[1].custom.tiers[0]: want an object"}},
		{"the first tier above the least size", []string{`"from": 0`, `"from": 21`}, []string{"packs[1].custom.tiers[0]: the first tier starts above the least size"}},
		{"tiers that don't ascend", []string{`"from": 100`, `"from": 0`}, []string{"packs[1].custom.tiers[1]: tiers must be in ascending order"}},
		{"a tier out of range", []string{`"from": 100`, `"from": "100"`}, []string{"packs[1].custom.tiers[1].from: want a whole number"}},
		{"a tier without price", []string{`"from": 100, "per_thousand": {"USD": "0.97"}`, `"from": 100`}, []string{"packs[1].custom.tiers[1].per_thousand: want at least one price"}},

		{"free of another type", []string{`"free": [`, `"free": {"a": [`, "}]\n}", "}]}\n}"}, []string{"free: want a list"}},
		{"a grant of another type", []string{`"free": [`, `"free": [10,`}, []string{"free[0]: want an object"}},
		{"grants without id", []string{`"free": [{"id": "gift"`, `"free": [{"products": ["live"], "minutes": 1}, {"notes": "none"`}, []string{"free[0].id: is empty", "free[1].id: is empty"}},
		{"a duplicate grant", []string{`"free": [`, `"free": [{"id": "gift", "products": ["live"], "minutes": 1}, `}, []string{`free[1].id: duplicate grant "gift"`}},
		{"a grant without minutes", []string{`"minutes": 10, `, ``}, []string{"free[0].minutes: is missing, want a whole number"}},
		{"a grant out of range", []string{`"minutes": 10, "cycles": 12`, `"minutes": 0, "cycles": 121`}, []string{
			"free[0].cycles: is 121, want a whole number from 1 to 120", "free[0].minutes: is 0, want a whole number from 1 to 1000000000000",
		}},
		{"a grant of nothing sold", []string{`"gift", "products": ["live"]`, `"gift", "products": ["fax"]`}, []string{`free[0].products[0]: unknown product "fax"`}},

		{"refund and arrears out of range", []string{`"zone"`, `"service": {"refund_days": 367, "arrears_hours": -1}, "zone"`}, []string{
			"service.refund_days: is 367, want a whole number from 0 to 366", "service.arrears_hours: is -1, want a whole number from 0 to 87840",
		}},
		{"no hours to wait for the customer", []string{`"zone"`, `"service": {"pending_hours": 0}, "zone"`}, []string{
			"service.pending_hours: is 0, want a whole number from 1 to 8760",
		}},
		{"more than a year to wait for the customer", []string{`"zone"`, `"service": {"pending_hours": 8761}, "zone"`}, []string{
			"service.pending_hours: is 8761, want a whole number from 1 to 8760",
		}},
		{"unknown fields", []string{
			`{"kinds"`, `{"x1": 1, "kinds"`, `"id": "hd"`, `"id": "hd", "x2": 1`, `"id": "small"`, `"id": "small", "x3": 1`, `{"months": 12}`, `{"months": 12, "x4": 1}`,
			`"step": 10`, `"step": 10, "x5": 1`, `"from": 100`, `"from": 100, "x6": 1`, `"id": "gift"`, `"id": "gift", "x7": 1`,
		}, []string{
			"usage.kinds[1].x2: unknown field", "usage.x1: unknown field", "packs[0].validity.x4: unknown field", "packs[0].x3: unknown field",
			"packs[1].custom.tiers[1].x6: unknown field", "packs[1].custom.x5: unknown field", "free[0].x7: unknown field",
		}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			text := smallMinutes
			for i := 0; i < len(tt.edits); i += 2 {
				if strings.Count(text, tt.edits[i]) != 1 {
					t.Fatalf("%q isn't in the catalog exactly once", tt.edits[i])
				}
				text = strings.Replace(text, tt.edits[i], tt.edits[i+1], 1)
			}
			equal(t, "problems", problems(t, text), tt.want)
		})
	}
	catalog(t, smallMinutes)
}

// No file makes ParseCatalog panic. The minutes of a catalog that it accepts are complete and consistent.
func FuzzParseCatalogMinutes(f *testing.F) {
	f.Add(minutesCatalog)
	f.Add(smallMinutes)
	f.Add(strings.Replace(smallMinutes, `{"months": 6, "to_month_end": true}`, `{"months": 120}`, 1))
	f.Fuzz(func(t *testing.T, text string) {
		c, err := pricing.ParseCatalog(strings.NewReader(text))
		if err != nil {
			return
		}
		for _, k := range c.UsageKinds() {
			if k.ID == "" || k.Covered != (k.Weight > 0) {
				t.Fatalf("kind %+v", k)
			}
			if _, err := c.PriceUsage("USD", used(k.ID, 1)); err != nil && !errors.Is(err, pricing.ErrNoPrice) && !errors.Is(err, pricing.ErrOverflow) {
				t.Fatalf("kind %s: %v", k.ID, err)
			}
		}
		for _, p := range c.Packs() {
			if _, err := p.Validity.Period(0, c.Zone()); err != nil || p.ID == "" || len(p.Products) == 0 {
				t.Fatalf("pack %+v: %v", p, err)
			}
			sizes := []int64{1} // or a quantity
			if p.Custom() {
				size := (p.Least + p.Step - 1) / p.Step * p.Step
				if size > p.Most || len(p.Tiers) == 0 || p.Tiers[0] > p.Least {
					t.Fatalf("pack %+v", p)
				}
				sizes = []int64{size}
				for _, from := range p.Tiers {
					sizes = append(sizes, (max(from, p.Least)+p.Step-1)/p.Step*p.Step)
				}
			}
			for _, size := range sizes {
				for _, currency := range currencies {
					var price pricing.Price
					if p.Custom() {
						price, err = c.PriceCustomPack(p.ID, size, currency)
					} else {
						price, _, err = c.PricePack(p.ID, size, currency)
					}
					switch {
					case errors.Is(err, pricing.ErrNoPrice), errors.Is(err, pricing.ErrOverflow), errors.Is(err, pricing.ErrPackSize) && size > p.Most:
					case err != nil:
						t.Fatalf("%d of pack %+v: %v", size, p, err)
					case price.Amount.Sign() == 0 && price.Lines[0].Unit != (pricing.Rate{}):
						t.Fatalf("%d of pack %+v cost nothing, at %s", size, p, price.Lines[0].Unit)
					}
				}
			}
		}
		for _, g := range c.FreeGrants() {
			if g.ID == "" || g.Minutes < 1 || g.Cycles < 1 || len(g.Products) == 0 {
				t.Fatalf("grant %+v", g)
			}
		}
	})
}
