package simulation

import (
	"context"
	"fmt"
	"time"

	"github.com/prepaidkit/prepaid/payment"
	"github.com/prepaidkit/prepaid/payment/paymenttest"
	"github.com/prepaidkit/prepaid/subscription"
)

// refundStories are stories of money that goes back.
func refundStories() []story {
	return []story{
		{
			name: "chargeback-reinstated", what: "the payment of a half-used package is reversed, and reinstated",
			tell: chargebackReinstated,
		},
		{
			name: "chargeback-in-a-call", what: "the payment of a package is reversed during a call that holds some of its minutes",
			tell: chargebackInACall,
		},
		{
			name: "refund-fails", what: "a refund fails after it was made, and is requested again",
			tell: refundFails,
		},
		{
			name: "late-and-restored", what: "a late payment is refunded, the store is restored, and the payment is told again",
			restores: 1, tell: lateAndRestored,
		},
		{
			name: "late-and-restored-forgetful", what: "likewise, with a gateway that remembers keys for a while",
			restores: 1, retained: 30 * day, tell: lateAndRestored,
		},
	}
}

// chargebackReinstated: what is left of the package is taken back, once, however often the bank tells, and returns with the
// payment.
func chargebackReinstated(t *teller) {
	t.asks(0, 0, "create", subscription.Create{Account: t.customers[0].account})
	t.asks(0, 0, "buy", live("pro"))
	t.at("2025-03-11 12:00:00")
	c := t.customers[0]
	r := &record{usage: subscription.Usage{ID: "course", Product: "live", Kind: "hd", At: t.now.Add(-time.Minute), Seconds: 2500 * 60}}
	c.records, c.record[r.usage.ID] = append(c.records, r), r
	t.through(0, func() { c.consume(t.world, []*record{r}) })
	t.left(2500)
	attempt := t.bought().Attempt
	dispute := payment.Reversal{ID: "dispute", Charge: string(attempt), Status: payment.Reversed, Amount: t.bought().Amount}
	t.at("2025-03-25 12:00:00")
	t.moves(dispute)
	for range 2 {
		t.learns(1, dispute)
	}
	t.left(0)
	t.holds(subscription.Interrupted)
	t.becomes("buy", subscription.OrderPaid)
	t.at("2025-03-28 12:00:00")
	won := dispute
	won.Status = payment.Reinstated
	t.moves(won)
	for range 2 {
		t.learns(0, won)
	}
	t.learns(1, dispute) // at last
	t.left(2500)
	t.holds(subscription.Active)
	t.refunds("reversal reinstated 50.01 USD")
	t.at("2025-04-12 12:00:00")
	t.works(0) // and is renewed, unless that was turned off
	t.holds(subscription.Ended)
}

// chargebackInACall: what the call holds stays for it, and what it leaves of that is taken back at its end.
func chargebackInACall(t *teller) {
	t.asks(0, 0, "create", subscription.Create{Account: t.customers[0].account})
	t.asks(0, 0, "buy", live("pro"))
	t.at("2025-03-11 12:00:00")
	t.asks(0, 0, "call", subscription.Reserve{ID: "call", Product: "live", Usage: "hd", Minutes: 60, Until: t.now.Add(time.Hour)})
	t.left(4940)
	dispute := payment.Reversal{ID: "dispute", Charge: string(t.bought().Attempt), Status: payment.Reversed, Amount: t.bought().Amount}
	t.moves(dispute)
	t.learns(1, dispute)
	t.left(0)
	t.at("2025-03-11 12:40:00")
	used := &record{final: true, usage: subscription.Usage{
		ID: "course", Product: "live", Kind: "hd", At: t.now.Add(-time.Minute), Seconds: 40 * 60,
	}}
	c := t.customers[0]
	c.records, c.record[used.usage.ID] = append(c.records, used), used
	t.asks(0, 0, "end", subscription.Release{ID: "call", Used: &used.usage})
	t.left(0)
	t.becomes("buy", subscription.OrderPaid)
}

