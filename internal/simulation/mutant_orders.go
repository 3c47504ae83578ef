package simulation

import (
	"fmt"
	"slices"

	"github.com/prepaidkit/prepaid/subscription"
)

// orderMutants are defects of the status and identity of orders.
func orderMutants() []mutant {
	return []mutant{
		{
			name: "review-unseen", what: "an order under review that is canceled is never looked up",
			wrap: onCommit(reviewUnseen),
		},
		{
			name: "review-frees-usage", what: "a bill under review can be canceled, and its day is billed again",
			wrap: changedOnLoad(disguiseBills, freeBills),
		},
		{
			name: "revision-keys", what: "the gateway's key depends on the revision",
			wrap: changedOnLoad(revisionKeys, nil),
		},
		{
			name: "numbers-again", what: "what automatic renewals are numbered by starts again with each change",
			wrap: changedOnLoad(numbersAgain, nil), lax: true,
		},
		{
			name: "tax-forgotten", what: "what tax a customer pays is forgotten",
			wrap: changedOnLoad(forgetTax, nil), lax: true,
		},
		{
			name: "hard-forgotten", what: "automatic renewals are tried again after a hard decline",
			wrap: changedOnLoad(forgetHard, nil), lax: true,
		},
		{
			name: "action-forgotten", what: "that an order waits for the customer is forgotten, so that it waits forever",
			wrap: changedOnLoad(forgetActions, rememberActions), lax: true,
		},
		{
			name: "auto-top-up-twice", what: "an automatic top-up doesn't see that an order of it is open",
			wrap: changedOnLoad(disguiseTopUps, unmaskTopUps), lax: true,
		},
		{
			name: "auto-top-up-limit", what: "what an automatic top-up has bought in a period is forgotten",
			wrap: changedOnLoad(forgetBought, nil), lax: true,
		},
		{
			name: "auto-top-up-hard", what: "an automatic top-up goes on after a hard decline",
			wrap: changedOnLoad(forgetStopped, nil), lax: true,
		},
	}
}

// reviewUnseen closes orders under review at once.
func reviewUnseen(w *world, c *subscription.Change) {
	for i := range c.Events {
		e := &c.Events[i]
		base := w.store.states[c.Application]
		if was, _ := base.OpenOrder(e.Order); e.Type != subscription.EventOrderCanceling || was.Status != subscription.OrderReview {
			continue
		}
		e.Type = subscription.EventOrderCanceled
		for k := range c.Orders {
			if c.Orders[k].ID == e.Order {
				c.Orders[k].Status = subscription.OrderCanceled
			}
		}
		c.Next.Orders = slices.DeleteFunc(c.Next.Orders, func(o subscription.Order) bool { return o.ID == e.Order })
	}
}

// disguiseBills disguises bills under review as orders that can be canceled.
func disguiseBills(_ *world, s *subscription.Snapshot) {
	for i := range s.Application.Orders {
		if o := &s.Application.Orders[i]; o.Kind == subscription.UsageOrder && o.Status == subscription.OrderReview {
			o.Kind = subscription.TopUpOrder
		}
	}
}

// freeBills turns them back into bills, and frees the usage of those that were canceled.
func freeBills(w *world, c *subscription.Change) {
	base := w.store.states[c.Application]
	bill := func(id subscription.OrderID) bool {
		was, ok := base.OpenOrder(id)
		return ok && was.Kind == subscription.UsageOrder
	}
	for _, orders := range [][]subscription.Order{c.Orders, c.Next.Orders} {
		for i := range orders {
			if o := &orders[i]; bill(o.ID) {
				o.Kind = subscription.UsageOrder
			}
		}
	}
	for i := range c.Events {
		e := &c.Events[i]
		if !bill(e.Order) {
			continue
		}
		if e.Kind != "" {
			e.Kind = subscription.UsageOrder
		}
		for k := range c.Next.Counters {
			if x := &c.Next.Counters[k]; e.Type == subscription.EventOrderCanceling && x.Order == e.Order {
				x.Order = ""
			}
		}
	}
}

// revisionKeys makes the store's identity, with which keys begin, depend on the revision.
func revisionKeys(_ *world, s *subscription.Snapshot) {
	s.Store = fmt.Sprintf("%s-%d", s.Store, s.Application.Revision)
}

func numbersAgain(_ *world, s *subscription.Snapshot) {
	for i := range s.Application.Subscriptions {
		s.Application.Subscriptions[i].Numbers = nil
	}
}

// forgetHard forgets that a decline has stopped automatic attempts.
func forgetHard(_ *world, s *subscription.Snapshot) {
	for i := range s.Application.Subscriptions {
		s.Application.Subscriptions[i].Renewal.Stopped = ""
	}
}

// forgetActions hides what customers have to do.
func forgetActions(_ *world, s *subscription.Snapshot) {
	for i := range s.Application.Orders {
		s.Application.Orders[i].Action = nil
	}
}

// rememberActions puts back what was hidden and hasn't been replaced.
func rememberActions(w *world, c *subscription.Change) {
	base := w.store.states[c.Application]
	for _, orders := range [][]subscription.Order{c.Next.Orders, c.Orders} {
		for i := range orders {
			was, _ := base.OpenOrder(orders[i].ID)
			if orders[i].Status == subscription.OrderOpen && orders[i].Action == nil && was.Action != nil {
				orders[i].Action = was.Clone().Action
			}
		}
	}
}

// forgetTax forgets what tax applies.
func forgetTax(_ *world, s *subscription.Snapshot) { s.Application.Tax = nil }

// disguised is a kind of orders that nothing knows.
const disguised subscription.OrderKind = "disguised"

// disguiseTopUps disguises the open orders of automatic top-ups.
func disguiseTopUps(_ *world, s *subscription.Snapshot) {
	for i := range s.Application.Orders {
		o := &s.Application.Orders[i]
		if _, automatic := o.AutoTopUp(); automatic && o.Status == subscription.OrderOpen {
			o.Kind = disguised
		}
	}
}

// unmaskTopUps gives them their kind again.
func unmaskTopUps(_ *world, c *subscription.Change) {
	for _, orders := range [][]subscription.Order{c.Next.Orders, c.Orders} {
		for i := range orders {
			if orders[i].Kind == disguised {
				orders[i].Kind = subscription.TopUpOrder
			}
		}
	}
	for i := range c.Events {
		if c.Events[i].Kind == disguised {
			c.Events[i].Kind = subscription.TopUpOrder
		}
	}
}

// forgetBought forgets how many packs were bought in a period.
func forgetBought(_ *world, s *subscription.Snapshot) {
	for i := range s.Application.AutoTopUps {
		s.Application.AutoTopUps[i].Bought = 0
	}
}

// forgetStopped forgets that a decline has stopped automatic top-ups.
func forgetStopped(_ *world, s *subscription.Snapshot) {
	for i := range s.Application.AutoTopUps {
		s.Application.AutoTopUps[i].Stopped = ""
	}
}
