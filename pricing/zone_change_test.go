package pricing_test

import (
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/prepaidkit/prepaid/pricing"
)

// zoneOf returns a zone by the rules that the zone database had "before" or "after" the changes of October
// 2022. testdata/zoneinfo has their sources.
func zoneOf(tb testing.TB, when, name string) pricing.Zone {
	tb.Helper()
	data, err := os.ReadFile(filepath.Join("testdata", "zoneinfo", when, filepath.FromSlash(name)))
	if err != nil {
		tb.Fatal(err)
	}
	loc, err := time.LoadLocationFromTZData(name, data)
	if err != nil {
		tb.Fatal(err)
	}
	return pricing.ZoneOf(loc)
}

// The files in testdata have the rules of the two countries: Jordan didn't set its clocks back on 28 October 2022, and
// Mexico didn't set them forward in April 2023.
func TestZoneChangeMovesMidnight(t *testing.T) {
	for _, tt := range []struct{ zone, day, before, after string }{
		{"Asia/Amman", "2022-10-01", "2022-09-30T21:00:00Z", "2022-09-30T21:00:00Z"},
		{"Asia/Amman", "2022-10-28", "2022-10-27T21:00:00Z", "2022-10-27T21:00:00Z"},
		{"Asia/Amman", "2022-11-01", "2022-10-31T22:00:00Z", "2022-10-31T21:00:00Z"},
		{"Asia/Amman", "2023-07-01", "2023-06-30T21:00:00Z", "2023-06-30T21:00:00Z"},
		{"America/Mexico_City", "2022-10-01", "2022-10-01T05:00:00Z", "2022-10-01T05:00:00Z"},
		{"America/Mexico_City", "2022-11-01", "2022-11-01T06:00:00Z", "2022-11-01T06:00:00Z"},
		{"America/Mexico_City", "2023-04-15", "2023-04-15T05:00:00Z", "2023-04-15T06:00:00Z"},
		{"America/Mexico_City", "2023-11-01", "2023-11-01T06:00:00Z", "2023-11-01T06:00:00Z"},
	} {
		for when, want := range map[string]string{"before": tt.before, "after": tt.after} {
			z := zoneOf(t, when, tt.zone)
			equal(t, tt.zone+" "+tt.day+" "+when, z.StartOf(day(t, tt.day)).Format(time.RFC3339), want)
		}
	}
}

// A known mistake: the zone database changes during a paid period. The period's recorded days still count; without
// them, a day that isn't in the period would be counted.
// Rule: promised-boundary-stays.
func TestRemainingOnRecordedDays(t *testing.T) {
	for _, tt := range []struct {
		name, zone, anchor, at string
		recorded, unrecorded   pricing.Ratio
	}{
		// [1 October, 1 November) in Amman: the promised end is 01:00 on 1 November by the new rules.
		{"Jordan, the first instant", "Asia/Amman", "2022-10-01", "2022-09-30T21:00:00Z", pricing.Ratio{Num: 31, Den: 31}, pricing.Ratio{Num: 32, Den: 32}},
		{"Jordan, 17 October", "Asia/Amman", "2022-10-01", "2022-10-17T09:00:00Z", pricing.Ratio{Num: 15, Den: 31}, pricing.Ratio{Num: 16, Den: 32}},
		{"Jordan, the last day", "Asia/Amman", "2022-10-01", "2022-10-31T20:59:59Z", pricing.Ratio{Num: 1, Den: 31}, pricing.Ratio{Num: 2, Den: 32}},
		{"Jordan, the hour after it", "Asia/Amman", "2022-10-01", "2022-10-31T21:00:00Z", pricing.Ratio{Num: 1, Den: 31}, pricing.Ratio{Num: 1, Den: 32}},
		{"Jordan, the last instant", "Asia/Amman", "2022-10-01", "2022-10-31T21:59:59.999999999Z", pricing.Ratio{Num: 1, Den: 31}, pricing.Ratio{Num: 1, Den: 32}},
		// [1 November, 1 December): paid ahead, from 01:00 to 01:00.
		{"Jordan, a month paid ahead", "Asia/Amman", "2022-11-01", "2022-11-16T09:00:00Z", pricing.Ratio{Num: 15, Den: 30}, pricing.Ratio{Num: 16, Den: 31}},
		// [15 April, 15 May) in Mexico City: from 23:00 on 14 April to 23:00 on 14 May.
		{"Mexico, the first instant", "America/Mexico_City", "2023-04-15", "2023-04-15T05:00:00Z", pricing.Ratio{Num: 30, Den: 30}, pricing.Ratio{Num: 31, Den: 31}},
		{"Mexico, the first hour", "America/Mexico_City", "2023-04-15", "2023-04-15T05:59:59Z", pricing.Ratio{Num: 30, Den: 30}, pricing.Ratio{Num: 31, Den: 31}},
		{"Mexico, the first day", "America/Mexico_City", "2023-04-15", "2023-04-15T06:00:00Z", pricing.Ratio{Num: 30, Den: 30}, pricing.Ratio{Num: 30, Den: 31}},
		{"Mexico, 30 April", "America/Mexico_City", "2023-04-15", "2023-04-30T12:00:00Z", pricing.Ratio{Num: 15, Den: 30}, pricing.Ratio{Num: 15, Den: 31}},
		{"Mexico, the last instant", "America/Mexico_City", "2023-04-15", "2023-05-15T04:59:59.999999999Z", pricing.Ratio{Num: 1, Den: 30}, pricing.Ratio{Num: 1, Den: 31}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			anchor := pricing.Anchor{Date: day(t, tt.anchor), Term: pricing.Months(1)}
			promised, err := anchor.Period(0, zoneOf(t, "before", tt.zone))
			wrapped(t, "Period", err, nil)
			recorded, err := anchor.Days(0)
			wrapped(t, "Days", err, nil)
			now := zoneOf(t, "after", tt.zone)
			for _, c := range []pricing.DayCount{"", pricing.CalendarDays} {
				got, err := c.Remaining(promised, recorded, instant(t, tt.at), now)
				wrapped(t, "Remaining", err, nil)
				equal(t, "Remaining", got, tt.recorded)
				got, err = c.Remaining(promised, pricing.DayRange{}, instant(t, tt.at), now)
				wrapped(t, "Remaining", err, nil)
				equal(t, "Remaining, not recorded", got, tt.unrecorded)
			}
		})
	}
}

