package main

import (
	"context"
	"slices"
	"strconv"
	"strings"

	"github.com/prepaidkit/prepaid/pricing"
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

func giftFields(f *form) []field {
	return []field{
		f.choice("boxes", "products", "For which products", f.products()...),
		f.text("number", "minutes", "Minutes to give", ""),
		f.text("number", "months", "Months that they are valid", "1"),
	}
}

func (f *form) products() []option {
	var all []option
	for _, p := range f.c.catalog.Products() {
		all = append(all, option{Value: string(p.ID), Text: p.Name})
	}
	return all
}

func gift(f *form) (subscription.Command, error) {
	g := subscription.Gift{Minutes: wholeNumber(f.value("minutes"))}
	for _, id := range f.typed["products"] {
		g.Products = append(g.Products, pricing.ProductID(id))
	}
	g.Validity.Months = int(wholeNumber(f.value("months")))
	switch {
	case len(g.Products) == 0:
		return nil, bad("gift_products")
	case g.Minutes < 1 || g.Minutes > 1_000_000:
		return nil, bad("minutes")
	case g.Validity.Months < 1 || g.Validity.Months > 36:
		return nil, bad("gift_months")
	}
	return g, nil
}

// correctionFields offers what was counted and can be corrected.
func correctionFields(f *form) []field {
	var counted []option
	for _, n := range f.app.Counters {
		if n.Seconds > 0 && n.Order == "" {
			counted = append(counted, option{
				Value: strings.Join([]string{n.Day.String(), string(n.Product), string(n.Kind)}, "/"),
				Text: f.c.date(n.Day) + ": " + f.c.productName(n.Product) + ", " + f.c.itemName(string(n.Kind)) + ", " +
					grouped((n.Seconds+59)/60) + " minutes",
			})
		}
	}
	return []field{
		f.choice("select", "counted", "What was counted", counted...), f.text("number", "minutes", "Minutes of usage to take back", ""),
	}
}

func correction(f *form) (subscription.Usage, error) {
	parts := strings.Split(f.value("counted"), "/")
	if len(parts) != 3 {
		return subscription.Usage{}, bad("counted")
	}
	day, err := pricing.ParseDate(parts[0])
	if err != nil {
		return subscription.Usage{}, bad("counted")
	}
	minutes := wholeNumber(f.value("minutes"))
	if minutes < 1 || minutes > 1_000_000 {
		return subscription.Usage{}, bad("minutes")
	}
	return subscription.Usage{
		Product: pricing.ProductID(parts[1]), Kind: pricing.UsageKindID(parts[2]),
		At: f.c.catalog.Zone().StartOf(day), Seconds: -60 * minutes,
	}, nil
}

func accountFields(f *form) []field {
	options := []option{{Text: "Choose a customer"}}
	for _, cu := range f.customers {
		if cu.account() != f.app.Account {
			options = append(options, option{Value: cu.ID, Text: cu.Name})
		}
	}
	return []field{f.choice("select", "account", "New account", options...)}
}

func changeAccount(f *form) (subscription.Command, error) {
	account := f.value("account")
	if !slices.ContainsFunc(f.customers, func(cu customer) bool { return cu.ID == account }) {
		return nil, bad("other_customer")
	}
	return subscription.ChangeAccount{Account: subscription.AccountID(account)}, nil
}

func dealFields(f *form) []field {
	var versions []option
	version, last := f.sub.Last()
	for _, v := range f.c.catalog.Versions(f.sub.Product) {
		for _, term := range f.c.catalog.Terms(f.sub.Product, v.ID) {
			if list, err := f.c.catalog.List(f.sub.Product, v.ID, term, f.sub.Currency); err == nil && !v.IsTrial() {
				versions = append(versions, option{
					Text:  v.Name + " for " + term.String() + ", list price " + money(list.Price),
					Value: string(v.ID) + "/" + termCode(term), Chosen: v.ID == version && term == last,
				})
			}
		}
	}
	price := "Price of a period, in " + string(f.sub.Currency)
	if !f.c.catalog.TaxIncluded() {
		price += ", without tax"
	}
	periods := f.text("number", "periods", "Number of periods", "3")
	periods.Of = "until-periods"
	return []field{
		f.choice("select", "for", "For", versions...), f.text("amount", "price", price, ""),
		f.choice("radio", "until", "How long", option{Value: "good", Text: "For good"},
			option{Value: "periods", Text: "A number of further periods", Chosen: true}),
		periods,
	}
}

func deal(f *form) (subscription.Command, error) {
	cmd := subscription.SetDeal{Product: f.sub.Product}
	version, term, _ := strings.Cut(f.value("for"), "/")
	cmd.Version, cmd.Term = pricing.VersionID(version), parseTerm(term)
	var err error
	if cmd.Price, err = typedMoney(f.value("price"), f.sub.Currency); err != nil || cmd.Price.Sign() < 0 {
		return nil, bad("deal_price")
	}
	if f.value("until") == "good" {
		return cmd, nil
	}
	const most = 1000
	if cmd.Periods = int(wholeNumber(f.value("periods"))); cmd.Periods < 1 || cmd.Periods > most {
		return nil, bad("deal_periods")
	}
	return cmd, nil
}

// takeAhead takes back periods that haven't begun.
const takeAhead = "ahead"

func refundFields(f *form) []field {
	left := f.order.Left()
	all := []field{f.text("amount", "amount", "Amount to refund, in "+string(left.Currency())+"; empty for all that is left, "+money(left)+
		", or the share of the periods", "")}
	if f.order.Status == subscription.OrderPaid && f.order.TakenBackAt.IsZero() && f.order.Kind != subscription.UsageOrder {
		takes := []option{
			{Value: string(subscription.TakeNothing), Text: "Nothing: the customer keeps everything", Chosen: true},
			{Value: string(subscription.TakeUnused), Text: "The minutes that are unused; periods stay"},
			{Value: string(subscription.TakeAll), Text: "Everything that the order delivered"},
		}
		ahead := f.ahead()
		if ahead > 0 {
			takes = append(takes, option{Value: takeAhead, Text: "Periods that haven’t begun, the last ones first"})
		}
		all = append(all, f.choice("radio", "take", "What is taken back", takes...))
		if ahead > 0 {
			cycles := f.text("number", "cycles", "Number of periods, at most "+strconv.Itoa(ahead), "")
			cycles.Of = "take-" + takeAhead
			all = append(all, cycles)
		}
	}
	return append(all, f.choice("boxes", "elsewhere", "How the money goes back",
		option{Value: "yes", Text: "The money was returned in another way; the payment provider isn’t asked"}))
}

// ahead returns how many periods of the order haven't begun.
func (f *form) ahead() int {
	n := 0
	for _, sub := range f.app.Subscriptions {
		for _, cycle := range sub.Cycles {
			if cycle.Order == f.order.ID && !cycle.Begun {
				n++
			}
		}
	}
	return n
}

func refund(f *form) (subscription.Command, error) {
	cmd := subscription.RefundOrder{Order: f.order.ID, Elsewhere: f.value("elsewhere") != ""}
	if typed := f.value("amount"); typed != "" {
		amount, err := typedMoney(typed, f.order.Amount.Currency())
		if err != nil || amount.Sign() <= 0 {
			return nil, bad("refund_amount")
		}
		cmd.Amount = amount
	}
	if take := f.value("take"); take != takeAhead {
		cmd.Take = subscription.Take(take)
		return cmd, nil
	}
	if cmd.Cycles = int(wholeNumber(f.value("cycles"))); cmd.Cycles < 1 {
		return nil, bad("refund_cycles")
	}
	return cmd, nil
}

func reviewFields(f *form) []field {
	return []field{f.choice("radio", "found", "What you found out",
		option{Value: "nothing", Text: "Nothing was collected", Chosen: true},
		option{Value: "deliver", Text: "It is delivered now, for what was paid"},
		option{Value: "refunded", Text: "The money was returned in another way than by the payment provider"})}
}

func review(f *form) (subscription.Command, error) {
	found := f.value("found")
	return subscription.CloseReview{
		Order: f.order.ID, Deliver: found == "deliver", Refunded: found == "refunded", Note: f.value("reason"),
	}, nil
}

// typedMoney reads an amount in a currency that a person typed.
func typedMoney(text string, currency pricing.Currency) (pricing.Money, error) {
	return pricing.ParseMoney(strings.ReplaceAll(strings.TrimSpace(text), ",", ""), currency)
}
