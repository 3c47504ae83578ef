package store_test

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/prepaidkit/prepaid/pricing"
	"github.com/prepaidkit/prepaid/store"
	"github.com/prepaidkit/prepaid/store/memory"
	"github.com/prepaidkit/prepaid/subscription"
)

// shelf is a catalog with everything that holdings below need; edits are pairs of old and new text.
func shelf(tb testing.TB, edits ...string) *pricing.Catalog {
	tb.Helper()
	text := `{
		"revision": "1", "zone": "UTC",
		"tax": {"regions": [{"region": "DE", "rates": [{"name": "VAT", "percent": "19"}]}]},
		"charges": {"USD": {"least": "0.50"}},
		"products": [
			{"id": "call", "name": "Call", "upgradable": true, "versions": [
				{"id": "trial", "name": "Trial", "rank": 0, "trial": {"per_application": 1}, "terms": [{"days": 7, "minutes": 1, "list": {"USD": "0.00"}}]},
				{"id": "small", "name": "Small", "rank": 1, "terms": [{"months": 1, "minutes": 100, "list": {"USD": "10.00"}}],
					"offers": [{"id": "may", "months": 1, "price": {"USD": "5.00"}}]},
				{"id": "large", "name": "Large", "rank": 2, "terms": [{"months": 1, "minutes": 300, "list": {"USD": "30.00"}},
					{"months": 12, "minutes": 3600, "list": {"USD": "300.00"}}]}
			]},
			{"id": "live", "name": "Live", "upgradable": true, "versions": [
				{"id": "lite", "name": "Lite", "rank": 1, "terms": [{"months": 1, "minutes": 100, "list": {"USD": "12.00"}}]}
			]}
		],
		"usage": {"kinds": [{"id": "hd", "name": "HD", "weight": "4", "per_thousand": {"USD": "3.99"}},
			{"id": "sd", "name": "SD", "weight": "1", "per_thousand": {"USD": "1.00"}}]},
		"packs": [{"id": "p50", "name": "50", "products": ["call"], "minutes": 50, "validity": {"months": 12}, "price": {"USD": "6.00"}},
			{"id": "any", "name": "Any", "products": ["call"], "validity": {"months": 12}, "custom": {"step": 1000, "least": 1000, "most": 10000,
				"tiers": [{"from": 0, "per_thousand": {"USD": "0.99"}}]}}]
	}`
	for i := 0; i < len(edits); i += 2 {
		if !strings.Contains(text, edits[i]) {
			tb.Fatalf("the catalog has no %q", edits[i])
		}
		text = strings.Replace(text, edits[i], edits[i+1], 1)
	}
	cat, err := pricing.ParseCatalog(strings.NewReader(text))
	if err != nil {
		tb.Fatal(err)
	}
	return cat
}

func holding(product pricing.ProductID, version pricing.VersionID, status subscription.Status) subscription.Subscription {
	return subscription.Subscription{
		ID: subscription.SubscriptionID(product + "-1"), Product: product, Status: status, Currency: "USD", Zone: "UTC",
		Anchor: pricing.Anchor{Date: 20_000, Term: pricing.Months(1)},
		Cycles: []subscription.Cycle{{Number: 1, Version: version, Begun: true}},
	}
}

