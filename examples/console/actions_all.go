package main

import (
	"context"

	"github.com/prepaidkit/prepaid/subscription"
)

// actions are all that the seller's staff does, in the order in which they are offered.
var actions = []action{
	{
		name: "gift", about: aboutApplication, title: "Give minutes", button: "Give the minutes",
		lead:   "They cost nothing, and count from the beginning of today.",
		fields: giftFields, command: gift,
	},
	{
		name: "correct", about: aboutApplication, wrong: "counted", title: "Correct usage", button: "Correct the usage",
		lead: "Usage of a day that was counted by mistake is taken back, and its minutes are given back. " +
			"A day that is closed can’t be corrected: give minutes instead.",
		fields: correctionFields, record: correction,
	},
	{
		name: "retry", about: aboutApplication, title: "Retry payments", button: "Try again now",
		lead:    "What was declined is tried again at once, by the customer’s payment method. Do it once it works again.",
		command: func(*form) (subscription.Command, error) { return subscription.PaymentMethodChanged{}, nil },
		after:   workNow,
	},
	{
		name: "account", about: aboutApplication, title: "Change who pays", button: "Change the account",
		lead:   "Orders that were placed keep the account that paid them, and their money goes back to it. The new one pays for renewals.",
		fields: accountFields, command: changeAccount,
	},
	{
		name: "close", about: aboutApplication, title: "Close the application", button: "Close for good", final: true,
		lead: "The customer has left. Auto-renewal is turned off, and nothing is sold or counted any more. " +
			"Minutes that are left are lost, unless their order is refunded.",
		command: func(*form) (subscription.Command, error) { return subscription.Close{}, nil },
	},
	{
		name: "erase", about: aboutApplication, title: "Erase what identifies a person", button: "Erase for good", final: true,
		lead: "The account, tax numbers, notes, references and the names of staff are removed from every row. " +
			"IDs, amounts and days stay. Afterward, money can only be returned by other means. " +
			"What the payment provider and this console know about the customer is no part of it.",
		can:     func(f *form) bool { return !f.app.ClosedAt.IsZero() && f.app.ErasedAt.IsZero() },
		command: func(*form) (subscription.Command, error) { return subscription.Erase{}, nil },
	},
	{
		name: "cancel-renewal", about: aboutSubscription, title: "Cancel at the period’s end", button: "Turn auto-renewal off",
		lead: "Auto-renewal is turned off: the package ends with the time that is paid, and nothing more is charged.",
		can:  func(f *form) bool { return f.renews() && f.sub.AutoRenew },
		command: func(f *form) (subscription.Command, error) {
			return subscription.AutoRenew{Product: f.sub.Product}, nil
		},
	},
	{
		name: "renew", about: aboutSubscription, title: "Turn auto-renewal on", button: "Turn auto-renewal on",
		lead: "The package renews itself before it ends. The customer has asked for it.",
		can:  func(f *form) bool { return f.renews() && !f.sub.AutoRenew },
		command: func(f *form) (subscription.Command, error) {
			return subscription.AutoRenew{Product: f.sub.Product, On: true}, nil
		},
		after: workNow, // the next period is due at once, if the last one has ended
	},
	{
		name: "deal", about: aboutSubscription, title: "Agree a price", button: "Agree the price",
		lead: "Renewals use it, automatic ones and those by hand, in place of a price that was agreed before. " +
			"Any change to another version or term ends it, unless it is agreed for that one.",
		can: (*form).renews, fields: dealFields, command: deal,
	},
	{
		name: "end-deal", about: aboutSubscription, title: "End the agreed price", button: "End the agreed price",
		lead:    "Renewals are at list price again.",
		can:     func(f *form) bool { return f.renews() && f.sub.Deal != nil },
		command: func(f *form) (subscription.Command, error) { return subscription.SetDeal{Product: f.sub.Product}, nil },
	},
	{
		name: "refund", about: aboutOrder, title: "Refund", button: "Refund",
		lead:   "Money of the order goes back, and what it delivered is taken back as far as you say.",
		can:    func(f *form) bool { return !f.order.Status.Unresolved() && f.order.Left().Sign() > 0 },
		fields: refundFields, command: refund,
	},
	{
		name: "cancel", about: aboutOrder, title: "Cancel the order", button: "Cancel the order",
		lead: "It isn’t delivered. Money that was collected, or still arrives, goes back by itself.",
		can: func(f *form) bool {
			return f.order.Status == subscription.OrderOpen || f.order.Status == subscription.OrderReview
		},
		command: func(f *form) (subscription.Command, error) { return subscription.Cancel{Order: f.order.ID}, nil },
	},
	{
		name: "review", about: aboutOrder, wrong: "review", title: "Close the review", button: "Close the review",
		lead: "Nothing more happens to the order by itself. Say what you found out.",
		can: func(f *form) bool {
			return f.order.Status == subscription.OrderReview || f.order.Status == subscription.OrderUnreconciled
		},
		fields: reviewFields, command: review,
	},
}

// workNow has the worker do what is due.
func workNow(ctx context.Context, c *console) error {
	_, err := c.move(ctx, c.clock.now())
	return err
}

// renews reports whether the subscription can be renewed.
func (f *form) renews() bool { return !f.sub.Trial && !f.sub.Status.Over() }
