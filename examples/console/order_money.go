package main

import (
	"fmt"
	"slices"
	"time"

	"github.com/prepaidkit/prepaid/subscription"
)

// whenText is an instant as the sentences of pages have it.
func (c *console) whenText(t time.Time) string { return t.In(c.zone()).Format("2 Jan 2006, 15:04") }

// neverDelivered says where the money is of an order that was collected and not delivered.
func (c *console) neverDelivered(o subscription.Order, how method, events []subscription.Event, refunds []refundRow) *notice {
	last, why := refunds[len(refunds)-1], c.whyRefunded(o, events)
	switch last.Status {
	case subscription.RefundDue:
		return &notice{Kind: "plain", Title: "The money is going back", Text: why}
	case subscription.RefundFailed:
		return &notice{
			Kind: "warn", Title: "The money couldn't be returned",
			Text: why + " A person of the seller returns it in another way; nothing is needed from you.",
		}
	case subscription.RefundMade, subscription.RefundReinstated:
	}
	return &notice{
		Kind: "plain", Title: "The money went back on " + c.whenText(last.ClosedAt),
		Text: fmt.Sprintf("%s %s were returned to where they came from: %s.", why, money(last.Amount), how.name()),
	}
}

// paidAndBack says what went back of an order that was paid and delivered.
func (c *console) paidAndBack(o subscription.Order, how method, refunds []refundRow) *notice {
	last := refunds[len(refunds)-1]
	taken := func(r refundRow) bool {
		return r.Kind == subscription.RefundReversal && r.Status == subscription.RefundMade
	}
	if i := slices.IndexFunc(refunds, taken); i >= 0 {
		return c.takenByBank(o, refunds[i])
	}
	back := ""
	if !o.TakenBackAt.IsZero() {
		back = "What was delivered was taken back on " + c.whenText(o.TakenBackAt) + ". "
	}
	switch last.Status {
	case subscription.RefundDue:
		return &notice{
			Kind: "plain", Title: "The money is going back",
			Text: back + money(last.Amount) + " return to where they came from: " + how.name() + ".",
		}
	case subscription.RefundFailed:
		if o.Left().Sign() > 0 {
			return &notice{
				Kind: "warn", Title: "A refund of " + money(last.Amount) + " failed",
				Text: back + "The money is with the seller, whose staff returns it in another way. Nothing is needed from you.",
			}
		}
	case subscription.RefundReinstated:
		return &notice{
			Kind: "good", Title: "Paid", Text: "The bank took the payment back on " + c.whenText(last.DueAt) +
				", and returned it on " + c.whenText(last.ClosedAt) + ". What hadn't ended by then was given again.",
		}
	case subscription.RefundMade:
	}
	if o.Left().Sign() > 0 {
		return &notice{
			Kind: "plain", Title: money(o.RefundedAmount) + " of " + money(o.Collected) + " went back",
			Text: back + "The last refund was made on " + c.whenText(last.ClosedAt) + ".",
		}
	}
	return &notice{
		Kind: "plain", Title: "The money went back on " + c.whenText(last.ClosedAt),
		Text: fmt.Sprintf("%s%s were returned to where they came from: %s.", back, money(o.RefundedAmount), how.name()),
	}
}

// takenByBank says what a chargeback did, and what to do.
func (c *console) takenByBank(o subscription.Order, r refundRow) *notice {
	n := &notice{
		Kind: "bad", Title: "The bank took " + money(r.Amount) + " back on " + c.whenText(r.DueAt),
		Text: "What this order had delivered was taken back: a period that it paid for ended then, and its minutes are gone. " +
			"If that is a mistake, tell your bank. If the bank returns the money before the period's end, what was taken is given again. " +
			"If you want to go on, pay once more, in another way.",
	}
	if r.Take != subscription.TakeAll {
		n.Text = "What this order had delivered stays. If that is a mistake, tell your bank."
	}
	if o.Subscription != "" && o.Kind != subscription.UpgradeOrder {
		n.Link, n.Says = managePath(o.Application, o.Product), "Renew by hand"
	}
	return n
}
