package subscription_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/prepaidkit/prepaid/pricing"
	"github.com/prepaidkit/prepaid/renewal"
	"github.com/prepaidkit/prepaid/subscription"
)

// A deal is for a price that can be charged, of what is in the catalog, for a subscription that can be renewed.
// Rule: deal-price, least-charge.
func TestSetDealRefuses(t *testing.T) {
	usd := func(s string) pricing.Money { return money(t, s+" USD") }
	w := newWorld(t, setup{catalog: catalog(t, "catalog.json", `"service": {`, `"charges": {"USD": {"least": "0.50", "step": "0.02"}}, "service": {`)})
	deal := subscription.SetDeal{Product: "call", Price: usd("150.00")}
	w.refuse(subscription.ErrNotFound, deal)
	w.must(try())
	w.refuse(subscription.ErrNotFound, deal) // a trial
	w.must(buy("call", "one-to-one"))
	with := func(edit func(d *subscription.SetDeal)) subscription.SetDeal {
		d := deal
		edit(&d)
		return d
	}
	w.refuse(subscription.ErrInvalid, with(func(d *subscription.SetDeal) { d.Price = usd("-1.00") }))
	w.refuse(subscription.ErrInvalid, with(func(d *subscription.SetDeal) { d.Periods = -1 }))
	w.refuse(subscription.ErrInvalid, with(func(d *subscription.SetDeal) { d.Periods = 1_000_001 }))
	w.refuse(subscription.ErrInvalid, with(func(d *subscription.SetDeal) { d.Reason = "a\x00" }))
	w.refuse(subscription.ErrInvalid, with(func(d *subscription.SetDeal) { d.Reason = strings.Repeat("x", subscription.MaxText+1) }))
	w.refuse(pricing.ErrUnknownVersion, with(func(d *subscription.SetDeal) { d.Version = "party" }))
	w.refuse(pricing.ErrNoPrice, with(func(d *subscription.SetDeal) { d.Term = pricing.Months(5) }))
	w.refuse(pricing.ErrCurrencyMismatch, with(func(d *subscription.SetDeal) { d.Price = money(t, "15000 JPY") }))
	w.refuse(pricing.ErrBelowLeast, with(func(d *subscription.SetDeal) { d.Price = usd("0.49") }))
	w.refuse(pricing.ErrBelowLeast, with(func(d *subscription.SetDeal) { d.Price = usd("0.01") }))
	for _, ok := range []string{"0.00", "0.50", "150.00"} {
		w.must(with(func(d *subscription.SetDeal) { d.Price = usd(ok) }))
		check(t, "agreed", w.latest("call").Deal.Price, usd(ok))
	}
	check(t, "made", w.count(subscription.EventDeal), 3)

	// Without a price it ends, once.
	w.must(subscription.SetDeal{Product: "call", Reason: "contract ended"})
	check(t, "deal", w.latest("call").Deal == nil, true)
	r, err := w.do(subscription.SetDeal{Product: "call"})
	w.ok(err)
	check(t, "again", r.Receipt.Key, "")
	check(t, "ended", w.count(subscription.EventDealEnded), 1)
	w.at("2026-02-01T00:00:00Z")
	w.must(subscription.AutoRenew{Product: "call"}) // nothing is owed any more: it expires
	w.refuse(subscription.ErrNotFound, deal)
}

// An order that was placed at the price of a deal is delivered at that price, whatever became of the deal; what is left of
// another deal counts only for its own version and term.
// Rule: deal-price.
func TestDealThatChangesWhileAnOrderIsOpen(t *testing.T) {
	usd := func(s string) pricing.Money { return money(t, s+" USD") }
	for _, tt := range []struct {
		name string
		then subscription.SetDeal
		left int
	}{
		{"it ends", subscription.SetDeal{Product: "call"}, 0},
		{"another price", subscription.SetDeal{Product: "call", Price: usd("120.00"), Periods: 5}, 3},
		{"fewer periods", subscription.SetDeal{Product: "call", Price: usd("150.00"), Periods: 1}, 0},
		{"of another version", subscription.SetDeal{Product: "call", Version: "group-call", Price: usd("500.00"), Periods: 5}, 5},
		{"for good", subscription.SetDeal{Product: "call", Price: usd("150.00")}, -1},
	} {
		t.Run(tt.name, func(t *testing.T) {
			w := newWorld(t, setup{gateway: pending})
			w.settle(paid(w.place(buy("call", "one-to-one"))))
			w.must(subscription.SetDeal{Product: "call", Price: usd("150.00"), Periods: 3})
			o := w.place(renewal.Renew{Product: "call", Cycles: 2})
			w.must(tt.then)
			check(t, "order", w.settle(paid(o)).Status, subscription.OrderPaid)
			left := 0
			if d := w.latest("call").Deal; d != nil {
				left = d.Left
			}
			check(t, "left", left, tt.left)
			check(t, "price", w.latest("call").Cycles[2].Price, usd("150.00"))
		})
	}
}

