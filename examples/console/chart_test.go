package main

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/prepaidkit/prepaid/subscription"
)

// An axis ends at or above the greatest value, in at most 5 steps of 1, 2 or 5 times a power of ten.
func TestAxis(t *testing.T) {
	for _, tt := range []struct {
		most  subscription.Quantity
		step  int64
		steps int
	}{
		{1, 1, 1},
		{subscription.Minutes(5), 1, 5},
		{subscription.Minutes(5) + 1, 2, 3},
		{subscription.Minutes(25), 5, 5},
		{subscription.Minutes(307_808), 100_000, 4},
		{subscription.Minutes(500_000), 100_000, 5},
		{subscription.Minutes(500_001), 200_000, 3},
		{subscription.Minutes(1_234_567), 500_000, 3},
	} {
		if step, steps := axis(tt.most); step != subscription.Minutes(tt.step) || steps != tt.steps {
			t.Errorf("%s: %d steps of %s, want %d of %d", tt.most, steps, step, tt.steps, tt.step)
		}
	}
}

// Dates on an axis end with the last day, at an even distance that leaves each its room.
func TestDateTicks(t *testing.T) {
	for _, tt := range []struct {
		days      int
		day, room float64
		want      []int
	}{
		{1, 800, 150, []int{0}},
		{3, 280, 150, []int{0, 1, 2}},
		{10, 80, 150, []int{1, 3, 5, 7, 9}},
		{60, 14, 150, []int{3, 17, 31, 45, 59}},
		{60, 4.5, 90, []int{3, 31, 59}},
	} {
		if got := dateTicks(tt.days, tt.day, tt.room); !slices.Equal(got, tt.want) {
			t.Errorf("%d days: %v, want %v", tt.days, got, tt.want)
		}
	}
}

// Dates below a chart leave each other their room, although the last one ends with the axis.
func TestDatesDontOverlap(t *testing.T) {
	for catalog, chart := range map[string]burnDown{
		"sample": chartOfApp(t, openConsole(t, "memory"), "aurora-classroom"), "saas": chartOfApp(t, openSaaS(t), "elm-app"),
	} {
		for _, d := range chart.Drawings {
			if len(d.Days) < 2 {
				t.Errorf("%s, %s: %d dates", catalog, d.Class, len(d.Days))
			}
			for i := 1; i < len(d.Days); i++ {
				begins := d.Days[i].At - d.date/2
				if d.Days[i].Anchor == "end" {
					begins = d.Right - d.date
				}
				if ends := d.Days[i-1].At + d.date/2; ends > begins+1 {
					t.Errorf("%s, %s: %s ends at %.0f, and %s begins at %.0f", catalog, d.Class, d.Days[i-1].Text, ends, d.Days[i].Text, begins)
				}
			}
		}
	}
}

// chartOfApp is the burn-down chart of an application of the demonstration.
func chartOfApp(t *testing.T, c *console, id subscription.ApplicationID) burnDown {
	t.Helper()
	app, err := c.service.Application(t.Context(), id)
	if err != nil {
		t.Fatal(err)
	}
	body := minutesBody{App: &app}
	if err := c.fillMinutes(httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/minutes", http.NoBody), &body); err != nil {
		t.Fatal(err)
	}
	return body.Chart
}

