package pricing_test

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/prepaidkit/prepaid/pricing"
)

func holding(tb testing.TB, price string, minutes int64) pricing.Package {
	tb.Helper()
	return pricing.Package{Price: money(tb, price), Minutes: minutes}
}

// monthly returns an upgrade at noon on the given day, in a month bought on its first day.
func monthly(tb testing.TB, bought, at string, from, to pricing.Package) pricing.Upgrade {
	tb.Helper()
	return pricing.Upgrade{
		Item:   "call/group-call",
		Period: period(tb, bought, pricing.Months(1), 0, pricing.Zone{}),
		At:     instant(tb, at+"T12:00:00Z"),
		From:   from, To: to,
	}
}

func upgrade(tb testing.TB, u pricing.Upgrade) pricing.UpgradePrice {
	tb.Helper()
	p, err := pricing.PriceUpgrade(u)
	if err != nil {
		tb.Fatal(err)
	}
	return p
}

// Price = (list price of the new version − price of the current one) × remaining days / total days; minutes are
// computed in the same way and rounded down. If the current version was bought at a discount, its price is the
// discounted price that was paid.
// Rule: upgrade-price, upgrade-minutes.
func TestUpgradeWorkedTable(t *testing.T) {
	for _, tt := range []struct {
		remaining  pricing.Ratio
		bought, at string
		price      string // 199.00 → 597.00
		minutes    int64  // 100,000 → 300,000
		discounted string // 99.00 → 597.00
	}{
		{pricing.Ratio{Num: 31, Den: 31}, "2025-07-01", "2025-07-01", "398.00", 200_000, "498.00"},
		{pricing.Ratio{Num: 16, Den: 31}, "2025-07-01", "2025-07-16", "205.42", 103_225, "257.03"},
		{pricing.Ratio{Num: 15, Den: 31}, "2025-07-01", "2025-07-17", "192.58", 96_774, "240.97"},
		{pricing.Ratio{Num: 15, Den: 30}, "2025-06-01", "2025-06-16", "199.00", 100_000, "249.00"},
		{pricing.Ratio{Num: 10, Den: 28}, "2025-02-01", "2025-02-19", "142.14", 71_428, "177.86"},
		{pricing.Ratio{Num: 1, Den: 31}, "2025-07-01", "2025-07-31", "12.84", 6_451, "16.06"},
	} {
		t.Run(tt.remaining.String(), func(t *testing.T) {
			to := holding(t, "597.00 USD", 300_000)
			list := upgrade(t, monthly(t, tt.bought, tt.at, holding(t, "199.00 USD", 100_000), to))
			equal(t, "Remaining", list.Remaining, tt.remaining)
			equal(t, "Amount", list.Amount.Amount(), tt.price)
			equal(t, "Minutes", list.Minutes, tt.minutes)
			equal(t, "Formula", list.Lines[0].Formula(), "(597.00 − 199.00) × "+tt.remaining.String())

			discounted := upgrade(t, monthly(t, tt.bought, tt.at, holding(t, "99.00 USD", 100_000), to))
			equal(t, "Amount after a discount", discounted.Amount.Amount(), tt.discounted)
			equal(t, "Minutes after a discount", discounted.Minutes, tt.minutes)
			equal(t, "Formula after a discount", discounted.Lines[0].Formula(), "(597.00 − 99.00) × "+tt.remaining.String())
		})
	}
}

