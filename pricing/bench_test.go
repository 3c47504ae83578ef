package pricing_test

import (
	"strings"
	"testing"
	"time"

	"github.com/shopspring/decimal"

	"github.com/prepaidkit/prepaid/pricing"
)

// BenchmarkUpgrade measures a complete quote: looking up both versions, validating and pricing the upgrade, counting
// its ratio in the zone's days, computing the minutes, and creating a line that can explain itself.
func BenchmarkUpgrade(b *testing.B) {
	c := catalog(b, strings.Replace(sampleCatalog, `"elapsed"`, `"calendar"`, 1))
	month, at := pricing.Months(1), instant(b, "2025-07-16T10:00:00Z")
	p := period(b, "2025-07-01", month, 0, c.Zone())
	var got pricing.UpgradePrice
	b.ReportAllocs()
	for b.Loop() {
		from, err := c.List("call", "1-to-1-call", month, "USD")
		if err != nil {
			b.Fatal(err)
		}
		to, err := c.List("call", "group-call", month, "USD")
		if err != nil {
			b.Fatal(err)
		}
		got, err = pricing.PriceUpgrade(pricing.Upgrade{
			Item: "call/group-call", Period: p, At: at, Zone: c.Zone(), DayCount: c.DayCount(), Rounding: c.Rounding(), From: from, To: to,
		})
		if err != nil {
			b.Fatal(err)
		}
	}
	if got.Amount.Minor() != 20542 || got.Minutes != 103_225 {
		b.Fatal(got)
	}
}

// BenchmarkUpgradeBare measures the same arithmetic with only the decimal library: no lookup, no validation, no line,
// and days counted in the simplest way.
func BenchmarkUpgradeBare(b *testing.B) {
	loc, err := time.LoadLocation("Asia/Shanghai")
	if err != nil {
		b.Fatal(err)
	}
	start, end := time.Date(2025, 7, 1, 0, 0, 0, 0, loc), time.Date(2025, 8, 1, 0, 0, 0, 0, loc)
	at := instant(b, "2025-07-16T10:00:00Z")
	from, to := decimal.New(19900, -2), decimal.New(59700, -2)
	var price, minutes decimal.Decimal
	b.ReportAllocs()
	for b.Loop() {
		remaining, total := daysBetween(at.In(loc), end), daysBetween(start, end)
		num, den := decimal.NewFromInt(remaining), decimal.NewFromInt(total)
		price = to.Sub(from).Mul(num).DivRound(den, 2)
		minutes, _ = decimal.NewFromInt(300_000-100_000).Mul(num).QuoRem(den, 0)
	}
	if !price.Equal(decimal.New(20542, -2)) || minutes.IntPart() != 103_225 {
		b.Fatal(price, minutes)
	}
}

func daysBetween(from, to time.Time) int64 {
	y, m, d := from.Date()
	first := time.Date(y, m, d, 0, 0, 0, 0, time.UTC)
	y, m, d = to.Date()
	return int64(time.Date(y, m, d, 0, 0, 0, 0, time.UTC).Sub(first) / (24 * time.Hour))
}

// BenchmarkTotal prices three lines of usage.
func BenchmarkTotal(b *testing.B) {
	lines := []pricing.Line{
		{Unit: rate(b, "3.99"), Times: pricing.Ratio{Num: 60, Den: 1000}},
		{Unit: rate(b, "15.99"), Times: pricing.Ratio{Num: 240, Den: 1000}},
		{Unit: rate(b, "0.99"), Times: pricing.Ratio{Num: 60, Den: 1000}},
	}
	b.ReportAllocs()
	for b.Loop() {
		if p, err := pricing.Total("USD", pricing.HalfUp, lines); err != nil || p.Amount.Minor() != 414 {
			b.Fatal(p, err)
		}
	}
}

// BenchmarkTotalWide prices three lines whose common denominator has more than 64 bits.
func BenchmarkTotalWide(b *testing.B) {
	lines := []pricing.Line{
		{Unit: rate(b, "3.990000001"), Times: pricing.Ratio{Num: 1_000_000, Den: 1_001_000}},
		{Unit: rate(b, "3.990000001"), Times: pricing.Ratio{Num: 1_000_000, Den: 1_003_000}},
		{Unit: rate(b, "3.990000001"), Times: pricing.Ratio{Num: 1_000_000, Den: 1_007_000}},
	}
	b.ReportAllocs()
	for b.Loop() {
		if p, err := pricing.Total("USD", pricing.HalfUp, lines); err != nil || p.Amount.Minor() != 1193 {
			b.Fatal(p, err)
		}
	}
}

// BenchmarkFormula renders a line, which happens only on demand.
func BenchmarkFormula(b *testing.B) {
	p := upgrade(b, monthly(b, "2025-07-01", "2025-07-16", holding(b, "199.00 USD", 0), holding(b, "597.00 USD", 0)))
	b.ReportAllocs()
	for b.Loop() {
		if p.Lines[0].Formula() == "" {
			b.Fatal("no formula")
		}
	}
}

func BenchmarkParseCatalog(b *testing.B) {
	b.ReportAllocs()
	b.SetBytes(int64(len(sampleCatalog)))
	for b.Loop() {
		if _, err := pricing.ParseCatalog(strings.NewReader(sampleCatalog)); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkPeriod computes a period in a zone with daylight saving, and then finds its index.
func BenchmarkPeriod(b *testing.B) {
	z := zone(b, "America/New_York")
	a := pricing.Anchor{Date: day(b, "2025-01-31"), Term: pricing.Months(1)}
	b.ReportAllocs()
	for b.Loop() {
		p, err := a.Period(9, z)
		if err != nil {
			b.Fatal(err)
		}
		if n, err := a.Index(p.Start, z); err != nil || n != 9 {
			b.Fatal(n, err)
		}
	}
}
