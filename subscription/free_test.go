package subscription_test

import (
	"errors"
	"testing"
	"time"

	"github.com/prepaidkit/prepaid/pricing"
	"github.com/prepaidkit/prepaid/subscription"
)

// Free minutes are claimed once and granted in each of a fixed number of cycles, counted from the day of the claim.
// Rule: free-minutes-monthly.
func TestClaimFree(t *testing.T) {
	m := newMeter(t)
	m.refuse(pricing.ErrUnknownFree, subscription.ClaimFree{Free: "nothing"})
	m.must(subscription.ClaimFree{Free: "starter"})
	m.refuse(subscription.ErrExists, subscription.ClaimFree{Free: "starter"})
	m.must(subscription.ClaimFree{Free: "welcome"}) // another one, on the same day
	sameLines(t, "the first cycle is there at once", m.lots(), "1 free 20/20", "2 free 5/5")
	check(t, "from the day of the claim", span(m.stored().Lots[0].Period), "2025-07-10T00:00:00Z/2025-08-10T00:00:00Z")
	check(t, "for another product", m.application().Minutes("live", m.now), subscription.Minutes(20))
	if _, err := m.Do(t.Context(), "nobody", subscription.ClaimFree{Free: "starter"}, "k"); !errors.Is(err, subscription.ErrNotFound) {
		t.Errorf("without an application: %v", err)
	}
	m.balanced()
}

// A claim on the 31st clamps to the end of shorter months and returns to the 31st. After the last cycle no more are
// granted. The rest of a cycle doesn't roll over.
// Rule: free-minutes-monthly.
func TestFreeCycles(t *testing.T) {
	m := newMeter(t, `"minutes": 20, "cycles": 3`, `"minutes": 20, "cycles": 4`)
	m.at("2025-12-31T23:59:59Z")
	m.must(subscription.ClaimFree{Free: "starter"})
	m.use(m.used("audio", 15))
	m.run("2026-12-31T00:00:00Z")
	var got []string
	for _, e := range m.events() {
		switch e.Type {
		case subscription.EventLotGranted:
			got = append(got, e.At.Format("01-02 15:04")+" "+e.Quantity.String()+" from "+e.Period.Start.Format("01-02")+" to "+e.Period.End.Format("01-02"))
		case subscription.EventLotExpired:
			got = append(got, e.At.Format("01-02 15:04")+" "+e.Quantity.String()+" expired")
		}
	}
	sameLines(t, "cycles", got,
		"12-31 23:59 20 from 12-31 to 01-31", "01-31 00:00 20 from 01-31 to 02-28", "02-01 00:00 5 expired",
		"02-28 00:00 20 from 02-28 to 03-31", "03-01 00:00 20 expired", "03-31 00:00 20 from 03-31 to 04-30",
		"04-01 00:00 20 expired", "05-01 00:00 20 expired")
	check(t, "due", m.stored().Due, time.Time{})
	m.balanced()
}

// Cycles that began during downtime are processed one by one, with their entries.
// Rule: free-minutes-monthly.
func TestFreeCyclesAfterDowntime(t *testing.T) {
	m := newMeter(t)
	m.must(subscription.ClaimFree{Free: "starter"})
	before := m.stored().Revision
	m.at("2025-09-20T10:00:00Z")
	sameLines(t, "the one that contains now", m.lots(), "3 free 20/20")
	sameLines(t, "usage", m.use(m.used("4k", 3)), "3")
	sameLines(t, "entries", m.ledger(before+1),
		"granted 2 20", "expired 1 20", "granted 3 20", "expired 2 20", "consumed 3 3 call 4k 2025-09-20")
	m.balanced()
}

// A claim keeps the minutes and products of the time it was made.
// Rule: free-minutes-monthly.
func TestClaimKeepsItsTerms(t *testing.T) {
	m := newMeter(t)
	m.must(subscription.ClaimFree{Free: "starter"})
	m.catalog = catalog(t, "minutes.json", `"minutes": 20, "cycles": 3`, `"minutes": 1, "cycles": 1`)
	m.at("2025-08-10T00:00:00Z")
	sameLines(t, "the second cycle", m.lots(), "1 free 20/20", "2 free 20/20")
}