// holdings are applications that hold everything that a catalog can strand.
func holdings(tb testing.TB) map[subscription.ApplicationID]subscription.Application {
	tb.Helper()
	usd := func(s string) pricing.Money {
		m, err := pricing.ParseMoney(s, "USD")
		if err != nil {
			tb.Fatal(err)
		}
		return m
	}
	call := holding("call", "small", subscription.Active)
	dealt := holding("call", "large", subscription.PastDue)
	dealt.Deal = &subscription.Deal{Version: "large", Term: pricing.Months(12), Price: usd("0.60"), Left: 2}
	planned := holding("call", "large", subscription.Interrupted)
	planned.Planned = &subscription.Planned{Version: "large", Term: pricing.Months(12)}
	trial := holding("call", "trial", subscription.Active)
	trial.Trial = true
	closed := subscription.Application{ClosedAt: noon(), Subscriptions: []subscription.Subscription{holding("fax", "old", subscription.Active)}}
	return map[subscription.ApplicationID]subscription.Application{
		"a-plain": {Subscriptions: []subscription.Subscription{call, holding("live", "lite", subscription.Active)}},
		"b-deal":  {Subscriptions: []subscription.Subscription{dealt}},
		"c-plan":  {Subscriptions: []subscription.Subscription{planned}},
		"d-over": {Subscriptions: []subscription.Subscription{
			holding("call", "gone", subscription.Expired), holding("live", "gone", subscription.Refunded),
		}},
		"e-trial": {Subscriptions: []subscription.Subscription{trial}},
		"f-offer": {
			Subscriptions: []subscription.Subscription{call},
			PurchaseCounts: []subscription.PurchaseCount{
				{Product: "call", Version: "small", Offer: "may", Count: 1}, {Product: "call", Version: "large", Offer: "of-long-ago", Count: 1},
			},
		},
		"g-order": {Orders: []subscription.Order{{
			ID: "k-1", Application: "g-order", Account: "acme", Kind: subscription.PurchaseOrder, Status: subscription.OrderOpen,
			Deliveries: []subscription.Delivery{{Extend: &subscription.ExtendDelivery{Product: "call", Version: "small", Offer: "may"}}},
		}}},
		"h-pack": {AutoTopUps: []subscription.AutoTopUp{
			{Product: "call", Pack: "p50", Currency: "USD", Quantity: 2}, {Product: "call", Pack: "any", Currency: "USD", Minutes: 2000},
		}},
		"i-usage": {
			Counters:     []subscription.UsageCounter{{Product: "call", Kind: "hd", Day: 20_000, Seconds: 60, Weight: 4000}},
			Reservations: []subscription.Reservation{{ID: "r", Product: "call", Kind: "hd"}},
		},
		"j-payg":   {PayAsYouGo: subscription.PayAsYouGo{Since: noon(), Currency: "USD"}},
		"k-tax":    {Tax: &subscription.TaxFacts{Region: "DE"}},
		"l-exempt": {Tax: &subscription.TaxFacts{Region: "DE", Exempt: "reverse charge"}},
		"m-lots": {
			Lots: []subscription.Lot{
				{ID: 1, Source: subscription.FromTopUp, Products: []pricing.ProductID{"call", "live"}, Granted: 1, Remaining: 1},
				{ID: 2, Source: subscription.FromTopUp, Products: []pricing.ProductID{"fax"}, Granted: 1, Consumed: 1},
			},
			Free: []subscription.FreeClaim{{ID: "f", Products: []pricing.ProductID{"call"}, NextAt: noon()}},
		},
		"n-closed": closed,
	}
}

// stocked is a store with the applications.
func stocked(tb testing.TB, apps map[subscription.ApplicationID]subscription.Application) *memory.Store {
	tb.Helper()
	s := memory.New()
	for id, a := range apps {
		c := change(id, noon())
		a.ID, a.Account, a.Revision = id, "acme", 1
		c.Next = a
		if err := s.Commit(tb.Context(), c); err != nil {
			tb.Fatal(err)
		}
	}
	return s
}

// A change at renewal to a version that a catalog withdraws is named, and so is the version that was paid for last, not the
// one in force.
// Rule: catalog-strands-nobody, change-at-renewal.
func TestStrandedChange(t *testing.T) {
	planned, ahead := holding("call", "small", subscription.Active), holding("call", "small", subscription.Active)
	planned.Planned = &subscription.Planned{Version: "large", Term: pricing.Months(1)}
	ahead.Cycles = append(ahead.Cycles, subscription.Cycle{Number: 2, Version: "large"})
	s := stocked(t, map[subscription.ApplicationID]subscription.Application{
		"a": {Subscriptions: []subscription.Subscription{planned}}, "b": {Subscriptions: []subscription.Subscription{ahead}},
	})
	for _, tt := range []struct{ name, old, becomes, want string }{
		{"withdrawn", `"id": "large",`, `"id": "large", "withdrawn": true,`, "a change call-1 not_on_sale"},
		{"gone", `"id": "large",`, `"id": "huge",`, "a change call-1 unknown_version, b subscription call-1 unknown_version"},
		{"the version in force is gone", `"id": "small",`, `"id": "tiny",`, "a subscription call-1 unknown_version"},
	} {
		var got []string
		for found, err := range store.StrandedBy(t.Context(), s, shelf(t, tt.old, tt.becomes)) {
			if err != nil {
				t.Fatal(err)
			}
			got = append(got, fmt.Sprint(found.Application, " ", found.Kind, " ", found.Name, " ", subscription.CodeOf(found.Err)))
		}
		if all := strings.Join(got, ", "); all != tt.want {
			t.Errorf("%s: %s, want %s", tt.name, all, tt.want)
		}
	}
}

