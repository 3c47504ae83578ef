package main

import (
	"net/http"
	"time"

	"github.com/prepaidkit/prepaid/pricing"
)

// month is a month of the catalog's calendar, as one of the pages that have a month each.
type month struct {
	First       pricing.Date
	Name        string    // September 2026
	From, Until time.Time // without Until
	Path        string    // of the page, with its query
	Earlier     *month    // nil if there is none
	Later       *month    // nil if it is the present month
}

// monthName is how a month is written in a query.
const monthName = "2006-01"

// monthOf returns the month of a page that a request asks for, as in month=2026-09. Without one, and for a month that hasn't
// begun, it is the present month.
func (c *console) monthOf(r *http.Request, page string) month {
	now := c.catalog.Zone().DateOf(c.clock.now()).MonthStart()
	first := now
	if d, err := pricing.ParseDate(r.FormValue("month") + "-01"); err == nil {
		first = min(d, now)
	}
	m := c.monthFrom(first, page)
	if earlier := (first - 1).MonthStart(); earlier < first {
		m.Earlier = new(c.monthFrom(earlier, page))
	}
	if first < now {
		m.Later = new(c.monthFrom(first.MonthEnd()+1, page))
	}
	return m
}

func (c *console) monthFrom(first pricing.Date, page string) month {
	zone := c.catalog.Zone()
	from := zone.StartOf(first)
	in := from.In(c.zone())
	return month{
		First: first, Name: monthText(in), From: from, Until: zone.StartOf(first.MonthEnd() + 1),
		Path: page + "?month=" + in.Format(monthName),
	}
}

// monthText is the month of an instant in its zone.
func monthText(t time.Time) string { return t.Format("January 2006") }
