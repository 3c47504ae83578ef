package main

import (
	"strconv"
	"strings"

	"github.com/prepaidkit/prepaid/pricing"
	"github.com/prepaidkit/prepaid/subscription"
)

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
