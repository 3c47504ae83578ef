package catalog_test

import (
	"encoding/json"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/prepaidkit/prepaid/examples/catalog"
	"github.com/prepaidkit/prepaid/pricing"
)

func load(t *testing.T) *pricing.Catalog {
	t.Helper()
	c, err := catalog.Load()
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// TestProducts checks which products and versions are sold, with the versions from low to high.
// Rule: published-price-list.
func TestProducts(t *testing.T) {
	c := load(t)
	got := map[pricing.ProductID][]pricing.VersionID{}
	for _, p := range c.Products() {
		if want := p.ID != "beauty-ar"; p.Upgradable != want {
			t.Errorf("%s: upgradable is %t, want %t", p.ID, p.Upgradable, want)
		}
		for _, v := range c.Versions(p.ID) {
			got[p.ID] = append(got[p.ID], v.ID)
		}
	}
	want := map[pricing.ProductID][]pricing.VersionID{
		"call":       {"trial", "one-to-one", "group-call"},
		"live":       {"trial", "lite", "standard", "pro"},
		"conference": {"trial", "lite", "standard", "pro"},
		"rtc-engine": {"trial", "lite", "standard", "pro"},
		"chat":       {"free-trial", "standard", "pro", "pro-plus", "enterprise"},
		"beauty-ar":  {"lite", "pro"},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("versions by product (-want +got):\n%s", diff)
	}
}

// TestPublicFigures checks the published figures.
// Rule: published-price-list.
func TestPublicFigures(t *testing.T) {
	c := load(t)
	for _, tt := range []struct {
		product pricing.ProductID
		version pricing.VersionID
		term    pricing.Term
		price   string
		minutes int64 // -1: not public
		mau     string
	}{
		{"call", "trial", pricing.Days(7), "0.00 USD", -1, "100"},
		{"call", "one-to-one", pricing.Months(1), "199.00 USD", 100_000, "5,000"},
		{"call", "group-call", pricing.Months(1), "597.00 USD", 300_000, "10,000"},
		{"live", "trial", pricing.Days(14), "0.00 USD", 0, ""},
		{"conference", "trial", pricing.Days(14), "0.00 USD", -1, ""},
	} {
		t.Run(fmt.Sprintf("%s/%s", tt.product, tt.version), func(t *testing.T) {
			h, err := c.List(tt.product, tt.version, tt.term, "USD")
			if err != nil {
				t.Fatal(err)
			}
			if h.Price.String() != tt.price {
				t.Errorf("price is %s, want %s", h.Price, tt.price)
			}
			if tt.minutes >= 0 && h.Minutes != tt.minutes {
				t.Errorf("minutes are %d, want %d", h.Minutes, tt.minutes)
			}
			if got := c.Features(tt.product, tt.version)["mau"]; got != tt.mau {
				t.Errorf("MAU is %q, want %q", got, tt.mau)
			}
		})
	}
	trial, err := c.Version("call", "trial")
	if err != nil {
		t.Fatal(err)
	}
	if want := (pricing.Trial{PerApplication: 2, PerAccount: 10}); trial.Trial != want {
		t.Errorf("the trial of call is limited to %+v, want %+v", trial.Trial, want)
	}
}

// TestTermsOfSale checks the calendar, the rounding and the agreement.
func TestTermsOfSale(t *testing.T) {
	c := load(t)
	if got := c.Zone().Name(); got != "Asia/Shanghai" {
		t.Errorf("zone is %s", got)
	}
	if c.Rounding() != pricing.HalfUp || c.DayCount() != pricing.CalendarDays {
		t.Errorf("rounding is %s, day count %s", c.Rounding(), c.DayCount())
	}
	if a := c.Agreement(); a.Version == "" || len(a.Documents) != 2 {
		t.Errorf("agreement is %+v, want a version and two documents", a)
	}
}

// TestPaidVersions checks that all paid versions are sold by the month, and that trials are free and counted in days.
func TestPaidVersions(t *testing.T) {
	c := load(t)
	for _, p := range c.Products() {
		for _, v := range c.Versions(p.ID) {
			if !v.IsTrial() {
				if _, err := c.List(p.ID, v.ID, pricing.Months(1), "USD"); err != nil {
					t.Error(err)
				}
				continue
			}
			for _, term := range c.Terms(p.ID, v.ID) {
				if h, err := c.List(p.ID, v.ID, term, "USD"); err != nil || h.Price.Sign() != 0 || term.Days == 0 {
					t.Errorf("%s/%s costs %s for %s (%v)", p.ID, v.ID, h.Price, term, err)
				}
			}
		}
	}
}

// TestOffers checks the two kinds of offers: for a first purchase, and for certain days.
func TestOffers(t *testing.T) {
	c := load(t)
	day := func(s string) pricing.Date {
		d, err := pricing.ParseDate(s)
		if err != nil {
			t.Fatal(err)
		}
		return d
	}
	first, offer, err := c.Discounted("call", "one-to-one", "first-month", pricing.Months(1), "USD", c.Zone().StartOf(day("2025-06-16")))
	if err != nil || first.Price.String() != "99.00 USD" || !offer.FirstPurchase {
		t.Errorf("first month: %v, %+v, %v", first, offer, err)
	}
	for on, want := range map[string]bool{"2025-10-31": false, "2025-11-01": true, "2025-11-11": true, "2025-11-12": false} {
		_, _, err := c.Discounted("call", "group-call", "november-2025", pricing.Months(1), "USD", c.Zone().StartOf(day(on)))
		if (err == nil) != want {
			t.Errorf("november-2025 on %s: %v", on, err)
		}
	}
}

// TestNotes checks that the notes of every product, version, kind of usage, pack and grant say which figures are public
// and which are illustrative.
func TestNotes(t *testing.T) {
	var file struct {
		Notes    string
		Products []struct {
			ID, Notes string
			Versions  []struct{ ID, Notes string }
		}
		Usage struct {
			Kinds []struct{ ID, Notes string }
		}
		Packs, Free []struct{ ID, Notes string }
	}
	if err := json.Unmarshal([]byte(catalog.JSON()), &file); err != nil {
		t.Fatal(err)
	}
	says := func(notes string) bool {
		return strings.Contains(notes, "Public") || strings.Contains(strings.ToLower(notes), "illustrative")
	}
	if !says(file.Notes) {
		t.Errorf("the file's notes say nothing of where its figures come from: %q", file.Notes)
	}
	for _, p := range file.Products {
		if !says(p.Notes) {
			t.Errorf("%s: notes are %q", p.ID, p.Notes)
		}
		for _, v := range p.Versions {
			if !says(v.Notes) {
				t.Errorf("%s/%s: notes are %q", p.ID, v.ID, v.Notes)
			}
		}
	}
	for _, x := range slices.Concat(file.Usage.Kinds, file.Packs, file.Free) {
		if !says(x.Notes) {
			t.Errorf("%s: notes are %q", x.ID, x.Notes)
		}
	}
}

// TestJSON checks that the embedded text is the file.
func TestJSON(t *testing.T) {
	want, err := os.ReadFile("tencent-rtc.json")
	if err != nil {
		t.Fatal(err)
	}
	if catalog.JSON() != string(want) {
		t.Error("JSON differs from tencent-rtc.json")
	}
}

func ExampleLoad() {
	c, err := catalog.Load()
	if err != nil {
		fmt.Println(err)
		return
	}
	for v := range slices.Values(c.UpgradePath("call", "one-to-one")) {
		price, err := c.List("call", v.ID, pricing.Months(1), "USD")
		fmt.Println(v.Name, price.Price, price.Minutes, err)
	}
	// Output:
	// Group Call 597.00 USD 300000 <nil>
}
