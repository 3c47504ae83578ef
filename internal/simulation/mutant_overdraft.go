package simulation

import (
	"slices"

	"github.com/prepaidkit/prepaid/subscription"
)

// overdraftMutants are defects of overdrafts.
func overdraftMutants() []mutant {
	return []mutant{
		{
			name: "overdraft-forgotten", what: "minutes that are granted don't repay what is owed",
			wrap: onCommit(overdraftForgotten), lax: true,
		},
		{
			name: "overdraft-twice", what: "what is owed is taken twice from the minutes that repay it",
			wrap: onCommit(overdraftTwice), lax: true,
		},
		{
			name: "overdraft-unlimited", what: "what is owed already doesn't count for the limit, nor among the grace minutes",
			wrap: changedOnLoad(forgetOwed, rememberOwed), lax: true,
		},
		{
			name: "overdraft-too-early", what: "what is owed lapses when a period ends",
			wrap: onCommit(overdraftLapsesEarly), lax: true,
		},
	}
}

func overdraftForgotten(_ *world, c *subscription.Change) {
	for i := len(c.Entries) - 1; i > 0; i-- {
		paid, repaid := c.Entries[i-1], c.Entries[i]
		from, to := lotOf(c, paid.Lot), lotOf(c, repaid.Lot)
		if repaid.Kind != subscription.EntryRepaid || from == nil || to == nil {
			continue
		}
		from.Remaining, from.Consumed = from.Remaining+paid.Quantity, from.Consumed-paid.Quantity
		to.Remaining, to.Consumed = to.Remaining-repaid.Quantity, to.Consumed+repaid.Quantity
		c.Entries = slices.Delete(c.Entries, i-1, i+1)
		c.Events = slices.DeleteFunc(c.Events, func(e subscription.Event) bool {
			return e.Type == subscription.EventOverdraftRepaid && e.Lot == repaid.Lot && e.Order == repaid.Order
		})
		i--
	}
	renumber(c)
}

func overdraftTwice(_ *world, c *subscription.Change) {
	for i := 1; i < len(c.Entries); i++ {
		paid := &c.Entries[i-1]
		from := lotOf(c, paid.Lot)
		if c.Entries[i].Kind != subscription.EntryRepaid || from == nil || from.Remaining < paid.Quantity {
			continue
		}
		from.Remaining, from.Consumed = from.Remaining-paid.Quantity, from.Consumed+paid.Quantity
		paid.Quantity *= 2
	}
}

// forgetOwed shows overdrafts of which nothing was used.
func forgetOwed(_ *world, s *subscription.Snapshot) {
	for i := range s.Application.Lots {
		if l := &s.Application.Lots[i]; l.Source == subscription.FromOverdraft {
			l.Remaining, l.Consumed = l.Granted, 0
		}
	}
}

// rememberOwed adds what was hidden.
func rememberOwed(w *world, c *subscription.Change) {
	for _, was := range w.store.states[c.Application].Lots {
		if l := lotOf(c, was.ID); l != nil && was.Source == subscription.FromOverdraft {
			l.Remaining, l.Consumed = l.Remaining-was.Consumed, l.Consumed+was.Consumed
		}
	}
}

func overdraftLapsesEarly(_ *world, c *subscription.Change) {
	left := slices.IndexFunc(c.Events, func(e subscription.Event) bool {
		return e.Type == subscription.EventStatus && (e.Status == subscription.PastDue || e.Status == subscription.Ended)
	})
	if left < 0 {
		return
	}
	at := c.Events[len(c.Events)-1].At
	for i, l := range slices.Backward(slices.Clone(c.Next.Lots)) {
		if l.Source != subscription.FromOverdraft || l.Subscription != c.Events[left].Subscription {
			continue
		}
		c.Next.Lots = slices.Delete(c.Next.Lots, i, i+1)
		if l.Remaining > 0 {
			c.Entries = append(c.Entries, subscription.Entry{
				Application: c.Application, At: at, Kind: subscription.EntryExpired, Lot: l.ID, Quantity: l.Remaining,
			})
		}
		about := subscription.Event{Application: c.Application, At: at, Lot: l.ID, Subscription: l.Subscription, Product: l.Products[0]}
		if about.Type, about.Quantity = subscription.EventOverdraftLapsed, l.Consumed; l.Consumed > 0 {
			c.Events = append(c.Events, about)
		}
		about.Type, about.Quantity = subscription.EventLotExpired, l.Remaining
		c.Events = append(c.Events, about)
	}
	renumber(c)
}
