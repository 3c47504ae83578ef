package subscription_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/prepaidkit/prepaid/pricing"
	"github.com/prepaidkit/prepaid/subscription"
)

// custom is a caller-defined command: it orders any delivery for any amount.
type custom struct {
	Deliveries []subscription.Delivery `json:"deliveries"`
	Amount     pricing.Money           `json:"amount"`
	Kindless   bool                    `json:"kindless,omitzero"` // the order has no kind
}

func (custom) Kind() string { return "custom" }

func (c custom) Decide(s subscription.Snapshot, cat *pricing.Catalog, now time.Time) (subscription.Change, error) {
	price, err := pricing.PricePurchase("custom", c.Amount, 1, cat.Rounding())
	if err != nil {
		return subscription.Change{}, err
	}
	d := subscription.Begin(s, now)
	o := subscription.Order{Kind: "custom", Product: "call", Catalog: cat.Revision(), Deliveries: c.Deliveries}
	if len(c.Deliveries) > 0 && c.Deliveries[0].Extend != nil {
		o.Subscription = c.Deliveries[0].Extend.Subscription
	}
	if c.Kindless {
		o.Kind = ""
	}
	_, err = d.Place(o, price, cat)
	return d.Change(), err
}

// ordinary is a delivery of one more month of call-1, as after its purchase on 10 July.
func ordinary(tb testing.TB) subscription.ExtendDelivery {
	tb.Helper()
	return subscription.ExtendDelivery{
		Subscription: "call-1", Product: "call", Version: "one-to-one", Term: pricing.Months(1), Zone: "UTC",
		Count: 1, Price: money(tb, "199.00 USD"), Minutes: 100000,
	}
}

