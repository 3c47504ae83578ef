package main

import (
	"context"
	"fmt"

	"github.com/prepaidkit/prepaid/subscription"
)

// requoted says why a checkout was quoted again, and what has changed since the quote before. It links to the order that
// has changed it, if one has.
func (c *console) requoted(ctx context.Context, ch checkout) (notice, error) {
	n := notice{Kind: "warn", Title: "The quote was no longer valid, so it was made again"}
	until, was, now := c.whenText(ch.Was.Until), money(ch.Was.Amount), money(ch.Quote.Amount)
	same := was == now
	switch {
	case ch.Was.Digest == ch.Quote.Digest:
		n.Text = fmt.Sprintf("It was to be confirmed by %s, and timed out. Nothing else has changed: the price is still %s.", until, now)
	case same:
		n.Text = fmt.Sprintf("The price is still %s, but what it pays for has changed.", now)
	default:
		n.Text = fmt.Sprintf("It was %s, to be confirmed by %s; it is now %s.", was, until, now)
	}
	before, is := extension(ch.Was.Deliveries), extension(ch.Quote.Deliveries)
	if before != nil && is != nil && !is.From.IsZero() && !before.From.Equal(is.From) {
		from := is.From.In(c.zone()).Format("2 Jan 2006")
		other, found, err := c.extendedBy(ctx, ch, is.Subscription)
		if err != nil {
			return notice{}, err
		}
		if found {
			n.Text = fmt.Sprintf("This renewal was just paid in another order. The new quote is for one more renewal: "+
				"the next period now begins on %s. It was %s; it is now %s.", from, was, now)
			if same {
				n.Text = fmt.Sprintf("This renewal was just paid in another order. The new quote, for %s too, is for one more renewal: "+
					"the next period now begins on %s.", now, from)
			}
			n.Link, n.Says = orderPath(ch.App, other.ID), "See the order that was paid"
		} else {
			n.Text += fmt.Sprintf(" The period that it pays for now begins on %s.", from)
		}
	}
	n.Text += " Nothing was charged for this quote."
	return n, nil
}

// extension returns the periods that deliveries give, or nil if they give none.
func extension(all []subscription.Delivery) *subscription.ExtendDelivery {
	for _, d := range all {
		if d.Extend != nil {
			return d.Extend
		}
	}
	return nil
}

// extendedBy returns the renewal of a subscription that was paid between the two quotes of a checkout, and whether there
// is one.
func (c *console) extendedBy(ctx context.Context, ch checkout, id subscription.SubscriptionID) (subscription.Order, bool, error) {
	for o, err := range c.store.Orders(ctx, ch.App) {
		if err != nil {
			return subscription.Order{}, false, err
		}
		if o.Kind == subscription.RenewalOrder && o.Subscription == id && o.Status == subscription.OrderPaid &&
			!o.PaidAt.Before(ch.Was.At) && !o.PaidAt.After(ch.Quote.At) {
			return o, true, nil
		}
	}
	return subscription.Order{}, false, nil
}