// An upgrade on 17 October costs 15/31 of the difference, as it did before the zone database changed.
// Rule: promised-boundary-stays.
func TestUpgradeOnRecordedDays(t *testing.T) {
	anchor := pricing.Anchor{Date: day(t, "2022-10-01"), Term: pricing.Months(1)}
	promised, err := anchor.Period(0, zoneOf(t, "before", "Asia/Amman"))
	wrapped(t, "Period", err, nil)
	recorded, err := anchor.Days(0)
	wrapped(t, "Days", err, nil)
	for _, tt := range []struct {
		name, when string
		days       pricing.DayRange
		formula    string
		price      string
		minutes    int64
	}{
		{"before", "before", recorded, "(597.00 − 199.00) × 15/31", "192.58", 96_774},
		{"before, not recorded", "before", pricing.DayRange{}, "(597.00 − 199.00) × 15/31", "192.58", 96_774},
		{"after", "after", recorded, "(597.00 − 199.00) × 15/31", "192.58", 96_774},
		{"after, not recorded", "after", pricing.DayRange{}, "(597.00 − 199.00) × 16/32", "199.00", 100_000},
	} {
		t.Run(tt.name, func(t *testing.T) {
			p := upgrade(t, pricing.Upgrade{
				Item: "call/group-call", Period: promised, Days: tt.days, At: instant(t, "2022-10-17T09:00:00Z"),
				Zone: zoneOf(t, tt.when, "Asia/Amman"), From: holding(t, "199.00 USD", 100_000), To: holding(t, "597.00 USD", 300_000),
			})
			equal(t, "Formula", p.Lines[0].Formula(), tt.formula)
			equal(t, "Amount", p.Amount.Amount(), tt.price)
			equal(t, "Minutes", p.Minutes, tt.minutes)
		})
	}
}

// Elapsed time is measured between the recorded instants; recorded days are ignored, even impossible ones.
func TestRemainingElapsedIgnoresRecordedDays(t *testing.T) {
	promised := period(t, "2022-10-01", pricing.Months(1), 0, zoneOf(t, "before", "Asia/Amman"))
	for name, recorded := range map[string]pricing.DayRange{
		"recorded": days(t, "2022-10-01", "2022-11-01"), "not recorded": {}, "impossible": days(t, "2022-11-01", "2022-10-01"),
	} {
		got, err := pricing.Elapsed.Remaining(promised, recorded, instant(t, "2022-10-31T21:00:00Z"), zoneOf(t, "after", "Asia/Amman"))
		wrapped(t, name, err, nil)
		equal(t, name, got, pricing.Ratio{Num: 3600, Den: (31*24 + 1) * 3600})
	}
}

