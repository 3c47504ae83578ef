package subscription_test

import (
	"errors"
	"strconv"
	"strings"
	"testing"

	"github.com/prepaidkit/prepaid/pricing"
	"github.com/prepaidkit/prepaid/renewal"
	"github.com/prepaidkit/prepaid/subscription"
)

// agreements returns changes that plan, make and take back changes at renewal, and that make, use and end deals, by name.
func agreements(t *testing.T) map[string]recorded {
	t.Helper()
	w := newWorld(t, setup{gateway: pending, start: "2025-01-31T10:00:00Z", catalog: catalog(t, "catalog.json", `"id": "november",`, `"id": "november", "periods": 2,`,
		`"from": "2025-11-01", "until": "2025-11-11"`, `"from": "2025-01-01"`)})
	named := map[string]recorded{}
	name := func(s string) { named[s] = w.store.last() }
	p := buy("call", "one-to-one")
	p.Offer = "november"
	w.settle(paid(w.place(p)))
	name("bought under an offer")
	w.must(subscription.SetDeal{Product: "call"})
	name("deal ended")
	w.must(subscription.SetDeal{Product: "call", Price: money(t, "150.00 USD"), Periods: 3})
	name("deal made")
	w.settle(paid(w.place(renewal.Renew{Product: "call", Cycles: 2})))
	name("dealt")
	beyond := w.place(renewal.Renew{Product: "call", Cycles: 3})
	w.settle(paid(beyond))
	name("dealt and beyond")
	w.must(subscription.SetDeal{Product: "call", Price: money(t, "150.00 USD")})
	w.must(change("", pricing.Months(12)))
	name("planned")
	w.must(subscription.Accept{Agreement: agreement})
	name("meanwhile")
	o := w.place(renewal.Renew{Product: "call", Cycles: 2})
	w.settle(paid(o))
	name("changed")
	bound := w.Bind(w.store)
	_, err := bound.Do(t.Context(), app, subscription.RefundOrder{Order: o.ID, Cycles: 2, KeepAutoRenew: true}, "back")
	w.ok(err)
	name("taken back")
	_, err = bound.Do(t.Context(), app, subscription.RefundOrder{Order: beyond.ID, Cycles: 2, KeepAutoRenew: true}, "further back")
	w.ok(err)
	name("taken back further")
	w.must(change("group-call", pricing.Term{}))
	w.must(change("", pricing.Term{}))
	name("undone")
	return named
}