// Everything that a new catalog would strand is named, with the application and the reason; the catalog in force strands
// nothing.
// Rule: catalog-strands-nobody.
func TestStrandedBy(t *testing.T) {
	s := stocked(t, holdings(t))
	for _, tt := range []struct {
		name  string
		edits []string
		want  []string
	}{
		{"the same catalog", nil, nil},
		{"a version that is withdrawn", []string{`"id": "small", "name": "Small",`, `"id": "small", "name": "Small", "withdrawn": true,`}, nil},
		{"a version goes", []string{`"id": "small", "name": "Small"`, `"id": "tiny", "name": "Tiny"`}, []string{
			"a-plain subscription call-1 unknown_version", "f-offer subscription call-1 unknown_version",
			"f-offer offer call/small/may offer", "g-order offer call/small/may offer",
		}},
		{"a term goes", []string{`{"months": 12, "minutes": 3600, "list": {"USD": "300.00"}}`, `{"months": 6, "minutes": 1800, "list": {"USD": "150.00"}}`}, []string{
			"b-deal deal call-1 no_price", "c-plan change call-1 no_price",
		}},
		{"a currency goes", []string{`"list": {"USD": "12.00"}`, `"list": {"EUR": "12.00"}`}, []string{"a-plain subscription live-1 no_price"}},
		// 0.60 is less than half a step of 2.00, so it rounds to nothing.
		{"a deal rounds to nothing", []string{`"least": "0.50"`, `"step": "2.00"`}, []string{"b-deal deal call-1 below_least"}},
		{"a deal is too small to charge", []string{`"least": "0.50"`, `"least": "0.61"`}, []string{"b-deal deal call-1 below_least"}},
		{"an offer goes", []string{`{"id": "may", "months": 1`, `{"id": "june", "months": 1`}, []string{
			"f-offer offer call/small/may offer", "g-order offer call/small/may offer",
		}},
		{"a pack goes", []string{`"id": "p50"`, `"id": "p60"`}, []string{"h-pack pack p50 unknown_pack"}},
		{"a pack is withdrawn", []string{`"id": "p50", "name": "50",`, `"id": "p50", "name": "50", "withdrawn": true,`}, []string{"h-pack pack p50 not_on_sale"}},
		{"a pack of another currency", []string{`"price": {"USD": "6.00"}`, `"price": {"EUR": "6.00"}`}, []string{"h-pack pack p50 no_price"}},
		{"a size goes", []string{`"step": 1000, "least": 1000`, `"step": 1000, "least": 3000`}, []string{"h-pack pack any pack_size"}},
		{"a kind goes", []string{`"id": "hd"`, `"id": "uhd"`}, []string{"i-usage kind hd unknown_kind"}},
		{"a kind has another price", []string{`"per_thousand": {"USD": "3.99"}`, `"per_thousand": {"EUR": "3.99"}`}, []string{"j-payg kind hd no_price"}},
		{"a region goes", []string{`"region": "DE"`, `"region": "FR"`}, []string{"k-tax region DE unknown_region"}},
		{"a product goes", []string{`"id": "live", "name": "Live"`, `"id": "stream", "name": "Stream"`}, []string{
			"a-plain subscription live-1 unknown_product", "m-lots product live unknown_product",
		}},
		{"another product goes", []string{
			`"id": "call", "name": "Call"`, `"id": "talk", "name": "Talk"`,
			`"products": ["call"], "minutes"`, `"products": ["talk"], "minutes"`, `"products": ["call"], "validity"`, `"products": ["talk"], "validity"`,
		}, []string{
			"a-plain subscription call-1 unknown_product", "b-deal subscription call-1 unknown_product", "b-deal deal call-1 unknown_product",
			"c-plan subscription call-1 unknown_product", "c-plan change call-1 unknown_product", "e-trial subscription call-1 unknown_product",
			"f-offer subscription call-1 unknown_product", "f-offer offer call/small/may offer", "g-order offer call/small/may offer",
			"i-usage product call unknown_product", "m-lots product call unknown_product",
		}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			var got []string
			for found, err := range store.StrandedBy(t.Context(), s, shelf(t, tt.edits...)) {
				if err != nil {
					t.Fatal(err)
				}
				got = append(got, fmt.Sprint(found.Application, " ", found.Kind, " ", found.Name, " ", subscription.CodeOf(found.Err)))
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("stranded (-want +got):\n%s", diff)
			}
		})
	}
}

