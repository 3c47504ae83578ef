package pricing_test

import (
	"testing"

	"github.com/prepaidkit/prepaid/pricing"
)

// Known mistakes of other billing systems, as far as arithmetic can avoid them. The tables of the other tests have more
// cases of each.

// A known mistake: the 31st drifts to the 28th after one February, or the account stops being billed.
// Rule: month-end-clamps.
func TestMonthEndsDoNotDrift(t *testing.T) {
	anchor := pricing.Anchor{Date: day(t, "2025-01-31"), Term: pricing.Months(1)}
	want := []string{
		"2025-01-31", "2025-02-28", "2025-03-31", "2025-04-30", "2025-05-31", "2025-06-30", "2025-07-31",
		"2025-08-31", "2025-09-30", "2025-10-31", "2025-11-30", "2025-12-31", "2026-01-31",
	}
	end := anchor.Date
	for n, first := range want {
		p, err := anchor.Period(n, pricing.Zone{})
		wrapped(t, "Period", err, nil)
		equal(t, "first day", pricing.Zone{}.DateOf(p.Start), day(t, first))
		equal(t, "begins where the one before ended", pricing.Zone{}.DateOf(p.Start), end)
		end = pricing.Zone{}.DateOf(p.End)
	}
}

// A known mistake: the denominator of a proration is a truncated period. After a first upgrade the second one is still
// counted in days of the whole period.
// Rule: upgrade-day-remains.
func TestDenominatorIsTheWholePeriod(t *testing.T) {
	lite, standard, pro := holding(t, "100.00 USD", 0), holding(t, "200.00 USD", 0), holding(t, "300.00 USD", 0)
	first := upgrade(t, monthly(t, "2025-06-01", "2025-06-11", lite, standard))
	second := upgrade(t, monthly(t, "2025-06-01", "2025-06-21", standard, pro))
	equal(t, "first upgrade", first.Remaining, pricing.Ratio{Num: 20, Den: 30})
	equal(t, "second upgrade", second.Remaining, pricing.Ratio{Num: 10, Den: 30}) // not 10/20
	equal(t, "second price", second.Amount.Amount(), "33.33")
}

// A known mistake: the day of the upgrade is charged on both sides. The day counts as remaining, so it is paid at the
// new price minus the amount already paid for it: a month's days cost a month's price, whenever the upgrade is.
// Rule: upgrade-day-remains.
func TestUpgradeDayIsCountedOnce(t *testing.T) {
	for _, at := range []string{"2025-06-01", "2025-06-16", "2025-06-30"} {
		u := monthly(t, "2025-06-01", at, holding(t, "30.00 USD", 0), holding(t, "60.00 USD", 0))
		p := upgrade(t, u)
		before := int64(u.Zone.DateOf(u.At) - u.Zone.DateOf(u.Period.Start))
		atOld, err := money(t, "1.00 USD").Mul(before)
		wrapped(t, "Mul", err, nil)
		atNew, err := money(t, "2.00 USD").Mul(p.Remaining.Num)
		wrapped(t, "Mul", err, nil)
		days, err := atOld.Add(atNew)
		wrapped(t, "Add", err, nil)
		paid, err := u.From.Price.Add(p.Amount)
		wrapped(t, "Add", err, nil)
		equal(t, "paid in all, upgraded on "+at, paid, days)
	}
}

// A known mistake: the zone or daylight saving shifts a day count or bills a day twice. One instant can be different
// days in different zones; the day in the catalog's zone counts. A day of 23 or 25 hours is a day.
// Rule: days-are-the-catalogs.
func TestZoneAndDaylightSaving(t *testing.T) {
	for _, tt := range []struct {
		name, zone, bought, at string
		remaining              pricing.Ratio
		price                  string
	}{
		{"an instant in UTC", "UTC", "2025-07-01", "2025-07-15T20:00:00Z", pricing.Ratio{Num: 17, Den: 31}, "17.00"},
		{"the same in Shanghai", "Asia/Shanghai", "2025-07-01", "2025-07-15T20:00:00Z", pricing.Ratio{Num: 16, Den: 31}, "16.00"},
		{"a day before the clocks go forward", "America/New_York", "2025-03-01", "2025-03-08T12:00:00Z", pricing.Ratio{Num: 24, Den: 31}, "24.00"},
		{"the day they do", "America/New_York", "2025-03-01", "2025-03-09T12:00:00Z", pricing.Ratio{Num: 23, Den: 31}, "23.00"},
		{"a day after", "America/New_York", "2025-03-01", "2025-03-10T12:00:00Z", pricing.Ratio{Num: 22, Den: 31}, "22.00"},
		{"the first of two hours from 23:00", "America/Sao_Paulo", "2018-01-18", "2018-02-18T01:30:00Z", pricing.Ratio{Num: 1, Den: 31}, "1.00"},
		{"the second of them", "America/Sao_Paulo", "2018-01-18", "2018-02-18T02:30:00Z", pricing.Ratio{Num: 1, Den: 31}, "1.00"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			z := zone(t, tt.zone)
			p := upgrade(t, pricing.Upgrade{
				Period: period(t, tt.bought, pricing.Months(1), 0, z), At: instant(t, tt.at), Zone: z,
				From: holding(t, "0.00 USD", 0), To: holding(t, "31.00 USD", 0),
			})
			equal(t, "Remaining", p.Remaining, tt.remaining)
			equal(t, "Amount", p.Amount.Amount(), tt.price)
		})
	}
}