// refundFails: the second refund has another key, and what is left of the order follows.
func refundFails(t *teller) {
	t.asks(0, 0, "create", subscription.Create{Account: t.customers[0].account})
	t.asks(0, 0, "buy", live("pro"))
	id := t.request("buy").receipt.OrderID
	t.odds = map[paymenttest.Fault]int{paymenttest.RefundWithdrawn: 1000}
	t.asks(0, 0, "refund", subscription.RefundOrder{Order: id, Amount: minor(2000, t.bought().Amount)})
	t.odds = nil
	t.refunds("refund made 20.00 USD")
	t.at("2025-03-12 12:00:00")
	t.notifies(1) // the payer's bank didn't take it
	t.refunds("refund failed 20.00 USD")
	t.asks(0, 1, "refund", subscription.RefundOrder{Order: id, Amount: minor(2000, t.bought().Amount)}) // it has its answer
	t.refunds("refund failed 20.00 USD")
	t.asks(0, 1, "refund again", subscription.RefundOrder{Order: id, Amount: minor(2000, t.bought().Amount)})
	t.works(0)
	t.refunds("refund failed 20.00 USD", "refund made 20.00 USD")
	if left := t.bought().Left(); left.String() != "30.01 USD" {
		t.violatef("story", t.customers[0].id, "%s is left", left)
	}
}

// lateAndRestored: the refund has the same key and content as before, and moves no more money.
func lateAndRestored(t *teller) {
	t.asks(0, 0, "create", subscription.Create{Account: t.customers[0].account})
	t.odds = map[paymenttest.Fault]int{paymenttest.PendingThenPaid: 1000}
	t.asks(0, 0, "buy", live("pro"))
	t.odds = nil
	id := t.request("buy").receipt.OrderID
	t.at("2025-03-11 12:00:00")
	t.asks(0, 0, "give up", subscription.Cancel{Order: id})
	t.at("2025-03-12 12:00:00")
	t.notifies(0)
	t.becomes("buy", subscription.OrderCanceled)
	t.refunds("late made 50.01 USD")
	t.restores("2025-03-11 18:00:00")
	t.becomes("buy", subscription.OrderCanceling)
	t.refunds()
	t.at("2025-03-12 18:00:00")
	t.works(1)
	t.refunds("late due 50.01 USD")
	t.at("2025-03-12 18:10:00")
	t.works(0)
	t.becomes("buy", subscription.OrderCanceled)
	t.refunds("late made 50.01 USD")
	if n := len(t.gateway.Returned()); n != 1 {
		t.violatef("story", "", "%d refunds were made, want 1", n)
	}
}

// moves makes the gateway move the money of a reversal.
func (t *teller) moves(r payment.Reversal) {
	if err := t.gateway.Reverse(r); err != nil {
		t.violatef("simulation", "", "%v", err)
	}
	t.gateway.Notices() // the story tells who learns of it
}

// learns tells a service of a reversal.
func (t *teller) learns(service int, r payment.Reversal) {
	t.through(service, func() { t.notice(letter{reversal: r, tries: service}) })
}

// bought returns the first customer's purchase.
func (t *teller) bought() subscription.Order {
	r := t.request("buy")
	if r.receipt == nil {
		t.violatef("story", t.customers[0].id, "the purchase has no receipt")
		return subscription.Order{}
	}
	o, err := t.services[0].service.Order(context.Background(), t.customers[0].id, r.receipt.OrderID)
	if err != nil {
		t.violatef("story", t.customers[0].id, "the purchase: %v", err)
	}
	return o
}

// refunds checks the refunds of the first customer's purchase.
func (t *teller) refunds(want ...string) {
	all, err := t.services[0].service.Refunds(context.Background(), t.customers[0].id, t.bought().ID)
	var got []string
	for _, r := range all {
		got = append(got, fmt.Sprintf("%s %s %s", r.Kind, r.Status, r.Amount))
	}
	if err != nil || fmt.Sprint(got) != fmt.Sprint(want) {
		t.violatef("story", t.customers[0].id, "the refunds are %v, want %v: %v", got, want, err)
	}
}

// left checks the first customer's minutes of live.
func (t *teller) left(want int64) {
	app, err := t.services[0].service.Application(context.Background(), t.customers[0].id)
	if got := app.Minutes("live", t.now); err != nil || got != subscription.Minutes(want) {
		t.violatef("story", t.customers[0].id, "%s minutes are left, want %d: %v", got, want, err)
	}
}

// holds checks the status of the first customer's subscription to live.
func (t *teller) holds(want subscription.Status) {
	app, err := t.services[0].service.Application(context.Background(), t.customers[0].id)
	if s, _ := app.Latest("live"); err != nil || s.Status != want {
		t.violatef("story", t.customers[0].id, "live is %q, want %s: %v", s.Status, want, err)
	}
}