// Quotes are for the deal's price, and stale once it has changed. What has no deal has the digest that it always had.
// Rule: deal-price, quote-is-the-charge.
func TestDealMakesAQuoteStale(t *testing.T) {
	w := newWorld(t, setup{})
	w.must(buy("call", "one-to-one"))
	cmd := renewal.Renew{Product: "call", Cycles: 2}
	listed, err := w.Quote(t.Context(), app, cmd)
	w.ok(err)
	w.must(subscription.SetDeal{Product: "call", Price: money(t, "199.00 USD"), Periods: 2})
	_, err = w.Confirm(t.Context(), app, cmd, listed, "k1")
	fails(t, err, subscription.ErrQuoteStale) // the same amount, but the periods of the deal would be used up
	dealt, err := w.Quote(t.Context(), app, cmd)
	w.ok(err)
	check(t, "amount", dealt.Amount.String(), "398.00 USD")
	check(t, "dealt", dealt.Deliveries[0].Extend.Dealt, true)
	check(t, "line", dealt.Lines[0].Kind, pricing.DealLine)
	w.must(subscription.SetDeal{Product: "call", Price: money(t, "199.00 USD"), Periods: 1})
	_, err = w.Confirm(t.Context(), app, cmd, dealt, "k2")
	fails(t, err, subscription.ErrQuoteStale)
	w.must(subscription.SetDeal{Product: "call"})
	_, err = w.Confirm(t.Context(), app, cmd, listed, "k3")
	w.ok(err)
}

// A command of a host's own can't take a price for that of a deal which there isn't, nor begin with an impossible one.
// Rule: deal-price, nothing-undeliverable-is-charged.
func TestPlaceRefusesImpossibleDeals(t *testing.T) {
	w := newWorld(t, setup{})
	w.must(buy("call", "one-to-one"))
	w.must(subscription.SetDeal{Product: "call", Price: money(t, "150.00 USD"), Periods: 2})
	place := func(edit func(e *subscription.ExtendDelivery)) error {
		t.Helper()
		c, err := prepay{Product: "call", Cycles: 3}.Decide(w.load(), w.catalog, w.now)
		w.ok(err)
		e := c.Orders[0].Deliveries[0].Extend
		edit(e)
		price, err := pricing.PriceRenewal("call", e.Price, e.Count, w.catalog.Rounding())
		w.ok(err)
		d := subscription.Begin(w.load(), w.now)
		_, err = d.Place(subscription.Order{Kind: "x", Deliveries: []subscription.Delivery{{Extend: e}}}, price, w.catalog)
		return err
	}
	beyond := func(count int, price string) *subscription.BeyondDeal {
		return &subscription.BeyondDeal{Count: count, Price: money(t, price)}
	}
	for name, edit := range map[string]func(e *subscription.ExtendDelivery){
		"more periods than it has": func(e *subscription.ExtendDelivery) { e.Dealt = true },
		"of another version":       func(e *subscription.ExtendDelivery) { e.Dealt, e.Count, e.Version = true, 1, "group-call" },
		"for another term":         func(e *subscription.ExtendDelivery) { e.Dealt, e.Count, e.Term = true, 1, pricing.Months(12) },
		"all periods beyond it":    func(e *subscription.ExtendDelivery) { e.Dealt, e.Beyond = true, beyond(3, "199.00 USD") },
		"no period beyond it":      func(e *subscription.ExtendDelivery) { e.Dealt, e.Count, e.Beyond = true, 2, beyond(0, "199.00 USD") },
		"beyond it, in yen":        func(e *subscription.ExtendDelivery) { e.Dealt, e.Beyond = true, beyond(1, "100 JPY") },
		"beyond it, below zero":    func(e *subscription.ExtendDelivery) { e.Dealt, e.Beyond = true, beyond(1, "-1.00 USD") },
		"beyond none":              func(e *subscription.ExtendDelivery) { e.Beyond = beyond(1, "199.00 USD") },
		"a deal of its own": func(e *subscription.ExtendDelivery) {
			e.Deal = &subscription.Deal{Version: "one-to-one", Term: e.Term, Price: e.Price, Left: 1}
		},
	} {
		if err := place(edit); !errors.Is(err, subscription.ErrInvalid) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if err := place(func(e *subscription.ExtendDelivery) { e.Dealt, e.Beyond = true, beyond(1, "199.00 USD") }); err != nil {
		t.Errorf("two periods of the deal and one beyond it: %v", err)
	}
}

// Who acts and why is in the event of a deal, and the reason is the deal's unless it has its own.
// Rule: deal-price, actors-are-recorded.
func TestDealAs(t *testing.T) {
	w := newWorld(t, setup{})
	w.must(buy("call", "one-to-one"))
	for i, own := range []string{"", "contract 7"} {
		_, err := w.As("ann", "loyalty").Do(t.Context(), app, subscription.SetDeal{
			Product: "call", Price: money(t, "150.00 USD"), Reason: own,
		}, "deal "+own)
		w.ok(err)
		check(t, "reason", w.latest("call").Deal.Reason, []string{"loyalty", "contract 7"}[i])
		events := w.events()
		last := events[len(events)-1]
		check(t, "by", last.By+" "+last.Why, "ann loyalty")
	}
}

// Closing an application drops a change that was chosen, and leaves nothing owed.
// Rule: closed-is-closed, change-at-renewal, ended-is-not-owed.
func TestCloseDropsAChange(t *testing.T) {
	w := newWorld(t, setup{})
	w.must(buy("call", "one-to-one"))
	w.must(change("group-call", pricing.Term{}))
	w.at("2025-08-10T12:00:00Z")
	check(t, "owed", w.latest("call").Status, subscription.PastDue)
	w.must(subscription.Close{})
	s := w.latest("call")
	check(t, "planned", s.Planned == nil, true)
	check(t, "dropped", w.count(subscription.EventChangeDropped), 1)
	check(t, "status", s.Status, subscription.Ended)
	e, err := w.Entitlement(t.Context(), app, "call")
	w.ok(err)
	check(t, "service", e.Service, false)
}
