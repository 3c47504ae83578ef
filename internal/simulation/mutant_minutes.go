package simulation

import (
	"slices"

	"github.com/prepaidkit/prepaid/internal/audit"
	"github.com/prepaidkit/prepaid/subscription"
)

// minutesMutants are defects of counting and billing.
func minutesMutants() []mutant {
	return []mutant{
		{
			name: "records-forgotten", what: "the IDs of usage records are not stored",
			wrap: onCommit(recordsForgotten),
		},
		{
			name: "billed-twice", what: "an order of usage is paid, and the usage is still owed",
			wrap: onCommit(billedTwice),
		},
		{
			name: "top-up-unpaid", what: "a top-up is granted when it is ordered",
			wrap: onCommit(topUpUnpaid),
		},
		{
			name: "released-twice", what: "what a reservation held is given back twice",
			wrap: onCommit(releasedTwice),
		},
		{
			name: "usage-cuts-package", what: "usage that isn't paid makes the package past due",
			wrap: onCommit(usageCutsPackage),
		},
	}
}

func recordsForgotten(_ *world, c *subscription.Change) { c.Records = nil }

// billedTwice keeps the counters of a paid day, so that they are billed again.
func billedTwice(w *world, c *subscription.Change) {
	for i := range c.Orders {
		if o := &c.Orders[i]; o.Kind != subscription.UsageOrder || o.Status != subscription.OrderPaid {
			continue
		}
		for _, x := range w.store.states[c.Application].Counters {
			if x.Order == c.Orders[i].ID {
				x.Order = ""
				c.Next.Counters = append(c.Next.Counters, x)
			}
		}
	}
}

func topUpUnpaid(_ *world, c *subscription.Change) {
	for i := range c.Orders {
		o := &c.Orders[i]
		g := audit.Grant(*o)
		placed := slices.ContainsFunc(c.Events, func(e subscription.Event) bool {
			return e.Type == subscription.EventOrderPlaced && e.Order == o.ID
		})
		if g == nil || !placed || o.Status != subscription.OrderOpen {
			continue
		}
		minutes := subscription.Minutes(g.Minutes)
		c.Next.LastLot++
		c.Next.Lots = append(c.Next.Lots, subscription.Lot{
			ID: c.Next.LastLot, Source: g.Source, Products: g.Products, Order: o.ID, GrantedAt: o.PlacedAt,
			Granted: minutes, Remaining: minutes,
		})
		l := &c.Next.Lots[len(c.Next.Lots)-1]
		l.Period.Start, l.Period.End = o.PlacedAt, o.PlacedAt.Add(30*day)
		c.Entries = append(c.Entries, subscription.Entry{
			Application: c.Application, At: o.PlacedAt, Kind: subscription.EntryGranted, Lot: l.ID, Quantity: minutes, Order: o.ID,
		})
		c.Events = append(c.Events, subscription.Event{
			Application: c.Application, At: o.PlacedAt, Type: subscription.EventLotGranted, Lot: l.ID, Quantity: minutes, Order: o.ID,
			Period: l.Period,
		})
	}
	renumber(c)
}

// releasedTwice releases held minutes twice.
func releasedTwice(_ *world, c *subscription.Change) {
	var twice []subscription.Entry
	for _, e := range c.Entries {
		twice = append(twice, e)
		i := slices.IndexFunc(c.Next.Lots, func(l subscription.Lot) bool { return l.ID == e.Lot })
		if e.Kind != subscription.EntryReleased || i < 0 {
			continue
		}
		c.Next.Lots[i].Remaining += e.Quantity
		c.Next.Lots[i].Reserved -= e.Quantity
		twice = append(twice, e)
	}
	c.Entries = twice
	renumber(c)
}

func usageCutsPackage(_ *world, c *subscription.Change) {
	declined := slices.IndexFunc(c.Events, func(e subscription.Event) bool {
		return e.Type == subscription.EventOrderDeclined && e.Kind == subscription.UsageOrder
	})
	if declined < 0 {
		return
	}
	for i := range c.Next.Subscriptions {
		if s := &c.Next.Subscriptions[i]; s.Status == subscription.Active {
			c.Events = append(c.Events, subscription.Event{
				Application: c.Application, At: c.Events[declined].At, Type: subscription.EventStatus, Subscription: s.ID,
				Product: s.Product, From: s.Status, Status: subscription.PastDue,
			})
			s.Status = subscription.PastDue
		}
	}
	renumber(c)
}
