package pricing_test

import (
	"errors"
	"fmt"
	"time"

	"github.com/prepaidkit/prepaid/pricing"
)

func ExampleNewDate() {
	fmt.Println(must(pricing.NewDate(2025, time.June, 16)))

	_, err := pricing.NewDate(2025, time.February, 30)
	fmt.Println(errors.Is(err, pricing.ErrDate))
	// Output:
	// 2025-06-16
	// true
}

func ExampleParseDate() {
	bought, expires := must(pricing.ParseDate("2025-06-16")), must(pricing.ParseDate("2025-07-16"))
	fmt.Println(bought < expires, int(expires-bought), "days")
	// Output: true 30 days
}

func ExampleDate_AddMonths() {
	d := must(pricing.ParseDate("2024-01-31"))
	fmt.Println(must(d.AddMonths(1)), must(d.AddMonths(2)), must(d.AddMonths(13)))
	// Output: 2024-02-29 2024-03-31 2025-02-28
}

func ExampleDate_AddDays() {
	fmt.Println(must(must(pricing.ParseDate("2024-02-28")).AddDays(2)))
	// Output: 2024-03-01
}

func ExampleLoadZone() {
	fmt.Println(must(pricing.LoadZone("Asia/Shanghai")).Name())

	_, err := pricing.LoadZone("Local") // differs from machine to machine
	fmt.Println(err)
	// Output:
	// Asia/Shanghai
	// pricing: unknown time zone: "Local"
}

func ExampleZone_DateOf() {
	at := time.Date(2025, time.June, 16, 20, 0, 0, 0, time.UTC)
	for _, name := range []string{"UTC", "Asia/Shanghai"} {
		fmt.Println(name, must(pricing.LoadZone(name)).DateOf(at))
	}
	// Output:
	// UTC 2025-06-16
	// Asia/Shanghai 2025-06-17
}

// In São Paulo the clock once went from 00:00 to 01:00: that day had no midnight.
func ExampleZone_StartOf() {
	z := must(pricing.LoadZone("America/Sao_Paulo"))
	for _, d := range []string{"2018-11-03", "2018-11-04", "2018-11-05"} {
		fmt.Println(z.StartOf(must(pricing.ParseDate(d))))
	}
	// Output:
	// 2018-11-03 03:00:00 +0000 UTC
	// 2018-11-04 03:00:00 +0000 UTC
	// 2018-11-05 02:00:00 +0000 UTC
}

func ExampleMonths() {
	fmt.Println(pricing.Months(1), pricing.Months(12))
	// Output: 1 month 12 months
}

func ExampleDays() {
	fmt.Println(pricing.Days(7))
	// Output: 7 days
}

func ExampleTerm_Validate() {
	fmt.Println(pricing.Months(12).Validate())
	fmt.Println(pricing.Term{Months: 1, Days: 7}.Validate())
	// Output:
	// <nil>
	// pricing: invalid term: 1 months, 7 days
}

// Period n is counted from the anchor, so the 31st returns after February.
func ExampleAnchor_Period() {
	z := must(pricing.LoadZone("Asia/Shanghai"))
	anchor := pricing.Anchor{Date: must(pricing.ParseDate("2025-01-31")), Term: pricing.Months(1)}
	for n := range 3 {
		p := must(anchor.Period(n, z))
		fmt.Println(p, must(p.Days(z)), "days from", p.Start.Format(time.RFC3339))
	}
	// Output:
	// [2025-01-31, 2025-02-28) Asia/Shanghai 28 days from 2025-01-30T16:00:00Z
	// [2025-02-28, 2025-03-31) Asia/Shanghai 31 days from 2025-02-27T16:00:00Z
	// [2025-03-31, 2025-04-30) Asia/Shanghai 30 days from 2025-03-30T16:00:00Z
}

// The days of a period are those of the anchor, and are recorded together with its instants.
func ExampleAnchor_Days() {
	anchor := pricing.Anchor{Date: must(pricing.ParseDate("2025-01-31")), Term: pricing.Months(1)}
	for n := range 3 {
		fmt.Println(must(anchor.Days(n)))
	}
	// Output:
	// [2025-01-31, 2025-02-28)
	// [2025-02-28, 2025-03-31)
	// [2025-03-31, 2025-04-30)
}

// After two months, the package is paid by the year. The day of the month stays the 31st, where there is one.
func ExampleAnchor_Changed() {
	monthly := pricing.Anchor{Date: must(pricing.ParseDate("2025-12-31")), Term: pricing.Months(1)}
	fmt.Println(must(monthly.Days(1)))
	yearly := must(monthly.Changed(2, pricing.Months(12)))
	for n := range 3 {
		fmt.Println(must(yearly.Days(n)))
	}
	// Output:
	// [2026-01-31, 2026-02-28)
	// [2026-02-28, 2027-02-28)
	// [2027-02-28, 2028-02-29)
	// [2028-02-29, 2029-02-28)
}

