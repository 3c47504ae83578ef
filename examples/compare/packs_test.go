package compare_test

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"strconv"
	"strings"
	"testing"

	"github.com/prepaidkit/prepaid/examples/catalog"
	"github.com/prepaidkit/prepaid/examples/compare"
	"github.com/prepaidkit/prepaid/pricing"
)

// chosen writes a combination as "2 × large + custom 30000 = 81.60".
func chosen(c compare.Combination, ok bool) string {
	if !ok {
		return "none"
	}
	var parts []string
	var sum int64
	for _, p := range c.Prices {
		l := p.Lines[0]
		if l.Times.Den == 1 {
			parts = append(parts, fmt.Sprintf("%d × %s", l.Times.Num, l.Item))
		} else {
			parts = append(parts, fmt.Sprintf("%s %d", l.Item, l.Times.Num))
		}
		sum += p.Amount.Minor()
	}
	return fmt.Sprintf("%s = %d.%02d", strings.Join(parts, " + "), sum/100, sum%100)
}

// TestCheapestPacks checks which packs of the sample catalog are bought for a given need.
func TestCheapestPacks(t *testing.T) {
	sample, err := catalog.Load()
	if err != nil {
		t.Fatal(err)
	}
	fixed := parse(t, strings.Replace(catalog.JSON(), `"id": "custom",`, `"id": "custom", "withdrawn": true,`, 1))
	for _, tt := range []struct {
		need          int64
		want, noExtra string // of all packs, of the fixed ones alone
	}{
		{1, "custom 1000 = 0.99", "1 × rtc-engine-25k = 24.00"},
		{1001, "custom 2000 = 1.98", "1 × rtc-engine-25k = 24.00"},
		{24_001, "custom 25000 = 24.00", "1 × rtc-engine-25k = 24.00"},
		{30_000, "custom 30000 = 28.80", "2 × rtc-engine-25k = 48.00"},
		// 25,000 at a time would be 240.00, and 225,000 of the custom pack 216.00.
		{225_000, "custom 225000 = 216.00", "9 × rtc-engine-25k = 216.00"},
		{225_001, "custom 226000 = 216.96", "1 × rtc-engine-250k = 227.00"},
		// From 237,000 on, the next tier's least size is the cheaper one.
		{236_000, "custom 236000 = 226.56", "1 × rtc-engine-250k = 227.00"},
		{237_000, "custom 250000 = 227.00", "1 × rtc-engine-250k = 227.00"},
		{2_600_000, "custom 2600000 = 2225.60", "2 × rtc-engine-1m + 2 × rtc-engine-250k + 4 × rtc-engine-25k = 2262.00"},
		{2_900_000, "custom 3000000 = 2415.00", "1 × rtc-engine-3m = 2416.00"},
		{3_000_000, "custom 3000000 = 2415.00", "1 × rtc-engine-3m = 2416.00"},
		{1_003_000_000, "1 × rtc-engine-3m + custom 1000000000 = 807416.00", "334 × rtc-engine-3m + 1 × rtc-engine-1m = 807800.00"},
	} {
		t.Run(strconv.FormatInt(tt.need, 10), func(t *testing.T) {
			for _, c := range []struct {
				cat  *pricing.Catalog
				want string
			}{{sample, tt.want}, {fixed, tt.noExtra}} {
				packs, ok, err := compare.CheapestPacks(c.cat, "rtc-engine", "USD", tt.need)
				if got := chosen(packs, ok); err != nil || got != c.want {
					t.Errorf("got %s (%v), want %s", got, err, c.want)
				}
			}
		})
	}
}

// TestNoPacks checks that nothing is bought if packs don't suffice or there are none.
func TestNoPacks(t *testing.T) {
	sample, err := catalog.Load()
	if err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		product  pricing.ProductID
		currency pricing.Currency
		need     int64
	}{
		{"rtc-engine", "USD", 43_750_000_001}, // 10,000 of each, and the largest custom pack, have one minute less
		{"rtc-engine", "USD", 9_000_000_000_000_000},
		{"rtc-engine", "EUR", 1},
		{"chat", "USD", 1},
	} {
		if c, ok, err := compare.CheapestPacks(sample, tt.product, tt.currency, tt.need); ok || err != nil {
			t.Errorf("%+v: %s (%v)", tt, chosen(c, ok), err)
		}
	}
}

func parse(tb testing.TB, text string) *pricing.Catalog {
	tb.Helper()
	c, err := pricing.ParseCatalog(strings.NewReader(text))
	if err != nil {
		tb.Fatal(err)
	}
	return c
}

// shelf is a catalog of packs for the comparison with an exhaustive search.
type shelf struct {
	sizes, prices            []int64
	step, least, most        int64 // of a custom pack; 0 for none
	from, perThousandInCents []int64
}

