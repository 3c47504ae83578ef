package catalog_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/prepaidkit/prepaid/pricing"
)

// withMinutes are the products that minutes are spent on.
var withMinutes = []pricing.ProductID{"rtc-engine", "call", "live", "conference"}

// TestUsage pins the kinds of usage: package minutes per minute, "" where packages never cover it, and the
// price of 1,000 minutes.
// Rule: kind-weights.
func TestUsage(t *testing.T) {
	c := load(t)
	type row struct {
		kind                pricing.UsageKindID
		weight, perThousand string
	}
	var got []row
	for _, k := range c.UsageKinds() {
		rate, err := c.UsageRate(k.ID, "USD")
		if err != nil {
			t.Error(err)
		}
		weight := ""
		if k.Covered {
			weight = k.Weight.String()
		}
		got = append(got, row{k.ID, weight, rate.String()})
	}
	want := []row{
		{"audio", "1", "0.99"}, {"hd", "4", "3.99"}, {"full-hd", "9", "8.99"}, {"2k", "16", "15.99"}, {"4k", "36", "35.99"},
		{"audience-audio", "0.5", "0.5"}, {"audience-hd", "2", "2"}, {"audience-full-hd", "4.5", "4.5"}, {"audience-2k", "8", "8"}, {"audience-4k", "18", "18"},
		{"recording", "1.5", "1.49"}, {"transcoding", "", "6.5"},
	}
	if diff := cmp.Diff(want, got, cmp.AllowUnexported(row{})); diff != "" {
		t.Errorf("kinds (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]int{20, 5, 0}, c.LowBalance()); diff != "" {
		t.Errorf("low balance (-want +got):\n%s", diff)
	}
}

// TestPacks pins the top-up packages: what they cost, what their minutes are spent on, and until when.
// Rule: fixed-packs.
func TestPacks(t *testing.T) {
	c := load(t)
	want := []struct {
		id      pricing.PackID
		minutes int64
		price   string
	}{
		{"rtc-engine-25k", 25_000, "24.00 USD"}, {"rtc-engine-250k", 250_000, "227.00 USD"},
		{"rtc-engine-1m", 1_000_000, "856.00 USD"}, {"rtc-engine-3m", 3_000_000, "2416.00 USD"}, {"custom", 0, ""},
	}
	if len(c.Packs()) != len(want) {
		t.Fatalf("%d packs, want %d", len(c.Packs()), len(want))
	}
	bought, err := pricing.ParseDate("2021-05-01")
	if err != nil {
		t.Fatal(err)
	}
	for i, p := range c.Packs() {
		if p.ID != want[i].id || p.Minutes != want[i].minutes || p.Withdrawn {
			t.Errorf("pack %d is %+v, want %+v", i, p, want[i])
		}
		if diff := cmp.Diff(withMinutes, p.Products); diff != "" {
			t.Errorf("%s: products (-want +got):\n%s", p.ID, diff)
		}
		period, err := p.Validity.Period(bought, c.Zone())
		if last := c.Zone().DateOf(period.End) - 1; err != nil || last.String() != "2022-05-31" {
			t.Errorf("%s: bought on %s, it lasts to %s (%v)", p.ID, bought, last, err)
		}
		if p.Custom() {
			continue
		}
		if price, minutes, err := c.PricePack(p.ID, 1, "USD"); err != nil || price.Amount.String() != want[i].price || minutes != p.Minutes {
			t.Errorf("%s: %s for %d minutes (%v)", p.ID, price.Amount, minutes, err)
		}
	}
}

// TestCustomPack pins the tiers of the custom pack at their bounds.
// Rule: custom-pack-tiers.
func TestCustomPack(t *testing.T) {
	c := load(t)
	for minutes, want := range map[int64]string{
		1000: "0.99 USD", 24_000: "23.76 USD", 25_000: "24.00 USD", 30_000: "28.80 USD", 249_000: "239.04 USD", 250_000: "227.00 USD",
		999_000: "907.09 USD", 1_000_000: "856.00 USD", 2_999_000: "2567.14 USD", 3_000_000: "2415.00 USD",
	} {
		if price, err := c.PriceCustomPack("custom", minutes, "USD"); err != nil || price.Amount.String() != want {
			t.Errorf("%d minutes cost %s (%v), want %s", minutes, price.Amount, err, want)
		}
	}
}

// TestFreeMinutes pins the grant, and that refunds and arrears have their terms.
// Rule: free-minutes-monthly.
func TestFreeMinutes(t *testing.T) {
	c := load(t)
	want := []pricing.FreeGrant{{ID: "free-minutes", Name: "Free minutes", Products: withMinutes, Minutes: 10_000, Cycles: 12}}
	if diff := cmp.Diff(want, c.FreeGrants()); diff != "" {
		t.Errorf("free minutes (-want +got):\n%s", diff)
	}
	if s := c.ServiceTerms(); s.RefundDays != 5 || s.Arrears != 24*time.Hour {
		t.Errorf("refunds within %d days, arrears of %s", s.RefundDays, s.Arrears)
	}
}