// The formula produces the figures published by other sellers.
// Rule: upgrade-price.
func TestUpgradePublishedFigures(t *testing.T) {
	for _, tt := range []struct {
		name       string
		bought, at string
		from, to   pricing.Package
		price      string
		exact      string
		minutes    int64
	}{
		{
			"bought at 80.00 instead of 100.00", "2025-06-01", "2025-06-16",
			holding(t, "80.00 USD", 1_000), holding(t, "300.00 USD", 5_000), "110.00", "110", 2_000,
		},
		{
			"400 × 0.5 − 230 × 0.5", "2025-06-01", "2025-06-16",
			holding(t, "230.00 USD", 0), holding(t, "400.00 USD", 0), "85.00", "85", 0,
		},
		{
			"a daily rate of 50/31, rounded to 1.61, would make 24.15", "2025-07-01", "2025-07-17",
			holding(t, "0.00 USD", 0), holding(t, "50.00 USD", 0), "24.19", "750/31", 0,
		},
		{
			"a third of a cent is not lost", "2025-06-01", "2025-06-21",
			holding(t, "0.00 USD", 0), holding(t, "0.01 USD", 1), "0.00", "1/300", 0,
		},
		{
			"half a cent goes up", "2025-06-01", "2025-06-16",
			holding(t, "0.00 USD", 0), holding(t, "0.01 USD", 1), "0.01", "0.005", 0,
		},
	} {
		t.Run(tt.name, func(t *testing.T) {
			p := upgrade(t, monthly(t, tt.bought, tt.at, tt.from, tt.to))
			equal(t, "Amount", p.Amount.Amount(), tt.price)
			equal(t, "Exact", pricing.FormatExact(p.Exact()), tt.exact)
			equal(t, "Minutes", p.Minutes, tt.minutes)
		})
	}
}

// With elapsed time, the formula produces a seller's figure: 154 of 744 hours and a whole cycle of 39.00 are 39 ×
// 1.20698925 = 47.07 to the cent.
// Rule: elapsed-day-count.
func TestUpgradeElapsed(t *testing.T) {
	u := monthly(t, "2025-07-01", "2025-07-25", holding(t, "0.00 USD", 0), holding(t, "39.00 USD", 744))
	u.DayCount, u.At = pricing.Elapsed, instant(t, "2025-07-25T14:00:00Z")
	u.Future = []pricing.Package{u.From}
	p := upgrade(t, u)
	equal(t, "Remaining", p.Remaining, pricing.Ratio{Num: 154 * 3600, Den: 744 * 3600})
	equal(t, "Amount", p.Amount.Amount(), "47.07")
	equal(t, "Exact", pricing.FormatExact(p.Exact()), "5837/124")
	equal(t, "Minutes", p.Minutes, 154)
}

// A prepaid cycle that has not begun costs the full difference to its own recorded price, and gets the full difference
// in minutes when it begins.
// Rule: upgrade-future-cycles.
func TestUpgradeFutureCycles(t *testing.T) {
	u := monthly(t, "2025-07-01", "2025-07-16", holding(t, "99.00 USD", 100_000), holding(t, "597.00 USD", 300_000))
	u.Future = []pricing.Package{
		holding(t, "199.00 USD", 100_000), // at list price
		holding(t, "149.50 USD", 90_000),  // at an earlier list price
		holding(t, "700.00 USD", 400_000), // dearer and larger than what is upgraded to: no line is negative
	}
	p := upgrade(t, u)
	equal(t, "Amount", p.Amount.Amount(), "1102.53") // 257.03 + 398.00 + 447.50 + 0.00
	equal(t, "Minutes", p.Minutes, 103_225)
	equal(t, "FutureMinutes", p.FutureMinutes, []int64{200_000, 210_000, 0})
	type row struct {
		Kind           pricing.LineKind
		Formula, Share string
	}
	var got []row
	for _, l := range p.Lines {
		equal(t, "Item", l.Item, "call/group-call")
		got = append(got, row{l.Kind, l.Formula(), l.Amount.Amount()})
	}
	equal(t, "Lines", got, []row{
		{pricing.UpgradeLine, "(597.00 − 99.00) × 16/31", "257.03"},
		{pricing.CycleLine, "597.00 − 199.00", "398.00"},
		{pricing.CycleLine, "597.00 − 149.50", "447.50"},
		{pricing.CycleLine, "max(0, 597.00 − 700.00)", "0.00"},
	})
}

