package main

import (
	"context"

	"github.com/prepaidkit/prepaid/pricing"
	"github.com/prepaidkit/prepaid/subscription"
)

// periods is what an order paid for: all of its periods, of which some may lie ahead, and the minutes of each.
type periods struct {
	Count   int            // 0 for an order without a period
	Span    pricing.Period // from the beginning of the first to the end of the last
	Minutes int64          // granted when each begins
}

// periodsOf reads them from an order and its events. The order itself records the first period only.
func periodsOf(o subscription.Order, events []subscription.Event) periods {
	var p periods
	if !o.Delivered.Period.IsZero() {
		p.Count, p.Span = 1, o.Delivered.Period
	}
	for _, e := range events {
		if e.Type == subscription.EventPeriodPaid {
			p.Span.End = e.Period.End
		}
	}
	for _, d := range o.Deliveries {
		if d.Extend != nil && p.Count > 0 {
			p.Count, p.Minutes = d.Extend.Count, d.Extend.Minutes
		}
	}
	return p
}

// eventsOf returns what happened to an order.
func (c *console) eventsOf(ctx context.Context, o subscription.Order) ([]subscription.Event, error) {
	return list(c.store.Events(ctx, o.Application), func(e subscription.Event) bool { return e.Order == o.ID })
}
