package pricing_test

import (
	"strings"
	"testing"

	"github.com/prepaidkit/prepaid/pricing"
)

func TestPacks(t *testing.T) {
	c := catalog(t, minutesCatalog)
	year := pricing.Validity{Months: 12, ToMonthEnd: true}
	want := []pricing.Pack{
		{ID: "25k", Name: "25,000 minutes", Products: []pricing.ProductID{"rtc-engine", "live"}, Validity: year, Minutes: 25_000},
		{ID: "250k", Products: []pricing.ProductID{"rtc-engine"}, Validity: pricing.Validity{Months: 6}, Minutes: 250_000},
		{ID: "old", Products: []pricing.ProductID{"live"}, Withdrawn: true, Validity: pricing.Validity{Months: 1}, Minutes: 1000},
		{
			ID: "custom", Name: "Any size", Products: []pricing.ProductID{"rtc-engine"}, Validity: year,
			Step: 1000, Least: 1000, Most: 1_000_000_000_000, Tiers: []int64{0, 25_000, 250_000, 1_000_000, 3_000_000},
		},
		{
			ID: "by-minute", Products: []pricing.ProductID{"live"}, Validity: pricing.Validity{Months: 1},
			Step: 1, Least: 10, Most: 30_000, Tiers: []int64{5, 25_000},
		},
	}
	equal(t, "Packs", c.Packs(), want)
	for _, p := range want {
		got, err := c.Pack(p.ID)
		wrapped(t, "Pack", err, nil)
		equal(t, "Pack", got, p)
		equal(t, "Custom", got.Custom(), p.Minutes == 0)
	}
	_, err := c.Pack("4k")
	wrapped(t, "Pack", err, pricing.ErrUnknownPack)
}

// Several equal packs are one line, with the minutes and the price of all of them.
// Rule: fixed-packs.
func TestPricePack(t *testing.T) {
	c := catalog(t, minutesCatalog)
	for _, tt := range []struct {
		name     string
		pack     pricing.PackID
		quantity int64
		currency pricing.Currency
		price    string
		minutes  int64
		formula  string
		err      error
	}{
		{"one", "25k", 1, "USD", "24.00 USD", 25_000, "24.00", nil},
		{"three", "250k", 3, "USD", "681.00 USD", 750_000, "227.00 × 3", nil},
		{"yen", "250k", 2, "JPY", "66000 JPY", 500_000, "33000 × 2", nil},
		{"the most", "250k", pricing.MaxPackQuantity, "USD", "2270000.00 USD", 2_500_000_000, "227.00 × 10000", nil},
		{"withdrawn, but still known", "old", 1, "USD", "1.00 USD", 1000, "1.00", nil},
		{"none", "25k", 0, "USD", "", 0, "", pricing.ErrPackSize},
		{"less than none", "25k", -1, "USD", "", 0, "", pricing.ErrPackSize},
		{"too many", "25k", pricing.MaxPackQuantity + 1, "USD", "", 0, "", pricing.ErrPackSize},
		{"a custom one", "custom", 1, "USD", "", 0, "", pricing.ErrPackSize},
		{"another currency", "25k", 1, "JPY", "", 0, "", pricing.ErrNoPrice},
		{"no currency", "25k", 1, "", "", 0, "", pricing.ErrNoPrice},
		{"an unknown pack", "4k", 1, "USD", "", 0, "", pricing.ErrUnknownPack},
	} {
		t.Run(tt.name, func(t *testing.T) {
			p, minutes, err := c.PricePack(tt.pack, tt.quantity, tt.currency)
			wrapped(t, "PricePack", err, tt.err)
			equal(t, "minutes", minutes, tt.minutes)
			if err != nil {
				equal(t, "price", p, pricing.Price{})
				return
			}
			equal(t, "price", p.Amount.String(), tt.price)
			equal(t, "lines", len(p.Lines), 1)
			equal(t, "kind", p.Lines[0].Kind, pricing.PackLine)
			equal(t, "item", p.Lines[0].Item, string(tt.pack))
			equal(t, "formula", p.Lines[0].Formula(), tt.formula)
		})
	}
}

