package pricing_test

import (
	"testing"

	"github.com/prepaidkit/prepaid/pricing"
)

// The published grant is 10,000 minutes a month for 12 months; one without cycles is of one.
func TestFreeGrants(t *testing.T) {
	c := catalog(t, minutesCatalog)
	want := []pricing.FreeGrant{
		{ID: "free-minutes", Name: "Free minutes", Products: []pricing.ProductID{"rtc-engine", "live"}, Minutes: 10_000, Cycles: 12},
		{ID: "once", Products: []pricing.ProductID{"live"}, Minutes: 1, Cycles: 1},
	}
	equal(t, "FreeGrants", c.FreeGrants(), want)
	for _, f := range want {
		got, err := c.FreeGrant(f.ID)
		wrapped(t, "FreeGrant", err, nil)
		equal(t, "FreeGrant", got, f)
	}
	_, err := c.FreeGrant("gift")
	wrapped(t, "FreeGrant", err, pricing.ErrUnknownFree)
}
