package main

import (
	"context"
	"fmt"
	"slices"

	"github.com/prepaidkit/prepaid/subscription"
)

// reason is one thing that led to a package's status, and the order that it is about, if there is one.
type reason struct {
	subscription.Event

	Text string
}

// why returns what has happened to a subscription's renewal since its last period was paid: what the customer chose,
// reminders, attempts and what became of them, and the order that nobody has paid.
func (c *console) why(ctx context.Context, app subscription.ApplicationID, s subscription.Subscription) ([]reason, error) {
	events, err := list(c.store.Events(ctx, app), func(e subscription.Event) bool { return e.Subscription == s.ID })
	if err != nil {
		return nil, err
	}
	var all []reason
	for _, e := range events {
		switch e.Type { //nolint:exhaustive // the others have nothing to do with it
		case subscription.EventPeriodPaid:
			all = nil
			continue
		case subscription.EventOrderDeclined, subscription.EventOrderCanceling, subscription.EventOrderCanceled:
			all = slices.DeleteFunc(all, func(r reason) bool { return r.Type == subscription.EventOrderPlaced && r.Order == e.Order })
		case subscription.EventReminder, subscription.EventPriceChange, subscription.EventNotRenewable, subscription.EventOrderPlaced,
			subscription.EventOrderReview, subscription.EventStatus, subscription.EventReversed, subscription.EventReinstated,
			subscription.EventPeriodTaken, subscription.EventPeriodReturned, subscription.EventNeedsPerson,
			subscription.EventActionNeeded, subscription.EventAutoRenewOff, subscription.EventAutoRenewOn,
			subscription.EventServiceEnded:
		default:
			continue
		}
		r := reason{e, c.describe(e)}
		if e.Status == subscription.Interrupted {
			r.Text, r.Order = c.interruption(all)
		}
		all = append(all, r)
	}
	return all, nil
}

// interruption says why service was interrupted after what had happened before, and names the order that waited.
func (c *console) interruption(before []reason) (string, subscription.OrderID) {
	reinstated := map[subscription.OrderID]int{}
	for _, r := range slices.Backward(before) {
		if r.Type == subscription.EventReinstated {
			reinstated[r.Order]++
		}
		if r.Type == subscription.EventReversed {
			if reinstated[r.Order] == 0 {
				return "Service was interrupted: the payment of the period was taken back.", r.Order
			}
			reinstated[r.Order]--
		}
		if r.Type == subscription.EventOrderPlaced {
			return fmt.Sprintf("Service was interrupted: order %s for %s still waited for its payment.", r.Order, money(r.Amount)), r.Order
		}
	}
	return "Service was interrupted: no payment for the next period had succeeded.", ""
}

// autoOff says what turned the auto-renewal of a subscription off, if it was neither the customer nor the purchase: the
// chargeback or the refund of an order. It returns "" otherwise.
func (c *console) autoOff(ctx context.Context, app subscription.ApplicationID, s subscription.Subscription) (string, error) {
	var last subscription.Event
	for e, err := range c.store.Events(ctx, app) {
		if err != nil {
			return "", err
		}
		if e.Subscription == s.ID && (e.Type == subscription.EventAutoRenewOff || e.Type == subscription.EventAutoRenewOn) {
			last = e
		}
	}
	if s.AutoRenew || last.Order == "" {
		return "", nil
	}
	refunds, err := c.service.Refunds(ctx, app, last.Order)
	if err != nil {
		return "", err
	}
	by := "a refund"
	for _, r := range refunds {
		if r.Kind == subscription.RefundReversal && !r.DueAt.After(last.At) {
			by = "the chargeback"
		}
	}
	return fmt.Sprintf("It was turned off by %s on %s.", by, last.At.In(c.zone()).Format("2 Jan 2006")), nil
}