// The volume tiers of a custom pack: all of its minutes cost the price of the tier that the size falls into.
// Rule: custom-pack-tiers.
func TestPriceCustomPack(t *testing.T) {
	c := catalog(t, minutesCatalog)
	for _, tt := range []struct {
		name     string
		pack     pricing.PackID
		minutes  int64
		currency pricing.Currency
		want     string
		err      error
	}{
		{"the least", "custom", 1000, "USD", "0.99 USD", nil},
		{"below 25,000", "custom", 24_000, "USD", "23.76 USD", nil},
		{"24,999, by the minute", "by-minute", 24_999, "USD", "24.75 USD", nil}, // 24.74901
		{"25,000, by the minute", "by-minute", 25_000, "USD", "24.00 USD", nil},
		{"25,000", "custom", 25_000, "USD", "24.00 USD", nil},
		{"30,000", "custom", 30_000, "USD", "28.80 USD", nil},
		{"below 250,000", "custom", 249_000, "USD", "239.04 USD", nil},
		{"250,000", "custom", 250_000, "USD", "227.00 USD", nil},
		{"a fraction of a cent", "custom", 251_000, "USD", "227.91 USD", nil}, // 227.908
		{"below 1,000,000", "custom", 999_000, "USD", "907.09 USD", nil},      // 907.092
		{"1,000,000", "custom", 1_000_000, "USD", "856.00 USD", nil},
		{"below 3,000,000", "custom", 2_999_000, "USD", "2567.14 USD", nil}, // 2567.144
		{"3,000,000 cost 2415, not 2416", "custom", 3_000_000, "USD", "2415.00 USD", nil},
		{"the most", "custom", 1_000_000_000_000, "USD", "805000000.00 USD", nil},
		{"yen", "custom", 25_000, "JPY", "3500 JPY", nil},
		{"above what is sold for yen", "custom", 250_000, "JPY", "", pricing.ErrNoPrice},
		{"another currency", "custom", 25_000, "EUR", "", pricing.ErrNoPrice},
		{"no multiple of the step", "custom", 24_999, "USD", "", pricing.ErrPackSize},
		{"nothing", "custom", 0, "USD", "", pricing.ErrPackSize},
		{"less than nothing", "custom", -1000, "USD", "", pricing.ErrPackSize},
		{"above the most", "custom", 1_000_000_001_000, "USD", "", pricing.ErrPackSize},
		{"its least", "by-minute", 10, "USD", "0.01 USD", nil},
		{"below its least", "by-minute", 9, "USD", "", pricing.ErrPackSize},
		{"its most", "by-minute", 30_000, "USD", "28.80 USD", nil},
		{"above its most", "by-minute", 30_001, "USD", "", pricing.ErrPackSize},
		{"a fixed one", "25k", 25_000, "USD", "", pricing.ErrPackSize},
		{"an unknown pack", "4k", 25_000, "USD", "", pricing.ErrUnknownPack},
	} {
		t.Run(tt.name, func(t *testing.T) {
			p, err := c.PriceCustomPack(tt.pack, tt.minutes, tt.currency)
			wrapped(t, "PriceCustomPack", err, tt.err)
			if err != nil {
				equal(t, "price", p, pricing.Price{})
				return
			}
			equal(t, "price", p.Amount.String(), tt.want)
			equal(t, "times", p.Lines[0].Times, pricing.Ratio{Num: tt.minutes, Den: 1000})
		})
	}
	p, err := c.PriceCustomPack("custom", 30_000, "USD")
	wrapped(t, "PriceCustomPack", err, nil)
	equal(t, "formula", p.Lines[0].Formula(), "0.96 × 30000/1000")
}

// A price that no valid catalog can have is refused, never wrong.
func TestPackOverflow(t *testing.T) {
	c := catalog(t, strings.Replace(minutesCatalog, `"24.00"`, `"9999999999999.00"`, 1))
	_, minutes, err := c.PricePack("25k", pricing.MaxPackQuantity, "USD")
	wrapped(t, "PricePack", err, pricing.ErrOverflow)
	equal(t, "minutes", minutes, 0)
	c = catalog(t, strings.Replace(minutesCatalog, `"0.805"`, `"9223372036854775807"`, 1))
	_, err = c.PriceCustomPack("custom", 3_000_000, "USD")
	wrapped(t, "PriceCustomPack", err, pricing.ErrOverflow)
}

// Validity begins at the start of the day of payment. Older packs are valid to the last day of the same month a year
// later.
// Rule: pack-validity.
func TestValidity(t *testing.T) {
	year := pricing.Validity{Months: 12, ToMonthEnd: true}
	for _, tt := range []struct {
		name     string
		validity pricing.Validity
		on, last string // the last day
		err      error
	}{
		{"as published", year, "2021-05-01", "2022-05-31", nil},
		{"on the last day", year, "2021-05-31", "2022-05-31", nil},
		{"in February", year, "2022-02-10", "2023-02-28", nil},
		{"to February of a leap year", year, "2023-02-28", "2024-02-29", nil},
		{"on 29 February", year, "2024-02-29", "2025-02-28", nil},
		{"over the turn of the year", pricing.Validity{Months: 2, ToMonthEnd: true}, "2025-10-31", "2025-12-31", nil},
		{"from a long month to a short one", pricing.Validity{Months: 1, ToMonthEnd: true}, "2025-01-31", "2025-02-28", nil},
		{"plain: a month", pricing.Validity{Months: 1}, "2022-11-15", "2022-12-14", nil},
		{"plain: a year", pricing.Validity{Months: 12}, "2021-05-01", "2022-04-30", nil},
		{"plain: clamped", pricing.Validity{Months: 1}, "2025-01-31", "2025-02-27", nil},
		{"before 1970", year, "1969-05-17", "1970-05-31", nil},
		{"the end of the calendar", year, "9998-11-01", "9999-11-30", nil},
		{"beyond the calendar", year, "9999-01-01", "", pricing.ErrDate},
		{"beyond the calendar, with the end of the month", year, "9998-12-01", "", pricing.ErrDate},
	} {
		for _, name := range []string{"UTC", "Asia/Shanghai", "America/New_York"} {
			t.Run(tt.name+" "+name, func(t *testing.T) {
				z := zone(t, name)
				p, err := tt.validity.Period(day(t, tt.on), z)
				wrapped(t, "Period", err, tt.err)
				if err != nil {
					equal(t, "Period", p, pricing.Period{})
					return
				}
				equal(t, "Zone", p.Zone, name)
				equal(t, "first day", z.DateOf(p.Start).String(), tt.on)
				equal(t, "start", p.Start.Equal(z.StartOf(day(t, tt.on))), true)
				equal(t, "last day", z.DateOf(p.End.Add(-1)).String(), tt.last)
				equal(t, "end", p.End.Equal(z.StartOf(day(t, tt.last)+1)), true)
			})
		}
	}
}
