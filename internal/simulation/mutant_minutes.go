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
		{
			name: "correction-twice", what: "what a correction gave back is given back twice",
			wrap: onCommit(correctionTwice), lax: true,
		},
		{
			name: "correction-mints", what: "a correction gives back a minute more than was used",
			wrap: onCommit(correctionMints), lax: true,
		},
		{
			name: "correction-forgotten", what: "a correction gives back minutes, and the usage stays counted",
			wrap: onCommit(correctionForgotten), lax: true,
		},
		{
			name: "forgiven-billed", what: "what was forgiven is billed",
			wrap: onCommit(forgivenBilled),
		},
		{
			name: "forgiven-untold", what: "usage is forgiven, and no event says so",
			wrap: onCommit(forgivenUntold),
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
		lot := lotOf(c, e.Lot)
		if e.Kind != subscription.EntryReleased || lot == nil {
			continue
		}
		lot.Remaining += e.Quantity
		lot.Reserved -= e.Quantity
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

// returned returns the index of an entry that grants what a correction gives back, or -1 if there is none.
func returned(c *subscription.Change) int {
	return slices.IndexFunc(c.Entries, func(e subscription.Entry) bool {
		return e.Kind == subscription.EntryGranted && e.Usage != ""
	})
}

func correctionTwice(_ *world, c *subscription.Change) {
	i := returned(c)
	if i < 0 {
		return
	}
	e := c.Entries[i]
	gave := lotOf(c, e.Lot)
	n := slices.IndexFunc(c.Events, func(v subscription.Event) bool { return v.Lot == e.Lot })
	if gave == nil || n < 0 || gave.Consumed > 0 {
		return
	}
	c.Next.LastLot++
	lot, told := *gave, c.Events[n]
	lot.ID, e.Lot, told.Lot = c.Next.LastLot, c.Next.LastLot, c.Next.LastLot
	c.Next.Lots = append(c.Next.Lots, lot)
	c.Entries, c.Events = append(c.Entries, e), append(c.Events, told)
	renumber(c)
}

func correctionMints(_ *world, c *subscription.Change) {
	i := returned(c)
	if i < 0 {
		return
	}
	more := subscription.Minutes(1)
	if l := lotOf(c, c.Entries[i].Lot); l != nil {
		l.Granted, l.Remaining = l.Granted+more, l.Remaining+more
	}
	for k := range c.Events {
		if e := &c.Events[k]; e.Lot == c.Entries[i].Lot && e.Type == subscription.EventLotReturned {
			e.Quantity += more
		}
	}
	c.Entries[i].Quantity += more
}

func correctionForgotten(w *world, c *subscription.Change) {
	i := returned(c)
	if i < 0 {
		return
	}
	e := &c.Entries[i]
	for _, was := range w.store.states[c.Application].Counters {
		for k := range c.Next.Counters {
			x, of := &c.Next.Counters[k], was.Product == e.Product && was.Kind == e.Usage && was.Day == e.Day
			if of && x.Product == was.Product && x.Kind == was.Kind && x.Day == was.Day {
				*x = was
			}
		}
	}
}

// forgivenBilled bills what was forgiven of usage, as if pay-as-you-go had been on.
func forgivenBilled(w *world, c *subscription.Change) {
	for i := range c.Next.Counters {
		x := &c.Next.Counters[i]
		if c.Next.PayAsYouGo.Since.IsZero() || x.Forgiven == 0 || x.Order != "" {
			continue
		}
		rate, err := w.catalog().UsageRate(x.Kind, c.Next.PayAsYouGo.Currency)
		if err != nil {
			continue
		}
		if x.Excess == 0 {
			x.Rate = rate
		}
		x.Excess, x.Forgiven = x.Excess+x.Forgiven, 0
	}
}

func forgivenUntold(_ *world, c *subscription.Change) {
	c.Events = slices.DeleteFunc(c.Events, func(e subscription.Event) bool { return e.Type == subscription.EventForgiven })
	renumber(c)
}
