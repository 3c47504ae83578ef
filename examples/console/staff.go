package main

import (
	"html/template"
	"net/http"
	"net/url"
	"strings"

	"github.com/prepaidkit/prepaid/pricing"
	"github.com/prepaidkit/prepaid/subscription"
)

// staffName is who acts on the pages of the seller's staff, in events. A host of your own knows who is signed in.
const staffName = "the seller's staff"

// refundForm is what the seller's staff asks for, as it was typed.
type refundForm struct {
	Amount    string // "" for all that is left
	Take      string // what is taken back: a [subscription.Take], or ahead
	Cycles    string // with ahead: the number of periods
	Note      string
	Elsewhere bool
}

// takeAhead takes back periods that haven't begun.
const takeAhead = "ahead"

// refundFields are the names of the form's fields.
func refundFields() []string {
	return []string{keyField, "amount", "take", "cycles", "note", "elsewhere"}
}

// readRefund reads the form. What isn't chosen is kept.
func readRefund(r *http.Request) refundForm {
	f := refundForm{
		Amount: strings.TrimSpace(r.FormValue("amount")), Take: r.FormValue("take"), Cycles: strings.TrimSpace(r.FormValue("cycles")),
		Note: strings.TrimSpace(r.FormValue("note")), Elsewhere: r.FormValue("elsewhere") != "",
	}
	if f.Take == "" {
		f.Take = string(subscription.TakeNothing)
	}
	return f
}

// command returns what the form asks for.
func (f refundForm) command(o subscription.Order) (subscription.RefundOrder, error) {
	cmd := subscription.RefundOrder{Order: o.ID, Note: f.Note, Elsewhere: f.Elsewhere}
	if f.Amount != "" {
		amount, err := typedMoney(f.Amount, o.Amount.Currency())
		if err != nil || amount.Sign() <= 0 {
			return cmd, bad("refund_amount")
		}
		cmd.Amount = amount
	}
	if f.Take != takeAhead {
		cmd.Take = subscription.Take(f.Take)
		return cmd, nil
	}
	if cmd.Cycles = int(wholeNumber(f.Cycles)); cmd.Cycles < 1 {
		return cmd, bad("refund_cycles")
	}
	return cmd, nil
}

// typedMoney reads an amount in a currency that a person typed.
func typedMoney(text string, currency pricing.Currency) (pricing.Money, error) {
	return pricing.ParseMoney(strings.ReplaceAll(strings.TrimSpace(text), ",", ""), currency)
}

// staff is the seller's side of an order's page: what can be refunded.
type staff struct {
	refundForm

	Left   pricing.Money
	Taking bool // what was delivered can be taken back
	Ahead  int  // periods that haven't begun
}

// staffOf returns the seller's side of an order, or nil if nothing is left to be refunded.
func (c *console) staffOf(r *http.Request, app subscription.Application, o subscription.Order) *staff {
	if o.Status.Unresolved() || o.Left().Sign() <= 0 {
		return nil
	}
	s := staff{refundForm: readRefund(r), Left: o.Left()}
	s.Taking = o.Status == subscription.OrderPaid && o.TakenBackAt.IsZero() && o.Kind != subscription.UsageOrder
	for _, sub := range app.Subscriptions {
		for _, cycle := range sub.Cycles {
			if cycle.Order == o.ID && !cycle.Begun {
				s.Ahead++
			}
		}
	}
	return &s
}

// Query is the form as a query, with which the order's page shows it again.
func (f refundForm) Query() template.URL {
	q := url.Values{"amount": {f.Amount}, "take": {f.Take}, "cycles": {f.Cycles}, "note": {f.Note}}
	if f.Elsewhere {
		q.Set("elsewhere", "yes")
	}
	return template.URL(q.Encode())
}
