package subscription_test

import (
	"errors"
	"strconv"
	"strings"
	"testing"

	"github.com/prepaidkit/prepaid/renewal"
	"github.com/prepaidkit/prepaid/subscription"
)

// A paid period has the days that follow from the anchor, and begins when its time comes: a defective command can't sell a
// month and deliver a year, or grant the minutes of later periods at once.
// Rule: periods-are-consecutive, nothing-without-payment, cycles-ahead.
func TestCheckOfPeriods(t *testing.T) {
	w := newWorld(t, setup{gateway: pending})
	w.settle(paid(w.place(buy("call", "one-to-one"))))
	opened := w.store.last()
	w.settle(paid(w.place(renewal.Renew{Product: "call", Cycles: 2})))
	renewed := w.store.last()
	w.must(subscription.Accept{Agreement: agreement})
	meanwhile := w.store.last()
	other := imported(t, "2025-06-20", "2025-07-25")
	other.Product, other.Version = "live", "lite"
	w.must(other)
	brought := w.store.last()
	for _, r := range []recorded{opened, renewed, meanwhile, brought} {
		w.ok(r.change.Check(r.base))
	}
	year := func(y *subscription.Cycle) { y.Period.End = y.Period.End.AddDate(1, 0, 0) }
	last := func(s *subscription.Subscription) *subscription.Cycle { return &s.Cycles[len(s.Cycles)-1] }
	for _, tt := range []struct {
		invariant int
		name      string
		of        recorded
		doctor    func(c *subscription.Change, s *subscription.Subscription)
	}{
		{4, "a purchase of a year", opened, func(c *subscription.Change, s *subscription.Subscription) {
			year(last(s))
			c.Next.Lots[0].Period = last(s).Period
		}},
		{4, "a purchase from a year before", opened, func(c *subscription.Change, s *subscription.Subscription) {
			last(s).Period.Start = last(s).Period.Start.AddDate(-1, 0, 0)
			c.Next.Lots[0].Period = last(s).Period
		}},
		{4, "an anchor ahead", opened, func(_ *subscription.Change, s *subscription.Subscription) { s.Anchor.Date += 365 }},
		{4, "periods that are counted and not paid for", opened, func(_ *subscription.Change, s *subscription.Subscription) { s.Next++ }},
		{4, "a renewal for a year", renewed, func(_ *subscription.Change, s *subscription.Subscription) { year(last(s)) }},
		{4, "a renewal of the days of a year", renewed, func(_ *subscription.Change, s *subscription.Subscription) { last(s).Days.Until += 365 }},
		{4, "a renewal for a year, with its days", renewed, func(_ *subscription.Change, s *subscription.Subscription) {
			year(last(s))
			last(s).Days.Until += 365
		}},
		{4, "a renewal without days", renewed, func(_ *subscription.Change, s *subscription.Subscription) { last(s).Days.First = 0 }},
		{4, "an import of a year", brought, func(c *subscription.Change, s *subscription.Subscription) {
			year(last(s))
			last(s).Days.Until += 365
			c.Next.Lots[len(c.Next.Lots)-1].Period = last(s).Period
		}},
		{4, "an import with another anchor", brought, func(_ *subscription.Change, s *subscription.Subscription) { s.Anchor.Date += 31 }},
		{7, "a period that begins before its time", meanwhile, func(c *subscription.Change, s *subscription.Subscription) {
			y, lot := &s.Cycles[1], c.Next.Lots[0]
			y.Begun, y.Granted = true, subscription.Minutes(y.Minutes)
			c.Next.LastLot++
			lot.ID, lot.Order, lot.Period, lot.GrantedAt = c.Next.LastLot, y.Order, y.Period, c.Next.AsOf
			c.Next.Lots = append(c.Next.Lots, lot)
			c.Entries = append(c.Entries, subscription.Entry{
				Application: app, Revision: c.Base + 1, At: c.Next.AsOf, Kind: subscription.EntryGranted, Lot: lot.ID,
				Quantity: lot.Granted, Order: y.Order,
			})
		}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			c := tt.of.change.Clone()
			s := &c.Next.Subscriptions[len(c.Next.Subscriptions)-1]
			tt.doctor(&c, s)
			for i := range c.Subscriptions {
				if c.Subscriptions[i].ID == s.ID {
					c.Subscriptions[i].PaidUntil = s.End()
				}
			}
			err := c.Check(tt.of.base)
			want := "invariant broken: " + strconv.Itoa(tt.invariant) + ":"
			if !errors.Is(err, subscription.ErrInvariant) || !strings.Contains(err.Error(), want) {
				t.Errorf("Check = %v, want %s", err, want)
			}
		})
	}
}