// What couldn't be delivered is refused before anybody pays for it, even if it is free.
// Rule: nothing-undeliverable-is-charged.
func TestWhatCannotBeDeliveredIsRefusedWhenItIsPlaced(t *testing.T) {
	extend := func(change func(e *subscription.ExtendDelivery)) []subscription.Delivery {
		e := ordinary(t)
		change(&e)
		return []subscription.Delivery{{Extend: &e}}
	}
	raise := func(change func(r *subscription.UpgradeDelivery)) []subscription.Delivery {
		r := subscription.UpgradeDelivery{
			Subscription: "call-1", Cycle: 1, From: "one-to-one", To: "group-call", Price: money(t, "597.00 USD"),
			Minutes: 300000, Grant: 200000,
		}
		change(&r)
		return []subscription.Delivery{{Upgrade: &r}}
	}
	grant := func(change func(g *subscription.GrantDelivery)) []subscription.Delivery {
		g := subscription.GrantDelivery{
			Source: subscription.FromTopUp, Products: []pricing.ProductID{"call"}, Minutes: 5,
			Validity: pricing.Validity{Months: 1}, Zone: "UTC",
		}
		change(&g)
		return []subscription.Delivery{{Grant: &g}}
	}
	for _, tt := range []struct {
		name       string
		deliveries []subscription.Delivery
		want       error
	}{
		{"no period", extend(func(e *subscription.ExtendDelivery) { e.Count = 0 }), subscription.ErrInvalid},
		{"less than none", extend(func(e *subscription.ExtendDelivery) { e.Count = -1 }), subscription.ErrInvalid},
		{"too many periods", extend(func(e *subscription.ExtendDelivery) { e.Count = subscription.MaxCount + 1 }), subscription.ErrInvalid},
		{"negative minutes", extend(func(e *subscription.ExtendDelivery) { e.Minutes = -1 }), subscription.ErrInvalid},
		{"a negative price", extend(func(e *subscription.ExtendDelivery) { e.Price = money(t, "-0.01 USD") }), subscription.ErrInvalid},
		{"a zone that there isn't", extend(func(e *subscription.ExtendDelivery) { e.Zone = "Mars/Olympus_Mons" }), pricing.ErrZone},
		{"another zone than the subscription's", extend(func(e *subscription.ExtendDelivery) { e.Zone = "Asia/Shanghai" }), subscription.ErrInvalid},
		{"another product than the subscription's", extend(func(e *subscription.ExtendDelivery) { e.Product = "live" }), subscription.ErrInvalid},
		{"another currency than the subscription's", extend(func(e *subscription.ExtendDelivery) { e.Price = money(t, "19900 JPY") }), subscription.ErrInvalid},
		{"another term than the subscription's", extend(func(e *subscription.ExtendDelivery) { e.Term = pricing.Months(12) }), subscription.ErrInvalid},
		{"a term that can't be one", extend(func(e *subscription.ExtendDelivery) { e.Term = pricing.Term{} }), pricing.ErrTerm},
		{"another product under an ID that is taken", extend(func(e *subscription.ExtendDelivery) { e.Open, e.Product = true, "live" }), subscription.ErrInvalid},
		{"a subscription that there isn't", extend(func(e *subscription.ExtendDelivery) { e.Subscription = "call-2" }), subscription.ErrInvalid},
		{"a product that is held already", extend(func(e *subscription.ExtendDelivery) { e.Open, e.Subscription = true, "call-2" }), subscription.ErrInvalid},
		{"a period that is paid for", extend(func(e *subscription.ExtendDelivery) { e.From = instant(t, "2025-07-10T00:00:00Z") }), subscription.ErrInvalid},
		{"a period that doesn't follow", extend(func(e *subscription.ExtendDelivery) { e.From = instant(t, "2025-09-10T00:00:00Z") }), subscription.ErrInvalid},
		{"an upgrade of another period", raise(func(r *subscription.UpgradeDelivery) { r.Cycle = 2 }), subscription.ErrInvalid},
		{"an upgrade from another version", raise(func(r *subscription.UpgradeDelivery) { r.From = "stadium" }), subscription.ErrInvalid},
		{"an upgrade of cycles that aren't paid ahead", raise(func(r *subscription.UpgradeDelivery) { r.Ahead = []int64{1} }), subscription.ErrInvalid},
		{"an upgrade of nothing", raise(func(r *subscription.UpgradeDelivery) { r.Subscription = "call-2" }), subscription.ErrInvalid},
		{"negative minutes at once", raise(func(r *subscription.UpgradeDelivery) { r.Grant = -1 }), subscription.ErrInvalid},
		{"an upgrade to negative minutes", raise(func(r *subscription.UpgradeDelivery) { r.Minutes = -1 }), subscription.ErrInvalid},
		{"an upgrade to a negative price", raise(func(r *subscription.UpgradeDelivery) { r.Price = money(t, "-1.00 USD") }), subscription.ErrInvalid},
		{"an upgrade in another currency", raise(func(r *subscription.UpgradeDelivery) { r.Price = money(t, "59700 JPY") }), subscription.ErrInvalid},
		{"minutes of a package", grant(func(g *subscription.GrantDelivery) { g.Source = subscription.FromPackage }), subscription.ErrInvalid},
		{"free minutes", grant(func(g *subscription.GrantDelivery) { g.Source = subscription.FromFree }), subscription.ErrInvalid},
		{"minutes from nowhere", grant(func(g *subscription.GrantDelivery) { g.Source = "" }), subscription.ErrInvalid},
		{"minutes for no time", grant(func(g *subscription.GrantDelivery) { g.Validity = pricing.Validity{} }), subscription.ErrInvalid},
		{"minutes for a time before", grant(func(g *subscription.GrantDelivery) { g.Validity.Months = -1 }), subscription.ErrInvalid},
		{"no minutes", grant(func(g *subscription.GrantDelivery) { g.Minutes = 0 }), subscription.ErrInvalid},
		{"minutes for nothing", grant(func(g *subscription.GrantDelivery) { g.Products = nil }), subscription.ErrInvalid},
		{"minutes twice", slices.Concat(
			grant(func(*subscription.GrantDelivery) {}), grant(func(g *subscription.GrantDelivery) { g.Minutes = 6 }),
		), subscription.ErrInvalid},
		{"a period twice", slices.Concat(
			extend(func(*subscription.ExtendDelivery) {}), extend(func(*subscription.ExtendDelivery) {}),
		), subscription.ErrInvalid},
		{"a product that is opened twice", slices.Concat(
			extend(func(e *subscription.ExtendDelivery) { e.Open, e.Subscription, e.Product = true, "live-1", "live" }),
			extend(func(e *subscription.ExtendDelivery) { e.Open, e.Subscription, e.Product = true, "live-2", "live" }),
		), subscription.ErrInvalid},
		{"an upgrade twice", slices.Concat(
			raise(func(*subscription.UpgradeDelivery) {}), raise(func(*subscription.UpgradeDelivery) {}),
		), subscription.ErrInvalid},
		{"a delivery of nothing", []subscription.Delivery{{}}, subscription.ErrInvalid},
		{"two things in one", []subscription.Delivery{{
			Extend: extend(func(*subscription.ExtendDelivery) {})[0].Extend, Upgrade: raise(func(*subscription.UpgradeDelivery) {})[0].Upgrade,
		}}, subscription.ErrInvalid},
	} {
		t.Run(tt.name, func(t *testing.T) {
			w := newWorld(t, setup{})
			w.must(buy("call", "one-to-one"))
			for _, amount := range []string{"199.00 USD", "0.00 USD"} {
				w.refuse(tt.want, custom{Deliveries: tt.deliveries, Amount: money(t, amount)})
			}
			w.pays(1, 0, "199.00")
		})
	}
	t.Run("an order without a kind", func(t *testing.T) {
		w := newWorld(t, setup{})
		for _, amount := range []string{"1.00 USD", "0.00 USD"} {
			w.refuse(subscription.ErrInvalid, custom{Amount: money(t, amount), Kindless: true})
		}
		w.pays(0, 0, "0.00")
	})
	t.Run("the others are delivered", func(t *testing.T) {
		w := newWorld(t, setup{})
		w.must(buy("call", "one-to-one"))
		for _, amount := range []string{"199.00 USD", "0.00 USD"} {
			w.must(custom{Deliveries: extend(func(*subscription.ExtendDelivery) {}), Amount: money(t, amount)})
		}
		check(t, "cycles", len(w.latest("call").Cycles), 3)
		w = newWorld(t, setup{})
		w.must(buy("call", "one-to-one"))
		w.must(custom{Deliveries: raise(func(*subscription.UpgradeDelivery) {}), Amount: money(t, "0.00 USD")})
		check(t, "version", w.latest("call").Version(), "group-call")
		for _, amount := range []string{"5.00 USD", "0.00 USD"} {
			w.must(custom{Deliveries: grant(func(*subscription.GrantDelivery) {}), Amount: money(t, amount)})
		}
	})
}

