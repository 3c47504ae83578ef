package main

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/prepaidkit/prepaid/pricing"
	"github.com/prepaidkit/prepaid/subscription"
)

// burnDays is how many days the burn-down chart shows, the latest ones.
const burnDays = 60

// burnDown is a chart of the minutes that were left at the end of each day. Lots are stacked in the order in which they
// are used, the first one on top, and have the color of their source. What was owed of overdrafts is in a band below.
type burnDown struct {
	Drawings []burnDrawing // the same for two widths; a page shows one of them
	Legend   []burnSource
	Owed     []burnSource // what is owed now, of which the drawings have a band; empty if they have none
	Summary  string       // for those who don't see it
}

// burnSource is a source of minutes that the chart shows, with what is left of it now.
type burnSource struct {
	Source subscription.Source
	Left   subscription.Quantity
}

// burnDrawing is the chart at a width, in units of its own.
type burnDrawing struct {
	burnFrame

	Left, Right, Base float64 // of the area within the axes
	Areas             []lotArea
	Rules             []rule    // horizontal, with the minutes
	Owed              *owedBand // nil if nothing was owed
	Foot              float64   // of everything above the dates
	Days              []rule    // the dates below
}

// burnFrame is what a drawing has room for.
type burnFrame struct {
	Class         string
	Width, Height int
	digit         float64 // at most, how wide a digit is
	date          float64 // how wide a date is, with the space beside it
}

// burnFrames are those of a wide and of a narrow page. Their units are about a pixel.
func burnFrames() []burnFrame {
	return []burnFrame{{"wide", 960, 300, 10, 125}, {"narrow", 340, 240, 7.5, 80}}
}

type lotArea struct {
	Lot    subscription.LotID
	Source subscription.Source
	Points string
	Title  string
}

type rule struct {
	At     float64
	Text   string
	Anchor string // of the text: start, middle or end
}

// burnDown draws the ledger of an application, which is in the order of its entries. Only positions are floats.
func (c *console) burnDown(
	app subscription.Application, entries []subscription.Entry, sources map[subscription.LotID]subscription.Source,
	lapsed map[subscription.LotID]time.Time, now time.Time,
) burnDown {
	if len(entries) == 0 {
		return burnDown{}
	}
	zone := c.catalog.Zone()
	last := zone.DateOf(now)
	first := max(zone.DateOf(entries[0].At), last-burnDays+1)
	lots := c.lotHistory(app, entries, sources, first, last, now)
	lots = slices.DeleteFunc(lots, func(l lotDays) bool { return slices.Max(l.Left) == 0 })
	owed := c.owedHistory(entries, lapsed, first, last)
	if len(lots) == 0 && len(owed) == 0 {
		return burnDown{}
	}
	var chart burnDown
	left := map[subscription.Source]subscription.Quantity{}
	totals := make([]subscription.Quantity, last-first+1)
	spendable := 0
	for _, l := range lots {
		for i, q := range l.Left {
			totals[i] += q
		}
		now := l.Left[len(l.Left)-1]
		left[l.Lot.Source] += now
		if now > 0 {
			spendable++
		}
	}
	for _, s := range []subscription.Source{
		subscription.FromFree, subscription.FromPackage, subscription.FromUpgrade, subscription.FromTopUp, subscription.FromGift,
		subscription.FromReturned,
	} {
		if q, shown := left[s]; shown {
			chart.Legend = append(chart.Legend, burnSource{s, q})
		}
	}
	for _, f := range burnFrames() {
		chart.Drawings = append(chart.Drawings, c.draw(f, lots, owed, totals, first))
	}
	chart.Summary = fmt.Sprintf("From %s to %s: %s minutes were left at the end of the first day; %s are left now, in %s.",
		c.date(first), c.date(last), minutesText(totals[0]), minutesText(totals[len(totals)-1]), plural(spendable, "lot"))
	if len(owed) > 0 {
		sum := owedTotals(owed)
		chart.Owed = []burnSource{{subscription.FromOverdraft, sum[len(sum)-1]}}
		chart.Summary += owedSummary(sum)
	}
	return chart
}

// The band of what was owed, in units of a drawing: its height, and the room above it for its title.
const (
	owedHeight = 44
	owedTitle  = 34
)

// draw draws lots, the first one on top, and overdrafts below.
func (c *console) draw(
	f burnFrame, lots []lotDays, owed []owedDays, totals []subscription.Quantity, first pricing.Date,
) burnDrawing {
	days := len(totals)
	step, steps := axis(slices.Max(totals))
	most := step * subscription.Quantity(steps)
	d := burnDrawing{burnFrame: f, Right: float64(f.Width) - 2, Base: float64(f.Height) - 30}
	d.Foot = d.Base
	widest := most
	if len(owed) > 0 {
		widest = max(most, owedMost(owed))
	}
	d.Left = float64(len(grouped(widest.Whole())))*f.digit + 12
	const top = 12.0
	// A day has a width, so that a single one is seen too.
	x := func(i int) float64 { return d.Left + (d.Right-d.Left)*float64(i)/float64(days) }
	y := func(q subscription.Quantity) float64 { return d.Base - (d.Base-top)*float64(q)/float64(most) }
	if len(owed) > 0 {
		d.Height += owedTitle + owedHeight
		d.Foot += owedTitle + owedHeight
		d.Owed = c.drawOwed(owed, d.Base+owedTitle, d.Foot, x)
	}
	under := make([]subscription.Quantity, days)
	for _, l := range slices.Backward(lots) {
		d.Areas = append(d.Areas, lotArea{l.Lot.ID, l.Lot.Source, outline(l.Left, under, x, y), fmt.Sprintf(
			"Lot %d, %s: %s minutes now", l.Lot.ID, strings.ToLower(sourceName(l.Lot.Source)), minutesText(l.Left[days-1]))})
		for i, q := range l.Left {
			under[i] += q
		}
	}
	for i := range steps + 1 {
		q := step * subscription.Quantity(i)
		d.Rules = append(d.Rules, rule{y(q), grouped(q.Whole()), "end"})
	}
	day := x(1) - x(0)
	for _, i := range dateTicks(days, day, f.date+max(0, f.date-day)/2) { // since the last date ends with the axis
		r := rule{(x(i) + x(i+1)) / 2, c.date(first + pricing.Date(i)), "middle"}
		if r.At+f.date/2 > d.Right {
			r.Anchor = "end"
		}
		d.Days = append(d.Days, r)
	}
	return d
}

// axis returns the step of an axis from zero to at least most, and the number of steps, up to 5. A step is 1, 2 or 5
// minutes times a power of ten.
func axis(most subscription.Quantity) (step subscription.Quantity, steps int) {
	for unit := subscription.Minutes(1); ; unit *= 10 {
		for _, n := range []subscription.Quantity{1, 2, 5} {
			if step = n * unit; 5*step >= most {
				return step, max(1, int((most+step-1)/step))
			}
		}
	}
}

// dateTicks returns which of a number of days get their date: the last one, and earlier ones at an even distance that
// leaves each date its room.
func dateTicks(days int, day, room float64) []int {
	step := 1
	for _, step = range []int{1, 2, 7, 14, 28} {
		if float64(step)*day >= room {
			break
		}
	}
	var ticks []int
	for i := days - 1; i >= 0; i -= step {
		ticks = append(ticks, i)
	}
	slices.Reverse(ticks)
	return ticks
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