// A known mistake: the credit uses today's price instead of the price paid, or a second upgrade credits the wrong base.
// The credit is the given price: the discounted price at first, the list price after an upgrade.
// Rule: credit-is-the-price-paid.
func TestCreditIsThePricePaid(t *testing.T) {
	lite, standard, pro := holding(t, "199.00 USD", 100_000), holding(t, "397.00 USD", 200_000), holding(t, "597.00 USD", 300_000)
	paid := lite
	paid.Price = money(t, "99.00 USD") // at a discount
	const at = "2025-06-16"            // 15/30

	first := upgrade(t, monthly(t, "2025-06-01", at, paid, standard))
	equal(t, "first upgrade", first.Amount.Amount(), "149.00") // (397 − 99) / 2, not (397 − 199) / 2
	second := upgrade(t, monthly(t, "2025-06-01", at, standard, pro))
	equal(t, "second upgrade", second.Amount.Amount(), "100.00") // (597 − 397) / 2: the first paid up to the list price

	direct := upgrade(t, monthly(t, "2025-06-01", at, paid, pro))
	equal(t, "directly", direct.Amount.Amount(), "249.00")
}

// A known mistake: each line is rounded, so the total is a cent off; or a daily rate is rounded: 50/31 → 1.61, and 1.61
// × 15 = 24.15.
// Rule: rounds-once.
func TestRoundedOnce(t *testing.T) {
	p := upgrade(t, monthly(t, "2025-07-01", "2025-07-17", holding(t, "0.00 USD", 0), holding(t, "50.00 USD", 0)))
	equal(t, "Amount", p.Amount.Amount(), "24.19")

	// Three lines of 0.335 each would be 0.34 × 3 = 1.02; they are 1.005 together, which is 1.01.
	lines := make([]pricing.Line, 3)
	for i := range lines {
		lines[i] = pricing.Line{Unit: rate(t, "0.335"), Times: once}
	}
	total, err := pricing.Total("USD", pricing.HalfUp, lines)
	wrapped(t, "Total", err, nil)
	equal(t, "Amount", total.Amount.Amount(), "1.01")
	var sum int64
	for _, l := range total.Lines {
		sum += l.Amount.Minor()
	}
	equal(t, "sum of the lines", sum, 101)
}

// A known mistake: switching versions repeatedly creates minutes. Upgrading in steps on one day never gives more
// minutes than upgrading directly, and at most one minute less per step; its price is the same within a cent per step.
// Rule: steps-mint-nothing.
func TestHoppingMintsNothing(t *testing.T) {
	steps := []pricing.Package{
		holding(t, "0.00 USD", 0), holding(t, "99.99 USD", 33_333), holding(t, "199.97 USD", 66_667),
		holding(t, "333.33 USD", 99_998), holding(t, "597.01 USD", 300_001),
	}
	for _, at := range []string{"2025-07-01", "2025-07-02", "2025-07-16", "2025-07-17", "2025-07-31"} {
		direct := upgrade(t, monthly(t, "2025-07-01", at, steps[0], steps[len(steps)-1]))
		var minutes, cents int64
		for i := range len(steps) - 1 {
			p := upgrade(t, monthly(t, "2025-07-01", at, steps[i], steps[i+1]))
			minutes += p.Minutes
			cents += p.Amount.Minor()
		}
		hops := int64(len(steps) - 1)
		if lost := direct.Minutes - minutes; lost < 0 || lost >= hops {
			t.Errorf("%s: %d minutes in steps, %d directly", at, minutes, direct.Minutes)
		}
		if off := cents - direct.Amount.Minor(); off < -hops || off > hops {
			t.Errorf("%s: %d cents in steps, %s directly", at, cents, direct.Amount)
		}
	}
}
