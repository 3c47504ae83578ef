package main

import (
	"strings"

	"github.com/prepaidkit/prepaid/examples/compare"
	"github.com/prepaidkit/prepaid/pricing"
)

// barUnits is the length of the longest bar, in its own units.
const barUnits = 1000

// wayBar is a way to pay, with a bar as long as its price, made of what the price is for.
type wayBar struct {
	Name   string
	Amount pricing.Money
	Taxed  pricing.Money // with the customer's taxes; the zero value if there are none
	Parts  []barPart
	Best   bool // it is the cheapest
}

// barPart is what the lines of a kind come to. Its class gives it the color of its kind.
type barPart struct {
	X, Width float64
	Class    string
	Name     string
	Amount   pricing.Money
}

// chartOf returns a bar for each way to pay. Only lengths are floats; amounts are shown as they are.
func (c *console) chartOf(ways []compare.Way) ([]wayBar, error) {
	var most int64 = 1
	for _, way := range ways {
		most = max(most, way.Amount.Minor())
	}
	var bars []wayBar
	for i, way := range ways {
		bar := wayBar{Name: c.wayName(way.Name), Amount: way.Amount, Best: i == 0}
		for _, l := range way.Lines {
			n := len(bar.Parts)
			if name := lineKind(l.Kind); n == 0 || bar.Parts[n-1].Name != name {
				bar.Parts = append(bar.Parts, barPart{Class: "part-" + string(l.Kind), Name: name, Amount: l.Amount})
				continue
			}
			sum, err := bar.Parts[n-1].Amount.Add(l.Amount)
			if err != nil {
				return nil, err
			}
			bar.Parts[n-1].Amount = sum
		}
		lay(bar.Parts, most)
		bars = append(bars, bar)
	}
	return bars, nil
}

// lay lays the parts of a bar side by side; most is the amount of the longest bar.
func lay(parts []barPart, most int64) {
	x := 0.0
	for i := range parts {
		p := &parts[i]
		p.X, p.Width = x, barUnits*float64(max(0, p.Amount.Minor()))/float64(most)
		x += p.Width
	}
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