func (s shelf) catalog(tb testing.TB) *pricing.Catalog {
	tb.Helper()
	var packs []string
	for i, size := range s.sizes {
		packs = append(packs, fmt.Sprintf(`{"id":"p%d","products":["x"],"validity":{"months":1},"minutes":%d,"price":{"USD":"%d.%02d"}}`,
			i, size, s.prices[i]/100, s.prices[i]%100))
	}
	if s.step > 0 {
		var tiers []string
		for i, from := range s.from {
			cents := s.perThousandInCents[i]
			tiers = append(tiers, fmt.Sprintf(`{"from":%d,"per_thousand":{"USD":"%d.%02d"}}`, from, cents/100, cents%100))
		}
		packs = append(packs, fmt.Sprintf(`{"id":"any","products":["x"],"validity":{"months":1},"custom":{"step":%d,"least":%d,"most":%d,"tiers":[%s]}}`,
			s.step, s.least, s.most, strings.Join(tiers, ",")))
	}
	return parse(tb, `{"revision":"1","zone":"UTC","products":[{"id":"x","versions":[{"id":"v","rank":1,"terms":[{"months":1,"list":{"USD":"1.00"}}]}]}],"packs":[`+
		strings.Join(packs, ",")+`]}`)
}

// cheapest tries every combination and returns the least price in cents; -1 where there is none.
func (s shelf) cheapest(tb testing.TB, cat *pricing.Catalog, need int64) int64 {
	tb.Helper()
	least := int64(-1)
	better := func(cost int64) {
		if least < 0 || cost < least {
			least = cost
		}
	}
	custom := map[int64]int64{} // the price of each size
	for size := s.least; s.step > 0 && size <= s.most; size++ {
		if price, err := cat.PriceCustomPack("any", size, "USD"); err == nil {
			custom[size] = price.Amount.Minor()
		}
	}
	var try func(i int, need, cost int64)
	try = func(i int, need, cost int64) {
		if i == len(s.sizes) {
			if need <= 0 {
				better(cost)
			}
			for size, price := range custom {
				if size >= need {
					better(cost + price)
				}
			}
			return
		}
		for n := int64(0); n == 0 || (n-1)*s.sizes[i] < need; n++ {
			try(i+1, need-n*s.sizes[i], cost+n*s.prices[i])
		}
	}
	try(0, need, 0)
	return least
}

// TestCheapestPacksExhaustively compares the search with an exhaustive one, on catalogs with expensive large packs,
// free packs, rising tiers, and sizes without a common divisor.
func TestCheapestPacksExhaustively(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	for range 1500 {
		var s shelf
		for range random.IntN(4) {
			size := 1 + random.Int64N(12)
			s.sizes = append(s.sizes, size)
			s.prices = append(s.prices, max(0, size*5+random.Int64N(30)-12))
		}
		if random.IntN(3) > 0 {
			s.step = 1 + random.Int64N(4)
			s.least = 1 + random.Int64N(5)
			s.most = s.least + s.step + random.Int64N(40)
			for from := int64(0); len(s.from) < 1+random.IntN(3); from += 1 + random.Int64N(15) {
				cents := random.Int64N(9000)
				if size := max(from, s.least) + s.step - 1; size/s.step*s.step*cents < 500 {
					cents = 0 // a price that rounds to nothing is no price
				}
				s.from, s.perThousandInCents = append(s.from, from), append(s.perThousandInCents, cents)
			}
		}
		cat, need := s.catalog(t), 1+random.Int64N(60)
		c, ok, err := compare.CheapestPacks(cat, "x", "USD", need)
		if err != nil {
			t.Fatalf("%+v, %d: %v", s, need, err)
		}
		got := int64(-1)
		if ok {
			got = 0
			for _, p := range c.Prices {
				got += p.Amount.Minor()
			}
			if c.Minutes < need {
				t.Errorf("%+v: %s has %d minutes of %d", s, chosen(c, ok), c.Minutes, need)
			}
		}
		if want := s.cheapest(t, cat, need); got != want {
			t.Errorf("%+v, %d: %s, and %d cents is the least", s, need, chosen(c, ok), want)
		}
	}
}

// TestTooManyPacks checks that a search beyond its limit fails instead of returning a wrong answer.
func TestTooManyPacks(t *testing.T) {
	var s shelf
	for i := range int64(40) {
		s.sizes, s.prices = append(s.sizes, 1000+7*i*i), append(s.prices, 1001+7*i*i+i%3)
	}
	_, ok, err := compare.CheapestPacks(s.catalog(t), "x", "USD", 1_234_567)
	if ok || !errors.Is(err, compare.ErrTooMany) {
		t.Errorf("got %t, %v", ok, err)
	}
}