// Neither the price nor the minutes are ever negative.
// Rule: upgrade-price.
func TestUpgradeNeverNegative(t *testing.T) {
	for _, tt := range []struct {
		name     string
		from, to pricing.Package
		price    string
		minutes  int64
	}{
		{"cheaper", holding(t, "300.00 USD", 1_000), holding(t, "100.00 USD", 5_000), "0.00", 2_000},
		{"smaller", holding(t, "100.00 USD", 5_000), holding(t, "300.00 USD", 1_000), "100.00", 0},
		{"the same", holding(t, "100.00 USD", 5_000), holding(t, "100.00 USD", 5_000), "0.00", 0},
		{"without minutes", holding(t, "100.00 USD", 0), holding(t, "300.00 USD", 0), "100.00", 0},
	} {
		t.Run(tt.name, func(t *testing.T) {
			p := upgrade(t, monthly(t, "2025-06-01", "2025-06-16", tt.from, tt.to))
			equal(t, "Amount", p.Amount.Amount(), tt.price)
			equal(t, "Minutes", p.Minutes, tt.minutes)
		})
	}
}

// Rounded once, to the digits of the currency, in the catalog's mode.
func TestUpgradeRoundsToTheCurrency(t *testing.T) {
	for _, tt := range []struct {
		name, from, to string
		mode           pricing.Rounding
		want           string
	}{
		{"cents", "199.00 USD", "597.00 USD", "", "142.14 USD"}, // 142.142857…
		{"yen", "19900 JPY", "59700 JPY", "", "14214 JPY"},      // 14214.2857…
		{"yen, up", "19900 JPY", "59700 JPY", pricing.Up, "14215 JPY"},
		{"krónur", "100 ISK", "107 ISK", "", "3 ISK"}, // 2.5
		{"krónur, half-even", "100 ISK", "107 ISK", pricing.HalfEven, "2 ISK"},
		{"fils", "199.000 KWD", "597.000 KWD", "", "142.143 KWD"},
		{"fils, down", "199.000 KWD", "597.000 KWD", pricing.Down, "142.142 KWD"},
		{"ten-thousandths", "199.0000 CLF", "597.0000 CLF", "", "142.1429 CLF"},
		{"yuan", "0.00 CNY", "1288.00 CNY", "", "460.00 CNY"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			u := monthly(t, "2025-02-01", "2025-02-19", holding(t, tt.from, 0), holding(t, tt.to, 0)) // 10/28
			u.Rounding = tt.mode
			equal(t, "Amount", upgrade(t, u).Amount.String(), tt.want)
		})
	}
}