// An order for two subscriptions grants each its minutes, even though their periods are the same, and what follows
// isn't blocked.
// Rule: nothing-undeliverable-is-charged.
func TestOrderForTwoSubscriptionsIsDelivered(t *testing.T) {
	call, live := ordinary(t), ordinary(t)
	live.Subscription, live.Product, live.Version = "live-1", "live", "lite"
	for _, open := range []bool{false, true} {
		t.Run(fmt.Sprintf("opens the second: %t", open), func(t *testing.T) {
			w := newWorld(t, setup{})
			w.must(buy("call", "one-to-one"))
			second := live
			if second.Open = open; !open {
				w.must(buy("live", "lite"))
			}
			o := w.must(custom{Deliveries: []subscription.Delivery{{Extend: &call}, {Extend: &second}}, Amount: money(t, "398.00 USD")}).Order
			check(t, "status", o.Status, subscription.OrderPaid)
			w.at("2025-08-10T02:30:00Z")
			w.must(subscription.Accept{Agreement: agreement})
			check(t, "minutes of call", w.application().Minutes("call", w.now), subscription.Minutes(100000))
			if !open {
				check(t, "minutes of live", w.application().Minutes("live", w.now), subscription.Minutes(100000))
			}
		})
	}
}

// The calendar ends with the year 9999: what is prepaid until then is delivered, and nothing beyond it is sold.
// Rule: nothing-undeliverable-is-charged.
func TestPeriodsBeyondTheCalendarAreNotSold(t *testing.T) {
	decades := catalog(t, "catalog.json", `"months": 12, "minutes": 1200000`, `"months": 120, "minutes": 1200000`)
	w := newWorld(t, setup{catalog: decades, start: "9000-07-10T02:30:00Z"})
	p := buy("call", "one-to-one")
	p.Term = pricing.Months(120)
	w.deposit("1000000.00 USD")
	w.must(p)
	w.refuse(pricing.ErrDate, prepay{Product: "call", Cycles: 98})
	e := ordinary(t)
	e.Open, e.Subscription, e.Product, e.Term, e.Count = true, "live-1", "live", pricing.Months(120), 100
	w.refuse(pricing.ErrDate, custom{Deliveries: []subscription.Delivery{{Extend: &e}}, Amount: e.Price})
	w.must(prepay{Product: "call", Cycles: 97})
	w.refuse(pricing.ErrDate, prepay{Product: "call", Cycles: 1})
	check(t, "paid until", w.latest("call").End(), instant(t, "9980-07-10T00:00:00Z"))
	w.pays(2, 0, "195020.00")
}

// A change that would make the document too large is refused before anything is paid. What still awaits payment counts.
// Rule: document-stays-small.
func TestDocumentSizeIsRefusedBeforePayment(t *testing.T) {
	grow := func(w *world, order func(product pricing.ProductID)) int {
		w.t.Helper()
		for n := range 20 {
			product := pricing.ProductID(fmt.Sprintf("p%d", n))
			e := ordinary(w.t)
			e.Open, e.Subscription, e.Product, e.Count = true, subscription.SubscriptionID(product+"-1"), product, subscription.MaxCount
			cmd := custom{Deliveries: []subscription.Delivery{{Extend: &e}}, Amount: money(w.t, "1.00 USD")}
			if _, err := w.Quote(w.t.Context(), app, cmd); err != nil {
				w.refuse(subscription.ErrTooLarge, cmd)
				return n
			}
			_, err := w.do(cmd)
			if err != nil && !errors.Is(err, subscription.ErrPaymentPending) {
				w.t.Fatal(err)
			}
			order(product)
		}
		w.t.Fatal("nothing was refused")
		return 0
	}
	w := newWorld(t, setup{})
	n := grow(w, func(pricing.ProductID) {})
	w.pays(n, 0, fmt.Sprintf("%d.00", n))
	body, err := json.Marshal(w.stored())
	w.ok(err)
	check(t, "the document isn't too large", len(body) <= subscription.MaxDocument, true)
	check(t, "and not nearly empty", len(body) > 100<<10, true)

	w = newWorld(t, setup{gateway: pending})
	// What isn't paid yet is estimated from above.
	check(t, "as many while nothing is paid, or one less", grow(w, func(pricing.ProductID) {}) >= n-1, true)
	for _, o := range w.stored().Orders {
		check(t, "and all of it is delivered", w.settle(paid(o)).Status, subscription.OrderPaid)
	}
	body, err = json.Marshal(w.stored())
	w.ok(err)
	check(t, "the document isn't too large", len(body) <= subscription.MaxDocument, true)
}
