package main

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/prepaidkit/prepaid/pricing"
	"github.com/prepaidkit/prepaid/subscription"
)

// Measures of the burn-down chart, in its own units.
const (
	burnWidth  = 760
	burnHeight = 260
	burnLeft   = 64 // for the numbers
	burnBottom = 28 // for the dates
	burnTop    = 10
	burnDays   = 60 // the latest ones are shown
)

// burnDown is a chart of the minutes that were left at the end of each day, with the lots stacked.
type burnDown struct {
	Width, Height int
	Areas         []lotArea
	Rules         []rule // horizontal, with the minutes
	Days          []rule // the dates below
	Left, Right   int
	Base          int
	Summary       string // for those who don't see it
}

type lotArea struct {
	Lot    subscription.LotID
	Source subscription.Source
	Class  string
	Points string
	Title  string
}

type rule struct {
	At   float64
	Text string
}

// burnDown draws the ledger. Only positions are floats.
func (c *console) burnDown(entries []subscription.Entry, sources map[subscription.LotID]subscription.Source, now time.Time) burnDown {
	chart := burnDown{Width: burnWidth, Height: burnHeight, Left: burnLeft, Right: burnWidth - 8, Base: burnHeight - burnBottom}
	if len(entries) == 0 {
		return chart
	}
	zone := c.catalog.Zone()
	last := zone.DateOf(now)
	first := max(zone.DateOf(entries[0].At), last-burnDays+1)
	lots := c.remainders(entries, first, last)
	days := int(last-first) + 1
	tops := make([]subscription.Quantity, days)
	var most subscription.Quantity = 1
	ids := make([]subscription.LotID, 0, len(lots))
	for id, left := range lots {
		for i, q := range left {
			tops[i] += q
			most = max(most, tops[i])
		}
		ids = append(ids, id)
	}
	slices.Sort(ids)
	most = roundUp(most)
	// A day has a width, so that a single one is seen too.
	x := func(i int) float64 {
		return float64(burnLeft) + float64(chart.Right-burnLeft)*float64(i)/float64(days)
	}
	y := func(q subscription.Quantity) float64 {
		return float64(chart.Base) - float64(chart.Base-burnTop)*float64(q)/float64(most)
	}
	under := make([]subscription.Quantity, days)
	shades := map[subscription.Source]int{}
	for _, id := range ids {
		left, source := lots[id], sources[id]
		if slices.Max(left) == 0 {
			continue
		}
		class := fmt.Sprintf("lot-%s shade-%d", source, shades[source]%2)
		shades[source]++
		chart.Areas = append(chart.Areas, lotArea{id, source, class, outline(left, under, x, y), fmt.Sprintf(
			"Lot %d, %s: %s minutes now", id, strings.ToLower(sourceName(source)), minutesText(left[days-1]))})
		for i, q := range left {
			under[i] += q
		}
	}
	for i := range 5 {
		q := most / 4 * subscription.Quantity(i)
		chart.Rules = append(chart.Rules, rule{y(q), grouped(q.Whole())})
	}
	step := max(1, days/6)
	for i := 0; i < days; i += step {
		d := first + pricing.Date(i)
		chart.Days = append(chart.Days, rule{x(i), zone.StartOf(d).In(c.zone()).Format("2 Jan")})
	}
	chart.Summary = fmt.Sprintf("From %s to %s: %s minutes were left at the end of the first day, %s are left now, in %s.",
		first, last, minutesText(tops[0]), minutesText(tops[days-1]), plural(len(chart.Areas), "lot"))
	return chart
}

// roundUp returns a round quantity, of whole minutes in quarters, that is at least q.
func roundUp(q subscription.Quantity) subscription.Quantity {
	for unit := subscription.Minutes(4); ; unit *= 10 {
		for _, n := range []subscription.Quantity{1, 2, 3, 5, 6, 8} {
			if n*unit >= q {
				return n * unit
			}
		}
	}
}

// remainders returns what remained of each lot at the end of each day from first to last. A lot expires when late usage
// no longer counts; what was left of it couldn't be spent on anything new from the end of its period.
func (c *console) remainders(entries []subscription.Entry, first, last pricing.Date) map[subscription.LotID][]subscription.Quantity {
	zone, late := c.catalog.Zone(), c.catalog.ServiceTerms().LateUsage
	lots := map[subscription.LotID][]subscription.Quantity{}
	for _, e := range entries {
		left := lots[e.Lot]
		if left == nil {
			left = make([]subscription.Quantity, last-first+1)
			lots[e.Lot] = left
		}
		moved, at := e.Quantity, e.At
		if e.Kind == subscription.EntryExpired {
			at = at.Add(-late)
		}
		if e.Kind != subscription.EntryGranted && e.Kind != subscription.EntryReleased {
			moved = -moved
		}
		for d := max(zone.DateOf(at), first); d <= last; d++ {
			left[d-first] += moved
		}
	}
	return lots
}

// outline returns the points of an area of steps: along its upper edge, and back along its lower one.
func outline(left, under []subscription.Quantity, x func(int) float64, y func(subscription.Quantity) float64) string {
	var b strings.Builder
	for i, q := range left {
		top := y(under[i] + q)
		fmt.Fprintf(&b, "%.1f,%.1f %.1f,%.1f ", x(i), top, x(i+1), top)
	}
	for i := range slices.Backward(left) {
		bottom := y(under[i])
		fmt.Fprintf(&b, "%.1f,%.1f %.1f,%.1f ", x(i+1), bottom, x(i), bottom)
	}
	return strings.TrimSpace(b.String())
}
