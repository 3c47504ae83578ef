package main

import (
	"context"
	"fmt"
	"slices"

	"github.com/prepaidkit/prepaid/pricing"
	"github.com/prepaidkit/prepaid/subscription"
)

// standing says what an order's status means, and why it has it. It returns nil for one whose page says so itself: an
// open, a paid or a declined one of which no money went back.
func (c *console) standing(o subscription.Order, how method, events []subscription.Event, refunds []refundRow) *notice {
	when := c.whenText(o.ClosedAt)
	switch {
	case len(refunds) > 0 && o.Status == subscription.OrderPaid:
		return c.paidAndBack(o, how, refunds)
	case len(refunds) > 0:
		return c.neverDelivered(o, how, events, refunds)
	}
	switch o.Status { //nolint:exhaustive // the page has the others
	case subscription.OrderCanceling:
		return &notice{
			Kind: "plain", Title: "The order is being canceled",
			Text: "Nothing is delivered for it anymore. The bank hasn't said yet whether it was paid; " +
				"if it was, the money goes back by itself.",
		}
	case subscription.OrderCanceled:
		n := &notice{Kind: "plain", Title: "The order was canceled on " + when, Text: "Nothing was charged, and nothing was delivered."}
		if o.Note != "" {
			n.Text = "The reason: " + o.Note + ". " + n.Text
		}
		return n
	case subscription.OrderRefundDue:
		return &notice{Kind: "plain", Title: "The money is going back", Text: c.whyRefunded(o, events)}
	case subscription.OrderRefunded:
		return &notice{
			Kind: "plain", Title: "The money went back on " + when,
			Text: fmt.Sprintf("%s %s were returned to where they came from: %s.", c.whyRefunded(o, events), money(o.Collected), how.name()),
		}
	case subscription.OrderReview, subscription.OrderUnreconciled:
		return &notice{Kind: "warn", Title: "A person looks at this order", Text: "Nothing is needed from you. The reason: " + o.Note + "."}
	}
	return nil
}

// whyRefunded says why the money of an order that isn't delivered goes back.
func (c *console) whyRefunded(o subscription.Order, events []subscription.Event) string {
	i := slices.IndexFunc(events, func(e subscription.Event) bool { return e.Type == subscription.EventOrderRefundDue })
	if !o.PaidAt.IsZero() && i >= 0 {
		return "The package was returned on " + c.whenText(events[i].At) + "."
	}
	if slices.ContainsFunc(events, func(e subscription.Event) bool { return e.Type == subscription.EventOrderCanceling }) {
		return "It was paid after the order had been canceled, so nothing was delivered."
	}
	if o.Status == subscription.OrderDeclined {
		return "It was paid after the payment had been declined, so nothing was delivered."
	}
	return "It was paid when it could no longer be delivered: " + o.Note + "."
}

// paidInstead returns the order that was paid later for the same thing as a declined one, and whether there is one.
func (c *console) paidInstead(ctx context.Context, declined subscription.Order) (subscription.Order, bool, error) {
	for o, err := range c.store.Orders(ctx, declined.Application) {
		if err != nil {
			return subscription.Order{}, false, err
		}
		if instead(o, declined) {
			return o, true, nil
		}
	}
	return subscription.Order{}, false, nil
}

// instead reports whether an order was paid in place of an earlier one that was declined.
func instead(o, declined subscription.Order) bool {
	return declined.Status == subscription.OrderDeclined && o.Status == subscription.OrderPaid && !o.PlacedAt.Before(declined.PlacedAt) &&
		o.Kind == declined.Kind && o.Product == declined.Product && o.Version == declined.Version &&
		slices.EqualFunc(o.Lines, declined.Lines, func(a, b pricing.Line) bool {
			return a.Item == b.Item && (o.Product != "" || a.Times == b.Times) // a top-up is the same only in its size
		})
}