// counting counts the reads of each load.
type counting struct {
	*memory.Store

	loads []int
	fails error
}

func (c *counting) Load(ctx context.Context, reads ...subscription.Read) ([]subscription.Snapshot, error) {
	c.loads = append(c.loads, len(reads))
	if c.fails != nil && len(c.loads) == 2 {
		return nil, c.fails
	}
	return c.Store.Load(ctx, reads...)
}

// A missing store or catalog is an error.
// Rule: nothing-panics.
func TestStrandedByNothing(t *testing.T) {
	var noStore *memory.Store
	for name, found := range map[string]iter.Seq2[store.Stranded, error]{
		"no store": store.StrandedBy(t.Context(), nil, shelf(t)), "a nil *memory.Store": store.StrandedBy(t.Context(), noStore, shelf(t)),
		"no catalog": store.StrandedBy(t.Context(), memory.New(), nil),
	} {
		n := 0
		for s, err := range found {
			n++
			if s.Application != "" || !errors.Is(err, subscription.ErrInvalid) {
				t.Errorf("%s: %v, %v", name, s, err)
			}
		}
		if n != 1 {
			t.Errorf("%s: %d results", name, n)
		}
	}
}

// However many applications there are, a hundred are in memory at a time, and who stops early reads no more.
// Rule: catalog-strands-nobody.
func TestStrandedByIsStreamed(t *testing.T) {
	apps := map[subscription.ApplicationID]subscription.Application{}
	for i := range 250 {
		apps[subscription.ApplicationID(fmt.Sprintf("app-%03d", i))] = subscription.Application{
			Subscriptions: []subscription.Subscription{holding("fax", "old", subscription.Active)},
		}
	}
	s := &counting{Store: stocked(t, apps)}
	n := 0
	for found, err := range store.StrandedBy(t.Context(), s, shelf(t)) {
		if err != nil {
			t.Fatal(err)
		}
		if want := fmt.Sprintf("app-%03d", n); string(found.Application) != want {
			t.Fatalf("%s, want %s", found.Application, want)
		}
		n++
	}
	if n != 250 || fmt.Sprint(s.loads) != "[100 100 50]" {
		t.Errorf("%d found, by loads of %v", n, s.loads)
	}
	s.loads = nil
	for _, err := range store.StrandedBy(t.Context(), s, shelf(t)) {
		if err != nil {
			t.Error(err)
		}
		break
	}
	if fmt.Sprint(s.loads) != "[100]" {
		t.Errorf("loads of %v for the first one", s.loads)
	}
	s.loads, s.fails, n = nil, errors.New("down"), 0
	var last error
	for _, err := range store.StrandedBy(t.Context(), s, shelf(t)) {
		n, last = n+1, err
	}
	if n != 101 || !errors.Is(last, s.fails) {
		t.Errorf("%d, the last one %v", n, last)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	for _, err := range store.StrandedBy(ctx, s, shelf(t)) {
		if !errors.Is(err, context.Canceled) {
			t.Errorf("%v, want the context's error", err)
		}
	}
}
