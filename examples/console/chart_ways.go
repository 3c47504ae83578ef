package main

import (
	"strings"

	"github.com/prepaidkit/prepaid/examples/compare"
)

// Measures of the chart of ways to pay, in its own units.
const (
	waysWidth = 520
	wayHeight = 46
	barTop    = 22 // below the name of the way
	barHeight = 16
	barSpace  = 110 // to the right, for the amount
)

// waysChart is a bar for each way to pay, made of its lines.
type waysChart struct {
	Width, Height int
	Bars          []wayBar
}

type wayBar struct {
	Name, Amount  string
	Y, TextY      int
	AmountX       float64
	AmountY       int
	Parts         []barPart
	Best          bool
	Baseline, End int
}

// barPart is one line of the price. Its class gives it the color of its kind.
type barPart struct {
	X, Width float64
	Y        int
	Class    string
	Title    string
}

// chartOf draws the ways. Only positions are floats; amounts are shown as they are.
func (c *console) chartOf(ways []compare.Way) waysChart {
	chart := waysChart{Width: waysWidth, Height: len(ways)*wayHeight + 4}
	var most int64 = 1
	for _, way := range ways {
		most = max(most, way.Amount.Minor())
	}
	scale := float64(waysWidth-barSpace) / float64(most)
	for i, way := range ways {
		y := i * wayHeight
		bar := wayBar{Name: c.wayName(way.Name), Amount: money(way.Amount), Y: y, TextY: y + 14, AmountY: y + barTop + 13, Best: i == 0}
		x := 0.0
		for _, l := range way.Lines {
			width := float64(l.Amount.Minor()) * scale
			title := c.itemName(l.Item) + ": " + money(l.Amount)
			bar.Parts = append(bar.Parts, barPart{x, max(width, 0.5), y + barTop, "part-" + string(l.Kind), title})
			x += width
		}
		bar.AmountX = x + 8
		chart.Bars = append(chart.Bars, bar)
	}
	return chart
}

// wayName is a way to pay in the words of the price list: "Call Group Call + packs".
func (c *console) wayName(name string) string {
	first, rest, more := strings.Cut(name, " + ")
	switch first {
	case "packs":
		return "Top-up packages alone"
	case "pay-as-you-go":
		return "Pay-as-you-go alone"
	}
	first = c.itemName(first)
	if !more {
		return first
	}
	if rest == "packs" {
		rest = "top-up packages"
	}
	return first + " + " + rest
}
