package main

import (
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/prepaidkit/prepaid/subscription"
)

// uses plays video usage of Meet, of which a minute takes a package minute.
func (cl *client) uses(app, key, minutes string) string {
	cl.t.Helper()
	_, page := cl.post("/apps/"+app+"/usage", url.Values{"key": {key}, "product": {"meet"}, "kind": {"video"}, "minutes": {minutes}})
	return page
}

// The overdraft is shown beside the minutes and in no sum of them, with what is owed; the renewal repays it. Team has
// 6,000 minutes a month and lends 300. Since 5 September, 11 evenings took 120 each, 1,320 in all. So 4,780 more are 6,100.
func TestOverdraft(t *testing.T) {
	cl := saasClient(t, "elm")
	_, page := cl.get("/minutes?app=elm-app")
	cl.says(page, "To spend on Meet 4,680", "Overdraft of Meet 0 owed, 300 left of 300", "once no others are left, and are owed then")
	cl.says(cl.uses("elm-app", "over", "4,780"), "The usage was counted", "To spend on Meet 0", "Overdraft of Meet 100 owed, 200 left of 300")
	_, page = cl.get("/")
	cl.says(page, "Minutes to spend 0 Overdraft 100 owed, 200 left of 300")
	cl.moves(cl.c.hour(time.October, 5, 12))
	_, page = cl.get("/minutes?app=elm-app") // 6,000 − 100
	cl.says(page, "To spend on Meet 5,900", "Overdraft of Meet 0 owed, 300 left of 300")
}

// What is said about usage after the end follows the catalog: Team has 120 grace minutes for the 72 hours after 4 October,
// and the catalog forgives what goes beyond them. What is owed from before counts.
func TestGraceMinutesAreTold(t *testing.T) {
	cl := saasClient(t, "elm")
	_, page := cl.post("/apps/elm-app/meet/auto", url.Values{"on": {"no"}, "key": {"off"}})
	cl.says(page, "Its minutes expire with 4 Oct 2026.", "what they don't cover takes grace minutes until 8 Oct 2026, 00:00, up to 120 "+
		"together with what is owed before. What goes beyond them is not charged.")
	cl.uses("elm-app", "over", "4,780")
	cl.moves(cl.c.hour(time.October, 5, 12))
	_, page = cl.get("/")
	cl.says(page, "Grace minutes 100 owed, 20 left of 120", "The minutes of the last period are gone. Usage takes top-up and free "+
		"minutes, then the 20 grace minutes that are left until 8 Oct 2026, 00:00. What goes beyond them is not charged.")
	page = cl.uses("elm-app", "grace", "50") // of which 30 are forgiven
	cl.says(page, "Grace minutes of Meet 120 owed, 0 left of 120", "can be used until 8 Oct 2026, 00:00")
	_, page = cl.get("/")
	cl.says(page, "Usage takes top-up and free minutes, and what they don't cover is not charged.")
	cl.saysNot(page, "is refused")
	cl.moves(cl.c.hour(time.October, 9, 12))
	_, page = cl.get("/minutes?app=elm-app")
	cl.says(page, "Overdraft of Meet 120 owed, none left")
	page = cl.buys("/apps/elm-app/meet/renew", url.Values{"cycles": {"1"}})
	cl.says(page, "Paid and delivered")
	_, page = cl.get("/minutes?app=elm-app") // 6,000 − 120
	cl.says(page, "To spend on Meet 5,880", "Overdraft of Meet 0 owed, 300 left of 300")
}

// The notice of a renewal that isn't paid names the grace minutes, too.
func TestPastDueWithGraceMinutes(t *testing.T) {
	cl := saasClient(t, "elm")
	if err := cl.c.provider.setMethod(t.Context(), "elm", payBadCard); err != nil {
		t.Fatal(err)
	}
	cl.moves(cl.c.hour(time.October, 5, 12))
	_, page := cl.get("/")
	cl.says(page, "The next period isn't paid.", "then the 120 grace minutes that are left until 8 Oct 2026, 00:00. What goes beyond them "+
		"is not charged.")
	if strings.Contains(page, "refused") {
		t.Error("the page says that usage is refused")
	}
}

