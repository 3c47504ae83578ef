package subscription_test

import (
	"errors"
	"testing"

	"github.com/prepaidkit/prepaid/pricing"
	"github.com/prepaidkit/prepaid/subscription"
)

// A gift and an import are checked like anything else that is delivered: neither can give more than its order says, and no
// other order can pass for one, or have what only they may deliver.
// Rule: gift-is-an-order-of-zero, import-is-an-order-of-zero.
func TestCheckOfGiftsAndImports(t *testing.T) {
	w := newWorld(t, setup{})
	w.must(gift(50))
	given := w.store.last()
	w.must(imported(t, "2025-06-16", "2025-09-16"))
	brought := w.store.last()
	w.must(buy("live", "lite"))
	bought := w.store.last()
	for _, r := range []recorded{given, brought, bought} {
		w.ok(r.change.Check(r.base))
	}
	more := subscription.Minutes(1)
	for _, tt := range []struct {
		name   string
		of     recorded
		doctor func(c *subscription.Change)
	}{
		{"a gift of more than was ordered", given, func(c *subscription.Change) {
			c.Next.Lots[0].Granted += more
			c.Next.Lots[0].Remaining += more
			c.Entries[0].Quantity += more
		}},
		{"a gift that passes for a pack", given, func(c *subscription.Change) { c.Next.Lots[0].Source = subscription.FromTopUp }},
		{"a pack in an order that is a gift", given, func(c *subscription.Change) {
			c.Next.Lots[0].Source, c.Orders[0].Deliveries[0].Grant.Source = subscription.FromTopUp, subscription.FromTopUp
		}},
		{"a gift in an order of another kind", given, func(c *subscription.Change) { c.Orders[0].Kind = subscription.TopUpOrder }},
		{"a purchase that passes for a gift", bought, func(c *subscription.Change) { c.Orders[0].Kind = subscription.GiftOrder }},
		{"a purchase that passes for an import", bought, func(c *subscription.Change) { c.Orders[0].Kind = subscription.ImportOrder }},
		{"a purchase that imports", bought, func(c *subscription.Change) {
			c.Orders[0].Deliveries[0].Extend.Imported = brought.change.Orders[0].Deliveries[0].Extend.Imported
		}},
		{"an import that costs something", brought, func(c *subscription.Change) {
			o := &c.Orders[0]
			o.Amount, o.Collected, o.Lines[0].Amount = money(t, "1.00 USD"), money(t, "1.00 USD"), money(t, "1.00 USD")
		}},
		{"an import with a gift", brought, func(c *subscription.Change) {
			c.Orders[0].Deliveries = append(c.Orders[0].Deliveries, given.change.Orders[0].Deliveries[0])
		}},
		{"more minutes than were left", brought, func(c *subscription.Change) {
			c.Next.Lots[1].Granted += more
			c.Next.Lots[1].Remaining += more
			c.Entries[0].Quantity += more
		}},
		{"a whole period's minutes", brought, func(c *subscription.Change) {
			all := subscription.Minutes(100_000)
			c.Next.Lots[1].Granted, c.Next.Lots[1].Remaining, c.Entries[0].Quantity = all, all, all
		}},
		{"minutes that the period doesn't know of", brought, func(c *subscription.Change) { c.Next.Subscriptions[0].Cycles[0].Granted += more }},
		{"a period more", brought, func(c *subscription.Change) {
			s := &c.Next.Subscriptions[0]
			next := s.Cycles[2]
			next.Number, next.Period = 4, pricing.Period{Start: next.Period.End, End: next.Period.End.AddDate(0, 1, 0), Zone: next.Period.Zone}
			s.Cycles = append(s.Cycles, next)
			c.Subscriptions[0].PaidUntil = next.Period.End
		}},
		{"another price", brought, func(c *subscription.Change) { c.Next.Subscriptions[0].Cycles[0].Price = money(t, "1.00 USD") }},
		{"no minutes", brought, func(c *subscription.Change) {
			c.Next.Lots, c.Entries, c.Next.LastLot = c.Next.Lots[:1], nil, 1
		}},
		{"an ID of its own", brought, func(c *subscription.Change) { c.Orders[0].ID, c.Events[0].Order = "i-1", "i-1" }},
	} {
		t.Run(tt.name, func(t *testing.T) {
			c := tt.of.change.Clone()
			tt.doctor(&c)
			if err := c.Check(tt.of.base); !errors.Is(err, subscription.ErrInvariant) {
				t.Errorf("Check = %v, want ErrInvariant", err)
			}
		})
	}
}

// Nothing but a gift can be placed as one.
// Rule: gift-is-an-order-of-zero.
func TestPlaceOfGiftsAndImports(t *testing.T) {
	w := newWorld(t, setup{})
	w.must(imported(t, "2025-06-16", "2025-09-16"))
	extend := w.store.last().change.Orders[0].Deliveries[0].Extend
	minutes := subscription.GrantDelivery{
		Source: subscription.FromGift, Products: []pricing.ProductID{"live"}, Minutes: 1, Validity: pricing.Validity{Months: 1}, Zone: "UTC",
	}
	pack := minutes
	pack.Source = subscription.FromTopUp
	live := *extend
	live.Subscription, live.Product = "live-1", "live"
	wrong, trial, follows := live, live, live
	wrong.Count, trial.Trial, follows.Open = 2, true, false
	for _, tt := range []struct {
		name   string
		kind   subscription.OrderKind
		amount string
		gives  subscription.Delivery
		want   error
	}{
		{"a gift", subscription.GiftOrder, "0.00 USD", subscription.Delivery{Grant: &minutes}, nil},
		{"a gift that costs something", subscription.GiftOrder, "1.00 USD", subscription.Delivery{Grant: &minutes}, subscription.ErrInvalid},
		{"a gift of a pack", subscription.GiftOrder, "0.00 USD", subscription.Delivery{Grant: &pack}, subscription.ErrInvalid},
		{"minutes of that source elsewhere", "goodwill", "0.00 USD", subscription.Delivery{Grant: &minutes}, subscription.ErrInvalid},
		{"an import", subscription.ImportOrder, "0.00 USD", subscription.Delivery{Extend: &live}, nil},
		{"an import elsewhere", "goodwill", "0.00 USD", subscription.Delivery{Extend: &live}, subscription.ErrInvalid},
		{"another number of periods", subscription.ImportOrder, "0.00 USD", subscription.Delivery{Extend: &wrong}, subscription.ErrInvalid},
		{"an import of a trial", subscription.ImportOrder, "0.00 USD", subscription.Delivery{Extend: &trial}, subscription.ErrInvalid},
		{"an import that follows something", subscription.ImportOrder, "0.00 USD", subscription.Delivery{Extend: &follows}, subscription.ErrInvalid},
	} {
		t.Run(tt.name, func(t *testing.T) {
			s := w.load()
			s.Request = "key"
			d := subscription.Begin(s, w.now)
			amount := money(t, tt.amount)
			unit, err := amount.Rate()
			w.ok(err)
			price, err := pricing.Total("USD", w.catalog.Rounding(), []pricing.Line{{
				Kind: "any", Item: "any", Unit: unit, Times: pricing.Ratio{Num: 1, Den: 1},
			}})
			w.ok(err)
			_, err = d.Place(subscription.Order{Kind: tt.kind, Deliveries: []subscription.Delivery{tt.gives}}, price, w.catalog)
			if !errors.Is(err, tt.want) || (err == nil) != (tt.want == nil) {
				t.Errorf("Place = %v, want %v", err, tt.want)
			}
		})
	}
}
