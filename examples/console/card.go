package main

import (
	"context"
	"slices"
	"time"

	"github.com/prepaidkit/prepaid/pricing"
	"github.com/prepaidkit/prepaid/renewal"
	"github.com/prepaidkit/prepaid/subscription"
)

// card is the information card of an application and one of its packages.
type card struct {
	App       subscription.Application
	Sub       subscription.Subscription
	Cycle     subscription.Cycle // the current one, or the last one
	Badge     badge
	DaysLeft  int // the current day included; 0 if no period is in force
	Ends      time.Time
	Minutes   subscription.Quantity
	Lots      []subscription.Lot // that the product's usage takes from, in the order in which it does
	Renews    bool               // auto-renewal can be turned on and off
	Manage    bool               // it can be renewed or upgraded
	Next      *renewal.Upcoming  // the next charge; nil if there is none
	Open      *subscription.Order
	Why       []subscription.Event // what led to a status that isn't active
	Resumable time.Time            // until when an interrupted one can be resumed
}

// badge is a status in a word, and how it is shown: good, warn, bad or plain.
type badge struct{ Kind, Text string }

// cards returns a card for each package of an application that isn't over.
func (c *console) cards(ctx context.Context, app subscription.Application) ([]card, error) {
	var all []card
	for _, s := range app.Subscriptions {
		k, err := c.card(ctx, app, s)
		if err != nil {
			return nil, err
		}
		all = append(all, k)
	}
	return all, nil
}

func (c *console) card(ctx context.Context, app subscription.Application, s subscription.Subscription) (card, error) {
	now := c.clock.now()
	k := card{App: app, Sub: s, Ends: s.End(), Minutes: app.Minutes(s.Product, now)}
	over := s.Status == subscription.Expired || s.Status == subscription.Refunded
	k.Renews = !s.Trial && !over
	k.Manage = !s.Trial && !over
	if cycle, ok := s.Current(now); ok {
		k.Cycle = cycle
		zone := c.catalog.Zone()
		k.DaysLeft = int(zone.DateOf(cycle.Period.End) - zone.DateOf(now))
	} else if n := len(s.Cycles); n > 0 {
		k.Cycle = s.Cycles[n-1]
	}
	k.Badge = statusBadge(s)
	for _, l := range app.Lots {
		if l.Covers(s.Product) && l.Remaining > 0 && l.Period.Contains(now) {
			k.Lots = append(k.Lots, l)
		}
	}
	slices.SortFunc(k.Lots, func(a, b subscription.Lot) int {
		if a.Before(&b) {
			return -1
		}
		return 1
	})
	if o, ok := app.Blocking(s.ID); ok {
		k.Open = &o
	}
	for u := range renewal.Preview(app, c.policy, c.catalog, now, now.AddDate(1, 1, 0)) {
		if u.Subscription == s.ID && !u.Charge.IsZero() {
			k.Next = &u
			break
		}
	}
	if s.Status == subscription.Interrupted {
		terms := c.catalog.ServiceTerms()
		k.Resumable = s.End().Add(terms.Grace + terms.Retention)
	}
	var err error
	if s.Status == subscription.PastDue || s.Status == subscription.Interrupted {
		k.Why, err = c.why(ctx, app.ID, s)
	}
	return k, err
}

// why returns what has happened to a subscription's renewal since its last period was paid: reminders, attempts and
// what became of them.
func (c *console) why(ctx context.Context, app subscription.ApplicationID, s subscription.Subscription) ([]subscription.Event, error) {
	var all []subscription.Event
	for e, err := range c.store.Events(ctx, app) {
		if err != nil {
			return nil, err
		}
		if e.Subscription != s.ID {
			continue
		}
		switch e.Type { //nolint:exhaustive // the others have nothing to do with it
		case subscription.EventPeriodPaid:
			all = nil
		case subscription.EventReminder, subscription.EventPriceChange, subscription.EventNotRenewable, subscription.EventOrderDeclined,
			subscription.EventStatus, subscription.EventAutoRenewOff, subscription.EventAutoRenewOn, subscription.EventOrderReview:
			all = append(all, e)
		}
	}
	return all, nil
}

func statusBadge(s subscription.Subscription) badge {
	switch s.Status {
	case subscription.Active:
		if s.Trial {
			return badge{"good", "Trial"}
		}
		return badge{"good", "Active"}
	case subscription.PastDue:
		return badge{"warn", "Past due"}
	case subscription.Interrupted:
		return badge{"bad", "Interrupted"}
	case subscription.Expired:
		return badge{"plain", "Expired"}
	case subscription.Refunded:
		return badge{"plain", "Returned"}
	}
	return badge{"plain", string(s.Status)}
}

func orderBadge(s subscription.OrderStatus) badge {
	switch s {
	case subscription.OrderPaid:
		return badge{"good", "Paid"}
	case subscription.OrderOpen:
		return badge{"warn", "Waiting for payment"}
	case subscription.OrderDeclined:
		return badge{"bad", "Declined"}
	case subscription.OrderReview:
		return badge{"warn", "Under review"}
	case subscription.OrderCanceling:
		return badge{"plain", "Being canceled"}
	case subscription.OrderCanceled:
		return badge{"plain", "Canceled"}
	case subscription.OrderRefundDue:
		return badge{"plain", "Being refunded"}
	case subscription.OrderRefunded:
		return badge{"plain", "Refunded"}
	case subscription.OrderUnreconciled:
		return badge{"warn", "Needs a person"}
	}
	return badge{"plain", string(s)}
}

// subscribed returns the application's latest package of a product, if it isn't over.
func subscribed(app subscription.Application, product pricing.ProductID) (subscription.Subscription, bool) {
	s, ok := app.Latest(product)
	return s, ok && s.Status != subscription.Expired && s.Status != subscription.Refunded
}
