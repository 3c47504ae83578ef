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

// forgetTax forgets what tax applies.
func forgetTax(_ *world, s *subscription.Snapshot) { s.Application.Tax = nil }