// The chart stacks lots in the order in which they are used, the first on top; its legend has every source that it
// shows, and what it says agrees with the table of lots.
func TestBurnDown(t *testing.T) {
	c := openConsole(t, "memory")
	chart := chartOfApp(t, c, "aurora-classroom")
	want := []burnSource{
		{subscription.FromFree, 0},
		{subscription.FromPackage, subscription.Minutes(257_808)},
		{subscription.FromUpgrade, 0},
		{subscription.FromTopUp, subscription.Minutes(50_000)},
	}
	if !slices.Equal(chart.Legend, want) {
		t.Errorf("the legend is %v, want %v", chart.Legend, want)
	}
	const summary = "From 19 Jul 2026 to 16 Sep 2026: 167,235 minutes were left at the end of the first day; 307,808 are left now, in 2 lots."
	if chart.Summary != summary {
		t.Errorf("the chart says %q", chart.Summary)
	}
	for _, d := range chart.Drawings {
		var drawn []string
		for _, a := range slices.Backward(d.Areas) {
			drawn = append(drawn, fmt.Sprintf("%s %d", a.Source, a.Lot))
		}
		const order = "free 4, free 7, package 1, upgrade 3, package 5, package 8, top_up 6"
		if got := strings.Join(drawn, ", "); got != order {
			t.Errorf("%s, from the top: %s, want %s", d.Class, got, order)
		}
		var minutes, dates []string
		for _, r := range d.Rules {
			minutes = append(minutes, r.Text)
		}
		for _, r := range d.Days {
			dates = append(dates, r.Text)
		}
		if got := strings.Join(minutes, " "); got != "0 100,000 200,000 300,000 400,000" {
			t.Errorf("%s: the axis has %s", d.Class, got)
		}
		if got := dates[len(dates)-1]; got != "16 Sep 2026" {
			t.Errorf("%s: the last date is %s", d.Class, got)
		}
	}
	page := signedIn(t, c, serveConsole(t, c), "aurora")
	_, text := page.get("/minutes?app=aurora-classroom")
	var lots []string
	for _, m := range regexp.MustCompile(`<th scope="row" data-label="Lot">(\d+)</th>`).FindAllStringSubmatch(text, -1) {
		lots = append(lots, m[1])
	}
	if got := strings.Join(lots, " "); got != "8 6" {
		t.Errorf("the table has the lots %s, want 8 and then 6", got)
	}
}

// A lot has nothing left to spend once its period is over, although it stays in the document for late usage.
func TestBurnDownEndedLot(t *testing.T) {
	c := openConsole(t, "memory")
	if _, err := c.move(t.Context(), shanghai(time.September, 18, 9)); err != nil {
		t.Fatal(err)
	}
	app, err := c.service.Application(t.Context(), "cobalt-arena")
	if err != nil {
		t.Fatal(err)
	}
	if len(app.Lots) == 0 || app.Lots[0].Remaining == 0 || app.Lots[0].Period.End.After(c.clock.now()) {
		t.Fatalf("the document has %v, want a lot that has ended with something left", app.Lots)
	}
	chart := chartOfApp(t, c, "cobalt-arena")
	if want := []burnSource{{subscription.FromPackage, 0}}; !slices.Equal(chart.Legend, want) {
		t.Errorf("the legend is %v, want %v", chart.Legend, want)
	}
	if !strings.Contains(chart.Summary, "0 are left now, in 0 lots") {
		t.Errorf("the chart says %q", chart.Summary)
	}
}

// A bar is as long as its price, and its parts are what each kind of line comes to.
func TestWayBars(t *testing.T) {
	cl := newClient(t, "aurora")
	_, page := cl.get("/calculator")
	for _, want := range []string{
		`Package 99.00 USD + Top-up 33.60 USD`, `Package 99.00 USD + Pay-as-you-go 34.91 USD`,
		`<rect class="part-purchase" x="0.0" width="1000.0" height="10"/>`,
	} {
		if !strings.Contains(page, want) {
			t.Errorf("the page lacks %s", want)
		}
	}
}

// Every source of minutes has a color and a pattern.
func TestEverySourceHasAPattern(t *testing.T) {
	_, page := newClient(t, "aurora").get("/minutes?app=aurora-classroom")
	styles, err := files.ReadFile("static/console.css")
	if err != nil {
		t.Fatal(err)
	}
	for _, source := range []string{"package", "upgrade", "top_up", "free", "gift", "returned", "overdraft"} {
		if !strings.Contains(page, `<pattern id="fill-`+source+`"`) || !strings.Contains(string(styles), ".lot-"+source+" {") {
			t.Errorf("%s has no pattern or no color", source)
		}
	}
}