// Every change that concerns what was agreed for further periods passes Check. Each one, once tampered with, is refused: a
// term changes only with the anchor that follows from it, and no period at the price of a deal goes uncounted.
// Rule: change-at-renewal, deal-price, periods-are-consecutive.
func TestCheckOfAgreements(t *testing.T) {
	named := agreements(t)
	untampered(t, named)
	for _, tt := range []struct {
		invariant int
		name      string
		of        string
		doctor    func(c *subscription.Change, s *subscription.Subscription)
	}{
		{4, "a change from nowhere", "deal made", func(_ *subscription.Change, s *subscription.Subscription) {
			s.Planned = &subscription.Planned{Version: "group-call", Term: pricing.Months(1)}
		}},
		{4, "a change without an event", "planned", func(c *subscription.Change, _ *subscription.Subscription) {
			silence(c, subscription.EventChangePlanned)
		}},
		{4, "a change to no version", "planned", func(_ *subscription.Change, s *subscription.Subscription) { s.Planned.Version = "" }},
		{4, "a change to no term", "planned", func(_ *subscription.Change, s *subscription.Subscription) { s.Planned.Term = pricing.Term{} }},
		{4, "a change is forgotten", "meanwhile", func(_ *subscription.Change, s *subscription.Subscription) { s.Planned = nil }},
		{4, "a change is undone without an event", "undone", func(c *subscription.Change, _ *subscription.Subscription) {
			silence(c, subscription.EventChangeDropped)
		}},

		{4, "another day of the month", "changed", func(_ *subscription.Change, s *subscription.Subscription) { s.Anchor.Date++ }},
		{4, "months are forgotten", "changed", func(_ *subscription.Change, s *subscription.Subscription) { s.Anchor.Passed-- }},
		{4, "periods are counted twice", "changed", func(_ *subscription.Change, s *subscription.Subscription) { s.Next++ }},
		{4, "the term changes without a payment", "meanwhile", func(_ *subscription.Change, s *subscription.Subscription) {
			for i := range s.Cycles {
				s.Cycles[i].Term = s.Anchor.Term
			}
			s.Anchor, s.Next = pricing.Anchor{Date: s.Anchor.Date, Term: pricing.Months(12), Passed: s.Next}, 0
		}},
		{7, "the periods of before get the term", "changed", func(_ *subscription.Change, s *subscription.Subscription) { s.Cycles[0].Term = pricing.Term{} }},
		{7, "the periods keep the term", "changed", func(_ *subscription.Change, s *subscription.Subscription) {
			s.Cycles[len(s.Cycles)-1].Term = pricing.Months(1)
		}},
		{4, "the term stays though it was taken back, counted on", "taken back", func(_ *subscription.Change, s *subscription.Subscription) { s.Next = 1 }},
		{4, "it was taken back to another day", "taken back", func(_ *subscription.Change, s *subscription.Subscription) { s.Anchor.Passed++ }},
		{4, "it was taken back to another term", "taken back", func(_ *subscription.Change, s *subscription.Subscription) { s.Anchor.Term = pricing.Months(3) }},
		{4, "what came before the change isn't counted back", "taken back further", func(_ *subscription.Change, s *subscription.Subscription) {
			s.Anchor.Passed += 2
		}},
		{4, "it is counted below zero", "taken back further", func(_ *subscription.Change, s *subscription.Subscription) {
			s.Anchor.Passed, s.Next = s.Anchor.Passed+2, -2
		}},

		{4, "a deal from nowhere", "meanwhile", func(_ *subscription.Change, s *subscription.Subscription) {
			s.Deal = &subscription.Deal{Version: "one-to-one", Term: pricing.Months(1), Price: money(t, "1.00 USD"), Left: 9}
		}},
		{4, "a deal without an event", "deal made", func(c *subscription.Change, _ *subscription.Subscription) { silence(c, subscription.EventDeal) }},
		{4, "a deal of an offer without an event", "bought under an offer", func(c *subscription.Change, _ *subscription.Subscription) {
			silence(c, subscription.EventDeal)
		}},
		{4, "a deal of no periods", "deal made", func(_ *subscription.Change, s *subscription.Subscription) { s.Deal.Left = 0 }},
		{4, "a deal in another currency", "deal made", func(_ *subscription.Change, s *subscription.Subscription) { s.Deal.Price = money(t, "1 JPY") }},
		{4, "a deal below zero", "deal made", func(_ *subscription.Change, s *subscription.Subscription) { s.Deal.Price = money(t, "-1.00 USD") }},
		{4, "a deal of no version", "deal made", func(_ *subscription.Change, s *subscription.Subscription) { s.Deal.Version = "" }},
		{4, "a deal gets cheaper", "dealt", func(_ *subscription.Change, s *subscription.Subscription) { s.Deal.Price = money(t, "1.00 USD") }},
		{4, "a deal gets longer", "meanwhile", func(_ *subscription.Change, s *subscription.Subscription) { s.Deal.Left = 1 }},
		{4, "periods that aren't counted", "dealt", func(_ *subscription.Change, s *subscription.Subscription) { s.Deal.Left = 3 }},
		{4, "periods that are counted twice", "dealt", func(_ *subscription.Change, s *subscription.Subscription) {
			s.Deal = nil
		}},
		{4, "a deal that is used up goes on", "dealt and beyond", func(_ *subscription.Change, s *subscription.Subscription) {
			s.Deal = &subscription.Deal{Version: "one-to-one", Term: pricing.Months(1), Price: money(t, "150.00 USD"), Left: 1}
		}},
		{4, "a deal ends without an event", "deal ended", func(c *subscription.Change, _ *subscription.Subscription) { silence(c, subscription.EventDealEnded) }},
		{7, "a period beyond the deal at its price", "dealt and beyond", func(_ *subscription.Change, s *subscription.Subscription) {
			s.Cycles[len(s.Cycles)-1].Price = money(t, "150.00 USD")
		}},
		{7, "a period of the deal at list price", "dealt and beyond", func(_ *subscription.Change, s *subscription.Subscription) {
			s.Cycles[len(s.Cycles)-3].Price = money(t, "199.00 USD")
		}},
	} {
		t.Run(strconv.Itoa(tt.invariant)+" "+tt.name, func(t *testing.T) {
			r, ok := named[tt.of]
			if !ok {
				t.Fatalf("there is no change %q", tt.of)
			}
			c := r.change.Clone()
			tt.doctor(&c, &c.Next.Subscriptions[0])
			err := c.Check(r.base)
			want := "invariant broken: " + strconv.Itoa(tt.invariant) + ":"
			if !errors.Is(err, subscription.ErrInvariant) || !strings.Contains(err.Error(), want) {
				t.Errorf("Check = %v, want %s", err, want)
			}
		})
	}
}
