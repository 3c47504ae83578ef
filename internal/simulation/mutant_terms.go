package simulation

import "github.com/prepaidkit/prepaid/subscription"

// termsMutants are defects of ends that were chosen, and of what was agreed for further periods.
func termsMutants() []mutant {
	return []mutant{
		{
			name: "leaver-owes", what: "a subscription whose customer chose not to renew is past due",
			wrap: onCommit(leaverOwes), lax: true,
		},
		{
			name: "leaver-stays", what: "a subscription that has ended stays in service",
			wrap: onCommit(eventsLost(subscription.EventServiceEnded)), lax: true,
		},
		{
			name: "change-forgotten", what: "the change that was chosen for the renewal is forgotten when it is due",
			wrap: changedOnLoad(hidePlanned, showPlanned), lax: true,
		},
		{
			name: "deal-forgotten", what: "the price that was agreed for further periods is forgotten when they are due",
			wrap: changedOnLoad(hideDeals, showDeals), lax: true,
		},
		{
			name: "deal-for-good", what: "the periods of a deal aren't counted",
			wrap: onCommit(dealForGood), lax: true,
		},
	}
}

func leaverOwes(_ *world, c *subscription.Change) {
	for i := range c.Events {
		if c.Events[i].Status == subscription.Ended {
			c.Events[i].Status = subscription.PastDue
		}
	}
	for i := range c.Next.Subscriptions {
		if s := &c.Next.Subscriptions[i]; s.Status == subscription.Ended && !s.OutOfService {
			s.Status = subscription.PastDue
		}
	}
}

// hidePlanned hides what is planned once the period before it is about to end.
func hidePlanned(w *world, s *subscription.Snapshot) {
	beforeEnd(w, s, func(sub *subscription.Subscription) { sub.Planned = nil })
}

// showPlanned puts back what was hidden and hasn't been replaced.
func showPlanned(w *world, c *subscription.Change) {
	gone := tells(c, subscription.EventChanged) || tells(c, subscription.EventChangeDropped)
	agreedBefore(w, c, func(s, was *subscription.Subscription) {
		if s.Planned == nil && !gone {
			s.Planned = was.Planned
		}
	})
}

func hideDeals(w *world, s *subscription.Snapshot) {
	beforeEnd(w, s, func(sub *subscription.Subscription) { sub.Deal = nil })
}

func showDeals(w *world, c *subscription.Change) {
	ended := tells(c, subscription.EventDealEnded)
	agreedBefore(w, c, func(s, was *subscription.Subscription) {
		if s.Deal == nil && !ended {
			s.Deal = was.Deal
		}
	})
}

func dealForGood(w *world, c *subscription.Change) {
	agreed := tells(c, subscription.EventDeal)
	agreedBefore(w, c, func(s, was *subscription.Subscription) {
		if s.Deal != nil && was.Deal != nil && !agreed {
			s.Deal = was.Deal
		}
	})
}

// beforeEnd passes each subscription whose period has ended or is about to end.
func beforeEnd(w *world, s *subscription.Snapshot, do func(*subscription.Subscription)) {
	for i := range s.Application.Subscriptions {
		if sub := &s.Application.Subscriptions[i]; w.now.After(sub.End().Add(-2 * day)) {
			do(sub)
		}
	}
}

// agreedBefore passes each subscription together with what it was before the change.
func agreedBefore(w *world, c *subscription.Change, do func(s, was *subscription.Subscription)) {
	base := w.store.states[c.Application].Clone()
	for i := range c.Next.Subscriptions {
		for k := range base.Subscriptions {
			if c.Next.Subscriptions[i].ID == base.Subscriptions[k].ID {
				do(&c.Next.Subscriptions[i], &base.Subscriptions[k])
			}
		}
	}
}