// What was owed is a band of the chart, and no part of its minutes: not of the axis, nor of the legend, nor of what the
// chart says. On the first day, an evening took 120 of 6,000.
func TestOwedIsABandOfItsOwn(t *testing.T) {
	cl := saasClient(t, "elm")
	if chart := chartOfApp(t, cl.c, "elm-app"); chart.Owed != nil || chart.Drawings[0].Owed != nil {
		t.Error("nothing was owed, and there is a band")
	}
	page := cl.uses("elm-app", "over", "4,780")
	for _, want := range []string{`<pattern id="fill-overdraft"`, `fill="url(#fill-overdraft)"`, "Overdraft of Meet: 100 minutes owed now"} {
		if !strings.Contains(page, want) {
			t.Errorf("the page lacks %s", want)
		}
	}
	cl.says(page, "Used beyond what is there, to be repaid", "It is no part of the minutes above it. Owed now: Overdraft 100")
	chart := chartOfApp(t, cl.c, "elm-app")
	if want := []burnSource{{subscription.FromPackage, 0}}; !slices.Equal(chart.Legend, want) {
		t.Errorf("the legend is %v, want %v", chart.Legend, want)
	}
	const summary = "From 5 Aug 2026 to 16 Sep 2026: 5,880 minutes were left at the end of the first day; 0 are left now, in 0 lots." +
		" Beside them, 100 minutes that were used beyond what was there are owed now; at most 100 were at the end of a day."
	if chart.Summary != summary {
		t.Errorf("the chart says %q", chart.Summary)
	}
	for _, d := range chart.Drawings {
		if b := d.Owed; b == nil || len(b.Areas) != 1 || b.Rules[1].Text != "100" || b.Top <= d.Base || b.Rules[1].At != d.Foot {
			t.Errorf("%s: the band is %+v", d.Class, b)
		}
		if d.Rules[0].At != d.Base || d.Foot+30 != float64(d.Height) {
			t.Errorf("%s: the axis begins at %.1f, the dates at %.1f of %d", d.Class, d.Rules[0].At, d.Foot, d.Height)
		}
	}
	cl.moves(cl.c.hour(time.October, 5, 12))
	_, page = cl.get("/minutes?app=elm-app")
	cl.says(page, "0 minutes that were used beyond what was there are owed now; at most 100 were at the end of a day.",
		"−100 repays the overdraft of Meet", "+100 its order")
}

// What is owed lapses with the package, and isn't owed in the chart any more, even if the ledger says nothing of it: all of
// the 300 was used. The 72 hours after 4 October and 90 days end on 6 January.
func TestOwedThatLapses(t *testing.T) {
	cl := saasClient(t, "elm")
	cl.post("/apps/elm-app/meet/auto", url.Values{"on": {"no"}, "key": {"off"}})
	cl.uses("elm-app", "over", "5,000") // of which 4,680 were left, and 20 are forgiven
	cl.moves(cl.c.hour(time.September, 16, 12).AddDate(0, 3, 20))
	if owed := chartOfApp(t, cl.c, "elm-app").Owed; !slices.Equal(owed, []burnSource{{subscription.FromOverdraft, subscription.Minutes(300)}}) {
		t.Errorf("%v is owed on 5 January", owed)
	}
	cl.moves(cl.c.hour(time.September, 16, 12).AddDate(0, 3, 21))
	chart := chartOfApp(t, cl.c, "elm-app")
	if !slices.Equal(chart.Owed, []burnSource{{subscription.FromOverdraft, 0}}) || !strings.Contains(chart.Summary, "at most 300 were") {
		t.Errorf("%v is owed on 6 January: %s", chart.Owed, chart.Summary)
	}
	_, page := cl.get("/minutes?app=elm-app")
	cl.saysNot(page, "300 owed")
}