// Whether an instant is in a period depends on the period's instants only. Recorded days must be valid.
func TestRemainingOnRecordedDaysRefuses(t *testing.T) {
	promised := period(t, "2022-10-01", pricing.Months(1), 0, zoneOf(t, "before", "Asia/Amman"))
	for _, tt := range []struct {
		name, first, until, at string
		err                    error
	}{
		{"the promised end", "2022-10-01", "2022-11-01", "2022-10-31T22:00:00Z", pricing.ErrOutsidePeriod},
		{"the instant before", "2022-10-01", "2022-11-01", "2022-09-30T20:59:59.999999999Z", pricing.ErrOutsidePeriod},
		{"no day", "2022-10-01", "2022-10-01", "2022-10-17T09:00:00Z", pricing.ErrDate},
		{"the wrong way around", "2022-11-01", "2022-10-01", "2022-10-17T09:00:00Z", pricing.ErrDate},
	} {
		t.Run(tt.name, func(t *testing.T) {
			u := pricing.Upgrade{
				Period: promised, Days: days(t, tt.first, tt.until), At: instant(t, tt.at), Zone: zoneOf(t, "after", "Asia/Amman"),
				From: holding(t, "199.00 USD", 0), To: holding(t, "597.00 USD", 0),
			}
			_, err := pricing.PriceUpgrade(u)
			wrapped(t, "PriceUpgrade", err, tt.err)
			got, err := pricing.CalendarDays.Remaining(u.Period, u.Days, u.At, u.Zone)
			wrapped(t, "Remaining", err, tt.err)
			equal(t, "Remaining", got, pricing.Ratio{})
		})
	}
}

// Samoa skipped 30 December 2011. If that day is in the period, it is counted.
func TestRemainingCountsASkippedDay(t *testing.T) {
	z := zone(t, "Pacific/Apia")
	for _, tt := range []struct {
		name, anchor, at string
		want             pricing.Ratio
	}{
		{"the period's last day, on the day before", "2011-12-24", "2011-12-30T09:59:59Z", pricing.Ratio{Num: 2, Den: 7}},
		{"the period's first day, on the day after", "2011-12-30", "2011-12-30T10:00:00Z", pricing.Ratio{Num: 6, Den: 7}},
		{"in its middle, before", "2011-12-27", "2011-12-30T09:59:59Z", pricing.Ratio{Num: 5, Den: 7}},
		{"in its middle, after", "2011-12-27", "2011-12-30T10:00:00Z", pricing.Ratio{Num: 3, Den: 7}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			anchor := pricing.Anchor{Date: day(t, tt.anchor), Term: pricing.Days(7)}
			p, err := anchor.Period(0, z)
			wrapped(t, "Period", err, nil)
			recorded, err := anchor.Days(0)
			wrapped(t, "Days", err, nil)
			got, err := pricing.CalendarDays.Remaining(p, recorded, instant(t, tt.at), z)
			wrapped(t, "Remaining", err, nil)
			equal(t, "Remaining", got, tt.want)
		})
	}
}

// Whatever the rules when the period was recorded and now, the remaining fraction is counted in recorded days, is in
// (0, 1], and never increases with time.
func FuzzRemainingOnRecordedDays(f *testing.F) {
	f.Add(int32(19_266), uint8(1), uint32(1_400_000), uint32(86_400), true, true) // October 2022
	f.Add(int32(19_297), uint8(1), uint32(0), uint32(3_600), true, true)
	f.Add(int32(19_462), uint8(1), uint32(3_599), uint32(1), false, true) // 15 April 2023
	f.Add(int32(19_462), uint8(12), uint32(30_000_000), uint32(86_400), false, false)
	changed := map[string][2]pricing.Zone{}
	for _, name := range []string{"Asia/Amman", "America/Mexico_City"} {
		changed[name] = [2]pricing.Zone{zoneOf(f, "before", name), zoneOf(f, "after", name)}
	}
	f.Fuzz(func(t *testing.T, date int32, months uint8, after, later uint32, jordan, forward bool) {
		name := "America/Mexico_City"
		if jordan {
			name = "Asia/Amman"
		}
		promiser, now := changed[name][0], changed[name][1]
		if !forward {
			promiser, now = now, promiser
		}
		anchor := pricing.Anchor{Date: pricing.Date(date % 30_000), Term: pricing.Months(1 + int(months)%120)}
		p, err := anchor.Period(0, promiser)
		recorded, daysErr := anchor.Days(0)
		if err != nil || daysErr != nil {
			t.Fatal(err, daysErr)
		}
		length := uint32(p.End.Sub(p.Start) / time.Second)
		first := after % length
		last := pricing.Ratio{Num: int64(recorded.Count()), Den: int64(recorded.Count())}
		for _, elapsed := range []uint32{0, first, first + later%(length-first), length - 1} {
			at := p.Start.Add(time.Duration(elapsed) * time.Second)
			r, err := pricing.CalendarDays.Remaining(p, recorded, at, now)
			if err != nil || r.Num < 1 || r.Den != last.Den || r.Num > last.Num {
				t.Fatalf("%s, promised as %s: %s remains at %s after %s (%v)", recorded, p, r, at, last, err)
			}
			// A day away from the edges is counted by the wall clock.
			if d := now.DateOf(at); d > recorded.First && d < recorded.Until && r.Num != int64(recorded.Until-d) {
				t.Fatalf("%s, promised as %s: %s remains on %s", recorded, p, r, d)
			}
			last = r
		}
	})
}