func ExampleDayRange_Count() {
	october := pricing.DayRange{First: must(pricing.ParseDate("2022-10-01")), Until: must(pricing.ParseDate("2022-11-01"))}
	fmt.Println(october.Count(), "days,", int(october.Until-must(pricing.ParseDate("2022-10-17"))), "of them from the 17th on")
	// Output: 31 days, 15 of them from the 17th on
}

func ExampleDayRange_IsZero() {
	var notRecorded pricing.DayRange
	fmt.Println(notRecorded.IsZero(), notRecorded.Count())
	// Output: true 0
}

func ExampleAnchor_Index() {
	anchor := pricing.Anchor{Date: must(pricing.ParseDate("2025-01-31")), Term: pricing.Months(1)}
	fmt.Println(must(anchor.Index(time.Date(2025, time.March, 30, 0, 0, 0, 0, time.UTC), pricing.Zone{})))
	fmt.Println(must(anchor.Index(time.Date(2025, time.March, 31, 0, 0, 0, 0, time.UTC), pricing.Zone{})))
	fmt.Println(must(anchor.Index(time.Date(2025, time.January, 1, 0, 0, 0, 0, time.UTC), pricing.Zone{})))
	// Output:
	// 1
	// 2
	// -1
}

func ExamplePeriod_Days() {
	z := must(pricing.LoadZone("America/New_York"))
	p := must(pricing.Anchor{Date: must(pricing.ParseDate("2025-03-01")), Term: pricing.Months(1)}.Period(0, z))
	fmt.Println(must(p.Days(z)), "days,", p.End.Sub(p.Start).Hours(), "hours") // the clock goes forward on the 9th
	// Output: 31 days, 743 hours
}

func ExamplePeriod_Contains() {
	p := must(pricing.Anchor{Date: must(pricing.ParseDate("2022-11-15")), Term: pricing.Months(1)}.Period(0, pricing.Zone{}))
	fmt.Println(p.Contains(time.Date(2022, time.December, 14, 23, 59, 59, 0, time.UTC)))
	fmt.Println(p.Contains(time.Date(2022, time.December, 15, 0, 0, 0, 0, time.UTC)))
	// Output:
	// true
	// false
}

func ExamplePeriod_Equal() {
	anchor := pricing.Anchor{Date: must(pricing.ParseDate("2022-11-15")), Term: pricing.Months(1)}
	p, q := must(anchor.Period(0, pricing.Zone{})), must(anchor.Period(1, pricing.Zone{}))
	again := pricing.Period{Start: p.Start.Local(), End: p.End.Local(), Zone: "UTC"}
	fmt.Println(p.Equal(again), p.Equal(q), p.IsZero())
	// Output: true false false
}

func ExampleDayCount_Remaining() {
	anchor := pricing.Anchor{Date: must(pricing.ParseDate("2025-07-01")), Term: pricing.Months(1)}
	july, days := must(anchor.Period(0, pricing.Zone{})), must(anchor.Days(0)) // both are recorded
	at := time.Date(2025, time.July, 16, 18, 0, 0, 0, time.UTC)
	fmt.Println(must(pricing.CalendarDays.Remaining(july, days, at, pricing.Zone{}))) // the day itself counts
	fmt.Println(must(pricing.Elapsed.Remaining(july, days, at, pricing.Zone{})))      // seconds

	_, err := pricing.CalendarDays.Remaining(july, days, july.End, pricing.Zone{})
	fmt.Println(errors.Is(err, pricing.ErrOutsidePeriod))
	// Output:
	// 16/31
	// 1317600/2678400
	// true
}

func ExampleDayCount_Validate() {
	fmt.Println(pricing.DayCount("30/360").Validate())
	// Output: pricing: unknown day count: "30/360"
}

// IndexOf returns the number of the period that contains a day.
func ExampleAnchor_IndexOf() {
	anchor := pricing.Anchor{Date: must(pricing.ParseDate("2025-01-31")), Term: pricing.Months(1)}
	fmt.Println(must(anchor.IndexOf(must(pricing.ParseDate("2025-03-30")))))
	// Output: 1
}

func ExampleDate_AppendText() {
	text, err := must(pricing.ParseDate("2025-06-16")).AppendText([]byte("on "))
	fmt.Println(string(text), err)
	// Output: on 2025-06-16 <nil>
}
