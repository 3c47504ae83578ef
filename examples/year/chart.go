package main

import (
	"fmt"
	"strings"
)

// The chart's measures, in pixels.
const (
	barWidth = 40
	height   = 240
	margin   = 48
)

// chart draws revenue as bars and live subscriptions as a line, each to its own scale. All lengths are whole pixels.
func chart(all []month) []byte {
	best, mostRevenue, mostLive := all[0].Revenue, int64(1), 1
	for _, m := range all {
		if m.Revenue.Minor() > mostRevenue {
			best, mostRevenue = m.Revenue, m.Revenue.Minor()
		}
		mostLive = max(mostLive, m.Live)
	}
	var b strings.Builder
	width := 2*margin + len(all)*barWidth
	fmt.Fprintf(&b, `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %d %d" font-family="sans-serif" font-size="11">`+"\n",
		width, height+2*margin)
	fmt.Fprintf(&b, `<title>Revenue and live subscriptions by month</title>`+"\n")
	fmt.Fprintf(&b, `<rect width="%d" height="%d" fill="#fff"/>`+"\n", width, height+2*margin)
	fmt.Fprintf(&b, `<text x="%d" y="24" fill="#2a6f97">Revenue by month, at most %s</text>`+"\n", margin, best)
	fmt.Fprintf(&b, `<text x="%d" y="24" text-anchor="end" fill="#b5541c">Live subscriptions, at most %d</text>`+"\n",
		width-margin, mostLive)
	var line []string
	for i, m := range all {
		x := margin + i*barWidth
		tall := int(max(0, m.Revenue.Minor()) * height / mostRevenue)
		fmt.Fprintf(&b, `<rect x="%d" y="%d" width="%d" height="%d" fill="#8ecae6"><title>%s: %s</title></rect>`+"\n",
			x+4, margin+height-tall, barWidth-8, tall, m.First.Format("January"), m.Revenue)
		fmt.Fprintf(&b, `<text x="%d" y="%d" text-anchor="middle">%s</text>`+"\n", x+barWidth/2, margin+height+16, m.First.Format("Jan"))
		line = append(line, fmt.Sprintf("%d,%d", x+barWidth/2, margin+height-m.Live*height/mostLive))
	}
	fmt.Fprintf(&b, `<polyline points="%s" fill="none" stroke="#b5541c" stroke-width="2"/>`+"\n</svg>\n", strings.Join(line, " "))
	return []byte(b.String())
}