// An upgrade is priced only while the period is valid, and never from invalid figures.
// Rule: upgrade-while-valid.
func TestUpgradeRefuses(t *testing.T) {
	for _, tt := range []struct {
		name string
		with func(*pricing.Upgrade)
		err  error
	}{
		{"before the period", func(u *pricing.Upgrade) { u.At = u.Period.Start.Add(-1) }, pricing.ErrOutsidePeriod},
		{"at its end", func(u *pricing.Upgrade) { u.At = u.Period.End }, pricing.ErrOutsidePeriod},
		{"another zone", func(u *pricing.Upgrade) { u.Zone = zone(t, "Asia/Shanghai") }, pricing.ErrZone},
		{"unknown day count", func(u *pricing.Upgrade) { u.DayCount = "30/360" }, pricing.ErrDayCount},
		{"unknown rounding", func(u *pricing.Upgrade) { u.Rounding = "nearest" }, pricing.ErrRounding},
		{"currencies", func(u *pricing.Upgrade) { u.From = holding(t, "199.00 EUR", 0) }, pricing.ErrCurrencyMismatch},
		{"currencies of a future cycle", func(u *pricing.Upgrade) { u.Future = []pricing.Package{holding(t, "199 JPY", 0)} }, pricing.ErrCurrencyMismatch},
		{"no prices", func(u *pricing.Upgrade) { u.From, u.To = pricing.Package{}, pricing.Package{} }, pricing.ErrCurrency},
		{"negative list price", func(u *pricing.Upgrade) { u.To.Price = money(t, "-1.00 USD") }, pricing.ErrNegative},
		{"negative price paid", func(u *pricing.Upgrade) { u.From.Price = money(t, "-1.00 USD") }, pricing.ErrNegative},
		{"negative minutes of the new", func(u *pricing.Upgrade) { u.To.Minutes = -1 }, pricing.ErrNegative},
		{"negative minutes of the current", func(u *pricing.Upgrade) { u.From.Minutes = -1 }, pricing.ErrNegative},
		{"negative minutes of a future cycle", func(u *pricing.Upgrade) { u.Future = []pricing.Package{holding(t, "1.00 USD", -1)} }, pricing.ErrNegative},
		{"out of range", func(u *pricing.Upgrade) {
			u.To.Price = money(t, mostUSD)
			u.Future = []pricing.Package{holding(t, "0.00 USD", 0), holding(t, "0.00 USD", 0)}
		}, pricing.ErrOverflow},
	} {
		t.Run(tt.name, func(t *testing.T) {
			u := monthly(t, "2025-06-01", "2025-06-16", holding(t, "199.00 USD", 100_000), holding(t, "597.00 USD", 300_000))
			tt.with(&u)
			p, err := pricing.PriceUpgrade(u)
			wrapped(t, "PriceUpgrade", err, tt.err)
			equal(t, "PriceUpgrade", p, pricing.UpgradePrice{})
		})
	}
}

// A price can be encoded as JSON, for example within a quote.
func TestUpgradePriceJSON(t *testing.T) {
	u := monthly(t, "2025-06-01", "2025-06-16", holding(t, "80.00 USD", 1_000), holding(t, "300.00 USD", 5_000))
	u.Future = []pricing.Package{u.From}
	p := upgrade(t, u)
	b, err := json.Marshal(p)
	wrapped(t, "Marshal", err, nil)
	equal(t, "Marshal", string(b), `{"amount":"330.00 USD","lines":[`+
		`{"kind":"upgrade","item":"call/group-call","unit":"300","credit":"80","times":{"num":15,"den":30},"amount":"110.00 USD"},`+
		`{"kind":"cycle","item":"call/group-call","unit":"300","credit":"80","times":{"num":1,"den":1},"amount":"220.00 USD"}],`+
		`"remaining":{"num":15,"den":30},"minutes":2000,"future_minutes":[4000]}`)
	var got pricing.UpgradePrice
	wrapped(t, "Unmarshal", json.Unmarshal(b, &got), nil)
	equal(t, "Unmarshal", got, p)
}

// On every day of every month of a leap year, the price never increases from one day to the next. It is the full
// difference on the first day, and one day's share on the last.
// Rule: upgrade-day-remains.
func TestUpgradeFallsDayByDay(t *testing.T) {
	for n := range 12 {
		p := period(t, "2024-01-31", pricing.Months(1), n, pricing.Zone{})
		days, err := p.Days(pricing.Zone{})
		wrapped(t, "Days", err, nil)
		last := money(t, "398.00 USD").Minor()
		for elapsed := range days {
			u := pricing.Upgrade{
				Period: p, At: p.Start.Add(time.Duration(elapsed) * 24 * time.Hour),
				From: holding(t, "199.00 USD", 100_000), To: holding(t, "597.00 USD", 300_000),
			}
			got := upgrade(t, u)
			equal(t, "Remaining", got.Remaining, pricing.Ratio{Num: int64(days - elapsed), Den: int64(days)})
			equal(t, "Minutes", got.Minutes, 200_000*int64(days-elapsed)/int64(days))
			if elapsed == 0 && got.Amount.Minor() != last || got.Amount.Minor() > last || got.Amount.Sign() <= 0 {
				t.Errorf("%s, day %d costs %s after %d cents", p, elapsed, got.Amount, last)
			}
			last = got.Amount.Minor()
		}
	}
}
